//! Tokens of anyio's limiters.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use pyo3::intern;
use pyo3::prelude::*;

use crate::threads::job::Job;
use crate::threads::pool::WorkerPool;

/// A token of a limiter: to be waited for, held, or given back.
pub struct Token {
    pub limiter: Py<PyAny>,
    /// Who borrows it
    task: Py<PyAny>,
    pub is_held: bool,
}

impl Token {
    /// A token for a task, which it does not hold yet.
    pub fn new(py: Python<'_>, limiter: Py<PyAny>, task: &Py<PyAny>) -> Self {
        Self {
            limiter,
            task: task.clone_ref(py),
            is_held: false,
        }
    }

    /// Takes it if it is there.
    pub fn take(&mut self, py: Python<'_>, would_block: &Py<PyAny>) -> PyResult<bool> {
        let acquire = intern!(py, "acquire_on_behalf_of_nowait");
        match self.limiter.call_method1(py, acquire, (&self.task,)) {
            Ok(_) => self.is_held = true,
            Err(error) if error.matches(py, would_block)? => (),
            Err(error) => return Err(error),
        }
        Ok(self.is_held)
    }

    /// The coroutine that waits for it.
    pub fn wait<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.limiter
            .bind(py)
            .call_method1(intern!(py, "acquire_on_behalf_of"), (&self.task,))
    }

    /// Gives it back, if it is held.
    pub fn give_back(&mut self, py: Python<'_>) -> PyResult<()> {
        if !std::mem::replace(&mut self.is_held, false) {
            return Ok(());
        }
        self.limiter
            .call_method1(py, intern!(py, "release_on_behalf_of"), (&self.task,))
            .map(drop)
    }
}

impl Drop for Token {
    /// Of a request that is dropped while it waits.
    fn drop(&mut self) {
        if self.is_held {
            Python::attach(|py| {
                if let Err(error) = self.give_back(py) {
                    error.write_unraisable(py, None);
                }
            });
        }
    }
}

/// A job in the queue of a limiter, which begins when it is its turn.
///
/// It stands where the slow twin, `CapacityLimiter.acquire_on_behalf_of`, puts an event that wakes a task.
#[pyclass(frozen, module = "fastapi._fastapi_rust", name = "_Turn")]
pub struct Turn {
    pool: Py<WorkerPool>,
    limiter: Py<PyAny>,
    task: Py<PyAny>,
    waiting: Mutex<Option<Job>>,
    holds_token: AtomicBool,
}

#[pymethods]
impl Turn {
    /// The limiter calls it when there is a token.
    fn set(&self, py: Python<'_>) -> PyResult<()> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(job) = waiting.take() else {
            return Ok(());
        };
        drop(waiting);
        let borrowers = self.limiter.getattr(py, intern!(py, "_borrowers"))?;
        let is_cancelled = job.future.call_method0(py, intern!(py, "cancelled"))?;
        if is_cancelled.is_truthy(py)? {
            // Nobody is there to take it: it goes to the next one.
            borrowers.call_method1(py, intern!(py, "discard"), (&self.task,))?;
            let notify = intern!(py, "_notify_next_waiter");
            return self.limiter.call_method0(py, notify).map(drop);
        }
        borrowers.call_method1(py, intern!(py, "add"), (&self.task,))?;
        self.holds_token.store(true, Ordering::Relaxed);
        WorkerPool::submit(self.pool.bind(py), job)
    }
}

impl Turn {
    fn leave(&self, py: Python<'_>) -> PyResult<()> {
        if self.holds_token.swap(false, Ordering::Relaxed) {
            let release = intern!(py, "release_on_behalf_of");
            return self
                .limiter
                .call_method1(py, release, (&self.task,))
                .map(drop);
        }
        let queue = self.limiter.getattr(py, intern!(py, "_wait_queue"))?;
        let nothing = (&self.task, py.None());
        queue
            .call_method1(py, intern!(py, "pop"), nothing)
            .map(drop)
    }
}

/// A [`Turn`] that somebody waits for.
pub struct Queued(Option<Py<Turn>>);

impl Queued {
    /// Queues a job for a token.
    pub fn new(py: Python<'_>, pool: Py<WorkerPool>, job: Job, token: Token) -> PyResult<Self> {
        let turn = Turn {
            pool,
            limiter: token.limiter.clone_ref(py),
            task: token.task.clone_ref(py),
            waiting: Mutex::new(Some(job)),
            holds_token: AtomicBool::new(false),
        };
        let turn = Py::new(py, turn)?;
        token
            .limiter
            .getattr(py, intern!(py, "_wait_queue"))?
            .bind(py)
            .set_item(&token.task, &turn)?;
        Ok(Self(Some(turn)))
    }

    /// Gives the token back, or leaves the queue.
    pub fn leave(&mut self, py: Python<'_>) -> PyResult<()> {
        match self.0.take() {
            Some(turn) => turn.get().leave(py),
            None => Ok(()),
        }
    }
}

impl Drop for Queued {
    /// Of a request that is dropped while it waits.
    fn drop(&mut self) {
        if self.0.is_some() {
            Python::attach(|py| {
                if let Err(error) = self.leave(py) {
                    error.write_unraisable(py, None);
                }
            });
        }
    }
}
