//! `Gate`: from a server straight to the plans of the one application that it serves.

use std::cell::RefCell;
use std::rc::Rc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

use super::chain::Chain;
use super::entry::{Entry, Reached, SessionEntry};
use super::front::Front;
use super::guarded::Guarded;
use super::refusal::Refusal;
use crate::routing::peek::Asked;
use crate::utils::stock::Stock;
use crate::utils::unchanged::Unchanged;

/// An application whose requests a server may hand over without ASGI.
///
/// Slow twin: `FastAPI.__call__`, which is called with ASGI's objects whenever `find` finds nothing.
pub struct Gate {
    front: Py<Front>,
    app: Py<PyAny>,
    class: Py<PyType>,
    /// How applications of that class are called
    call: Stock,
    open: RefCell<Option<Rc<Open>>>,
}

/// What has been found behind the gate.
struct Open {
    chain: Chain,
    root_path: Option<Py<PyString>>,
    /// How long this holds; `None`: only now
    until: Option<(Unchanged, [Unchanged; 4])>,
}

impl Open {
    fn holds(&self, py: Python<'_>) -> bool {
        self.until
            .as_ref()
            .is_some_and(|(app, links)| app.holds(py) && links.iter().all(|link| link.holds(py)))
    }
}

/// Where a request gets without ASGI.
pub enum Found {
    /// To a route
    Way(Way),
    /// To no route
    Refusal(Refusal),
}

/// A way through the application, and the root path that it gives to its requests.
pub struct Way {
    /// To the plan of a route
    pub entry: Entry,
    root_path: Option<Py<PyString>>,
}

impl Way {
    /// Puts into a scope what everything on the way would have put there.
    pub fn fill(&self, scope: &Bound<'_, PyDict>) -> PyResult<()> {
        if let Some(root_path) = &self.root_path {
            scope.set_item(intern!(scope.py(), "root_path"), root_path)?;
        }
        self.entry.fill(scope)
    }
}

impl Gate {
    /// The gate to a `FastAPI` application.
    pub fn new(front: &Bound<'_, Front>, app: &Bound<'_, PyAny>) -> Self {
        let py = app.py();
        let class = app.get_type();
        let call = front.get().call(py).clone().unbind();
        let part = (
            class.clone().into_any(),
            intern!(py, "__call__").clone().unbind(),
            call,
        );
        Self {
            front: front.clone().unbind(),
            app: app.clone().unbind(),
            class: class.unbind(),
            call: Stock::new([part]),
            open: RefCell::new(None),
        }
    }

    /// What is behind the gate now.
    fn open(&self, py: Python<'_>) -> PyResult<Option<Rc<Open>>> {
        let front = self.front.get();
        let known = self.open.borrow().clone();
        if let Some(open) = known
            && open.holds(py)
        {
            return Ok(front.is_stock(py).then_some(open));
        }
        let app = self.app.bind(py);
        if !app.get_type().is(&self.class) || !self.call.holds(py) {
            return Ok(None);
        }
        let own = app.getattr(intern!(py, "root_path"))?;
        let Ok(own) = own.cast_into_exact::<PyString>() else {
            return Ok(None);
        };
        let Some(chain) = front.chain(app)? else {
            return Ok(None);
        };
        let names = [intern!(py, "middleware_stack"), intern!(py, "root_path")];
        let open = Rc::new(Open {
            root_path: (!own.is_empty()?).then_some(own.unbind()),
            until: Unchanged::of(app, &names).zip(chain.links(py)),
            chain,
        });
        let stale = self.open.replace(Some(open.clone()));
        drop(stale);
        Ok(Some(open))
    }

    /// What serves a request behind the first middleware of the user's, if that has a shortcut.
    pub fn guarded(&self, scope: &Bound<'_, PyDict>) -> PyResult<Option<Guarded>> {
        let py = scope.py();
        let app = self.app.bind(py);
        if !app.get_type().is(&self.class) || !self.call.holds(py) {
            return Ok(None);
        }
        let Some(guarded) = self.front.get().guarded(app)? else {
            return Ok(None);
        };
        let root_path = app.getattr(intern!(py, "root_path"))?;
        if root_path.is_truthy()? {
            scope.set_item(intern!(py, "root_path"), root_path)?;
        }
        scope.set_item(intern!(py, "app"), app)?;
        Ok(Some(guarded))
    }

    /// The way of a request; `None` if the application has to be called.
    ///
    /// `path` and `root_path` are as the server would put them into the scope.
    pub fn find(
        &self,
        py: Python<'_>,
        method: &Bound<'_, PyString>,
        path: &str,
        root_path: &str,
    ) -> PyResult<Option<Found>> {
        let Some(open) = self.open(py)? else {
            return Ok(None);
        };
        // `FastAPI.__call__` puts its own into the scope, if it has one.
        let own = open.root_path.as_ref().map(|own| own.bind(py));
        let root_path = own.map_or(Ok(root_path), |own| own.to_str())?;
        let asked = Asked {
            path,
            root_path,
            method: Some(method.clone().into_any()),
            path_params: None,
        };
        let app = self.app.bind(py);
        let reached = self.front.get().reach(&open.chain, py, Some(app), asked)?;
        Ok(reached.map(|reached| match reached {
            Reached::Route(entry) => Found::Way(Way {
                entry,
                root_path: own.map(|own| own.clone().unbind()),
            }),
            Reached::Nothing(refusal) => Found::Refusal(refusal),
        }))
    }

    /// The way of a WebSocket, whose scope is filled then; `None` if the application has to be called.
    pub fn find_session(&self, scope: &Bound<'_, PyDict>) -> PyResult<Option<SessionEntry>> {
        let py = scope.py();
        let Some(open) = self.open(py)? else {
            return Ok(None);
        };
        if let Some(root_path) = &open.root_path {
            scope.set_item(intern!(py, "root_path"), root_path)?;
        }
        let app = self.app.bind(py);
        let entry = self.front.get().reach_session(&open.chain, app, scope)?;
        if let Some(entry) = &entry {
            entry.fill(scope)?;
        }
        Ok(entry)
    }
}
