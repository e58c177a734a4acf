//! Python's coroutines awaited in Rust, and Rust's futures awaited in Python.
//!
//! A Rust future is polled by whoever resumes the Python coroutine around it. What is sent or thrown in, and
//! what is yielded, passes through a thread's `TRANSFER`: it is filled just before a poll or a return and
//! emptied right after, so that coroutines nested in each other do not meet there.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, TryLockError};
use std::task::{Context, Poll, Waker};

use pyo3::exceptions::{
    PyAttributeError, PyGeneratorExit, PyRuntimeError, PyStopIteration, PyValueError,
};
use pyo3::prelude::*;
use pyo3::types::iterator::PySendResult;
use pyo3::{PyTraverseError, PyVisit, ffi, intern};

/// What a suspended coroutine goes on with.
enum Resumption {
    Value(Py<PyAny>),
    Throw(PyErr),
}

/// What passes between a [`Run`] and the [`Await`] that it waits in.
#[derive(Default)]
struct Transfer {
    /// The iterator that is being awaited, either way.
    awaited: Option<Py<PyAny>>,
    resumption: Option<Resumption>,
    yielded: Option<Py<PyAny>>,
}

thread_local! {
    static TRANSFER: RefCell<Transfer> = RefCell::default();
}

/// Takes a coroutine or an iterator one step on.
fn send<'py>(
    awaited: &Bound<'py, PyAny>,
    value: &Bound<'py, PyAny>,
) -> PyResult<PySendResult<'py>> {
    let py = awaited.py();
    let mut result = std::ptr::null_mut();
    // SAFETY: both arguments are live objects and `result` is a valid place. Except for PYGEN_ERROR, which
    // sets an exception instead, `result` is a new reference.
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

/// Throws into a coroutine or an iterator, as `yield from` does.
fn throw<'py>(awaited: &Bound<'py, PyAny>, error: PyErr) -> PyResult<PySendResult<'py>> {
    let py = awaited.py();
    if error.is_instance_of::<PyGeneratorExit>(py) {
        if let Ok(close) = awaited.getattr(intern!(py, "close")) {
            close.call0()?;
        }
        return Err(error);
    }
    let Ok(throw) = awaited.getattr(intern!(py, "throw")) else {
        return Err(error);
    };
    match throw.call1((error.into_value(py),)) {
        Ok(yielded) => Ok(PySendResult::Next(yielded)),
        Err(error) if error.is_instance_of::<PyStopIteration>(py) => Ok(PySendResult::Return(
            error.value(py).getattr(intern!(py, "value"))?,
        )),
        Err(error) => Err(error),
    }
}

/// A Python object being awaited.
pub struct Await(State);

enum State {
    Fresh(Py<PyAny>),
    Waiting,
}

impl Await {
    /// Awaits an object as `await` does.
    pub fn new(object: Bound<'_, PyAny>) -> PyResult<Self> {
        let py = object.py();
        // SAFETY: the object is live; only its type is looked at.
        let is_coroutine = unsafe { ffi::PyCoro_CheckExact(object.as_ptr()) } != 0;
        if is_coroutine {
            return Ok(Self(State::Fresh(object.unbind())));
        }
        match object.call_method0(intern!(py, "__await__")) {
            Ok(iterator) => Ok(Self(State::Fresh(iterator.unbind()))),
            // Not an awaitable, or one of the old kind: Python knows, and words the error.
            Err(error) if error.is_instance_of::<PyAttributeError>(py) => {
                let wait = py
                    .import(intern!(py, "fastapi.plan.recovery"))?
                    .getattr(intern!(py, "wait"))?
                    .call1((object,))?;
                Ok(Self(State::Fresh(wait.unbind())))
            }
            Err(error) => Err(error),
        }
    }
}

impl Future for Await {
    type Output = PyResult<Py<PyAny>>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Python::attach(|py| {
            let (awaited, resumption) = match std::mem::replace(&mut self.0, State::Waiting) {
                State::Fresh(awaited) => (Some(awaited), None),
                State::Waiting => TRANSFER.with_borrow_mut(|transfer| {
                    (transfer.awaited.take(), transfer.resumption.take())
                }),
            };
            let Some(awaited) = awaited else {
                return Poll::Ready(Err(PyRuntimeError::new_err(
                    "cannot reuse already awaited coroutine",
                )));
            };
            let step = match resumption {
                None => send(awaited.bind(py), py.None().bind(py)),
                Some(Resumption::Value(value)) => send(awaited.bind(py), value.bind(py)),
                Some(Resumption::Throw(error)) => throw(awaited.bind(py), error),
            };
            match step {
                Ok(PySendResult::Return(value)) => Poll::Ready(Ok(value.unbind())),
                Ok(PySendResult::Next(yielded)) => {
                    let yielded = Some(yielded.unbind());
                    TRANSFER.with_borrow_mut(|transfer| {
                        transfer.awaited = Some(awaited);
                        transfer.yielded = yielded;
                    });
                    Poll::Pending
                }
                Err(error) => Poll::Ready(Err(error)),
            }
        })
    }
}

