//! The body of a request, read as `fastapi.routing.body.read_body` does.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use super::coroutine::wait_for;
use super::door::{Door, Header, Received};
use super::execution::Execution;
use crate::serialization::loads::json_loads;

/// What has been read, for a request object that is made later.
pub struct Body {
    raw: Py<PyAny>,
    json: Option<Py<PyAny>>,
}

impl Body {
    /// Tells a new request object what has been read, as if it had been the one to do so.
    pub fn keep(&self, request: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = request.py();
        request.setattr(intern!(py, "_stream_consumed"), true)?;
        request.setattr(intern!(py, "_body"), &self.raw)?;
        match &self.json {
            Some(json) => request.setattr(intern!(py, "_json"), json),
            None => Ok(()),
        }
    }
}

/// Reads the body by way of the request object. Slow twin of `read`.
pub async fn read_slowly<D: Door>(execution: &mut Execution<D>) -> PyResult<Py<PyAny>> {
    wait_for(|py| {
        execution.open(py)?;
        let request = execution.request(py)?;
        execution
            .plan()
            .operation
            .bind(py)
            .call_method1(intern!(py, "read"), (request,))
    })
    .await
}

/// Reads the body: JSON, or bytes of another content type; `None` if it is empty.
pub async fn read<D: Door>(execution: &mut Execution<D>) -> PyResult<Py<PyAny>> {
    match execution.door.read().await? {
        Received::Whole(raw) => match Python::attach(|py| decode(py, execution, raw.bind(py))) {
            Some((body, value)) => {
                execution.body = Some(body);
                Ok(value)
            }
            None => {
                let message = Python::attach(|py| message(raw.bind(py)))?;
                again(execution, vec![message], None).await
            }
        },
        Received::Unclear(messages, error) => again(execution, messages, error).await,
    }
}

fn message(body: &Bound<'_, PyBytes>) -> PyResult<Py<PyAny>> {
    let py = body.py();
    let message = PyDict::new(py);
    message.set_item(intern!(py, "type"), intern!(py, "http.request"))?;
    message.set_item(intern!(py, "body"), body)?;
    Ok(message.into_any().unbind())
}

/// Reads the body once more from what has been received.
async fn again<D: Door>(
    execution: &mut Execution<D>,
    messages: Vec<Py<PyAny>>,
    error: Option<PyErr>,
) -> PyResult<Py<PyAny>> {
    Python::attach(|py| {
        let error = error.map(|error| error.into_value(py));
        let receive = execution.pieces.replay.bind(py).call1((
            PyList::new(py, messages)?,
            error,
            execution.door.receive(py)?,
        ))?;
        execution.request_with(py, receive).map(drop)
    })?;
    read_slowly(execution).await
}

/// Reads the JSON in a body. `None`: that is left to the slow twin.
fn decode<D: Door>(
    py: Python<'_>,
    execution: &Execution<D>,
    raw: &Bound<'_, PyBytes>,
) -> Option<(Body, Py<PyAny>)> {
    let is_empty = raw.as_bytes().is_empty();
    let raw = raw.as_any();
    if is_empty || !is_json(py, execution)? {
        let value = if is_empty {
            py.None()
        } else {
            raw.clone().unbind()
        };
        let raw = raw.clone().unbind();
        return Some((Body { raw, json: None }, value));
    }
    let value = match json_loads(raw) {
        Some((value,)) => value.unbind(),
        None => execution.pieces.json_loads.call1(py, (raw,)).ok()?,
    };
    let json = Some(value.clone_ref(py));
    let raw = raw.clone().unbind();
    Some((Body { raw, json }, value))
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
