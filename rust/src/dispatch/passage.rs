//! From a task to a worker thread and back: limiter, cancel scopes and contexts as anyio has them.
//!
//! Slow twin: `anyio.to_thread.run_sync`, which takes over where anything is out of the ordinary.

use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyDictMethods, PyList};
use pyo3::{ffi, intern};

use super::coroutine::wait_for;
use super::limiter::{Queued, Token};
use super::plan::Pieces;
use crate::threads::job::{Call, Job, Work};
use crate::threads::pool::WorkerPool;

/// Where passages begin: see `fastapi.plan.threads`.
#[derive(FromPyObject)]
pub struct Threads {
    pub pools: Py<PyDict>,
    pub open_pool: Py<PyAny>,
    pub running_loop: Py<PyAny>,
    pub current_task: Py<PyAny>,
    /// Tasks that enter their cancel scope only when they wait: `fastapi.plan.group.starting`
    pub starting: Py<PyList>,
}

/// The way of the current task into a worker thread.
pub struct Passage {
    pool: Py<WorkerPool>,
    task: Py<PyAny>,
    /// The cancel scope in which the task is
    scope: Option<Py<PyAny>>,
    /// Whether sniffio must be told that a thread is no place for coroutines
    has_library: bool,
}

impl Passage {
    /// Looks where the current task is. `None`: only anyio knows the way.
    pub fn new(py: Python<'_>, threads: &Threads) -> PyResult<Option<Self>> {
        match Self::find(py, threads) {
            // A task of another make, or another anyio.
            Err(error) if error.is_instance_of::<PyAttributeError>(py) => Ok(None),
            found => found,
        }
    }

    fn find(py: Python<'_>, threads: &Threads) -> PyResult<Option<Self>> {
        let event_loop = threads.running_loop.bind(py).call0()?;
        if event_loop.is_none() {
            return Ok(None);
        }
        let known = match threads.pools.bind(py).get_item(&event_loop)? {
            Some(pool) => pool,
            None => threads.open_pool.bind(py).call1((&event_loop,))?,
        };
        let task = threads.current_task.bind(py).call1((event_loop,))?;
        let Ok(pool) = known.cast_into::<WorkerPool>() else {
            return Ok(None);
        };
        // Where a cancellation is under way, anyio does not even begin.
        if task.is_none() || task.getattr(intern!(py, "_must_cancel"))?.is_truthy()? {
            return Ok(None);
        }
        for child in threads.starting.bind(py) {
            child.call_method0(intern!(py, "enter"))?;
        }
        let anyio = &pool.get().anyio;
        let library = match &anyio.library {
            Some(variable) => context_variable(variable.bind(py))?,
            None => None,
        };
        if let Some(library) = &library
            && !library.eq(intern!(py, "asyncio"))?
        {
            return Ok(None);
        }
        let scope = scope(anyio.task_states.bind(py), &task)?;
        if let Some(scope) = &scope
            && scope
                .getattr(intern!(py, "_effectively_cancelled"))?
                .is_truthy()?
        {
            return Ok(None);
        }
        Ok(Some(Self {
            task: task.unbind(),
            scope: scope.map(Bound::unbind),
            has_library: library.is_some(),
            pool: pool.unbind(),
        }))
    }

    /// Runs blocking work under the limiter of the loop.
    pub async fn run(self, work: Work) -> PyResult<Py<PyAny>> {
        let (mut token, has_token) = Python::attach(|py| {
            let limiter = self.limiter(py)?.unbind();
            let mut token = Token::new(py, limiter, &self.task);
            let has_token = token.take(py, &self.pool.get().anyio.would_block)?;
            PyResult::Ok((token, has_token))
        })?;
        // In a cancel scope, the wait for a token can be cancelled, and the wait for the thread can not.
        if !has_token && self.scope.is_none() && self.knows_queue(&token) {
            return self.run_in_turn(work, token).await;
        }
        if !has_token {
            wait_for(|py| token.wait(py)).await?;
            token.is_held = true;
        }
        let outcome = self.run_unlimited(work).await;
        Python::attach(|py| token.give_back(py))?;
        outcome
    }

    /// Runs blocking work as soon as the limiter has a token: without a detour by the task that waits for it.
    async fn run_in_turn(&self, work: Work, token: Token) -> PyResult<Py<PyAny>> {
        let (mut turn, future) = Python::attach(|py| {
            let job = self.job(py, work)?;
            let future = job.future.clone_ref(py);
            let pool = self.pool.clone_ref(py);
            PyResult::Ok((Queued::new(py, pool, job, token)?, future))
        })?;
        let outcome = wait_for(|py| Ok(future.into_bound(py))).await;
        Python::attach(|py| turn.leave(py))?;
        outcome
    }

