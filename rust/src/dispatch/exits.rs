//! Generators: run up to their `yield`, and from there when the time has come.
//!
//! Here they end as they should. All that they raise, or is raised into them, goes by way of contextlib:
//! `fastapi.plan.recovery` and `fastapi.dependencies.generators` are the slow twins.

use pyo3::exceptions::{PyRuntimeError, PyStopAsyncIteration};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use pyo3::{ffi, intern};

use super::coroutine::wait_for;
use super::door::Door;
use super::execution::Execution;
use super::passage::Passage;
use super::plan::{Kind, Pieces, Step};
use crate::threads::job::{Work, advance};

/// Something that is to be left.
enum Exit {
    /// A generator that has yielded
    Generator(Kind, Py<PyAny>),
    /// An asynchronous context manager
    Manager(Py<PyAny>),
}

/// What one request has to leave, the last one first.
#[derive(Default)]
pub struct Exits {
    list: Vec<Exit>,
    /// The exit stack that the user's code can see; it is in the list as well
    stack: Option<Py<PyAny>>,
}

impl Exits {
    /// Those on an exit stack.
    pub fn on(stack: Py<PyAny>) -> Self {
        Self {
            list: vec![Exit::Manager(stack)],
            stack: None,
        }
    }

    /// Those on an exit stack that is left by whoever made it.
    pub fn left_elsewhere(stack: Py<PyAny>) -> Self {
        Self {
            list: Vec::new(),
            stack: Some(stack),
        }
    }

    /// Whether leaving them does nothing.
    pub fn are_empty(&self, py: Python<'_>) -> bool {
        self.list.iter().all(|exit| exit.is_empty(py))
    }

    /// From now on the user's code can see an exit stack.
    pub fn open(&mut self, stack: Bound<'_, PyAny>) {
        self.list.push(Exit::Manager(stack.clone().unbind()));
        self.stack = Some(stack.unbind());
    }

    /// An exit stack on top of all others.
    fn stack(&mut self, py: Python<'_>, pieces: &Pieces) -> PyResult<Py<PyAny>> {
        if let Some(stack) = &self.stack {
            return Ok(stack.clone_ref(py));
        }
        let stack = pieces.exit_stack.call0(py)?;
        self.list.push(Exit::Manager(stack.clone_ref(py)));
        Ok(stack)
    }

    /// For Python: pairs of a kind and an object.
    fn listed<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(
            py,
            self.list.into_iter().map(|exit| match exit {
                Exit::Generator(kind, generator) => (kind.name(), generator),
                Exit::Manager(manager) => ("context manager", manager),
            }),
        )
    }
}

/// Runs a generator up to its `yield` and leaves the rest for later.
pub async fn enter<D: Door>(
    execution: &mut Execution<D>,
    step: &Step,
    values: Py<PyDict>,
) -> PyResult<Py<PyAny>> {
    let generator = Python::attach(|py| {
        let values = values.bind(py);
        execution.inject(values, step)?;
        step.call.call(py, PyTuple::empty(py), Some(values))
    })?;
    let is_exact = Python::attach(|py| is_exact(step.kind, generator.bind(py)));
    if is_exact && execution.exits(step).stack.is_none() {
        let first = begin(execution, step.kind, &generator).await?;
        if let Some(value) = first {
            let exit = Exit::Generator(step.kind, generator);
            execution.exits(step).list.push(exit);
            return Ok(value);
        }
    }
    let pieces = execution.pieces.clone();
    let stack = Python::attach(|py| execution.exits(step).stack(py, &pieces))?;
    wait_for(|py| {
        let enter = pieces.enter_generator.bind(py);
        enter.call1((stack, step.kind.name(), generator))
    })
    .await
}

/// Whether it is certain how to run it: `call` may as well have returned something else.
fn is_exact(kind: Kind, generator: &Bound<'_, PyAny>) -> bool {
    // SAFETY: the object is live; only its type is looked at.
    unsafe {
        match kind {
            Kind::AsyncGenerator => ffi::PyAsyncGen_CheckExact(generator.as_ptr()) != 0,
            _ => ffi::PyGen_CheckExact(generator.as_ptr()) != 0,
        }
    }
}

/// What a generator yields first. `None`: contextlib has to enter it, or to say that it has ended.
async fn begin<D: Door>(
    execution: &Execution<D>,
    kind: Kind,
    generator: &Py<PyAny>,
) -> PyResult<Option<Py<PyAny>>> {
    if kind == Kind::AsyncGenerator {
        return next(generator).await;
    }
    if kind == Kind::InlineGenerator {
        return Python::attach(|py| first_item(&advance(generator.bind(py))?));
    }
    let passage = Python::attach(|py| Passage::new(py, &execution.pieces.threads))?;
    let Some(passage) = passage else {
        return Ok(None);
    };
    let work = Python::attach(|py| Work::Next(generator.clone_ref(py)));
    let item = passage.run(work).await.map_err(through_contextlib)?;
    Python::attach(|py| first_item(item.bind(py)))
}

