//! Futures of the event loop that `receive` and `send` wait for.

use std::cell::RefCell;

use pyo3::intern;
use pyo3::prelude::*;

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

    /// Completes the futures that nobody has cancelled.
    pub fn wake(&self, py: Python<'_>) {
        for future in self.0.take() {
            let future = future.bind(py);
            let woken = future.call_method0(intern!(py, "done")).and_then(|done| {
                if !done.is_truthy()? {
                    future.call_method1(intern!(py, "set_result"), (py.None(),))?;
                }
                Ok(())
            });
            if let Err(error) = woken {
                error.write_unraisable(py, Some(future));
            }
        }
    }
}
