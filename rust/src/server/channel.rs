//! What `receive`, `send` and the task of a request or WebSocket call.

use std::path::PathBuf;
use std::rc::Rc;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::connection::Work;
use super::exchange::Took;
use super::local::Local;
use super::message;
use super::session::Session;

/// See the module; serve.py has the callers.
#[pyclass(frozen, module = "fastapi._fastapi_rust", name = "_Channel")]
pub struct Channel(Local<Work>);

impl Channel {
    /// A channel to what the application works on.
    pub fn of(py: Python<'_>, work: Work) -> PyResult<Bound<'_, PyAny>> {
        Ok(Bound::new(py, Self(Local::new(work)))?.into_any())
    }

    /// The WebSocket, if it is to one.
    pub fn session(&self) -> PyResult<Option<Rc<Session>>> {
        match self.0.get()? {
            Work::Http(_) => Ok(None),
            Work::WebSocket(session) => Ok(Some(session.clone())),
        }
    }
}

#[pymethods]
impl Channel {
    /// The next message for the application, or a future to wait for.
    fn pull(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self.0.get()? {
            Work::Http(exchange) => exchange.pull(py),
            Work::WebSocket(session) => session.pull(py),
        }
    }

    /// Takes one message of the application, or returns a future to wait for before it is offered again.
    fn push(&self, message: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
        match self.0.get()? {
            Work::Http(exchange) => exchange.push(message.py(), message),
            Work::WebSocket(session) => session.push(message.py(), message),
        }
    }

    /// Takes a whole response; `false`: it has to come in messages.
    fn push_whole(
        &self,
        status: u16,
        headers: &Bound<'_, PyAny>,
        body: &Bound<'_, PyBytes>,
    ) -> PyResult<bool> {
        let Work::Http(exchange) = self.0.get()? else {
            return Ok(false);
        };
        let fields = message::pairs(headers)?;
        let took = exchange.take_fields(status, message::slices(&fields), body)?;
        Ok(matches!(took, Took::It))
    }

    /// The same for a file, which is the rest of a response.
    fn push_file(&self, py: Python<'_>, path: PathBuf) -> PyResult<Option<Py<PyAny>>> {
        match self.0.get()? {
            Work::Http(exchange) => exchange.push_file(py, path),
            Work::WebSocket(_) => Err(PyRuntimeError::new_err("a WebSocket carries no files")),
        }
    }

    /// The application returned, or raised.
    fn ended(
        &self,
        py: Python<'_>,
        error: Option<&Bound<'_, PyAny>>,
        result: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        match self.0.get()? {
            Work::Http(exchange) => exchange.ended(py, error, result.is_none()),
            Work::WebSocket(session) => session.ended(py, error, result.is_none()),
        }
        Ok(())
    }
}
