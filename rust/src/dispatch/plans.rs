//! `Plans`: what a route is lowered to, as long as that holds.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::{PyTraverseError, PyVisit};

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

/// The plans of one route.
pub struct Plans {
    pub operation: Py<PyAny>,
    lower: Py<PyAny>,
    /// What they take from Python
    pub pieces: Arc<Pieces>,
    /// Without overrides, and with those there were last.
    lowered: [Mutex<Lowered>; 2],
}

impl Plans {
    /// `lower` makes the plan of an operation when it is first asked for.
    pub fn new(operation: Py<PyAny>, lower: Py<PyAny>, pieces: &Bound<'_, PlanPieces>) -> Self {
        Self {
            operation,
            lower,
            pieces: pieces.get().0.clone(),
            lowered: [Mutex::new(Lowered::Never), Mutex::new(Lowered::Never)],
        }
    }

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
    pub fn current(&self, py: Python<'_>) -> PyResult<Option<Py<Plan>>> {
        if !self.pieces.stock.holds(py) {
            return Ok(None);
        }
        match self.overrides(py)? {
            Ok(overrides) => self.fresh(py, overrides.as_ref()),
            Err(Unknown) => Ok(None),
        }
    }

    /// For the garbage collector.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.operation)?;
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
