//! The first step of a task, taken at once and not at the loop's next turn.
//!
//! By `eager_start` where asyncio has it (3.12), else by taking the step out of `loop.call_soon`, which the constructor
//! of a task hands it to.

use std::cell::RefCell;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};
use pyo3::{ffi, intern};

/// Makes a task of a coroutine in a copy of the current context and takes its first step, also within another task.
///
/// `None`: the loop makes its tasks in a way of its own. Slow twin: `loop.create_task`.
#[pyfunction]
pub fn start_now<'py>(
    event_loop: &Bound<'py, PyAny>,
    coroutine: &Bound<'py, PyAny>,
    name: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = event_loop.py();
    let factory = event_loop.call_method0(intern!(py, "get_task_factory"))?;
    if !factory.is_none() {
        return Ok(None);
    }
    let tasks = Tasks::of(py)?;
    let options = PyDict::new(py);
    options.set_item(intern!(py, "loop"), event_loop)?;
    options.set_item(intern!(py, "name"), name)?;
    if tasks.start_eagerly {
        options.set_item(intern!(py, "eager_start"), true)?;
    }
    let make = || tasks.class.bind(py).call((coroutine,), Some(&options));
    if tasks.start_eagerly {
        return make().map(Some);
    }
    let Some(soon) = Soon::of(event_loop)? else {
        return Ok(None);
    };
    let (task, steps) = soon.during(py, make)?;
    let current = tasks.current.bind(py).call1((event_loop,))?;
    if current.is_none() {
        take(event_loop, steps)?;
    } else {
        tasks.leave.call1(py, (event_loop, &current))?;
        let taken = take(event_loop, steps);
        tasks.enter.call1(py, (event_loop, &current))?;
        taken?;
    }
    Ok(Some(task))
}

/// What asyncio has for tasks.
struct Tasks {
    class: Py<PyAny>,
    current: Py<PyAny>,
    enter: Py<PyAny>,
    leave: Py<PyAny>,
    start_eagerly: bool,
}

impl Tasks {
    fn of(py: Python<'_>) -> PyResult<&'static Self> {
        static TASKS: PyOnceLock<Tasks> = PyOnceLock::new();
        TASKS.get_or_try_init(py, || {
            let tasks = py.import("asyncio.tasks")?;
            let part = |name| tasks.getattr(name).map(Bound::unbind);
            Ok(Self {
                class: part("Task")?,
                current: part("current_task")?,
                enter: part("_enter_task")?,
                leave: part("_leave_task")?,
                start_eagerly: py.version_info() >= (3, 12),
            })
        })
    }
}

/// A loop's `call_soon`, to be replaced for a moment.
pub struct Soon {
    /// The attributes of the loop
    own: Py<PyDict>,
}

impl Soon {
    /// `None`: the loop does not let us have it.
    pub fn of(event_loop: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        let py = event_loop.py();
        let own = event_loop.getattr(intern!(py, "__dict__")).ok();
        Ok(
            match own.and_then(|own| own.cast_into_exact::<PyDict>().ok()) {
                Some(own) if !own.contains(intern!(py, "call_soon"))? => {
                    Some(Self { own: own.unbind() })
                }
                _ => None,
            },
        )
    }

    /// The steps that are to be taken soon because of what `work` does, and what comes of it.
    pub fn during<T>(
        &self,
        py: Python<'_>,
        work: impl FnOnce() -> PyResult<T>,
    ) -> PyResult<(T, Vec<Step>)> {
        static KEEP: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let keep = KEEP.get_or_try_init(py, || {
            let steps = Bound::new(py, Steps)?;
            steps.getattr(intern!(py, "keep")).map(Bound::unbind)
        })?;
        let own = self.own.bind(py);
        own.set_item(intern!(py, "call_soon"), keep)?;
        let outcome = work();
        own.del_item(intern!(py, "call_soon"))?;
        let steps = KEPT.take();
        Ok((outcome?, steps))
    }
}

type Step = (Py<PyAny>, Py<PyTuple>, Py<PyAny>);

thread_local! {
    /// Filled while a task is made or a future completed, and emptied right after.
    static KEPT: RefCell<Vec<Step>> = const { RefCell::new(Vec::new()) };
}

/// Takes steps, each in its own context. If one raises, those after it are left to the loop.
pub fn take(event_loop: &Bound<'_, PyAny>, steps: Vec<Step>) -> PyResult<()> {
    let py = event_loop.py();
    let mut steps = steps.into_iter();
    while let Some((step, arguments, context)) = steps.next() {
        let entered = Context::enter_into(context.bind(py))?;
        let outcome = step.call1(py, arguments);
        drop(entered);
        if let Err(error) = outcome {
            for step in steps {
                leave(event_loop, step)?;
            }
            return Err(error);
        }
    }
    Ok(())
}

fn leave(event_loop: &Bound<'_, PyAny>, (step, arguments, context): Step) -> PyResult<()> {
    let py = event_loop.py();
    let options = PyDict::new(py);
    options.set_item(intern!(py, "context"), context)?;
    let call = PyTuple::new(py, [step])?.add(arguments)?;
    let call_soon = event_loop.getattr(intern!(py, "call_soon"))?;
    call_soon
        .call(call.cast_into::<PyTuple>()?, Some(&options))
        .map(drop)
}

/// Stands in for `loop.call_soon`, and keeps what it is called with.
#[pyclass(frozen, module = "fastapi._fastapi_rust", name = "_Steps")]
struct Steps;

#[pymethods]
impl Steps {
    /// A method, which is called without a dictionary of keywords.
    #[pyo3(signature = (callback, *arguments, context))]
    fn keep(&self, callback: Py<PyAny>, arguments: Py<PyTuple>, context: Py<PyAny>) {
        KEPT.with_borrow_mut(|kept| kept.push((callback, arguments, context)));
    }
}

/// An entered `contextvars.Context`.
pub struct Context<'py>(Bound<'py, PyAny>);

impl<'py> Context<'py> {
    /// Enters a new, empty one.
    pub fn enter(py: Python<'py>) -> PyResult<Self> {
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
