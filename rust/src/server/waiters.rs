//! Futures of the event loop that `receive` and `send` wait for.

use std::cell::RefCell;

use pyo3::intern;
use pyo3::prelude::*;

use super::launch::Launcher;

/// Those who wait for one thing.
#[derive(Default)]
pub struct Waiters(RefCell<Vec<Py<PyAny>>>);

impl Waiters {
    /// A future that the next [`wake`](Self::wake) completes.
    pub fn wait(&self, py: Python<'_>, event_loop: &Py<PyAny>) -> PyResult<Py<PyAny>> {
        let future = event_loop.call_method0(py, intern!(py, "create_future"))?;
        self.0.borrow_mut().push(future.clone_ref(py));
        Ok(future)
    }

    /// Has those who wait go on at the next turn of the event loop.
    pub fn wake(&self, py: Python<'_>) {
        let set_result = intern!(py, "set_result");
        for future in self.0.take() {
            let future = future.bind(py);
            let woken = is_pending(future).and_then(|is_pending| {
                if is_pending {
                    future.call_method1(set_result, (py.None(),))?;
                }
                Ok(())
            });
            if let Err(error) = woken {
                error.write_unraisable(py, Some(future));
            }
        }
    }

    /// Has them go on now, if `eager`; for calls from outside of any task.
    ///
    /// # Errors
    /// What no task keeps to itself, like `SystemExit`.
    pub fn resume(&self, py: Python<'_>, launcher: &Launcher, eager: bool) -> PyResult<()> {
        launcher.complete(py, self.take(), eager)
    }

    /// Lets go of the futures, for somebody else to complete.
    pub fn take(&self) -> Vec<Py<PyAny>> {
        self.0.take()
    }
}

/// Whether nobody has completed or cancelled a future.
pub fn is_pending(future: &Bound<'_, PyAny>) -> PyResult<bool> {
    let done = future.call_method0(intern!(future.py(), "done"))?;
    Ok(!done.is_truthy()?)
}
