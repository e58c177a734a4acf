//! JSON bytes and JSON-able values identical to the reference encoders.

use pyo3::prelude::*;

/// Adds this room's functions and classes to the extension module.
pub fn register(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
