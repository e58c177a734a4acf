//! Awaitables made in Rust: coroutines in Python's eyes that finish at their first step, or wait on futures.

use std::cell::RefCell;

use pyo3::exceptions::{PyBaseException, PyRuntimeError, PyStopIteration};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3::types::iterator::PySendResult;

use super::local::Local;

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
#[pyclass(frozen, module = "fastapi._fastapi_rust", name = "_Operation")]
pub struct OperationCoroutine {
    state: Local<RefCell<State>>,
}

struct State {
    operation: Option<Box<dyn Operation>>,
    /// The iterator of the future that is being waited for.
    waiting: Option<Py<PyAny>>,
}

impl OperationCoroutine {
    /// Wraps an operation.
    pub fn new(operation: impl Operation + 'static) -> Self {
        Self {
            state: Local::new(RefCell::new(State {
                operation: Some(Box::new(operation)),
                waiting: None,
            })),
        }
    }

    /// Takes the state out, so that nothing is borrowed while Python code runs.
    fn take(&self) -> PyResult<State> {
        let mut state = self.state.get()?.borrow_mut();
        Ok(State {
            operation: state.operation.take(),
            waiting: state.waiting.take(),
        })
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

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let State {
            operation,
            mut waiting,
        } = self.take()?;
        let Some(mut operation) = operation else {
            return Err(PyRuntimeError::new_err(
                "cannot reuse already awaited coroutine",
            ));
        };
        loop {
            if let Some(iterator) = waiting.take()
                && let PySendResult::Next(future) = resume(iterator.bind(py), py.None().bind(py))?
            {
                *self.state.get()?.borrow_mut() = State {
                    operation: Some(operation),
                    waiting: Some(iterator),
                };
                return Ok(Some(future.unbind()));
            }
            match operation.step(py)? {
                Step::Done(value) => return finished(py, value),
                Step::Wait(future) => {
                    waiting = Some(future.bind(py).try_iter()?.into_any().unbind())
                }
            }
        }
    }

    fn send(&self, py: Python<'_>, _value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        match self.__next__(py)? {
            Some(future) => Ok(future),
            None => Err(PyErr::take(py).unwrap_or_else(|| PyStopIteration::new_err(()))),
        }
    }

    #[pyo3(signature = (kind, value = None, traceback = None))]
    fn throw(
        &self,
        kind: &Bound<'_, PyAny>,
        value: Option<&Bound<'_, PyAny>>,
        traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let _ = traceback;
        self.close()?;
        Err(thrown(kind, value))
    }

    fn close(&self) -> PyResult<()> {
        self.take().map(drop)
    }
}

/// How an iterator ends with a value: no exception at all stands for `None`.
fn finished(py: Python<'_>, value: Py<PyAny>) -> PyResult<Option<Py<PyAny>>> {
    let value = value.bind(py);
    if value.is_none() {
        return Ok(None);
    }
    if value.is_instance_of::<PyTuple>() || value.is_instance_of::<PyBaseException>() {
        // `StopIteration` takes these apart.
        return Err(PyStopIteration::new_err((value.clone().unbind(),)));
    }
    // SAFETY: both are live objects. The error stays set while the slot returns NULL, as CPython's own
    // iterators do it; an exception object need not be made.
    unsafe { ffi::PyErr_SetObject(ffi::PyExc_StopIteration, value.as_ptr()) };
    Ok(None)
}
