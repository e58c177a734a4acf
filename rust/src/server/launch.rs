//! How a request gets its task: `asyncio.current_task()`, timeouts and task groups need a real one.
//!
//! A task runs its first step at the loop's next turn. Most requests need no second one, so the first is taken
//! at once: by `eager_start` where asyncio has it (3.12), else by taking it out of `loop.call_soon`, which the
//! constructor of a task hands it to. So does a future that is completed with the step of who waits for it.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::waiters::is_pending;
use crate::utils::first_step::{Context, Soon, take};

/// Starts tasks on one loop.
pub struct Launcher {
    event_loop: Py<PyAny>,
    /// `serve` of serve.py.
    serve: Py<PyAny>,
    /// `ends` of serve.py.
    ends: Py<PyAny>,
    task_type: Py<PyAny>,
    current_task: Py<PyAny>,
    /// `loop=…`, and `eager_start=True` where there is such a thing.
    options: Py<PyDict>,
    /// Whether asyncio itself takes the first step of a task at once.
    starts_eagerly: bool,
    /// `None`: this loop does not let us have its `call_soon`.
    soon: Option<Soon>,
}

impl Launcher {
    /// Looks at what the loop offers.
    pub fn new(py: Python<'_>, event_loop: Py<PyAny>) -> PyResult<Self> {
        let code = PyModule::from_code(py, SERVE, c"<fastapi server>", c"fastapi_server_task")?;
        let asyncio = py.import("asyncio")?;
        let options = PyDict::new(py);
        options.set_item("loop", &event_loop)?;
        let starts_eagerly = py.version_info() >= (3, 12);
        if starts_eagerly {
            options.set_item("eager_start", true)?;
        }
        let soon = Soon::of(event_loop.bind(py))?;
        Ok(Self {
            serve: code.getattr("serve")?.unbind(),
            ends: code.getattr("ends")?.unbind(),
            task_type: asyncio.getattr("Task")?.unbind(),
            current_task: asyncio.getattr("current_task")?.unbind(),
            options: options.unbind(),
            starts_eagerly,
            soon,
            event_loop,
        })
    }

    /// Whether a step may be taken now: not within another task, nor behind a task factory's back.
    pub fn may_be_eager(&self, py: Python<'_>) -> PyResult<bool> {
        if !self.starts_eagerly && self.soon.is_none() {
            return Ok(false);
        }
        let factory = self
            .event_loop
            .call_method0(py, intern!(py, "get_task_factory"))?;
        let current = self.current_task.call1(py, (&self.event_loop,))?;
        Ok(factory.is_none(py) && current.is_none(py))
    }

    /// The coroutine of `app(*arguments, receive, send)`.
    pub fn serve<'py>(
        &self,
        app: &Bound<'py, PyAny>,
        arguments: Bound<'py, PyTuple>,
        channel: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let serve = self.serve.bind(app.py());
        serve.call1((app, arguments, channel))
    }

    /// `receive` and `send`.
    pub fn ends(&self, channel: &Bound<'_, PyAny>) -> PyResult<(Py<PyAny>, Py<PyAny>)> {
        self.ends.bind(channel.py()).call1((channel,))?.extract()
    }

    /// Starts a coroutine in a task with an empty context, as uvicorn does.
    pub fn launch(
        &self,
        py: Python<'_>,
        coroutine: &Bound<'_, PyAny>,
        eager: bool,
    ) -> PyResult<Py<PyAny>> {
        let context = Context::enter(py)?;
        let start = || {
            let task_type = self.task_type.bind(py);
            task_type.call((coroutine,), Some(self.options.bind(py)))
        };
        match &self.soon {
            _ if !eager => {
                self.event_loop
                    .call_method1(py, intern!(py, "create_task"), (coroutine,))
            }
            _ if self.starts_eagerly => start().map(Bound::unbind),
            Some(soon) => {
                let (task, steps) = soon.during(py, start)?;
                drop(context);
                take(self.event_loop.bind(py), steps)?;
                Ok(task.unbind())
            }
            None => start().map(Bound::unbind),
        }
    }

    /// Completes futures; if `eager`, those who wait for them go on at once.
    pub fn complete(&self, py: Python<'_>, futures: Vec<Py<PyAny>>, eager: bool) -> PyResult<()> {
        if futures.is_empty() {
            return Ok(());
        }
        let complete = || futures.iter().try_for_each(|future| set(future.bind(py)));
        match &self.soon {
            Some(soon) if eager => {
                let ((), steps) = soon.during(py, complete)?;
                take(self.event_loop.bind(py), steps)
            }
            _ => complete(),
        }
    }
}

/// Completes a future, unless somebody has cancelled it.
fn set(future: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = future.py();
    match future.call_method1(intern!(py, "set_result"), (py.None(),)) {
        Err(error) if is_pending(future)? => Err(error),
        _ => Ok(()),
    }
}

const SERVE: &std::ffi::CStr =
    match std::ffi::CStr::from_bytes_with_nul(concat!(include_str!("serve.py"), "\0").as_bytes()) {
        Ok(code) => code,
        Err(_) => panic!("serve.py has a NUL"),
    };
