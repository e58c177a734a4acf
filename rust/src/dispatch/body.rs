//! The body of a request, read as `fastapi.routing.body.read_body` does.

use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};

use super::coroutine::wait_for;
use super::door::Door;
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
            .plan
            .operation
            .bind(py)
            .call_method1(intern!(py, "read"), (request,))
    })
    .await
}

/// Reads the body: JSON, or bytes of another content type; `None` if it is empty.
pub async fn read<D: Door>(execution: &mut Execution<D>) -> PyResult<Py<PyAny>> {
    let mut messages: Vec<Py<PyAny>> = Vec::new();
    loop {
        let received = wait_for(|py| execution.door.receive(py)?.call0()).await;
        let message = match received {
            Ok(message) => message,
            Err(error) => {
                let is_exception = Python::attach(|py| error.is_instance_of::<PyException>(py));
                if !is_exception {
                    return Err(error);
                }
                return again(execution, messages, Some(error)).await;
            }
        };
        let more = Python::attach(|py| has_more(message.bind(py)));
        messages.push(message);
        match more {
            Some(true) => (),
            Some(false) => break,
            None => return again(execution, messages, None).await,
        }
    }
    let read = Python::attach(|py| decode(py, execution, &messages));
    match read {
        Some((body, value)) => {
            execution.body = Some(body);
            Ok(value)
        }
        None => again(execution, messages, None).await,
    }
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

/// Whether more of the body follows a message; `None` if it is not a part of a body.
fn has_more(message: &Bound<'_, PyAny>) -> Option<bool> {
    let py = message.py();
    let message = message.cast_exact::<PyDict>().ok()?;
    let kind = message.get_item(intern!(py, "type")).ok()??;
    let kind = kind.cast_into_exact::<PyString>().ok()?;
    if kind != "http.request" {
        return None;
    }
    match message.get_item(intern!(py, "more_body")).ok()? {
        None => Some(false),
        Some(more) => more.is_truthy().ok(),
    }
}

/// Joins the parts and reads the JSON in them. `None`: that is left to the slow twin.
fn decode<D: Door>(
    py: Python<'_>,
    execution: &Execution<D>,
    messages: &[Py<PyAny>],
) -> Option<(Body, Py<PyAny>)> {
    let mut parts = Vec::with_capacity(messages.len());
    for message in messages {
        let message = message.bind(py).cast::<PyDict>().ok()?;
        if let Some(part) = message.get_item(intern!(py, "body")).ok()? {
            parts.push(part.cast_into_exact::<PyBytes>().ok()?);
        }
    }
    let raw = match parts.as_slice() {
        [part] => part.clone(),
        parts => {
            let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
            PyBytes::new(py, &parts.concat())
        }
    };
    let is_empty = raw.as_bytes().is_empty();
    if is_empty || !is_json(py, execution)? {
        let value = if is_empty {
            py.None()
        } else {
            raw.clone().into_any().unbind()
        };
        let raw = raw.into_any().unbind();
        return Some((Body { raw, json: None }, value));
    }
    let value = match json_loads(raw.as_any()) {
        Some((value,)) => value.unbind(),
        None => execution.pieces.json_loads.call1(py, (&raw,)).ok()?,
    };
    let json = Some(value.clone_ref(py));
    let raw = raw.into_any().unbind();
    Some((Body { raw, json }, value))
}

/// Whether the content type is one of JSON.
fn is_json<D: Door>(py: Python<'_>, execution: &Execution<D>) -> Option<bool> {
    let headers = execution
        .door
        .scope(py)
        .ok()?
        .get_item(intern!(py, "headers"))
        .ok()??;
    let headers = headers.cast_into_exact::<PyList>().ok()?;
    let ask = |value: Option<String>| {
        let answer = execution
            .pieces
            .is_json_content_type
            .bind(py)
            .call1((value,));
        answer.ok()?.is_truthy().ok()
    };
    for header in headers.iter() {
        let header = header.cast_into_exact::<PyTuple>().ok()?;
        let name = header.get_item(0).ok()?.cast_into_exact::<PyBytes>().ok()?;
        if name.as_bytes() == b"content-type" {
            let value = header.get_item(1).ok()?.cast_into_exact::<PyBytes>().ok()?;
            let value = value.as_bytes();
            if value == b"application/json" {
                return Some(true);
            }
            return ask(Some(value.iter().copied().map(char::from).collect()));
        }
    }
    ask(None)
}
