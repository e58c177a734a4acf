//! `WorkerPool`: the worker threads of one event loop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use pyo3::{PyTraverseError, PyVisit};

use super::job::Job;
use super::queue::{Call, Queue};

/// What a pool needs of anyio: see `fastapi.plan.threads`.
#[derive(FromPyObject)]
pub struct Anyio {
    /// The tasks in cancel scopes: a `WeakKeyDictionary`
    pub task_states: Py<PyAny>,
    pub cancel_scope: Py<PyAny>,
    /// The values of the loop's `RunVar`s
    pub run_vars: Py<PyDict>,
    /// Under which of these the limiter is, if it is known
    pub limiter_key: Option<Py<PyAny>>,
    pub current_limiter: Py<PyAny>,
    pub threadlocals: Py<PyAny>,
    /// What a limiter raises that has no token
    pub would_block: Py<PyAny>,
    /// The class of limiters, if it is certain how they keep their queue
    pub limiter_class: Option<Py<PyAny>>,
    /// sniffio's context variable, where there is sniffio
    pub library: Option<Py<PyAny>>,
}

/// A job that is done.
struct Done {
    future: Py<PyAny>,
    outcome: PyResult<Py<PyAny>>,
}

/// The worker threads of one event loop, which are started as they are needed.
///
/// `start(pool)` starts a thread that calls `work`. `pools` is the register of pools by their loops.
///
/// Slow twin: `anyio.to_thread.run_sync`.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct WorkerPool {
    pub event_loop: Py<PyAny>,
    pub anyio: Anyio,
    start: Py<PyAny>,
    pools: Py<PyDict>,
    /// How long a worker waits for a job before it ends
    patience: Duration,
    queue: Queue<Job>,
    done: Mutex<Vec<Done>>,
    /// Whether the loop has been told of what is done
    is_told: AtomicBool,
}

impl WorkerPool {
    /// Hands a job to a worker.
    pub fn submit(slf: &Bound<'_, Self>, job: Job) -> PyResult<()> {
        let pool = slf.get();
        let call = pool.queue.push(job);
        Self::answer(slf, call)
    }

    fn answer(slf: &Bound<'_, Self>, call: Call) -> PyResult<()> {
        let py = slf.py();
        let pool = slf.get();
        if call == Call::Nobody {
            return Ok(());
        }
        let Err(error) = pool.start.call1(py, (slf,)) else {
            return Ok(());
        };
        // Others are at work: they will come to it.
        for job in pool.queue.not_started() {
            let done = Done {
                future: job.future,
                outcome: Err(error.clone_ref(py)),
            };
            Self::finish(slf, done)?;
        }
        Ok(())
    }

    /// Notes what has become of a job, and tells the loop, unless it has been told.
    fn finish(slf: &Bound<'_, Self>, done: Done) -> PyResult<()> {
        let py = slf.py();
        let pool = slf.get();
        pool.done
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(done);
        if pool.is_told.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let deliver = slf.getattr(intern!(py, "deliver"))?;
        pool.event_loop
            .call_method1(py, intern!(py, "call_soon_threadsafe"), (deliver,))
            .map(drop)
    }

    /// Does a job, unless it is not wanted any more.
    fn run(&self, py: Python<'_>, job: Job) -> PyResult<Option<Done>> {
        let is_cancelled = job.future.call_method0(py, intern!(py, "cancelled"))?;
        if is_cancelled.is_truthy(py)? {
            return Ok(None);
        }
        let locals = self.anyio.threadlocals.bind(py);
        let name = intern!(py, "current_cancel_scope");
        if let Some(scope) = &job.scope {
            locals.setattr(name, scope)?;
        }
        let outcome = job.run(py);
        if job.scope.is_some() {
            locals.setattr(name, py.None())?;
        }
        Ok(Some(Done {
            future: job.future,
            outcome,
        }))
    }
}

#[pymethods]
impl WorkerPool {
    #[new]
    fn new(
        event_loop: Py<PyAny>,
        start: Py<PyAny>,
        pools: Py<PyDict>,
        patience: Duration,
        anyio: Anyio,
    ) -> Self {
        Self {
            event_loop,
            anyio,
            start,
            pools,
            patience,
            queue: Queue::default(),
            done: Mutex::default(),
            is_told: AtomicBool::new(false),
        }
    }

    /// What a worker thread does: one job after the other, until none comes for a while or the pool is closed.
    fn work(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let pool = slf.get();
        // Whatever fails here must not end a worker that others count on.
        let unraisable = |error: PyErr| error.write_unraisable(py, Some(slf.as_any()));
        loop {
            match pool.queue.take() {
                Some((job, call)) => {
                    Self::answer(slf, call).unwrap_or_else(unraisable);
                    let done = pool.run(py, job);
                    pool.queue.search();
                    match done {
                        // A loop that is closed cannot be told anything.
                        Ok(Some(done)) => drop(Self::finish(slf, done)),
                        Ok(None) => (),
                        Err(error) => unraisable(error),
                    }
                }
                None if py.detach(|| pool.queue.rest(pool.patience)) => (),
                None => break,
            }
        }
        match pool.queue.is_deserted() {
            true => Self::retire(slf),
            false => Ok(()),
        }
    }

    /// Gives the results to those who wait for them. The loop calls it.
    fn deliver(&self, py: Python<'_>) {
        self.is_told.store(false, Ordering::Release);
        let done = std::mem::take(&mut *self.done.lock().unwrap_or_else(PoisonError::into_inner));
        for Done { future, outcome } in done {
            let future = future.bind(py);
            let delivered = future
                .call_method0(intern!(py, "cancelled"))
                .and_then(|cancelled| {
                    if cancelled.is_truthy()? {
                        return Ok(());
                    }
                    match outcome {
                        Ok(value) => future.call_method1(intern!(py, "set_result"), (value,)),
                        Err(error) => future
                            .call_method1(intern!(py, "set_exception"), (error.into_value(py),)),
                    }
                    .map(drop)
                });
            if let Err(error) = delivered {
                error.write_unraisable(py, Some(future));
            }
        }
    }

    /// Lets the workers end when they have done what there is to do. Takes and ignores what callbacks are given.
    #[pyo3(signature = (*_arguments))]
    fn close(slf: &Bound<'_, Self>, _arguments: &Bound<'_, PyTuple>) -> PyResult<()> {
        slf.get().queue.close();
        Self::retire(slf)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.event_loop)?;
        visit.call(&self.start)
    }
}

impl WorkerPool {
    /// Leaves the register.
    fn retire(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let pool = slf.get();
        let pools = pool.pools.bind(py);
        let is_registered = pools
            .get_item(&pool.event_loop)?
            .is_some_and(|registered| registered.is(slf));
        match is_registered {
            true => pools.del_item(&pool.event_loop),
            false => Ok(()),
        }
    }
}
