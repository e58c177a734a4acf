//! First-match router: one compiled structure with the answers of Starlette's linear scan.
//!
//! `pattern`, `matcher`, `tree` and `table` hold no Python objects: route ids in, route ids and byte
//! spans out. The rest is the boundary: `snapshot` a Python list of routes, `target` what a scope asks for, `facts` what
//! a route's attributes say,
//! `matched` a route that serves it, `scan` and `peek` two ways to find that, and `python` the `RouteTable`
//! that `fastapi/routing/router.py` asks.

use pyo3::prelude::*;

pub mod facts;
pub mod matched;
pub mod matcher;
pub mod pattern;
pub mod peek;
pub mod python;
pub mod scan;
mod snapshot;
pub mod table;
pub mod target;
pub mod tree;

/// Adds this room's functions and classes to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<python::RouteTable>()?;
    module.add_function(wrap_pyfunction!(python::routes_changed, module)?)
}
