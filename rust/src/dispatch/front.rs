//! `Front`: from an application straight to the plan of a route.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::application::PlannedApp;
use super::chain::Chain;
use super::coroutine::Run;
use super::door::Asgi;
use super::entry::{Entry, Past, Reached, SessionEntry};
use super::guarded::Guarded;
use super::refusal::Refusals;
use crate::routing::matched::converts_plainly;
use crate::routing::peek::{Asked, Peeked};
use crate::routing::table::Protocol;
use crate::routing::target::Target;
use crate::utils::stock::{Part, Stock};

/// The classes that are known to stand between an application and its routes.
#[derive(FromPyObject)]
pub struct Classes {
    /// `FastAPI.__call__`
    call: Py<PyAny>,
    pub(super) server_errors: Py<PyAny>,
    pub(super) exceptions: Py<PyAny>,
    pub(super) exit_stack: Py<PyAny>,
    pub(super) router: Py<PyAny>,
    handle: Py<PyAny>,
    /// `WebSocketRoute.handle`
    handle_websocket: Py<PyAny>,
    /// `fastapi.routing.session.WebSocketSession`
    session: Py<PyAny>,
    pub(super) scan: Py<PyAny>,
    shortcut: Py<PyAny>,
    sending: Py<PyAny>,
    /// The code of the `send` that Starlette's `BaseHTTPMiddleware` hands inwards
    sender: Option<Py<PyAny>>,
    recover_outside: Py<PyAny>,
    /// `None`: refusals are left to Starlette
    refusals: Option<Refusals>,
}

/// Serves requests past middleware that would only pass them on.
///
/// Slow twin: `starlette.applications.Starlette.__call__`.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct Front {
    stock: Stock,
    classes: Classes,
}

