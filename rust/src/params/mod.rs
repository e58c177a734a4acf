//! Extraction of query, header and cookie parameters, and accept-fast scalar validation.
//!
//! `field` joins the extractors (`query`, `header`s, `cookie`) with the kinds that a value can have;
//! none of them holds Python objects. `boundary` is the door from Python.

use pyo3::prelude::*;

pub mod boolean;
pub mod boundary;
pub mod bounds;
pub mod choice;
pub mod cookie;
pub mod date;
pub mod datetime;
pub mod decimal;
pub mod field;
pub mod float;
pub mod integer;
pub mod kind;
pub mod query;
pub mod schema;
pub mod sequence;
pub mod string;
pub mod text;
pub mod uuid;
pub mod value;

/// Adds this room's functions and classes to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<boundary::ParamFields>()?;
    module.add_class::<boundary::FormFields>()?;
    module.add_function(wrap_pyfunction!(boundary::compile_params, module)?)?;
    module.add_function(wrap_pyfunction!(boundary::compile_form, module)?)
}
