//! `def` functions in worker threads, and their results back on the event loop.
//!
//! `queue` is who does what when, `job` one piece of work, `pool` the threads of one event loop. The way of a task
//! to them is `dispatch::passage`.
//!
//! Slow twin: `anyio.to_thread.run_sync`.

pub(crate) mod job;
pub(crate) mod pool;
mod queue;

use pyo3::prelude::*;

/// Adds this room's classes to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<pool::WorkerPool>()
}
