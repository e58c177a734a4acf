//! What the exception handlers that every application starts with would answer, without calling them.
//!
//! Slow twins: `fastapi.exception_handlers`, by way of `fastapi.plan.recovery.recover`.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyList, PyTuple};

use super::door::Door;
use super::execution::Execution;
use super::head::WrittenHead;
use super::response::Answer;
use crate::serialization::dumps::json_dumps;
use crate::serialization::results::json_response_bytes;

/// Exceptions and their stock handlers: `fastapi.plan.stock.Handlers`.
#[derive(FromPyObject)]
pub struct Handlers {
    validation_error: Py<PyAny>,
    on_validation_error: Py<PyAny>,
    /// Starlette's, which stands among the handlers
    http_error: Py<PyAny>,
    /// FastAPI's own, a subclass
    own_http_error: Py<PyAny>,
    on_http_error: Py<PyAny>,
}

/// The answer to a request that is not valid; `None`: somebody may see the exception.
pub fn of_refusal<D: Door>(
    py: Python<'_>,
    execution: &Execution<D>,
    errors: &Bound<'_, PyList>,
) -> PyResult<Option<Answer>> {
    let stock = &execution.pieces.handlers;
    let is_alone = execution.function_exits.are_empty(py) && execution.ends_with_response(py);
    if !is_alone {
        return Ok(None);
    }
    let Some((by_class, _)) = handlers(py, execution)? else {
        return Ok(None);
    };
    let handler = by_class.get_item(&stock.validation_error)?;
    if !handler.is_some_and(|handler| handler.is(&stock.on_validation_error)) {
        return Ok(None);
    }
    let content = PyDict::new(py);
    content.set_item(intern!(py, "detail"), errors)?;
    let body = json_response_bytes(content.as_any());
    Ok(body.map(|body| answer(422, body.unbind())))
}

/// The answer to an `HTTPException`; `None`: it has to be handled.
pub fn of_error<D: Door>(
    py: Python<'_>,
    execution: &Execution<D>,
    error: &PyErr,
) -> PyResult<Option<Answer>> {
    let stock = &execution.pieces.handlers;
    let class = error.get_type(py);
    let is_own = class.is(&stock.own_http_error);
    if execution.door.has_started() || !(is_own || class.is(&stock.http_error)) {
        return Ok(None);
    }
    let Some((by_class, by_status)) = handlers(py, execution)? else {
        return Ok(None);
    };
    let error = error.value(py);
    let code = error.getattr(intern!(py, "status_code"))?;
    let handler = match is_own {
        true => by_class.get_item(&stock.own_http_error)?,
        false => None,
    };
    let handler = match handler {
        Some(handler) => Some(handler),
        None => by_class.get_item(&stock.http_error)?,
    };
    let headers = error.getattr(intern!(py, "headers"))?;
    let status = code.cast_exact::<PyInt>().ok();
    let status = status.and_then(|code| code.extract::<u16>().ok());
    match (handler, status) {
        (Some(handler), Some(status))
            if handler.is(&stock.on_http_error)
                && headers.is_none()
                && (200..=999).contains(&status)
                && !matches!(status, 204 | 205 | 304)
                && !by_status.contains(code)? =>
        {
            let content = PyDict::new(py);
            content.set_item(intern!(py, "detail"), error.getattr(intern!(py, "detail"))?)?;
            let body = json_dumps(content.as_any());
            Ok(body.map(|body| answer(status, body.unbind())))
        }
        _ => Ok(None),
    }
}

fn answer(status: u16, body: Py<pyo3::types::PyBytes>) -> Answer {
    Answer::Written {
        head: WrittenHead::json(status),
        body,
        background: None,
    }
}

/// The application's handlers by class and by status.
type Tables<'py> = (Bound<'py, PyDict>, Bound<'py, PyDict>);

fn handlers<'py, D: Door>(
    py: Python<'py>,
    execution: &Execution<D>,
) -> PyResult<Option<Tables<'py>>> {
    let (by_class, by_status) = match execution.exceptions() {
        Some(middleware) => {
            let middleware = middleware.bind(py);
            (
                middleware.getattr(intern!(py, "_exception_handlers"))?,
                middleware.getattr(intern!(py, "_status_handlers"))?,
            )
        }
        None => {
            let tables = execution.handlers.as_ref();
            let tables = tables.and_then(|tables| tables.bind(py).cast_exact::<PyTuple>().ok());
            match tables.filter(|tables| tables.len() == 2) {
                Some(tables) => (tables.get_item(0)?, tables.get_item(1)?),
                None => return Ok(None),
            }
        }
    };
    let by_class = by_class.cast_into_exact::<PyDict>();
    let by_status = by_status.cast_into_exact::<PyDict>();
    Ok(by_class.ok().zip(by_status.ok()))
}
