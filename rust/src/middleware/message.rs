//! The ASGI messages of a response, as far as they are plain.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};

use crate::dispatch::coroutine::{Run, wait_for};

/// A scope of a request.
pub fn http<'a, 'py>(scope: &'a Bound<'py, PyAny>) -> PyResult<Option<&'a Bound<'py, PyDict>>> {
    let Ok(scope) = scope.cast_exact::<PyDict>() else {
        return Ok(None);
    };
    Ok(is_of(scope, "http")?.then_some(scope))
}

/// Whether a message or a scope is of a type.
pub fn is_of(message: &Bound<'_, PyDict>, kind: &str) -> PyResult<bool> {
    let known = message.get_item(intern!(message.py(), "type"))?;
    Ok(known
        .and_then(|known| known.cast_into_exact::<PyString>().ok())
        .is_some_and(|known| known == kind))
}

/// Names and values.
pub type Headers<'py> = Vec<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)>;

/// The headers of a message. `None`: they are not plain.
pub fn headers<'py>(message: &Bound<'py, PyDict>) -> PyResult<Option<Headers<'py>>> {
    let Some(headers) = message.get_item(intern!(message.py(), "headers"))? else {
        return Ok(None);
    };
    let Ok(headers) = headers.cast_into_exact::<PyList>() else {
        return Ok(None);
    };
    let pair = |header: Bound<'py, PyAny>| {
        let header = header.cast_into_exact::<PyTuple>().ok()?;
        match header.len() {
            2 => Some((
                header.get_item(0).ok()?.cast_into_exact().ok()?,
                header.get_item(1).ok()?.cast_into_exact().ok()?,
            )),
            _ => None,
        }
    };
    Ok(headers.iter().map(pair).collect())
}

/// The awaitable of what a middleware calls. One that cannot be awaited fails where it is awaited.
pub fn awaitable(called: Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    if !called.is_none() {
        return Ok(called.unbind());
    }
    let py = called.py();
    let called = called.unbind();
    let run = Run::new(async move { wait_for(|py| Ok(called.into_bound(py))).await.map(drop) });
    Ok(Py::new(py, run)?.into_any())
}
