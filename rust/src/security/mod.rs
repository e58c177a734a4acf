//! Constant-time comparison and `Authorization` header parsing.

use pyo3::prelude::*;

pub mod authorization;
pub mod compare;

/// Adds this room's functions and classes to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(
        authorization::authorization_scheme_param,
        module
    )?)?;
    module.add_function(wrap_pyfunction!(compare::constant_time_compare, module)?)
}
