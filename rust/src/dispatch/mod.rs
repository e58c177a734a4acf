//! Runs the plan of a route as one coroutine: dependencies, endpoint, response.
//!
//! `plan` is what to do, `shape` whether it is still that, `door` where requests come from and responses go
//! to, `execution` one request, `steps` what runs for it, `exits` what generators leave open, `passage` the way
//! into worker threads, `coroutine` how Rust awaits Python; `application` and `front` are the faces in Python.
//!
//! Slow twin: `fastapi.routing.handler`, which also words all errors.

mod application;
mod body;
mod coroutine;
mod door;
mod execution;
mod exits;
mod front;
mod passage;
mod plan;
mod response;
mod shape;
mod shortcut;
mod steps;

use pyo3::prelude::*;

/// Adds this room's classes to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<plan::PlanPieces>()?;
    module.add_class::<application::PlannedApp>()?;
    module.add_class::<front::Front>()?;
    module.add_class::<shortcut::Shortcut>()
}
