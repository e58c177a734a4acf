//! Runs the plan of a route as one coroutine: dependencies, endpoint, response.
//!
//! `plan` is what to do, `plans` those of one route, `shape` whether it is still that, `door` where requests come
//! from and responses go to, `chain` what a request goes past, `entry` its way, `refusal` the answer where no route
//! takes it, `execution` one request, `steps` what runs for it, `exits` what generators leave open, `passage` the
//! way into worker threads under a `limiter`, `coroutine` how Rust awaits Python; `application`, `handler` and
//! `front` are the faces in Python, `gate` is that for a server, `guarded` the way to middleware of the user's;
//! `rendition` is what a response class writes, `held` what a response object sends, `head` the head of both.
//!
//! Slow twin: `fastapi.routing.handler`, which also words all errors.
//!
//! What few requests need is awaited in a box of its own: a future is as large as the largest that it awaits, and
//! is moved several times before it runs.

mod application;
mod body;
mod body_params;
mod chain;
pub mod coroutine;
pub mod door;
pub mod entry;
mod execution;
mod exits;
mod form;
pub mod front;
pub mod gate;
mod guarded;
mod handler;
mod handlers;
pub mod head;
mod held;
mod limiter;
mod passage;
mod plan;
mod plans;
mod received;
mod refusal;
mod rendition;
mod response;
mod shape;
mod shortcut;
mod spool;
mod steps;

use pyo3::prelude::*;

/// Adds this room's classes to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<plan::PlanPieces>()?;
    module.add_class::<application::PlannedApp>()?;
    module.add_class::<handler::PlannedHandler>()?;
    module.add_class::<front::Front>()?;
    module.add_class::<shortcut::Shortcut>()
}
