//! `Gate`: from a server straight to the plans of the one application that it serves.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

use super::entry::Entry;
use super::front::Front;
use crate::routing::peek::Asked;
use crate::routing::target::route_path;
use crate::utils::stock::Stock;

/// An application whose requests a server may hand over without ASGI.
///
/// Slow twin: `FastAPI.__call__`, which is called with ASGI's objects whenever `find` finds nothing.
pub struct Gate {
    front: Py<Front>,
    app: Py<PyAny>,
    class: Py<PyType>,
    /// How applications of that class are called
    call: Stock,
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
        }
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
    ) -> PyResult<Option<Way>> {
        let app = self.app.bind(py);
        if !app.get_type().is(&self.class) || !self.call.holds(py) {
            return Ok(None);
        }
        let own = app.getattr(intern!(py, "root_path"))?;
        let Ok(own) = own.cast_into_exact::<PyString>() else {
            return Ok(None);
        };
        let own = (!own.is_empty()?).then_some(own);
        let path = match &own {
            Some(own) => route_path(path, own.to_str()?),
            None => route_path(path, root_path),
        };
        let asked = Asked {
            path,
            method: method.clone().into_any(),
            path_params: None,
        };
        let entry = self.front.get().find(app, asked)?;
        Ok(entry.map(|entry| Way {
            entry,
            root_path: own.map(Bound::unbind),
        }))
    }
}
