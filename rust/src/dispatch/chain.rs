//! `Chain`: what stands between an application and its routes, if all of it is as shipped.

use pyo3::intern;
use pyo3::prelude::*;

use super::front::Classes;
use crate::routing::python::RouteTable;
use crate::utils::unchanged::Unchanged;

/// A chain of objects, each of which would only pass requests on.
pub struct Chain {
    /// The first of them
    pub outermost: Py<PyAny>,
    /// Starlette's `ExceptionMiddleware`
    pub exceptions: Py<PyAny>,
    stack: Py<PyAny>,
    /// The router
    pub router: Py<PyAny>,
    /// Its compiled routes
    pub table: Py<RouteTable>,
    /// Its routes
    pub routes: Py<PyAny>,
}

impl Chain {
    /// The chain of an application.
    pub fn of(classes: &Classes, app: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        let py = app.py();
        let errors = app.getattr(intern!(py, "middleware_stack"))?;
        if !errors.get_type().is(&classes.server_errors) {
            return Ok(None);
        }
        let exceptions = errors.getattr(intern!(py, "app"))?;
        Self::from(classes, errors, exceptions)
    }

    /// The part of a chain from an `ExceptionMiddleware` on.
    pub fn within(classes: &Classes, exceptions: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        Self::from(classes, exceptions.clone(), exceptions.clone())
    }

    fn from(
        classes: &Classes,
        outermost: Bound<'_, PyAny>,
        exceptions: Bound<'_, PyAny>,
    ) -> PyResult<Option<Self>> {
        let py = exceptions.py();
        let inner = intern!(py, "app");
        if !exceptions.get_type().is(&classes.exceptions) {
            return Ok(None);
        }
        let stack = exceptions.getattr(inner)?;
        let is_stack = stack.get_type().is(&classes.exit_stack)
            && stack
                .getattr(intern!(py, "context_name"))?
                .eq(intern!(py, "fastapi_middleware_astack"))?;
        if !is_stack {
            return Ok(None);
        }
        let router = stack.getattr(inner)?;
        if !router.get_type().is(&classes.router) {
            return Ok(None);
        }
        // The router's own middleware is the bound method `app` where it has none.
        let scan = router.getattr(intern!(py, "middleware_stack"))?;
        let is_bare = scan
            .getattr(intern!(py, "__func__"))
            .is_ok_and(|function| function.is(&classes.scan))
            && scan.getattr(intern!(py, "__self__"))?.is(&router);
        let table = router.getattr(intern!(py, "_table"))?;
        let (true, Ok(table)) = (is_bare, table.cast_into_exact()) else {
            return Ok(None);
        };
        Ok(Some(Self {
            outermost: outermost.unbind(),
            exceptions: exceptions.unbind(),
            stack: stack.unbind(),
            routes: router.getattr(intern!(py, "routes"))?.unbind(),
            router: router.unbind(),
            table: table.unbind(),
        }))
    }

    /// What would have to change for it to be another one; `None`: that cannot be seen.
    pub fn links(&self, py: Python<'_>) -> Option<[Unchanged; 4]> {
        let app = intern!(py, "app");
        let [name, scan, table, routes] = [
            intern!(py, "context_name"),
            intern!(py, "middleware_stack"),
            intern!(py, "_table"),
            intern!(py, "routes"),
        ];
        Some([
            Unchanged::of(self.outermost.bind(py), &[app])?,
            Unchanged::of(self.exceptions.bind(py), &[app])?,
            Unchanged::of(self.stack.bind(py), &[app, name])?,
            Unchanged::of(self.router.bind(py), &[scan, table, routes])?,
        ])
    }
}
