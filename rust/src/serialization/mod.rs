//! JSON bytes and JSON-able values identical to the reference encoders.
//!
//! `append`, `float` and `text` hold no Python objects; `dumps` and `jsonable` are the doors from Python.

use pyo3::prelude::*;

mod append;
mod buffer;
pub mod dumps;
pub mod float;
pub mod jsonable;
mod kinds;
mod leaf;
pub mod loads;
pub mod results;
pub mod text;
mod walk;
pub mod writer;

/// Adds this room's functions and classes to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<writer::door::ResponseWriter>()?;
    module.add_function(wrap_pyfunction!(dumps::json_dumps, module)?)?;
    module.add_function(wrap_pyfunction!(loads::json_loads, module)?)?;
    module.add_function(wrap_pyfunction!(results::json_response_bytes, module)?)?;
    module.add_function(wrap_pyfunction!(jsonable::jsonable, module)?)
}
