//! What the attributes of a route say, read once and again when they may have changed.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySet};
use pyo3::{PyTraverseError, PyVisit};

use super::peek::Admission;
use crate::utils::states::{UNKNOWN, dict_state};
use crate::utils::unchanged::Unchanged;

/// Attributes of a route.
pub struct Facts {
    /// Whether it may be matched without asking it
    pub admitted: bool,
    /// `app`
    pub app: Py<PyAny>,
    /// `endpoint`
    pub endpoint: Py<PyAny>,
    /// `param_convertors`
    pub convertors: Py<PyAny>,
    /// `methods`; `None`: it has no such attribute, as routes of WebSockets
    pub methods: Py<PyAny>,
    /// How long this holds; `None`: only now
    until: Option<Until>,
}

struct Until {
    route: Unchanged,
    /// The number of the state of `convertors`
    convertors: u64,
}

impl Facts {
    fn read<'py>(route: &Bound<'py, PyAny>, admits: &Admission<'_, 'py>) -> PyResult<Self> {
        let py = route.py();
        let names = [
            intern!(py, "app"),
            intern!(py, "endpoint"),
            intern!(py, "param_convertors"),
            intern!(py, "methods"),
        ];
        let convertors = route.getattr(names[2])?;
        let methods = route.getattr_opt(names[3])?;
        let present = if methods.is_some() { 4 } else { 3 };
        let state = convertors
            .cast_exact::<PyDict>()
            .map_or(UNKNOWN, dict_state);
        let unchanged = Unchanged::of(route, &names[..present]).filter(|_| state != UNKNOWN);
        Ok(Self {
            admitted: admits(route)?,
            app: route.getattr(names[0])?.unbind(),
            endpoint: route.getattr(names[1])?.unbind(),
            methods: methods.map_or_else(|| py.None(), Bound::unbind),
            convertors: convertors.unbind(),
            until: unchanged.map(|route| Until {
                route,
                convertors: state,
            }),
        })
    }

    fn holds(&self, py: Python<'_>) -> bool {
        let convertors = self.convertors.bind(py).cast_exact::<PyDict>();
        self.until.as_ref().is_some_and(|until| {
            until.route.holds(py) && convertors.is_ok_and(|now| dict_state(now) == until.convertors)
        })
    }

    /// Whether the route takes a method; the collection of methods may change at any time.
    pub fn take(&self, method: &Bound<'_, PyAny>) -> PyResult<bool> {
        let methods = self.methods.bind(method.py());
        match methods.cast_exact::<PySet>() {
            Ok(methods) => Ok(methods.is_empty() || methods.contains(method)?),
            Err(_) => Ok(!methods.is_truthy()? || methods.contains(method)?),
        }
    }
}

/// The facts of one route, once somebody has asked.
#[derive(Default)]
pub struct Known(Mutex<Option<Arc<Facts>>>);

impl Known {
    /// The facts as they are now.
    pub fn get<'py>(
        &self,
        route: &Bound<'py, PyAny>,
        admits: &Admission<'_, 'py>,
    ) -> PyResult<Arc<Facts>> {
        let py = route.py();
        // The lock is not held while Python code may run.
        let known = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(facts) = known
            && facts.holds(py)
        {
            return Ok(facts);
        }
        let facts = Arc::new(Facts::read(route, admits)?);
        let kept = facts.until.is_some().then(|| facts.clone());
        let _stale = std::mem::replace(
            &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner),
            kept,
        );
        Ok(facts)
    }

    /// Shows the collector what is remembered.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        // A held lock means that it is about to change: it is looked at the next time.
        let Ok(known) = self.0.try_lock() else {
            return Ok(());
        };
        let Some(facts) = &*known else { return Ok(()) };
        visit.call(&facts.app)?;
        visit.call(&facts.endpoint)?;
        visit.call(&facts.convertors)?;
        visit.call(&facts.methods)?;
        match &facts.until {
            Some(until) => until.route.traverse(visit),
            None => Ok(()),
        }
    }
}