/// The next item of an asynchronous generator; `None`: it has ended.
async fn next(generator: &Py<PyAny>) -> PyResult<Option<Py<PyAny>>> {
    let item = wait_for(|py| generator.bind(py).call_method0(intern!(py, "__anext__"))).await;
    match item {
        Err(error) if Python::attach(|py| error.is_instance_of::<PyStopAsyncIteration>(py)) => {
            Ok(None)
        }
        item => item.map(Some),
    }
}

/// What becomes of an exception of a blocking generator in the asynchronous one that contextlib has around it.
fn through_contextlib(error: PyErr) -> PyErr {
    Python::attach(|py| {
        if !error.is_instance_of::<PyStopAsyncIteration>(py) {
            return error;
        }
        let replacement = PyRuntimeError::new_err("async generator raised StopAsyncIteration");
        replacement.set_context(py, Some(error.clone_ref(py)));
        replacement.set_cause(py, Some(error));
        replacement
    })
}

/// What [`advance`] has found.
fn first_item(found: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    match found.is_none() {
        true => Ok(None),
        false => found.get_item(0).map(|item| Some(item.unbind())),
    }
}

/// Leaves all of them. `None`: the exception has been swallowed.
pub async fn leave<T: Send>(
    pieces: &Pieces,
    exits: Exits,
    outcome: PyResult<T>,
) -> PyResult<Option<T>> {
    match exits.list.is_empty() || Python::attach(|py| exits.are_empty(py)) {
        true => outcome.map(Some),
        false => Box::pin(leave_each(pieces, exits, outcome)).await,
    }
}

async fn leave_each<T: Send>(
    pieces: &Pieces,
    mut exits: Exits,
    outcome: PyResult<T>,
) -> PyResult<Option<T>> {
    let value = match outcome {
        Ok(value) => value,
        Err(error) => {
            unwind(pieces, exits, error).await?;
            return Ok(None);
        }
    };
    while let Some(exit) = exits.list.pop() {
        let left = match &exit {
            Exit::Generator(kind, generator) => end(pieces, *kind, generator).await,
            Exit::Manager(manager) => wait_for(|py| {
                let none = py.None();
                let exit = intern!(py, "__aexit__");
                manager.bind(py).call_method1(exit, (&none, &none, &none))
            })
            .await
            .map(|_| Left::Well),
        };
        match left {
            Ok(Left::Well) => (),
            Ok(Left::ToPython) => {
                exits.list.push(exit);
                wait_for(|py| pieces.leave.bind(py).call1((exits.listed(py)?,))).await?;
                break;
            }
            Err(error) if exits.list.is_empty() => return Err(error),
            // What is left of them has the exception thrown in; it may yet be swallowed.
            Err(error) => {
                wait_for(|py| {
                    let leave = pieces.leave.bind(py);
                    leave.call1((exits.listed(py)?, error.into_value(py)))
                })
                .await?;
                break;
            }
        }
    }
    Ok(Some(value))
}

/// What became of a generator.
enum Left {
    Well,
    /// Only anyio knows the way into a thread now: nothing has been done.
    ToPython,
}

/// Lets a generator run to its end.
async fn end(pieces: &Pieces, kind: Kind, generator: &Py<PyAny>) -> PyResult<Left> {
    let has_ended = match kind {
        Kind::AsyncGenerator => next(generator).await?.is_none(),
        Kind::InlineGenerator => {
            Python::attach(|py| advance(generator.bind(py)).map(|found| found.is_none()))?
        }
        _ => {
            let passage = Python::attach(|py| Passage::new(py, &pieces.threads))?;
            let Some(passage) = passage else {
                return Ok(Left::ToPython);
            };
            let work = Python::attach(|py| Work::Next(generator.clone_ref(py)));
            // Not under the limiter: its tokens may be held by those who wait for what this one releases.
            let found = passage.run_unlimited(work).await;
            let found = found.map_err(through_contextlib)?;
            Python::attach(|py| found.is_none(py))
        }
    };
    if !has_ended {
        wait_for(|py| {
            let did_not_stop = pieces.did_not_stop.bind(py);
            did_not_stop.call1((kind.name(), generator))
        })
        .await?;
    }
    Ok(Left::Well)
}

/// Leaves them with an exception; returns if one of them swallows it.
async fn unwind(pieces: &Pieces, exits: Exits, error: PyErr) -> PyResult<()> {
    wait_for(|py| {
        let unwind = pieces.unwind.bind(py);
        unwind.call1((exits.listed(py)?, error.into_value(py)))
    })
    .await
    .map(drop)
}

impl Exit {
    /// Whether it is an exit stack on which nothing has been left.
    fn is_empty(&self, py: Python<'_>) -> bool {
        let Self::Manager(stack) = self else {
            return false;
        };
        stack
            .getattr(py, intern!(py, "_exit_callbacks"))
            .and_then(|callbacks| callbacks.bind(py).len())
            .is_ok_and(|length| length == 0)
    }
}
