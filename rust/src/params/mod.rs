//! Extraction of query, header and cookie parameters, and accept-fast scalar validation.

use pyo3::prelude::*;

/// Adds this room's functions and classes to the extension module.
pub fn register(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
