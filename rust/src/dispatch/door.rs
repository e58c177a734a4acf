//! Where a request comes from and where its response goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use super::coroutine::wait_for;

/// One request and its response, as a server has them.
///
/// What nobody asks for need not be made: a native server makes the scope at the first call of `scope`.
pub trait Door: Send + 'static {
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

    /// Sends a whole response.
    fn respond(
        &mut self,
        status: u16,
        headers: Py<PyList>,
        body: Py<PyBytes>,
    ) -> impl Future<Output = PyResult<()>> + Send;
}

/// The first door: an ASGI server or application in front of us.
pub struct Asgi {
    /// The scope
    pub scope: Py<PyDict>,
    /// `receive`
    pub receive: Py<PyAny>,
    /// `send`
    pub send: Py<PyAny>,
    started: Arc<AtomicBool>,
}

impl Asgi {
    /// Takes what an ASGI application is called with.
    pub fn new(scope: Py<PyDict>, receive: Py<PyAny>, send: Py<PyAny>) -> Self {
        Self {
            scope,
            receive,
            send,
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
        let sender = Sender {
            send: self.send.clone_ref(py),
            started: self.started.clone(),
        };
        Ok(Bound::new(py, sender)?.into_any())
    }

    fn bare_send<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.send.bind(py).clone())
    }

    fn has_started(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }

    async fn respond(
        &mut self,
        status: u16,
        headers: Py<PyList>,
        body: Py<PyBytes>,
    ) -> PyResult<()> {
        self.started.store(true, Ordering::Relaxed);
        wait_for(|py| {
            let start = PyDict::new(py);
            start.set_item(intern!(py, "type"), intern!(py, "http.response.start"))?;
            start.set_item(intern!(py, "status"), status)?;
            start.set_item(intern!(py, "headers"), headers)?;
            self.send.bind(py).call1((start,))
        })
        .await?;
        wait_for(|py| {
            let whole = PyDict::new(py);
            whole.set_item(intern!(py, "type"), intern!(py, "http.response.body"))?;
            whole.set_item(intern!(py, "body"), body)?;
            self.send.bind(py).call1((whole,))
        })
        .await?;
        Ok(())
    }
}

/// `send` that knows whether a response has been started.
#[pyclass(frozen, module = "fastapi._fastapi_rust", name = "_Sender")]
pub struct Sender {
    send: Py<PyAny>,
    started: Arc<AtomicBool>,
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
}
