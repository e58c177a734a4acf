//! Awaitables made in Rust: coroutines in Python's eyes that finish at their first step, or wait on futures.

use pyo3::exceptions::{PyRuntimeError, PyStopIteration};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::iterator::PySendResult;

/// What one step of a waiting operation came to.
pub enum Step {
    /// It is done; `await` returns this.
    Done(Py<PyAny>),
    /// It goes on when this future of the running loop is done.
    Wait(Py<PyAny>),
}

/// An operation that may have to wait, such as `receive()`.
pub trait Operation {
    /// Tries to get on.
    fn step(&mut self, py: Python<'_>) -> PyResult<Step>;
}

/// Takes a coroutine, generator or iterator one step on, as `await` does.
pub fn resume<'py>(
    awaited: &Bound<'py, PyAny>,
    value: &Bound<'py, PyAny>,
) -> PyResult<PySendResult<'py>> {
    let py = awaited.py();
    let mut result = std::ptr::null_mut();
    // SAFETY: both arguments are live objects and `result` is a valid place. Except for PYGEN_ERROR, which sets
    // an exception instead, `result` is a new reference.
    unsafe {
        match ffi::PyIter_Send(awaited.as_ptr(), value.as_ptr(), &mut result) {
            ffi::PySendResult::PYGEN_RETURN => {
                Ok(PySendResult::Return(Bound::from_owned_ptr(py, result)))
            }
            ffi::PySendResult::PYGEN_NEXT => {
                Ok(PySendResult::Next(Bound::from_owned_ptr(py, result)))
            }
            ffi::PySendResult::PYGEN_ERROR => Err(PyErr::fetch(py)),
        }
    }
}

/// The exception that `coroutine.throw(kind, value)` is to raise.
pub fn thrown(kind: &Bound<'_, PyAny>, value: Option<&Bound<'_, PyAny>>) -> PyErr {
    match value {
        Some(value) if !value.is_none() => PyErr::from_value(value.clone()),
        _ if kind.is_instance_of::<pyo3::types::PyType>() => {
            kind.call0().map_or_else(|error| error, PyErr::from_value)
        }
        _ => PyErr::from_value(kind.clone()),
    }
}

/// A coroutine around an [`Operation`]. It does nothing until it is awaited, as coroutines do.
#[pyclass(module = "fastapi._fastapi_rust", name = "_Operation", unsendable)]
pub struct OperationCoroutine {
    operation: Option<Box<dyn Operation>>,
    /// The iterator of the future that is being waited for.
    waiting: Option<Py<PyAny>>,
}

impl OperationCoroutine {
    /// Wraps an operation.
    pub fn new(operation: impl Operation + 'static) -> Self {
        Self {
            operation: Some(Box::new(operation)),
            waiting: None,
        }
    }
}

#[pymethods]
impl OperationCoroutine {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        loop {
            if let Some(waiting) = self.waiting.take() {
                match resume(waiting.bind(py), py.None().bind(py))? {
                    PySendResult::Next(future) => {
                        self.waiting = Some(waiting);
                        return Ok(future.unbind());
                    }
                    PySendResult::Return(_) => {}
                }
            }
            let Some(operation) = &mut self.operation else {
                return Err(PyRuntimeError::new_err(
                    "cannot reuse already awaited coroutine",
                ));
            };
            match operation.step(py) {
                Ok(Step::Done(value)) => {
                    self.operation = None;
                    return Err(PyStopIteration::new_err((value,)));
                }
                Ok(Step::Wait(future)) => {
                    self.waiting = Some(future.call_method0(py, "__await__")?)
                }
                Err(error) => {
                    self.operation = None;
                    return Err(error);
                }
            }
        }
    }

    fn send(&mut self, py: Python<'_>, _value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.__next__(py)
    }

    #[pyo3(signature = (kind, value = None, traceback = None))]
    fn throw(
        &mut self,
        kind: &Bound<'_, PyAny>,
        value: Option<&Bound<'_, PyAny>>,
        traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyErr {
        let _ = traceback;
        self.close();
        thrown(kind, value)
    }

    fn close(&mut self) {
        self.operation = None;
        self.waiting = None;
    }
}
