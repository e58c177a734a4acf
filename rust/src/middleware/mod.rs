//! Starlette's middleware that only changes heads, for responses on which it has little to do.
//!
//! Each `…Way` serves requests in place of one middleware, behind a `dispatch::shortcut::Shortcut`, and hands inwards
//! a `send` that does what the middleware's would do. Whatever is not plain is given to the middleware's own code.

mod cors;
mod gzip;
mod message;

use pyo3::prelude::*;

/// Adds this room's classes to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<cors::CorsWay>()?;
    module.add_class::<gzip::GzipWay>()
}
