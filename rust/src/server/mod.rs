//! The native server: sockets on the user's own event loop, and the ASGI objects of each request.
//!
//! `core` runs it all on the loop's thread; `connection` is one socket with its engine, `exchange` one
//! request with its response, `task` the coroutine that runs the application for it.

use pyo3::prelude::*;

mod awaitable;
mod connection;
mod core;
mod exchange;
mod python;
mod scope;
mod settings;
mod stream;
mod task;

/// Adds this room's functions and classes to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<python::HttpServer>()
}
