//! Content types, unique ids and scalar conversion.

use pyo3::prelude::*;

/// Adds this room's functions and classes to the extension module.
pub fn register(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
