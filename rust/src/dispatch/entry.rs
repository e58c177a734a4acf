//! `Entry`: the way of one request from an application to the plan of a route, and `SessionEntry`: that of a
//! WebSocket to the session of its route.

use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::chain::Chain;
use super::door::Door;
use super::execution::{Execution, Outside, serve};
use super::plan::{Pieces, Plan};
use super::refusal::Refusal;
use crate::routing::matched::Matched;

/// Where the way of a request leads.
pub enum Reached {
    /// To a route
    Route(Entry),
    /// No route takes it
    Nothing(Refusal),
}

impl Reached {
    /// Puts into a scope what everything on the way would have put there.
    pub fn fill(&self, scope: &Bound<'_, PyDict>) -> PyResult<()> {
        match self {
            Self::Route(entry) => entry.fill(scope),
            Self::Nothing(refusal) => refusal.fill(scope),
        }
    }
}

/// What a request or a WebSocket goes past.
pub struct Past {
    /// `None` behind middleware of the user's, which has been called
    pub app: Option<Py<PyAny>>,
    /// The first middleware that is not called
    pub outermost: Py<PyAny>,
    /// Starlette's `ExceptionMiddleware`
    pub exceptions: Py<PyAny>,
    /// The router
    pub router: Py<PyAny>,
}

impl Past {
    /// All of a chain; `app`: the application, if nothing of the user's is in front.
    pub fn of(chain: &Chain, app: Option<&Bound<'_, PyAny>>, py: Python<'_>) -> Self {
        Self {
            app: app.map(|app| app.clone().unbind()),
            outermost: chain.outermost.clone_ref(py),
            exceptions: chain.exceptions.clone_ref(py),
            router: chain.router.clone_ref(py),
        }
    }

    /// Puts into a scope what these would have put there.
    pub fn fill(&self, scope: &Bound<'_, PyDict>) -> PyResult<()> {
        let py = scope.py();
        let exceptions = self.exceptions.bind(py);
        let handlers = PyTuple::new(
            py,
            [
                exceptions.getattr(intern!(py, "_exception_handlers"))?,
                exceptions.getattr(intern!(py, "_status_handlers"))?,
            ],
        )?;
        if let Some(app) = &self.app {
            scope.set_item(intern!(py, "app"), app)?;
        }
        scope.set_item(intern!(py, "starlette.exception_handlers"), handlers)?;
        let router = intern!(py, "router");
        if !scope.contains(router)? {
            scope.set_item(router, &self.router)?;
        }
        Ok(())
    }
}

/// What a request goes past, and where it ends.
pub struct Entry {
    /// What it goes past
    pub past: Past,
    /// The route
    pub matched: Matched,
    /// Whether Starlette's router puts the route into the scope
    pub sets_route: bool,
    /// What the route does
    pub plan: Py<Plan>,
    /// What that takes from Python
    pub pieces: Arc<Pieces>,
}

impl Entry {
    /// Puts into a scope what everything on the way would have put there.
    pub fn fill(&self, scope: &Bound<'_, PyDict>) -> PyResult<()> {
        self.past.fill(scope)?;
        self.matched.enter(scope, self.sets_route)
    }

    /// What is needed to serve the request.
    pub fn start(&self, py: Python<'_>) -> Start {
        Start {
            outside: Outside {
                middleware: self.past.outermost.clone_ref(py),
                exceptions: self.past.exceptions.clone_ref(py),
                stack: None,
            },
            is_seen: self.past.app.is_none(),
            plan: self.plan.clone_ref(py),
            pieces: self.pieces.clone(),
        }
    }
}

/// What a WebSocket goes past, and where it ends.
pub struct SessionEntry {
    /// What it goes past
    pub past: Past,
    /// The route
    pub matched: Matched,
    /// Whether Starlette's router puts the route into the scope
    pub sets_route: bool,
    /// A `fastapi.routing.session.WebSocketSession`
    pub session: Py<PyAny>,
}

impl SessionEntry {
    /// Puts into a scope what everything on the way would have put there.
    pub fn fill(&self, scope: &Bound<'_, PyDict>) -> PyResult<()> {
        self.past.fill(scope)?;
        self.matched.enter(scope, self.sets_route)
    }

    /// What serves the WebSocket, and its first argument, which the scope, `receive` and `send` follow.
    pub fn start<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let serve = self.session.bind(py).getattr(intern!(py, "serve"))?;
        Ok((serve, self.past.outermost.bind(py).clone()))
    }
}

/// What is at the end of an [`Entry`].
pub struct Start {
    outside: Outside,
    is_seen: bool,
    plan: Py<Plan>,
    pieces: Arc<Pieces>,
}

impl Start {
    /// Serves a request, whose scope is or will be filled by its [`Entry`].
    pub fn serve<D: Door>(
        self,
        py: Python<'_>,
        door: D,
    ) -> PyResult<impl Future<Output = PyResult<()>> + Send + use<D>> {
        let mut execution = Execution::new(py, door, self.plan, self.pieces, Some(self.outside))?;
        if self.is_seen {
            // Middleware may look at the scope at any time.
            execution.open(py)?;
        }
        Ok(serve(execution))
    }
}
