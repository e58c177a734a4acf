//! `RouteTable`, the Python face of the router.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PyString, PyType};
use pyo3::{PyTraverseError, PyVisit};

use super::peek::{Admission, Asked, Peeked, peek};
use super::scan::{Answer, Scan};
use super::snapshot::{Snapshot, advance_epoch};
use super::target::{Slash, with_other_slash};

/// Says that a compiled route has another pattern, name or implementation now.
#[pyfunction]
pub fn routes_changed() {
    advance_epoch();
}

/// Finds routes in a list, which it compiles when it first sees it and again when it has changed.
///
/// `describe` says what is known of each route (`fastapi.routing.table.describe`); `sets_route` whether
/// Starlette's router puts the matched route into the scope.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct RouteTable {
    describe: Py<PyAny>,
    sets_route: bool,
    snapshot: Mutex<Option<Arc<Snapshot>>>,
}

impl RouteTable {
    /// No Python code runs while the lock is held.
    fn lock(&self) -> MutexGuard<'_, Option<Arc<Snapshot>>> {
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(&self, routes: &Bound<'_, PyAny>) -> PyResult<Option<Arc<Snapshot>>> {
        let known = self.lock().clone();
        if let Some(snapshot) = known
            && snapshot.is_fresh(routes)?
        {
            return Ok(Some(snapshot));
        }
        let compiled = Snapshot::compile(routes, self.describe.bind(routes.py()))?.map(Arc::new);
        // What is replaced is dropped after the lock: dropping routes may run Python code.
        let _stale = std::mem::replace(&mut *self.lock(), compiled.clone());
        Ok(compiled)
    }

    fn scan<'py>(
        &self,
        routes: &Bound<'py, PyAny>,
        scope: &Bound<'py, PyDict>,
        any: bool,
    ) -> PyResult<Answer<'py>> {
        match self.fresh(routes)? {
            Some(snapshot) => Scan {
                snapshot: &snapshot,
                routes,
                scope,
                any,
            }
            .run(),
            None => Ok(Answer::Uncertain),
        }
    }
}

impl RouteTable {
    /// What routes make of a request, if that can be told from routes that `admits` accepts. Nothing has been
    /// changed then, and no code of the user's has run.
    pub fn peek<'py>(
        &self,
        routes: &Bound<'py, PyAny>,
        asked: Asked<'_, 'py>,
        admits: &Admission<'_, 'py>,
    ) -> PyResult<Peeked> {
        match self.fresh(routes)? {
            Some(snapshot) => peek(routes.py(), &snapshot, asked, admits),
            None => Ok(Peeked::Unsure),
        }
    }

    /// Whether Starlette's router puts the route into the scope.
    pub fn sets_route(&self) -> bool {
        self.sets_route
    }
}

fn certainly_not(py: Python<'_>) -> Bound<'_, PyAny> {
    PyBool::new(py, false).to_owned().into_any()
}

#[pymethods]
impl RouteTable {
    #[new]
    fn new(describe: Py<PyAny>, sets_route: bool) -> Self {
        RouteTable {
            describe,
            sets_route,
            snapshot: Mutex::new(None),
        }
    }

    /// The route that serves `scope`, after updating the scope for it; `False` if certainly none does,
    /// `None` if that is not certain. Slow twin: the scan in `starlette.routing.Router.app`.
    fn resolve<'py>(
        &self,
        routes: &Bound<'py, PyAny>,
        scope: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Ok(scope) = scope.cast_exact::<PyDict>() else {
            return Ok(None);
        };
        Ok(match self.scan(routes, scope, false)? {
            Answer::Uncertain => None,
            Answer::Nothing => Some(certainly_not(routes.py())),
            Answer::Route(hit) => Some(hit.enter(scope, self.sets_route)?),
        })
    }

    /// The scope of a request that no route serves, with the slash added to or taken off its path, if a
    /// route would serve that; `False` if certainly none would, `None` if that is not certain.
    /// Slow twin: the redirect in `starlette.routing.Router.app`.
    fn redirect<'py>(
        &self,
        routes: &Bound<'py, PyAny>,
        scope: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Ok(scope) = scope.cast_exact::<PyDict>() else {
            return Ok(None);
        };
        let other = match with_other_slash(scope)? {
            Slash::Uncertain => return Ok(None),
            Slash::Nowhere => return Ok(Some(certainly_not(routes.py()))),
            Slash::At(other) => other,
        };
        Ok(match self.scan(routes, &other, true)? {
            Answer::Uncertain => None,
            Answer::Nothing => Some(certainly_not(routes.py())),
            Answer::Route(_) => Some(other.into_any()),
        })
    }

    /// The routes that may build a URL for `name`, in order; `None` if that is not certain.
    /// Slow twin: the loop in `starlette.routing.Router.url_path_for`.
    fn named<'py>(
        &self,
        routes: &Bound<'py, PyAny>,
        name: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyList>>> {
        let py = routes.py();
        let Some(name) = name
            .cast_exact::<PyString>()
            .ok()
            .and_then(|name| name.to_str().ok())
        else {
            return Ok(None);
        };
        let Some(mut snapshot) = self.fresh(routes)? else {
            return Ok(None);
        };
        if !snapshot.knows_names(py)? {
            drop(self.lock().take());
            match self.fresh(routes)? {
                Some(renamed) => snapshot = renamed,
                None => return Ok(None),
            }
        }
        let ids = snapshot.named(py, name);
        let found = ids
            .into_iter()
            .filter_map(|id| snapshot.routes.get(id as usize));
        PyList::new(py, found.collect::<Vec<_>>()).map(Some)
    }

    /// Copies and pickles start empty.
    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyType>, (Py<PyAny>, bool)) {
        (
            py.get_type::<Self>(),
            (self.describe.clone_ref(py), self.sets_route),
        )
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // A held lock means that the snapshot is about to change: it is looked at the next time.
        match self.snapshot.try_lock().as_deref() {
            Ok(Some(snapshot)) => snapshot.traverse(&visit),
            _ => Ok(()),
        }
    }

    fn __clear__(&self) {
        let _released = self.lock().take();
    }
}
