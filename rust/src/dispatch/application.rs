//! `PlannedApp`: the ASGI application of a route.

use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use pyo3::{PyTraverseError, PyVisit};

use super::coroutine::Run;
use super::door::Asgi;
use super::execution::{Execution, serve};
use super::plan::{Pieces, Plan, PlanPieces};
use super::plans::Plans;

/// Runs the plan of a route, where it certainly does what the reference path does.
///
/// Slow twin: the application given as `reference`, made by `fastapi.routing.request_response`.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct PlannedApp {
    plans: Plans,
    reference: Py<PyAny>,
}

impl PlannedApp {
    /// The plan, if it may be run now.
    pub fn plan(&self, py: Python<'_>) -> PyResult<Option<Py<Plan>>> {
        self.plans.current(py)
    }

    /// The objects that its plan takes from Python.
    pub fn pieces(&self) -> Arc<Pieces> {
        self.plans.pieces.clone()
    }

    fn start(
        &self,
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
        let stack = scope.get_item(intern!(py, "fastapi_middleware_astack"))?;
        let has_stack =
            stack.is_some_and(|stack| stack.get_type().is(&self.plans.pieces.exit_stack));
        if !is_http || !has_stack {
            return Ok(None);
        }
        let Some(plan) = self.plans.current(py)? else {
            return Ok(None);
        };
        let door = Asgi::new(
            scope.clone().unbind(),
            receive.clone().unbind(),
            send.clone().unbind(),
            None,
        );
        // Middleware may look at the scope at any time.
        let execution = Execution::new(py, door, plan, self.plans.pieces.clone(), None)?;
        Ok(Some(Run::new(serve(execution))))
    }
}

#[pymethods]
impl PlannedApp {
    #[new]
    fn new(
        operation: Py<PyAny>,
        lower: Py<PyAny>,
        reference: Py<PyAny>,
        pieces: &Bound<'_, PlanPieces>,
    ) -> Self {
        Self {
            plans: Plans::new(operation, lower, pieces),
            reference,
        }
    }

    /// The slow twin.
    #[getter]
    fn reference(&self, py: Python<'_>) -> Py<PyAny> {
        self.reference.clone_ref(py)
    }

    /// What the plan is made from.
    #[getter]
    fn operation(&self, py: Python<'_>) -> Py<PyAny> {
        self.plans.operation.clone_ref(py)
    }

    fn __call__(
        &self,
        scope: &Bound<'_, PyAny>,
        receive: &Bound<'_, PyAny>,
        send: &Bound<'_, PyAny>,
    ) -> PyResult<Py<PyAny>> {
        let py = scope.py();
        match self.start(scope, receive, send)? {
            Some(run) => Ok(Py::new(py, run)?.into_any()),
            None => self.reference.call1(py, (scope, receive, send)),
        }
    }

    /// Copied as a function is: not at all.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, memo: &Bound<'_, PyAny>) -> Py<Self> {
        let _ = memo;
        slf
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.reference)?;
        self.plans.traverse(&visit)
    }
}