impl Front {
    /// `FastAPI.__call__` as shipped.
    pub fn call<'py>(&self, py: Python<'py>) -> &Bound<'py, PyAny> {
        self.classes.call.bind(py)
    }

    /// The way of a request through an application; `None` if the application has to be asked.
    ///
    /// In that case nothing has been changed, and no code of the user's has run.
    pub fn find<'py>(
        &self,
        app: &Bound<'py, PyAny>,
        asked: Asked<'_, 'py>,
    ) -> PyResult<Option<Reached>> {
        match self.chain(app)? {
            Some(chain) => self.reach(&chain, app.py(), Some(app), asked),
            None => Ok(None),
        }
    }

    /// What stands between an application and its routes.
    pub fn chain(&self, app: &Bound<'_, PyAny>) -> PyResult<Option<Chain>> {
        match self.is_stock(app.py()) {
            true => Chain::of(&self.classes, app),
            false => Ok(None),
        }
    }

    /// Whether chains are called past as they were shipped.
    pub fn is_stock(&self, py: Python<'_>) -> bool {
        self.stock.holds(py)
    }

    /// The way of a request along a chain.
    pub fn reach<'py>(
        &self,
        chain: &Chain,
        py: Python<'py>,
        app: Option<&Bound<'py, PyAny>>,
        asked: Asked<'_, 'py>,
    ) -> PyResult<Option<Reached>> {
        let admits = |route: &Bound<'_, PyAny>| self.admits(route);
        let (routes, table) = (chain.routes.bind(py), chain.table.get());
        let (matched, planned) = match table.peek(routes, asked, &admits)? {
            Peeked::Taken(matched, planned) => (matched, planned),
            refused => {
                let Some(refusals) = &self.classes.refusals else {
                    return Ok(None);
                };
                let refusal = refusals.answer(chain, app, refused, py)?;
                return Ok(refusal.map(Reached::Nothing));
            }
        };
        let Ok(planned) = planned.bind(py).cast_exact::<PlannedApp>() else {
            return Ok(None);
        };
        let Some(plan) = planned.get().plan(py)? else {
            return Ok(None);
        };
        Ok(Some(Reached::Route(Entry {
            past: Past::of(chain, app, py),
            matched,
            sets_route: table.sets_route(),
            plan,
            pieces: planned.get().pieces(),
        })))
    }

    /// The way of a WebSocket along a chain.
    pub fn reach_session<'py>(
        &self,
        chain: &Chain,
        app: &Bound<'py, PyAny>,
        scope: &Bound<'py, PyDict>,
    ) -> PyResult<Option<SessionEntry>> {
        let py = app.py();
        let Some(target) = Target::read(scope)? else {
            return Ok(None);
        };
        let (Protocol::WebSocket, Some((path, root_path))) = (target.protocol, target.paths())
        else {
            return Ok(None);
        };
        let asked = Asked {
            path,
            root_path,
            method: None,
            path_params: scope.get_item(intern!(py, "path_params"))?,
        };
        let admits = |route: &Bound<'_, PyAny>| self.admits(route);
        let table = chain.table.get();
        match table.peek(chain.routes.bind(py), asked, &admits)? {
            Peeked::Taken(matched, session)
                if session.bind(py).get_type().is(&self.classes.session) =>
            {
                Ok(Some(SessionEntry {
                    past: Past::of(chain, Some(app), py),
                    matched,
                    sets_route: table.sets_route(),
                    session,
                }))
            }
            _ => Ok(None),
        }
    }

    /// The coroutine that serves a WebSocket, if there is a way.
    fn enter_session<'py>(
        &self,
        app: &Bound<'py, PyAny>,
        scope: &Bound<'py, PyDict>,
        receive: &Bound<'py, PyAny>,
        send: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(chain) = self.chain(app)? else {
            return Ok(None);
        };
        let Some(entry) = self.reach_session(&chain, app, scope)? else {
            return Ok(None);
        };
        entry.fill(scope)?;
        let (serve, outermost) = entry.start(app.py())?;
        serve.call1((outermost, scope, receive, send)).map(Some)
    }

    /// Fills the scope and makes the coroutine, if there is a way.
    fn run<'py>(
        &self,
        scope: &Bound<'py, PyAny>,
        receive: &Bound<'py, PyAny>,
        send: &Bound<'py, PyAny>,
        channel: Option<Py<PyAny>>,
        find: impl FnOnce(Asked<'_, 'py>) -> PyResult<Option<Reached>>,
    ) -> PyResult<Option<Run>> {
        let py = scope.py();
        let Ok(scope) = scope.cast_exact::<PyDict>() else {
            return Ok(None);
        };
        let Some(target) = Target::read(scope)? else {
            return Ok(None);
        };
        let (Protocol::Http, Some((path, root_path)), Some(method)) = (
            target.protocol,
            target.paths(),
            scope.get_item(intern!(py, "method"))?,
        ) else {
            return Ok(None);
        };
        let asked = Asked {
            path,
            root_path,
            method: Some(method),
            path_params: scope.get_item(intern!(py, "path_params"))?,
        };
        let Some(reached) = find(asked)? else {
            return Ok(None);
        };
        reached.fill(scope)?;
        let door = Asgi::new(
            scope.clone().unbind(),
            receive.clone().unbind(),
            send.clone().unbind(),
            channel,
        );
        Ok(Some(match reached {
            Reached::Route(entry) => Run::new(entry.start(py).serve(py, door)?),
            Reached::Nothing(refusal) => {
                Run::new(refusal.serve(door, self.classes.recover_outside.clone_ref(py)))
            }
        }))
    }

    /// What is behind `ServerErrorMiddleware`, if that is a middleware of the user's that has a shortcut.
    pub fn guarded(&self, app: &Bound<'_, PyAny>) -> PyResult<Option<Guarded>> {
        let py = app.py();
        let errors = app.getattr(intern!(py, "middleware_stack"))?;
        if !self.stock.holds(py) || !errors.get_type().is(&self.classes.server_errors) {
            return Ok(None);
        }
        let inner = errors.getattr(intern!(py, "app"))?;
        let is_known = inner.get_type().is(&self.classes.shortcut);
        Ok(is_known.then(|| Guarded {
            inner: inner.unbind(),
            errors: errors.unbind(),
            recover: self.classes.recover_outside.clone_ref(py),
        }))
    }

    /// Where the `send` of Starlette's `BaseHTTPMiddleware` puts its messages, if it is that.
    fn channel(&self, send: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
        let py = send.py();
        let is_sender = self.classes.sender.as_ref().is_some_and(|sender| {
            send.getattr(intern!(py, "__code__"))
                .is_ok_and(|code| code.is(sender))
        });
        if !is_sender {
            return Ok(None);
        }
        for cell in send.getattr(intern!(py, "__closure__"))?.try_iter()? {
            let content = cell?.getattr(intern!(py, "cell_contents"))?;
            if content.get_type().is(&self.classes.sending) {
                return Ok(Some(content.unbind()));
            }
        }
        Ok(None)
    }

    /// Whether a route is served by its plan, if it is the one.
    fn admits(&self, route: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = route.py();
        let handle = intern!(py, "handle");
        let attributes = route
            .getattr(intern!(py, "__dict__"))?
            .cast_into::<PyDict>()?;
        if attributes.contains(handle)? {
            return Ok(false);
        }
        let handle = route.get_type().getattr(handle)?;
        let app = route.getattr(intern!(py, "app"))?;
        let is_plan = handle.is(&self.classes.handle) && app.cast_exact::<PlannedApp>().is_ok();
        let is_session =
            handle.is(&self.classes.handle_websocket) && app.get_type().is(&self.classes.session);
        Ok((is_plan || is_session) && converts_plainly(route)?)
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

    /// The coroutine that serves a request or a WebSocket; `None` if the application has to be asked.
    ///
    /// In that case nothing has been changed, and no code of the user's has run.
    fn enter<'py>(
        &self,
        app: &Bound<'py, PyAny>,
        scope: &Bound<'py, PyAny>,
        receive: &Bound<'py, PyAny>,
        send: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = app.py();
        let Ok(fields) = scope.cast_exact::<PyDict>() else {
            return Ok(None);
        };
        if !is_http(fields)? {
            return self.enter_session(app, fields, receive, send);
        }
        let run = match self.guarded(app)? {
            Some(guarded) => {
                fields.set_item(intern!(py, "app"), app)?;
                let asgi = (fields.clone().unbind(), receive.clone().unbind());
                Some(Run::new(guarded.serve(
                    asgi.0,
                    asgi.1,
                    send.clone().unbind(),
                    None,
                )))
            }
            None => self.run(scope, receive, send, None, |asked| self.find(app, asked))?,
        };
        run.map(|run| Ok(Bound::new(py, run)?.into_any()))
            .transpose()
    }

    /// The same behind middleware of the user's, from Starlette's `ExceptionMiddleware` on.
    fn enter_within(
        &self,
        exceptions: &Bound<'_, PyAny>,
        scope: &Bound<'_, PyAny>,
        receive: &Bound<'_, PyAny>,
        send: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Run>> {
        let channel = self.channel(send)?;
        self.run(scope, receive, send, channel, |asked| {
            if !self.stock.holds(exceptions.py()) {
                return Ok(None);
            }
            match Chain::within(&self.classes, exceptions)? {
                Some(chain) => self.reach(&chain, exceptions.py(), None, asked),
                None => Ok(None),
            }
        })
    }
}

fn is_http(scope: &Bound<'_, PyDict>) -> PyResult<bool> {
    let kind = scope.get_item(intern!(scope.py(), "type"))?;
    Ok(kind
        .and_then(|kind| kind.cast_into_exact::<PyString>().ok())
        .is_some_and(|kind| kind == "http"))
}
