//! A `StreamingResponse` on its way to a connection, part by part.
//!
//! Slow twin: `StreamingResponse.stream_response`, which sends a message for each part.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::exceptions::{PyRuntimeError, PyStopAsyncIteration};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMemoryView};

use super::exchange::Exchange;
use super::local::Local;
use super::message;
use crate::dispatch::coroutine::{Run, wait_for};

/// A coroutine that sends a response.
pub fn run(exchange: Rc<Exchange>, started: Arc<AtomicBool>, response: Py<PyAny>) -> Run {
    let exchange = Local::new(exchange);
    Run::new(async move {
        let parts = Python::attach(|py| {
            let response = response.bind(py);
            begin(exchange.get()?, response)?;
            started.store(true, Ordering::Relaxed);
            let iterator = response.getattr(intern!(py, "body_iterator"))?;
            let parts = iterator.call_method0(intern!(py, "__aiter__"))?;
            PyResult::Ok(parts.unbind())
        })?;
        loop {
            let next = wait_for(|py| parts.bind(py).call_method0(intern!(py, "__anext__"))).await;
            let part = match next {
                Ok(part) => Python::attach(|py| encoded(response.bind(py), part.into_bound(py)))?,
                Err(error) => {
                    let is_end =
                        Python::attach(|py| error.is_instance_of::<PyStopAsyncIteration>(py));
                    if is_end {
                        break;
                    }
                    return Err(error);
                }
            };
            send(&exchange, Some(part)).await?;
        }
        send(&exchange, None).await
    })
}

fn begin(exchange: &Exchange, response: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = response.py();
    let status = response.getattr(intern!(py, "status_code"))?.extract()?;
    let headers = message::pairs(&response.getattr(intern!(py, "raw_headers"))?)?;
    match exchange.take_start(py, status, &headers)? {
        true => Ok(()),
        false => Err(PyRuntimeError::new_err(
            "Unexpected ASGI message 'http.response.start', a response has been started already.",
        )),
    }
}

fn encoded(response: &Bound<'_, PyAny>, part: Bound<'_, PyAny>) -> PyResult<Py<PyBytes>> {
    let py = response.py();
    let is_encoded = part.is_instance_of::<PyBytes>() || part.is_instance_of::<PyMemoryView>();
    let part = match is_encoded {
        true => part,
        false => {
            let charset = response.getattr(intern!(py, "charset"))?;
            part.call_method1(intern!(py, "encode"), (charset,))?
        }
    };
    message::bytes(&part).map(Bound::unbind)
}

/// Sends a part; without one, the end.
async fn send(exchange: &Local<Rc<Exchange>>, part: Option<Py<PyBytes>>) -> PyResult<()> {
    loop {
        let room = Python::attach(|py| {
            let bytes = match &part {
                Some(part) => part.bind(py).clone(),
                None => PyBytes::new(py, b""),
            };
            exchange.get()?.take_part(&bytes, part.is_some())
        })?;
        match room {
            Some(room) => drop(wait_for(|py| Ok(room.into_bound(py))).await?),
            None => return Ok(()),
        }
    }
}
