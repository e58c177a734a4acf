//! The body of a request, read as `fastapi.routing.body.read_body` does.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::coroutine::wait_for;
use super::door::{Door, Header};
use super::execution::Execution;
use super::form::{self, Form};
use super::plan::{Pieces, Reads};
use super::received::{Next, Received};
use crate::serialization::loads::json_loads;

/// What has been read.
pub enum Body {
    /// By way of the request object
    Slowly(Py<PyAny>),
    /// JSON or bytes of another content type, and what they were read from
    Value {
        raw: Py<PyBytes>,
        is_json: bool,
        value: Py<PyAny>,
    },
    /// What JSON has been validated to at once, and what it was read from
    Valid {
        raw: Py<PyBytes>,
        value: Py<PyAny>,
    },
    Form(Form),
}

impl Body {
    /// Tells a new request object what has been read, as if it had been the one to do so.
    pub fn keep(&self, request: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = request.py();
        match self {
            Self::Slowly(_) => return Ok(()),
            Self::Value {
                raw,
                is_json,
                value,
            } => {
                request.setattr(intern!(py, "_body"), raw)?;
                if *is_json {
                    request.setattr(intern!(py, "_json"), value)?;
                }
            }
            Self::Valid { raw, .. } => request.setattr(intern!(py, "_body"), raw)?,
            Self::Form(form) => request.setattr(intern!(py, "_form"), form.data(py)?)?,
        }
        request.setattr(intern!(py, "_stream_consumed"), true)
    }

    /// The object that the slow twins are given.
    pub fn object<'py>(&self, py: Python<'py>, pieces: &Pieces) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Self::Valid { raw, .. } => loads(pieces, raw.bind(py)),
            Self::Slowly(value) | Self::Value { value, .. } => Ok(value.bind(py).clone()),
            Self::Form(form) => form.data(py),
        }
    }
}

/// Reads the body, if the plan asks for one.
pub async fn read<D: Door>(execution: &mut Execution<D>) -> PyResult<()> {
    if let Some(request) = &execution.request
        && Python::attach(|py| has_been_read(request.bind(py)))?
    {
        return read_slowly(execution).await;
    }
    match execution.plan().reads {
        Reads::Nothing => return Ok(()),
        Reads::Json => read_value(execution).await?,
        Reads::Form => Box::pin(form::read(execution)).await?,
    }
    Python::attach(|py| match (&execution.request, &execution.body) {
        (Some(request), Some(body)) => body.keep(request.bind(py)),
        _ => Ok(()),
    })
}

/// Whether somebody else has read from a request object that there has been before.
fn has_been_read(request: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = request.py();
    Ok(request.hasattr(intern!(py, "_body"))?
        || request.hasattr(intern!(py, "_json"))?
        || request
            .getattr(intern!(py, "_stream_consumed"))?
            .is_truthy()?
        || !request.getattr(intern!(py, "_form"))?.is_none())
}

/// Reads the body by way of the request object. Slow twin of `read`.
pub async fn read_slowly<D: Door>(execution: &mut Execution<D>) -> PyResult<()> {
    let value = wait_for(|py| {
        execution.open(py)?;
        let request = execution.request(py)?;
        execution
            .plan()
            .operation
            .bind(py)
            .call_method1(intern!(py, "read"), (request,))
    })
    .await?;
    execution.body = Some(Body::Slowly(value));
    Ok(())
}

/// Reads the body once more from what has been received.
pub async fn read_again<D: Door>(execution: &mut Execution<D>, received: Received) -> PyResult<()> {
    Python::attach(|py| {
        let receive = received.replay(py, &execution.pieces, &execution.door)?;
        execution.request_with(py, receive).map(drop)
    })?;
    read_slowly(execution).await
}

/// Reads JSON, or bytes of another content type; `None` if there are none.
async fn read_value<D: Door>(execution: &mut Execution<D>) -> PyResult<()> {
    let mut received = Received::default();
    loop {
        match received.next(&mut execution.door).await? {
            Next::Chunk(_) => (),
            Next::End => break,
            Next::Unclear => return Box::pin(read_again(execution, received)).await,
        }
    }
    match Python::attach(|py| decode(py, execution, &received)) {
        Some(body) => {
            execution.body = Some(body);
            Ok(())
        }
        None => Box::pin(read_again(execution, received)).await,
    }
}

/// Reads the JSON in a body. `None`: that is left to the slow twin.
fn decode<D: Door>(py: Python<'_>, execution: &Execution<D>, received: &Received) -> Option<Body> {
    let raw = received.all(py).ok()?;
    if raw.as_bytes().is_empty() {
        return Some(Body::Value {
            raw: raw.unbind(),
            is_json: false,
            value: py.None(),
        });
    }
    let is_json = is_json(py, execution)?;
    let value = match is_json {
        false => raw.clone().into_any().unbind(),
        true => {
            if let Some(value) = validated(execution, &raw) {
                return Some(Body::Valid {
                    raw: raw.unbind(),
                    value: value.unbind(),
                });
            }
            loads(&execution.pieces, &raw).ok()?.unbind()
        }
    };
    Some(Body::Value {
        raw: raw.unbind(),
        is_json,
        value,
    })
}

/// The objects in JSON.
fn loads<'py>(pieces: &Pieces, raw: &Bound<'py, PyBytes>) -> PyResult<Bound<'py, PyAny>> {
    match json_loads(raw.as_any()) {
        Some((value,)) => Ok(value),
        None => pieces.json_loads.bind(raw.py()).call1((raw,)),
    }
}

/// What the body is once it is valid, without the objects in between. `None`: that is left to the steps, as is
/// `null`, which counts as no body.
fn validated<'py, D: Door>(
    execution: &Execution<D>,
    raw: &Bound<'py, PyBytes>,
) -> Option<Bound<'py, PyAny>> {
    // Whoever has made a request object may have looked at the body.
    if execution.request.is_some() {
        return None;
    }
    let validator = execution.plan().json_validator.as_ref()?;
    validator.run(raw).filter(|value| !value.is_none())
}

/// Whether the content type is one of JSON.
fn is_json<D: Door>(py: Python<'_>, execution: &Execution<D>) -> Option<bool> {
    let value: Option<String> = match execution.door.header(py, b"content-type") {
        Header::Is(value) if value == b"application/json" => return Some(true),
        Header::Is(value) => Some(value.into_iter().map(char::from).collect()),
        Header::Missing => None,
        Header::Unclear => return None,
    };
    let is_json = execution.pieces.is_json_content_type.bind(py);
    is_json.call1((value,)).ok()?.is_truthy().ok()
}
