//! `PlannedApp`: the ASGI application of a route.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use pyo3::{PyTraverseError, PyVisit};

use super::coroutine::Run;
use super::door::Asgi;
use super::execution::{Execution, serve};
use super::plan::{Pieces, Plan, PlanPieces};

/// What is known of the plan.
enum Lowered {
    Never,
    /// Only the reference path can serve it.
    Impossible,
    To(Py<Plan>),
}

/// Overrides that are not a plain dictionary.
struct Unknown;

/// Runs the plan of a route, where it certainly does what the reference path does.
///
/// Slow twin: the application given as `reference`, made by `fastapi.routing.request_response`.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct PlannedApp {
    operation: Py<PyAny>,
    lower: Py<PyAny>,
    reference: Py<PyAny>,
    pieces: Arc<Pieces>,
    /// Without overrides, and with those there were last.
    lowered: [Mutex<Lowered>; 2],
}

impl PlannedApp {
    /// The dependencies that are overridden. `Err`: it takes the reference path to know.
    fn overrides<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Result<Option<Bound<'py, PyDict>>, Unknown>> {
        let provider = self
            .operation
            .bind(py)
            .getattr(intern!(py, "dependency_overrides_provider"))?;
        if provider.is_none() {
            return Ok(Ok(None));
        }
        let overrides = provider.getattr(intern!(py, "dependency_overrides"))?;
        let Ok(overrides) = overrides.cast_into_exact::<PyDict>() else {
            return Ok(Err(Unknown));
        };
        if overrides.is_empty() {
            return Ok(Ok(None));
        }
        // Like the reference path, which asks nothing of a provider that is false.
        Ok(Ok(provider.is_truthy()?.then_some(overrides)))
    }

    /// The plan as things are now.
    fn fresh(
        &self,
        py: Python<'_>,
        overrides: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Option<Py<Plan>>> {
        let [plain, overridden] = &self.lowered;
        let place = if overrides.is_some() {
            overridden
        } else {
            plain
        };
        // The lock is not held while Python code may run.
        let known = match &*place.lock().unwrap_or_else(PoisonError::into_inner) {
            Lowered::Impossible => return Ok(None),
            Lowered::To(plan) => Some(plan.clone_ref(py)),
            Lowered::Never => None,
        };
        if let Some(plan) = known
            && plan.get().is_fresh(py)
            && plan.get().stands_for(overrides)?
        {
            return Ok(Some(plan));
        }
        let arguments = (&self.operation, overrides.is_some());
        let source = self.lower.bind(py).call1(arguments)?;
        let plan = match source.is_none() {
            true => None,
            false => Some(Py::new(py, Plan::read(&source)?)?),
        };
        let lowered = match &plan {
            Some(plan) => Lowered::To(plan.clone_ref(py)),
            // Other overrides may be possible.
            None if overrides.is_some() => Lowered::Never,
            None => Lowered::Impossible,
        };
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        let stale = std::mem::replace(&mut *place, lowered);
        // What is replaced is dropped after the lock: that may run Python code.
        drop(place);
        drop(stale);
        Ok(plan)
    }

    /// The plan, if it may be run now.
    pub fn plan(&self, py: Python<'_>) -> PyResult<Option<Py<Plan>>> {
        if !self.pieces.stock.holds(py) {
            return Ok(None);
        }
        match self.overrides(py)? {
            Ok(overrides) => self.fresh(py, overrides.as_ref()),
            Err(Unknown) => Ok(None),
        }
    }

    /// The objects that its plan takes from Python.
    pub fn pieces(&self) -> Arc<Pieces> {
        self.pieces.clone()
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
        let has_stack = stack.is_some_and(|stack| stack.get_type().is(&self.pieces.exit_stack));
        if !is_http || !has_stack {
            return Ok(None);
        }
        let Some(plan) = self.plan(py)? else {
            return Ok(None);
        };
        let door = Asgi::new(
            scope.clone().unbind(),
            receive.clone().unbind(),
            send.clone().unbind(),
            None,
        );
        // Middleware may look at the scope at any time.
        let execution = Execution::new(py, door, plan, self.pieces.clone(), None)?;
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
            operation,
            lower,
            reference,
            pieces: pieces.get().0.clone(),
            lowered: [Mutex::new(Lowered::Never), Mutex::new(Lowered::Never)],
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
        self.operation.clone_ref(py)
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
        visit.call(&self.operation)?;
        visit.call(&self.reference)?;
        for place in &self.lowered {
            if let Ok(place) = place.try_lock()
                && let Lowered::To(plan) = &*place
            {
                visit.call(plan)?;
            }
        }
        Ok(())
    }
}
