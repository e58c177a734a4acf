//! The coroutine that an application's task runs: the application's own, and what becomes of its end.

use std::rc::Rc;

use pyo3::exceptions::{PyException, PyRuntimeError, PyStopIteration};
use pyo3::prelude::*;
use pyo3::types::iterator::PySendResult;

use super::awaitable::resume;
use super::core::Core;
use super::exchange::{Exchange, Progress};

/// Runs `app(scope, receive, send)` of one exchange.
#[pyclass(module = "fastapi._fastapi_rust", name = "_Serve", unsendable)]
pub struct Serve {
    core: Rc<Core>,
    exchange: Rc<Exchange>,
    application: Option<Py<PyAny>>,
}

impl Serve {
    /// Wraps the coroutine of an application.
    pub fn new(core: Rc<Core>, exchange: Rc<Exchange>, application: Py<PyAny>) -> Self {
        Self {
            core,
            exchange,
            application: Some(application),
        }
    }

    fn settle(&mut self, py: Python<'_>, step: PyResult<PySendResult<'_>>) -> PyResult<Py<PyAny>> {
        let outcome = match step {
            Ok(PySendResult::Next(future)) => return Ok(future.unbind()),
            Ok(PySendResult::Return(_)) => Ok(()),
            Err(error) => Err(error),
        };
        self.application = None;
        self.exchange.task.take();
        self.core.exchange_ended();
        let exchange = &self.exchange;
        match outcome {
            Ok(()) if exchange.is_disconnected() || exchange.progress() == Progress::Complete => {}
            Ok(()) if matches!(exchange.progress(), Progress::Nothing) => {
                self.core.log_error(
                    py,
                    "ASGI callable returned without starting response.",
                    None,
                );
                exchange.fail(py, 500, b"Internal Server Error");
            }
            Ok(()) => {
                self.core.log_error(
                    py,
                    "ASGI callable returned without completing response.",
                    None,
                );
                exchange.fail(py, 500, b"Internal Server Error");
            }
            Err(error) if error.is_instance_of::<PyException>(py) => {
                self.core
                    .log_error(py, "Exception in ASGI application\n", Some(&error));
                exchange.fail(py, 500, b"Internal Server Error");
            }
            Err(error) => {
                // Cancelled, or the process is told to end: the task must show it.
                exchange.fail(py, 500, b"Internal Server Error");
                return Err(error);
            }
        }
        Err(PyStopIteration::new_err(py.None()))
    }
}

#[pymethods]
impl Serve {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let Some(application) = &self.application else {
            return Err(PyRuntimeError::new_err(
                "cannot reuse already awaited coroutine",
            ));
        };
        let application = application.clone_ref(py);
        let step = resume(application.bind(py), py.None().bind(py));
        self.settle(py, step)
    }

    fn send(&mut self, py: Python<'_>, _value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.__next__(py)
    }

    #[pyo3(signature = (*arguments))]
    fn throw(
        &mut self,
        py: Python<'_>,
        arguments: &Bound<'_, pyo3::types::PyTuple>,
    ) -> PyResult<Py<PyAny>> {
        let Some(application) = &self.application else {
            return Err(PyRuntimeError::new_err(
                "cannot reuse already awaited coroutine",
            ));
        };
        let application = application.clone_ref(py);
        let step = match application.bind(py).call_method1("throw", arguments) {
            Ok(future) => Ok(PySendResult::Next(future)),
            Err(error) if error.is_instance_of::<PyStopIteration>(py) => {
                Ok(PySendResult::Return(py.None().into_bound(py)))
            }
            Err(error) => Err(error),
        };
        self.settle(py, step)
    }

    fn close(&mut self, py: Python<'_>) -> PyResult<()> {
        match self.application.take() {
            Some(application) => application.call_method0(py, "close").map(drop),
            None => Ok(()),
        }
    }
}
