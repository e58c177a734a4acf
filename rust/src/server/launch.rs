//! How a request gets its task: `asyncio.current_task()`, timeouts and task groups need a real one.
//!
//! A task runs its first step at the loop's next turn. Most requests need no second one, so the first is taken
//! at once: by `eager_start` where asyncio has it (3.12), else by taking it out of `loop.call_soon`, which the
//! constructor of a task hands it to.

use std::cell::RefCell;

use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::local::Local;

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
    eager: Eager,
}

enum Eager {
    Asyncio,
    /// What takes it, and the attributes of the loop, where that is put.
    Taken(Py<TakenStep>, Py<PyDict>),
    /// This loop does not let us: its tasks start at its next turn.
    No,
}

impl Launcher {
    /// Looks at what the loop offers.
    pub fn new(py: Python<'_>, event_loop: Py<PyAny>) -> PyResult<Self> {
        let code = PyModule::from_code(py, SERVE, c"<fastapi server>", c"fastapi_server_task")?;
        let asyncio = py.import("asyncio")?;
        let options = PyDict::new(py);
        options.set_item("loop", &event_loop)?;
        let bound = event_loop.bind(py);
        let eager = if py.version_info() >= (3, 12) {
            options.set_item("eager_start", true)?;
            Eager::Asyncio
        } else {
            let own = bound.getattr("__dict__").ok();
            match own.and_then(|own| own.cast_into_exact::<PyDict>().ok()) {
                Some(own) if !own.contains("call_soon")? => {
                    Eager::Taken(Py::new(py, TakenStep::new())?, own.unbind())
                }
                _ => Eager::No,
            }
        };
        Ok(Self {
            serve: code.getattr("serve")?.unbind(),
            ends: code.getattr("ends")?.unbind(),
            task_type: asyncio.getattr("Task")?.unbind(),
            current_task: asyncio.getattr("current_task")?.unbind(),
            options: options.unbind(),
            eager,
            event_loop,
        })
    }

    /// Whether a first step may be taken now: not within another task, nor behind a task factory's back.
    pub fn may_be_eager(&self, py: Python<'_>) -> PyResult<bool> {
        if matches!(self.eager, Eager::No) {
            return Ok(false);
        }
        let factory = self
            .event_loop
            .call_method0(py, intern!(py, "get_task_factory"))?;
        let current = self.current_task.call1(py, (&self.event_loop,))?;
        Ok(factory.is_none(py) && current.is_none(py))
    }

    /// The coroutine of `app(scope, receive, send)`.
    pub fn serve<'py>(
        &self,
        app: &Bound<'py, PyAny>,
        scope: &Bound<'py, PyDict>,
        channel: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.serve.bind(app.py()).call1((app, scope, channel))
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
        match &self.eager {
            Eager::Asyncio if eager => {
                self.task_type
                    .call(py, (coroutine,), Some(self.options.bind(py)))
            }
            Eager::Taken(taken, own) if eager => {
                let own = own.bind(py);
                own.set_item(intern!(py, "call_soon"), taken)?;
                let task = self
                    .task_type
                    .call(py, (coroutine,), Some(self.options.bind(py)));
                own.del_item(intern!(py, "call_soon"))?;
                let step = taken.get().take()?;
                let task = task?;
                drop(context);
                if let Some((step, arguments, context)) = step {
                    let _context = Context::enter_into(context.bind(py))?;
                    step.call1(py, arguments)?;
                }
                Ok(task)
            }
            _ => self
                .event_loop
                .call_method1(py, intern!(py, "create_task"), (coroutine,)),
        }
    }
}

const SERVE: &std::ffi::CStr =
    match std::ffi::CStr::from_bytes_with_nul(concat!(include_str!("serve.py"), "\0").as_bytes()) {
        Ok(code) => code,
        Err(_) => panic!("serve.py has a NUL"),
    };

/// An entered `contextvars.Context`.
struct Context<'py>(Bound<'py, PyAny>);

impl<'py> Context<'py> {
    /// Enters a new, empty one.
    fn enter(py: Python<'py>) -> PyResult<Self> {
        // SAFETY: it returns a new reference, or NULL with an exception set.
        let context = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyContext_New())? };
        Self::enter_into(&context)
    }

    fn enter_into(context: &Bound<'py, PyAny>) -> PyResult<Self> {
        // SAFETY: the argument is a live object; anything but a context is refused with an exception.
        if unsafe { ffi::PyContext_Enter(context.as_ptr()) } == 0 {
            Ok(Self(context.clone()))
        } else {
            Err(PyErr::fetch(context.py()))
        }
    }
}

impl Drop for Context<'_> {
    fn drop(&mut self) {
        // SAFETY: this context was entered, and whatever was entered after it was left again.
        if unsafe { ffi::PyContext_Exit(self.0.as_ptr()) } != 0 {
            PyErr::fetch(self.0.py()).write_unraisable(self.0.py(), None);
        }
    }
}

type Step = (Py<PyAny>, Py<PyTuple>, Py<PyAny>);

/// Stands in for `loop.call_soon` while a task is made, and keeps the first call.
#[pyclass(frozen, module = "fastapi._fastapi_rust", name = "_TakenStep")]
struct TakenStep {
    step: Local<RefCell<Option<Step>>>,
}

impl TakenStep {
    fn new() -> Self {
        Self {
            step: Local::new(RefCell::new(None)),
        }
    }

    fn take(&self) -> PyResult<Option<Step>> {
        Ok(self.step.get()?.take())
    }
}

#[pymethods]
impl TakenStep {
    #[pyo3(signature = (callback, *arguments, context = None))]
    fn __call__(
        &self,
        py: Python<'_>,
        callback: Py<PyAny>,
        arguments: Py<PyTuple>,
        context: Option<Py<PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let step = self.step.get()?;
        if step.borrow().is_none()
            && let Some(context) = context
        {
            *step.borrow_mut() = Some((callback, arguments, context));
            return Ok(py.None());
        }
        Err(PyRuntimeError::new_err("a task was started twice"))
    }
}
