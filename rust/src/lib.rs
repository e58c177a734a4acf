//! `fastapi._fastapi_rust`: module registration, nothing else.
//!
//! Each room registers the functions and classes it offers to Python; `fastapi/_rust.py` is the
//! only Python module that imports this extension.

use pyo3::prelude::*;

pub mod dispatch;
pub mod forms;
pub mod http1;
pub mod middleware;
pub mod params;
pub mod routing;
pub mod security;
pub mod serialization;
pub mod server;
pub mod threads;
pub mod utils;
pub mod websocket;

#[pymodule]
fn _fastapi_rust(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    routing::register(module)?;
    params::register(module)?;
    serialization::register(module)?;
    dispatch::register(module)?;
    middleware::register(module)?;
    threads::register(module)?;
    server::register(module)?;
    security::register(module)?;
    utils::register(module)
}
