//! First-match router: one compiled structure with the answers of Starlette's linear scan.

use pyo3::prelude::*;

/// Adds this room's functions and classes to the extension module.
pub fn register(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
