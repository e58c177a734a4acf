//! `PlannedHandler`: what the handler of a route class of the user's hands its requests on to.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::{PyTraverseError, PyVisit};

use super::coroutine::Run;
use super::door::Asgi;
use super::execution::Execution;
use super::plan::PlanPieces;
use super::plans::Plans;
use super::steps::answer;

/// Runs the plan of a route from a request object to a response object.
///
/// Exceptions are raised, and generators left on the exit stacks of the scope: both are the caller's.
/// Slow twin: the handler given as `reference`, `RouteOperation.answer`.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct PlannedHandler {
    plans: Plans,
    reference: Py<PyAny>,
}

impl PlannedHandler {
    fn start(&self, request: &Bound<'_, PyAny>) -> PyResult<Option<Run>> {
        let py = request.py();
        let pieces = &self.plans.pieces;
        // A class of the user's own may tell something else of the scope.
        if !request.get_type().is(&pieces.request) {
            return Ok(None);
        }
        let Ok(scope) = request
            .getattr(intern!(py, "scope"))?
            .cast_into_exact::<PyDict>()
        else {
            return Ok(None);
        };
        let stack = |name| match scope.get_item(name) {
            Ok(Some(stack)) if stack.get_type().is(&pieces.exit_stack) => Some(stack.unbind()),
            _ => None,
        };
        let (Some(_), Some(of_request), Some(of_function)) = (
            stack(intern!(py, "fastapi_middleware_astack")),
            stack(intern!(py, "fastapi_inner_astack")),
            stack(intern!(py, "fastapi_function_astack")),
        ) else {
            return Ok(None);
        };
        let Some(plan) = self.plans.current(py)? else {
            return Ok(None);
        };
        let door = Asgi::new(
            scope.unbind(),
            request.getattr(intern!(py, "_receive"))?.unbind(),
            request.getattr(intern!(py, "_send"))?.unbind(),
            None,
        );
        let mut execution = Execution::of_request(
            door,
            plan,
            pieces.clone(),
            request.clone().unbind(),
            [of_request, of_function],
        );
        Ok(Some(Run::returning(async move {
            let answer = answer(&mut execution).await?;
            Python::attach(|py| answer.object(py, &execution.pieces))
        })))
    }
}

#[pymethods]
impl PlannedHandler {
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

    fn __call__(&self, request: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = request.py();
        match self.start(request)? {
            Some(run) => Ok(Py::new(py, run)?.into_any()),
            None => self.reference.call1(py, (request,)),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.reference)?;
        self.plans.traverse(&visit)
    }
}
