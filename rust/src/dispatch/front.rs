//! `Front`: from an application straight to the plan of a route.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::application::PlannedApp;
use super::coroutine::Run;
use super::door::Asgi;
use super::execution::{Execution, Outside, serve};
use crate::routing::python::RouteTable;
use crate::routing::scan::converts_plainly;
use crate::utils::stock::{Part, Stock};

/// The classes that are known to stand between an application and its routes.
#[derive(FromPyObject)]
struct Classes {
    server_errors: Py<PyAny>,
    exceptions: Py<PyAny>,
    exit_stack: Py<PyAny>,
    router: Py<PyAny>,
    handle: Py<PyAny>,
    scan: Py<PyAny>,
}

/// Serves requests past middleware that would only pass them on.
///
/// Slow twin: `starlette.applications.Starlette.__call__`.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct Front {
    stock: Stock,
    classes: Classes,
}

/// What stands in front of the routes, all of it as shipped.
struct Between<'py> {
    exceptions: Bound<'py, PyAny>,
    router: Bound<'py, PyAny>,
}

impl Front {
    /// What stands behind an `ExceptionMiddleware`.
    fn within<'py>(&self, exceptions: Bound<'py, PyAny>) -> PyResult<Option<Between<'py>>> {
        let py = exceptions.py();
        let classes = &self.classes;
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
        Ok(is_bare.then_some(Between { exceptions, router }))
    }

    /// Whether a route is served by its plan, if it is the one.
    fn admits(&self, route: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = route.py();
        let handle = intern!(py, "handle");
        let attributes = route
            .getattr(intern!(py, "__dict__"))?
            .cast_into::<PyDict>()?;
        if !route.get_type().getattr(handle)?.is(&self.classes.handle)
            || attributes.contains(handle)?
        {
            return Ok(false);
        }
        let app = route.getattr(intern!(py, "app"))?;
        Ok(app.cast_exact::<PlannedApp>().is_ok() && converts_plainly(route)?)
    }
}

#[pymethods]
impl Front {
    #[new]
    fn new(parts: Vec<Part<'_>>, classes: Classes) -> Self {
        Self {
            stock: Stock::new(parts),
            classes,
        }
    }

    /// The coroutine that serves a request; `None` if the application has to be asked.
    ///
    /// In that case nothing has been changed, and no code of the user's has run.
    fn enter(
        &self,
        app: &Bound<'_, PyAny>,
        scope: &Bound<'_, PyAny>,
        receive: &Bound<'_, PyAny>,
        send: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Run>> {
        let py = app.py();
        let errors = app.getattr(intern!(py, "middleware_stack"))?;
        if !self.stock.holds(py) || !errors.get_type().is(&self.classes.server_errors) {
            return Ok(None);
        }
        let Some(between) = self.within(errors.getattr(intern!(py, "app"))?)? else {
            return Ok(None);
        };
        self.go(between, errors, Some(app), scope, receive, send)
    }

    /// The same behind middleware of the user's, from Starlette's `ExceptionMiddleware` on.
    fn enter_within(
        &self,
        exceptions: Bound<'_, PyAny>,
        scope: &Bound<'_, PyAny>,
        receive: &Bound<'_, PyAny>,
        send: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Run>> {
        if !self.stock.holds(exceptions.py()) {
            return Ok(None);
        }
        match self.within(exceptions.clone())? {
            Some(between) => self.go(between, exceptions, None, scope, receive, send),
            None => Ok(None),
        }
    }
}

impl Front {
    /// Goes past what is between `outermost` and the route.
    fn go(
        &self,
        between: Between<'_>,
        outermost: Bound<'_, PyAny>,
        app: Option<&Bound<'_, PyAny>>,
        scope: &Bound<'_, PyAny>,
        receive: &Bound<'_, PyAny>,
        send: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Run>> {
        let py = scope.py();
        let Ok(scope) = scope.cast_exact::<PyDict>() else {
            return Ok(None);
        };
        let is_http = scope
            .get_item(intern!(py, "type"))?
            .and_then(|kind| kind.cast_into_exact::<PyString>().ok())
            .is_some_and(|kind| kind == "http");
        if !is_http {
            return Ok(None);
        }
        let table = between.router.getattr(intern!(py, "_table"))?;
        let Ok(table) = table.cast_exact::<RouteTable>() else {
            return Ok(None);
        };
        let routes = between.router.getattr(intern!(py, "routes"))?;
        let admits = |route: &Bound<'_, PyAny>| self.admits(route);
        let Some((hit, sets_route)) = table.get().peek(&routes, scope, &admits)? else {
            return Ok(None);
        };
        let planned = hit.route().getattr(intern!(py, "app"))?;
        let Ok(planned) = planned.cast_exact::<PlannedApp>() else {
            return Ok(None);
        };
        let Some(plan) = planned.get().plan(py)? else {
            return Ok(None);
        };
        let handlers = PyTuple::new(
            py,
            [
                between
                    .exceptions
                    .getattr(intern!(py, "_exception_handlers"))?,
                between
                    .exceptions
                    .getattr(intern!(py, "_status_handlers"))?,
            ],
        )?;
        if let Some(app) = app {
            scope.set_item(intern!(py, "app"), app)?;
        }
        scope.set_item(intern!(py, "starlette.exception_handlers"), handlers)?;
        let router = intern!(py, "router");
        if !scope.contains(router)? {
            scope.set_item(router, &between.router)?;
        }
        hit.enter(scope, sets_route)?;
        let door = Asgi::new(
            scope.clone().unbind(),
            receive.clone().unbind(),
            send.clone().unbind(),
        );
        let outside = Outside {
            middleware: outermost.unbind(),
            stack: None,
        };
        let pieces = planned.get().pieces();
        let mut execution = Execution::new(py, door, plan, pieces, Some(outside))?;
        if app.is_none() {
            // Middleware may look at the scope at any time.
            execution.open(py)?;
        }
        Ok(Some(Run::new(serve(execution))))
    }
}
