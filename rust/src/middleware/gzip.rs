//! `GZipMiddleware`: whole responses below its minimum size pass as they are.

use std::sync::{Mutex, PoisonError};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyInt, PyList, PyString, PyTuple};
use pyo3::{PyTraverseError, PyVisit};

use super::message::{awaitable, headers, http, is_of};
use crate::dispatch::coroutine::{Run, wait_for};

/// Content types whose responses wait for their body, whatever a middleware excludes.
const PLAIN: [&str; 3] = ["application/json", "text/plain", "text/html"];

/// Serves requests in place of a middleware.
///
/// Slow twin: `GZipMiddleware.__call__`, entered late by `fastapi.plan.gzip_middleware.enter`.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct GzipWay(Py<PyAny>);

#[pymethods]
impl GzipWay {
    #[new]
    fn new(enter: Py<PyAny>) -> Self {
        Self(enter)
    }

    fn __call__(
        &self,
        middleware: &Bound<'_, PyAny>,
        scope: &Bound<'_, PyAny>,
        receive: &Bound<'_, PyAny>,
        send: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Py<PyAny>>> {
        let py = scope.py();
        let minimum = middleware.getattr(intern!(py, "minimum_size"))?;
        let minimum = minimum.cast_exact::<PyInt>().map(|size| size.extract());
        let (Some(request), Ok(Ok(minimum)), false) =
            (http(scope)?, minimum, excludes(middleware)?)
        else {
            return Ok(None);
        };
        // The middleware would make it a list.
        let headers = request.get_item(intern!(py, "headers"))?;
        if !headers.is_some_and(|headers| headers.is_exact_instance_of::<PyList>()) {
            return Ok(None);
        }
        let send = GzipSend {
            enter: self.0.clone_ref(py),
            around: [middleware, scope, receive, send].map(|object| object.clone().unbind()),
            minimum,
            state: Mutex::new(State::Fresh),
        };
        let app = middleware.getattr(intern!(py, "app"))?;
        awaitable(app.call1((scope, receive, send))?).map(Some)
    }
}

/// Whether a middleware of newer versions excludes content types that are plain here.
fn excludes(middleware: &Bound<'_, PyAny>) -> PyResult<bool> {
    let name = intern!(middleware.py(), "exclude_content_types");
    let Some(excluded) = middleware.getattr_opt(name)? else {
        return Ok(false);
    };
    let Ok(excluded) = excluded.cast_into_exact::<PyTuple>() else {
        return Ok(true);
    };
    let is_plain =
        |known: &str| PLAIN.contains(&known) || matches!(known, "text/*" | "application/*");
    Ok(excluded.iter().any(|known| {
        known
            .cast_exact::<PyString>()
            .is_ok_and(|known| known.to_str().is_ok_and(is_plain))
    }))
}

/// The `send` of one request.
#[pyclass(frozen, module = "fastapi._fastapi_rust", name = "_GzipSend")]
struct GzipSend {
    enter: Py<PyAny>,
    /// The middleware and what it was called with
    around: [Py<PyAny>; 4],
    minimum: usize,
    state: Mutex<State>,
}

enum State {
    Fresh,
    /// The start of a response waits for its body.
    Started(Py<PyAny>),
    /// A response was passed on.
    Passed([Py<PyAny>; 2]),
    /// The middleware's own code is at it: what keeps it entered, and its `send`.
    Entered(Py<PyAny>, Py<PyAny>),
}

#[pymethods]
impl GzipSend {
    fn __call__(&self, message: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = message.py();
        let (is_start, is_whole) = match message.cast_exact::<PyDict>() {
            Ok(message) => (starts_plainly(message)?, is_small(message, self.minimum)?),
            Err(_) => (false, false),
        };
        let state = std::mem::replace(&mut *self.lock(), State::Fresh);
        let (next, sends) = match state {
            State::Fresh if is_start => (State::Started(message.clone().unbind()), None),
            State::Started(start) if is_whole => {
                let both = [start, message.clone().unbind()];
                let send = self.around[3].clone_ref(py);
                let sends = (send, both.each_ref().map(|one| one.clone_ref(py)).into());
                (State::Passed(both), Some(sends))
            }
            State::Entered(entered, send) => {
                let sends = (send.clone_ref(py), vec![message.clone().unbind()]);
                (State::Entered(entered, send), Some(sends))
            }
            state => {
                let (past, mut left) = match state {
                    State::Passed(past) => (PyTuple::new(py, past)?, Vec::new()),
                    State::Started(start) => (PyTuple::empty(py), vec![start]),
                    _ => (PyTuple::empty(py), Vec::new()),
                };
                let [middleware, scope, receive, send] = &self.around;
                let (entered, send): (Py<PyAny>, Py<PyAny>) = self
                    .enter
                    .bind(py)
                    .call1((middleware, scope, receive, send, past))?
                    .extract()?;
                left.push(message.clone().unbind());
                let sends = (send.clone_ref(py), left);
                (State::Entered(entered, send), Some(sends))
            }
        };
        *self.lock() = next;
        let run = match sends {
            None => Run::new(async { Ok(()) }),
            Some((send, messages)) => Run::new(send_each(send, messages)),
        };
        Ok(Py::new(py, run)?.into_any())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        for object in &self.around {
            visit.call(object)?;
        }
        match self.state.try_lock().as_deref() {
            Ok(State::Entered(one, other) | State::Passed([one, other])) => {
                visit.call(one)?;
                visit.call(other)
            }
            Ok(State::Started(start)) => visit.call(start),
            _ => Ok(()),
        }
    }
}

impl GzipSend {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn send_each(send: Py<PyAny>, messages: Vec<Py<PyAny>>) -> PyResult<()> {
    for message in messages {
        wait_for(|py| send.bind(py).call1((message,))).await?;
    }
    Ok(())
}

/// Whether this is the start of a response that waits for its body.
fn starts_plainly(message: &Bound<'_, PyDict>) -> PyResult<bool> {
    let py = message.py();
    if !is_of(message, "http.response.start")? {
        return Ok(false);
    }
    let status = message.get_item(intern!(py, "status"))?;
    let status = status.and_then(|status| status.extract::<u16>().ok());
    if status.is_none_or(|status| status == 206) {
        return Ok(false);
    }
    let Some(headers) = headers(message)? else {
        return Ok(false);
    };
    let mut types = 0;
    for (name, value) in &headers {
        match name.as_bytes() {
            b"content-encoding" => return Ok(false),
            b"content-type" => {
                let kind = value.as_bytes();
                let media_type = kind.split(|byte| *byte == b';').next().unwrap_or(kind);
                types += 1;
                if !PLAIN.iter().any(|plain| plain.as_bytes() == media_type) {
                    return Ok(false);
                }
            }
            _ => (),
        }
    }
    Ok(types == 1)
}

/// Whether this is the whole body of a response, and below the minimum size.
fn is_small(message: &Bound<'_, PyDict>, minimum: usize) -> PyResult<bool> {
    let py = message.py();
    let more = message.get_item(intern!(py, "more_body"))?;
    let is_last = more.is_none_or(|more| {
        more.cast_into_exact::<PyBool>()
            .is_ok_and(|more| !more.is_true())
    });
    if !is_last || !is_of(message, "http.response.body")? {
        return Ok(false);
    }
    let body = message.get_item(intern!(py, "body"))?;
    let body = body.and_then(|body| body.cast_into_exact::<PyBytes>().ok());
    Ok(body.is_some_and(|body| body.as_bytes().len() < minimum))
}