    /// Runs blocking work whatever the limiter says.
    pub async fn run_unlimited(&self, work: Work) -> PyResult<Py<PyAny>> {
        let mut shield = Python::attach(|py| self.shield(py))?;
        let outcome = wait_for(|py| {
            let job = self.job(py, work)?;
            let future = job.future.clone_ref(py);
            WorkerPool::submit(self.pool.bind(py), job)?;
            Ok(future.into_bound(py))
        })
        .await;
        Python::attach(|py| shield.lift(py))?;
        outcome
    }

    fn job(&self, py: Python<'_>, work: Work) -> PyResult<Job> {
        let event_loop = self.pool.get().event_loop.bind(py);
        Ok(Job {
            work,
            context: self.context(py)?.unbind(),
            scope: self.scope.as_ref().map(|scope| scope.clone_ref(py)),
            future: event_loop
                .call_method0(intern!(py, "create_future"))?
                .unbind(),
        })
    }

    fn limiter<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let anyio = &self.pool.get().anyio;
        if let Some(key) = &anyio.limiter_key
            && let Some(limiter) = anyio.run_vars.bind(py).get_item(key)?
        {
            return Ok(limiter);
        }
        anyio.current_limiter.bind(py).call0()
    }

    /// Whether it is certain how the limiter keeps its queue.
    fn knows_queue(&self, token: &Token) -> bool {
        let class = &self.pool.get().anyio.limiter_class;
        class
            .as_ref()
            .is_some_and(|class| Python::attach(|py| token.limiter.bind(py).get_type().is(class)))
    }

    /// Keeps the cancellations of the scopes around the task away.
    fn shield(&self, py: Python<'_>) -> PyResult<Shield> {
        if self.scope.is_none() {
            return Ok(Shield(None));
        }
        let options = PyDict::new(py);
        options.set_item(intern!(py, "shield"), true)?;
        let scope = self
            .pool
            .get()
            .anyio
            .cancel_scope
            .bind(py)
            .call((), Some(&options))?;
        scope.call_method0(intern!(py, "__enter__"))?;
        Ok(Shield(Some(scope.unbind())))
    }

    /// The context for one job.
    fn context<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        // SAFETY: returns a new reference, or null with an exception set.
        let context = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyContext_CopyCurrent()) }?;
        if let (true, Some(library)) = (self.has_library, &self.pool.get().anyio.library) {
            let set = library.bind(py).getattr(intern!(py, "set"))?;
            context.call_method1(intern!(py, "run"), (set, py.None()))?;
        }
        Ok(context)
    }
}

/// Calls a function in a worker thread, under the limiter of the loop.
pub async fn in_thread(pieces: &Pieces, call: Call) -> PyResult<Py<PyAny>> {
    match Python::attach(|py| Passage::new(py, &pieces.threads))? {
        Some(passage) => passage.run(Work::Call(call)).await,
        None => wait_for(|py| call.by(pieces.run_in_threadpool.bind(py))).await,
    }
}

/// The value of a context variable, if it has one that is not `None`.
fn context_variable<'py>(variable: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = variable.py();
    let mut value = std::ptr::null_mut();
    // SAFETY: both pointers are valid; it fails, with an exception set, if this is no context variable.
    if unsafe { ffi::PyContextVar_Get(variable.as_ptr(), std::ptr::null_mut(), &mut value) } != 0 {
        return Err(PyErr::fetch(py));
    }
    // SAFETY: the value is a new reference, or null if there is none.
    let value = unsafe { Bound::from_owned_ptr_or_opt(py, value) };
    Ok(value.filter(|value| !value.is_none()))
}

/// The cancel scope in which a task is.
fn scope<'py>(
    states: &Bound<'py, PyAny>,
    task: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = task.py();
    // In most applications no task is in any.
    let data = states.getattr(intern!(py, "data"))?;
    if data.cast::<PyDict>().is_ok_and(|data| data.is_empty()) {
        return Ok(None);
    }
    let state = states.call_method1(intern!(py, "get"), (task,))?;
    if state.is_none() {
        return Ok(None);
    }
    let scope = state.getattr(intern!(py, "cancel_scope"))?;
    Ok((!scope.is_none()).then_some(scope))
}

/// A shielded cancel scope that has been entered.
struct Shield(Option<Py<PyAny>>);

impl Shield {
    fn lift(&mut self, py: Python<'_>) -> PyResult<()> {
        let Some(scope) = self.0.take() else {
            return Ok(());
        };
        let none = py.None();
        scope
            .call_method1(py, intern!(py, "__exit__"), (&none, &none, &none))
            .map(drop)
    }
}

impl Drop for Shield {
    /// Of a request that is dropped while it waits.
    fn drop(&mut self) {
        if self.0.is_some() {
            Python::attach(|py| {
                if let Err(error) = self.lift(py) {
                    error.write_unraisable(py, None);
                }
            });
        }
    }
}
