//! Where a request comes from and where its response goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};

use super::coroutine::{Run, wait_for};
use super::head::{Head, body_message, send_messages, start_message};
use crate::params::boundary::{Left, ParamFields};

/// One request and its response, as a server has them.
///
/// What nobody asks for need not be made: a native server makes the scope at the first call of `scope`.
pub trait Door: Send + Sync + 'static {
    /// The ASGI scope; the same dictionary every time.
    fn scope<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>>;

    /// ASGI's `receive`.
    fn receive<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>>;

    /// ASGI's `send`, watched by `has_started`.
    fn send<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>>;

    /// ASGI's `send` as the server gave it, for requests and exception handlers.
    fn bare_send<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>>;

    /// Whether the start of a response has been sent.
    fn has_started(&self) -> bool;

    /// Puts parameters into `values`; returns the numbers of those that are left to the reference path.
    ///
    /// `kept` is the `__dict__` of the request object, if there is one.
    fn extract<'py>(
        &self,
        fields: &ParamFields,
        kept: Option<&Bound<'py, PyDict>>,
        values: &Bound<'py, PyDict>,
    ) -> PyResult<Vec<Left>>;

    /// The first header of a name in lower case.
    fn header(&self, py: Python<'_>, name: &[u8]) -> Header;

    /// Receives the next part of the body, which must not be over.
    fn next_chunk(&mut self) -> impl Future<Output = PyResult<Chunk>> + Send;

    /// What sends a `StreamingResponse`, if this door can do so by itself, past `receive` and `send`.
    fn stream(&self, response: &Bound<'_, PyAny>) -> PyResult<Option<Run>> {
        let _ = response;
        Ok(None)
    }

    /// Sends a whole response. `is_last`: nothing of the request is left to be done after it.
    fn respond(
        &mut self,
        head: Head,
        body: Py<PyBytes>,
        is_last: bool,
    ) -> impl Future<Output = PyResult<()>> + Send;
}

/// A header that was looked for.
pub enum Header {
    /// Its value.
    Is(Vec<u8>),
    /// There is none.
    Missing,
    /// Only the reference path can tell.
    Unclear,
}

/// Bytes of a body.
pub enum Bytes {
    /// From a message.
    Object(Py<PyBytes>),
    /// From a connection.
    Owned(Vec<u8>),
}

impl Bytes {
    /// The bytes themselves.
    pub fn as_slice<'a>(&'a self, py: Python<'a>) -> &'a [u8] {
        match self {
            Self::Object(bytes) => bytes.as_bytes(py),
            Self::Owned(bytes) => bytes,
        }
    }

    /// As an object.
    pub fn object<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        match self {
            Self::Object(bytes) => bytes.bind(py).clone(),
            Self::Owned(bytes) => PyBytes::new(py, bytes),
        }
    }
}

/// A part of a body.
pub enum Chunk {
    /// Some bytes, and whether more follow.
    Part(Bytes, bool),
    /// What only the reference path understands: a message, or what was raised in its place; `receive` tells the rest.
    Unclear(Option<Py<PyAny>>, Option<PyErr>),
}

/// The first door: an ASGI server or application in front of us.
pub struct Asgi {
    scope: Py<PyDict>,
    receive: Py<PyAny>,
    send: Py<PyAny>,
    channel: Option<Py<PyAny>>,
    started: Arc<AtomicBool>,
}

impl Asgi {
    /// Takes what an ASGI application is called with.
    ///
    /// `channel` is where `send` puts its messages, if that is a `fastapi.plan.channel.Sending`.
    pub fn new(
        scope: Py<PyDict>,
        receive: Py<PyAny>,
        send: Py<PyAny>,
        channel: Option<Py<PyAny>>,
    ) -> Self {
        Self {
            scope,
            receive,
            send,
            channel,
            started: Arc::default(),
        }
    }
}

