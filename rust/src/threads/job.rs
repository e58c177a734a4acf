//! One piece of blocking work.

use pyo3::exceptions::{PyRuntimeError, PyStopIteration};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use pyo3::{ffi, intern};

/// What is to be done in a thread.
pub enum Work {
    Call(Call),
    /// The next step of a generator: gives a tuple of what it yields, or `None` if it has ended
    Next(Py<PyAny>),
}

/// A function and its arguments.
pub struct Call {
    function: Py<PyAny>,
    arguments: Py<PyTuple>,
    keywords: Py<PyDict>,
}

impl Call {
    /// Notes a call.
    pub fn new(
        function: Bound<'_, PyAny>,
        arguments: Bound<'_, PyTuple>,
        keywords: Bound<'_, PyDict>,
    ) -> Self {
        Self {
            function: function.unbind(),
            arguments: arguments.unbind(),
            keywords: keywords.unbind(),
        }
    }

    /// Makes the call.
    pub fn run<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let keywords = self.keywords.bind(py);
        let function = self.function.bind(py);
        function.call(self.arguments.bind(py), Some(keywords))
    }

    /// Lets another function make the call: one that takes this function before its arguments.
    pub fn by<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = other.py();
        let before = PyTuple::new(py, [&self.function])?;
        let arguments = before
            .add(self.arguments.bind(py))?
            .cast_into::<PyTuple>()?;
        other.call(arguments, Some(self.keywords.bind(py)))
    }
}

impl Work {
    fn run<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let outcome = match self {
            Self::Call(call) => call.run(py),
            Self::Next(generator) => advance(generator.bind(py)),
        };
        outcome.map_err(|error| unstopped(py, error))
    }
}

/// Takes a generator one step on: a tuple of what it yields, or `None` if it has ended.
pub fn advance<'py>(generator: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = generator.py();
    match generator.call_method0(intern!(py, "__next__")) {
        Ok(value) => Ok(PyTuple::new(py, [value])?.into_any()),
        Err(error) if error.is_instance_of::<PyStopIteration>(py) => Ok(py.None().into_bound(py)),
        Err(error) => Err(error),
    }
}

/// What becomes of `StopIteration`, which neither futures nor coroutines may raise.
pub fn unstopped(py: Python<'_>, error: PyErr) -> PyErr {
    if !error.is_instance_of::<PyStopIteration>(py) {
        return error;
    }
    let replacement = PyRuntimeError::new_err("coroutine raised StopIteration");
    replacement.set_cause(py, Some(error));
    replacement
}

/// Work for a thread, where it comes from, and who waits for it.
pub struct Job {
    pub work: Work,
    /// A `contextvars.Context` of its own
    pub context: Py<PyAny>,
    /// The cancel scope that `anyio.from_thread.check_cancelled` looks at
    pub scope: Option<Py<PyAny>>,
    pub future: Py<PyAny>,
}

impl Job {
    /// Does the work in its context.
    pub fn run(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let context = self.context.as_ptr();
        // SAFETY: the context is a live `Context`, which `copy_context` made for this job alone.
        if unsafe { ffi::PyContext_Enter(context) } != 0 {
            return Err(PyErr::fetch(py));
        }
        let outcome = self.work.run(py);
        // SAFETY: it is the context that was entered last: what the work enters, it also leaves.
        if unsafe { ffi::PyContext_Exit(context) } != 0 {
            return Err(PyErr::fetch(py));
        }
        outcome.map(Bound::unbind)
    }
}