/// Calls and awaits: `await function(...)`, where `call` makes the awaitable.
pub async fn wait_for(
    call: impl for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Py<PyAny>> {
    Python::attach(|py| call(py).and_then(Await::new))?.await
}

/// What a coroutine does, and whether it returns something.
enum Work {
    Plain(Pin<Box<dyn Future<Output = PyResult<()>> + Send>>),
    Returning(Pin<Box<dyn Future<Output = PyResult<Py<PyAny>>> + Send>>),
}

impl Work {
    /// Goes on; once it is done, returns what `resume` does.
    fn poll(&mut self) -> Poll<PyResult<Option<Py<PyAny>>>> {
        let context = &mut Context::from_waker(Waker::noop());
        match self {
            Self::Plain(work) => work
                .as_mut()
                .poll(context)
                .map(|outcome| outcome.map(|()| None)),
            Self::Returning(work) => work
                .as_mut()
                .poll(context)
                .map(|outcome| outcome.and_then(|value| Err(PyStopIteration::new_err((value,))))),
        }
    }
}

/// A coroutine around a future, which may await Python's with [`Await`] and nothing else.
#[pyclass(frozen, module = "fastapi._fastapi_rust", name = "_Run")]
pub struct Run(Mutex<Running>);

struct Running {
    work: Option<Work>,
    /// Kept here and not by the future, where the garbage collector sees it.
    awaited: Option<Py<PyAny>>,
    has_begun: bool,
}

impl Run {
    /// Makes a coroutine, which does nothing until it is awaited.
    pub fn new(work: impl Future<Output = PyResult<()>> + Send + 'static) -> Self {
        Self::of(Work::Plain(Box::pin(work)))
    }

    /// Makes a coroutine that returns an object, which is neither a tuple nor an exception.
    pub fn returning(work: impl Future<Output = PyResult<Py<PyAny>>> + Send + 'static) -> Self {
        Self::of(Work::Returning(Box::pin(work)))
    }

    fn of(work: Work) -> Self {
        Self(Mutex::new(Running {
            work: Some(work),
            awaited: None,
            has_begun: false,
        }))
    }

    /// Returns what is yielded. `None`: it has returned `None`; anything else comes as `StopIteration`.
    fn resume(&self, resumption: Resumption) -> PyResult<Option<Py<PyAny>>> {
        let mut running = match self.0.try_lock() {
            Ok(running) => running,
            Err(TryLockError::WouldBlock) => {
                return Err(PyValueError::new_err("coroutine already executing"));
            }
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        };
        let running = &mut *running;
        let Some(work) = &mut running.work else {
            return Err(PyRuntimeError::new_err(
                "cannot reuse already awaited coroutine",
            ));
        };
        match resumption {
            Resumption::Throw(error) if !running.has_begun => {
                running.work = None;
                return Err(error);
            }
            resumption if running.has_begun => TRANSFER.with_borrow_mut(|transfer| {
                transfer.awaited = running.awaited.take();
                transfer.resumption = Some(resumption);
            }),
            _ => running.has_begun = true,
        }
        match work.poll() {
            Poll::Pending => TRANSFER.with_borrow_mut(|transfer| {
                running.awaited = transfer.awaited.take();
                Ok(transfer.yielded.take())
            }),
            Poll::Ready(outcome) => {
                running.work = None;
                outcome
            }
        }
    }
}

fn returned(yielded: Option<Py<PyAny>>, py: Python<'_>) -> PyResult<Py<PyAny>> {
    yielded.ok_or_else(|| PyStopIteration::new_err(py.None()))
}

#[pymethods]
impl Run {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        self.resume(Resumption::Value(py.None()))
    }

    fn send(&self, py: Python<'_>, value: Py<PyAny>) -> PyResult<Py<PyAny>> {
        returned(self.resume(Resumption::Value(value))?, py)
    }

    #[pyo3(signature = (kind, value = None, traceback = None))]
    fn throw(
        &self,
        kind: &Bound<'_, PyAny>,
        value: Option<&Bound<'_, PyAny>>,
        traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let py = kind.py();
        let error = match value.filter(|value| !value.is_none()) {
            Some(value) if value.is_instance_of::<pyo3::exceptions::PyBaseException>() => {
                value.clone()
            }
            Some(value) => kind.call1((value,))?,
            None if kind.is_instance_of::<pyo3::types::PyType>() => kind.call0()?,
            None => kind.clone(),
        };
        if let Some(traceback) = traceback.filter(|traceback| !traceback.is_none()) {
            error.setattr(intern!(py, "__traceback__"), traceback)?;
        }
        returned(
            self.resume(Resumption::Throw(PyErr::from_value(error)))?,
            py,
        )
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let is_over = match self.0.try_lock() {
            Ok(running) => running.work.is_none(),
            Err(_) => false,
        };
        if is_over {
            return Ok(());
        }
        match self.resume(Resumption::Throw(PyGeneratorExit::new_err(()))) {
            Ok(Some(_)) => Err(PyRuntimeError::new_err("coroutine ignored GeneratorExit")),
            Ok(None) => Ok(()),
            Err(error)
                if error.is_instance_of::<PyGeneratorExit>(py)
                    || error.is_instance_of::<PyStopIteration>(py) =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self.0.try_lock() {
            Ok(running) => visit.call(&running.awaited),
            Err(_) => Ok(()),
        }
    }

    fn __clear__(&self) {
        if let Ok(mut running) = self.0.try_lock() {
            // The future goes without being closed: what it awaits is closed by itself.
            let _garbage = (running.work.take(), running.awaited.take());
        }
    }
}

impl Drop for Run {
    /// Leaves what has been entered, as a Python coroutine does that nobody awaits any more.
    fn drop(&mut self) {
        let is_suspended = match self.0.get_mut() {
            Ok(running) => running.work.is_some() && running.has_begun,
            Err(_) => false,
        };
        if is_suspended {
            Python::attach(|py| {
                if let Err(error) = self.close(py) {
                    error.write_unraisable(py, None);
                }
            });
        }
    }
}
