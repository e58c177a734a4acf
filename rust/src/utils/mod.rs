//! Content types, unique ids, first steps of tasks, and whether names still stand for what they stood for.

use pyo3::prelude::*;

pub mod content_type;
pub mod first_step;
pub mod states;
pub mod stock;
pub mod unchanged;
pub mod unique_id;

/// Adds this room's functions and classes to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(content_type::parse_content_type, module)?)?;
    module.add_function(wrap_pyfunction!(first_step::start_now, module)?)?;
    module.add_function(wrap_pyfunction!(unique_id::unique_id, module)?)
}