impl Door for Asgi {
    fn scope<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        Ok(self.scope.bind(py).clone())
    }

    fn receive<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.receive.bind(py).clone())
    }

    fn send<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Sender::around(self.send.bind(py), &self.started)
    }

    fn bare_send<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.send.bind(py).clone())
    }

    fn has_started(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }

    fn extract<'py>(
        &self,
        fields: &ParamFields,
        kept: Option<&Bound<'py, PyDict>>,
        values: &Bound<'py, PyDict>,
    ) -> PyResult<Vec<Left>> {
        fields.extract_from_scope(self.scope.bind(values.py()), kept, values)
    }

    fn header(&self, py: Python<'_>, name: &[u8]) -> Header {
        header_in(self.scope.bind(py), name).unwrap_or(Header::Unclear)
    }

    async fn next_chunk(&mut self) -> PyResult<Chunk> {
        match wait_for(|py| self.receive.bind(py).call0()).await {
            Ok(message) => Ok(Python::attach(|py| match chunk(message.bind(py)) {
                Some((bytes, more)) => Chunk::Part(Bytes::Object(bytes.unbind()), more),
                None => Chunk::Unclear(Some(message), None),
            })),
            Err(error) => match Python::attach(|py| error.is_instance_of::<PyException>(py)) {
                true => Ok(Chunk::Unclear(None, Some(error))),
                false => Err(error),
            },
        }
    }

    async fn respond(&mut self, head: Head, body: Py<PyBytes>, is_last: bool) -> PyResult<()> {
        self.started.store(true, Ordering::Relaxed);
        if let (true, Some(channel)) = (is_last, &self.channel) {
            return Python::attach(|py| {
                let body = body.bind(py);
                let messages = (start_message(&head, body)?, body_message(body)?);
                channel.call_method1(py, intern!(py, "finish"), messages)?;
                Ok(())
            });
        }
        send_messages(&self.send, head, body).await
    }
}

/// The bytes in a message, and whether more follow. `None`: it is not plainly a part of a body.
fn chunk<'py>(message: &Bound<'py, PyAny>) -> Option<(Bound<'py, PyBytes>, bool)> {
    let py = message.py();
    let message = message.cast_exact::<PyDict>().ok()?;
    let kind = message.get_item(intern!(py, "type")).ok()??;
    let kind = kind.cast_into_exact::<PyString>().ok()?;
    if kind != "http.request" {
        return None;
    }
    let chunk = match message.get_item(intern!(py, "body")).ok()? {
        Some(body) => body.cast_into_exact::<PyBytes>().ok()?,
        None => PyBytes::new(py, b""),
    };
    let more = match message.get_item(intern!(py, "more_body")).ok()? {
        Some(more) => more.is_truthy().ok()?,
        None => false,
    };
    Some((chunk, more))
}

/// Looks for a header in a scope.
pub fn header_in(scope: &Bound<'_, PyDict>, name: &[u8]) -> Option<Header> {
    let headers = scope.get_item(intern!(scope.py(), "headers")).ok()??;
    let headers = headers.cast_into_exact::<PyList>().ok()?;
    for header in headers.iter() {
        let header = header.cast_into_exact::<PyTuple>().ok()?;
        let known = header.get_item(0).ok()?.cast_into_exact::<PyBytes>().ok()?;
        if known.as_bytes() == name {
            let value = header.get_item(1).ok()?.cast_into_exact::<PyBytes>().ok()?;
            return Some(Header::Is(value.as_bytes().to_vec()));
        }
    }
    Some(Header::Missing)
}

/// `send` that knows whether a response has been started.
#[pyclass(frozen, module = "fastapi._fastapi_rust", name = "_Sender")]
pub struct Sender {
    /// What it watches
    #[pyo3(get)]
    send: Py<PyAny>,
    started: Arc<AtomicBool>,
    /// The native server's end of it
    channel: Option<Py<PyAny>>,
}

impl Sender {
    /// Watches a `send`.
    pub fn around<'py>(
        send: &Bound<'py, PyAny>,
        started: &Arc<AtomicBool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Self::with_channel(send, started, None)
    }

    /// The same for one whose other end is known.
    pub fn with_channel<'py>(
        send: &Bound<'py, PyAny>,
        started: &Arc<AtomicBool>,
        channel: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let sender = Self {
            send: send.clone().unbind(),
            started: started.clone(),
            channel,
        };
        Ok(Bound::new(send.py(), sender)?.into_any())
    }
}

#[pymethods]
impl Sender {
    fn __call__<'py>(&self, message: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = message.py();
        let kind = message.get_item(intern!(py, "type"))?;
        if kind.eq(intern!(py, "http.response.start"))? {
            self.started.store(true, Ordering::Relaxed);
        }
        self.send.bind(py).call1((message,))
    }

    /// Sends a whole response, or returns that it has to come in messages.
    fn push_whole(
        &self,
        status: u16,
        headers: &Bound<'_, PyList>,
        body: &Bound<'_, PyBytes>,
    ) -> PyResult<bool> {
        let Some(channel) = &self.channel else {
            return Ok(false);
        };
        let py = headers.py();
        self.started.store(true, Ordering::Relaxed);
        channel
            .bind(py)
            .call_method1(intern!(py, "push_whole"), (status, headers, body))?
            .is_truthy()
    }
}
