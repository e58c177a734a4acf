//! One request and its response, as an ASGI application sees them: `receive` and `send`.

mod file;
mod incoming;
mod outgoing;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::channel::Channel;
use super::connection::Work;
use super::core::Core;
use super::local::Local;
use super::native::Native;
use super::scope::{self, Origin};
use super::waiters::Waiters;
use crate::dispatch::coroutine::Run;
use crate::dispatch::gate::{Found, Way};
use crate::http1::RequestHead;
pub use incoming::Taken;
use outgoing::Progress;
pub use outgoing::Took;

/// The state of one exchange. It outlives its connection as long as the application holds on to it.
pub struct Exchange {
    core: Rc<Core>,
    /// Its connection, as long as it is neither complete nor disconnected.
    key: usize,
    head: RequestHead,
    origin: Origin,
    /// Kept for the access log until the response starts. The collector cannot see it here.
    scope: RefCell<Option<Py<PyDict>>>,
    /// Its place among the tasks.
    slot: Cell<Option<usize>>,
    /// Body that was not received by the application yet.
    body: RefCell<Vec<u8>>,
    body_ended: Cell<bool>,
    /// Whether the application was told that the body ended.
    end_told: Cell<bool>,
    continued: Cell<bool>,
    /// Whether the peer is gone.
    disconnected: Cell<bool>,
    progress: Cell<Progress>,
    waiting_for_body: Waiters,
    waiting_for_room: Waiters,
}

impl Exchange {
    /// An exchange whose head has just been read.
    pub fn new(core: Rc<Core>, key: usize, head: RequestHead, origin: Origin) -> Self {
        Self {
            core,
            key,
            continued: Cell::new(!head.expects_continue),
            head,
            origin,
            scope: RefCell::new(None),
            slot: Cell::new(None),
            body: RefCell::new(Vec::new()),
            body_ended: Cell::new(false),
            end_told: Cell::new(false),
            disconnected: Cell::new(false),
            progress: Cell::new(Progress::Nothing),
            waiting_for_body: Waiters::default(),
            waiting_for_room: Waiters::default(),
        }
    }

    /// Hands the request to the application.
    pub fn start(self: &Rc<Self>, py: Python<'_>) {
        let Some(slot) = self.core.enter() else {
            self.core.log.warning(py, "Exceeded concurrency limit.");
            self.fail(py, 503, "Service Unavailable");
            return;
        };
        self.slot.set(Some(slot));
        if let Err(error) = self.serve(py, slot) {
            self.ended(py, Some(error.into_value(py).bind(py).as_any()), true);
        }
    }

    fn serve(self: &Rc<Self>, py: Python<'_>, slot: usize) -> PyResult<()> {
        let found = self.find(py)?;
        if let Some(Found::Refusal(refusal)) = &found {
            let (head, body) = refusal.response(py);
            // No code of the application's runs, and so it takes no task.
            if let Took::It = self.take_written(&head, body.bind(py))? {
                self.core.count();
                self.ended(py, None, true);
                return Ok(());
            }
        }
        let coroutine = match found {
            Some(Found::Way(way)) => self.coroutine(py, way)?,
            _ => self.call(py)?,
        };
        self.core.launch(py, slot, &coroutine)
    }

    /// What calls the application, or its first middleware.
    fn call<'py>(self: &Rc<Self>, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let (scope, channel) = (self.kept_scope(py)?, self.channel(py)?);
        let gate = self.core.gate.as_ref();
        let Some(guarded) = gate.map_or(Ok(None), |gate| gate.guarded(&scope))? else {
            return self.core.call(&scope, &channel);
        };
        let (receive, send) = self.core.launcher.ends(&channel)?;
        let serving = Serving(Local::new(self.clone()));
        let work = guarded.serve(scope.unbind(), receive, send, Some(channel.unbind()));
        let run = Run::new(async move { serving.end(work.await) });
        Ok(Bound::new(py, run)?.into_any())
    }

    /// What serves the request past ASGI.
    fn coroutine<'py>(self: &Rc<Self>, py: Python<'py>, way: Way) -> PyResult<Bound<'py, PyAny>> {
        let serving = Serving(Local::new(self.clone()));
        let start = way.entry.start(py);
        let work = start.serve(py, Native::new(self.clone(), way))?;
        let run = Run::new(async move { serving.end(work.await) });
        Ok(Bound::new(py, run)?.into_any())
    }

    /// Where the request gets past ASGI.
    fn find(&self, py: Python<'_>) -> PyResult<Option<Found>> {
        let Some(gate) = &self.core.gate else {
            return Ok(None);
        };
        let parts = &self.core.parts;
        let method = scope::method(py, self.head.method());
        gate.find(py, &method, &parts.path(&self.head), parts.root_path())
    }

    fn channel<'py>(self: &Rc<Self>, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Channel::of(py, Work::Http(self.clone()))
    }

    /// `receive` and `send`.
    pub fn ends(self: &Rc<Self>, py: Python<'_>) -> PyResult<(Py<PyAny>, Py<PyAny>)> {
        self.core.launcher.ends(&self.channel(py)?)
    }

    /// The head of the request.
    pub fn head(&self) -> &RequestHead {
        &self.head
    }

    /// A scope, kept for the access log, for applications may change it.
    pub fn kept_scope<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let scope = self.scope(py)?;
        if self.core.log.has_access() {
            *self.scope.borrow_mut() = Some(scope.clone().unbind());
        }
        Ok(scope)
    }

    fn scope<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        scope::http(py, &self.core.parts, &self.head, &self.origin)
    }

    /// The peer is gone: `receive` says so and `send` drops what it gets.
    pub fn disconnect(&self, py: Python<'_>) {
        self.disconnected.set(true);
        self.waiting_for_body.wake(py);
        self.waiting_for_room.wake(py);
    }

    fn log(&self, py: Python<'_>, status: u16) {
        if !self.core.log.has_access() {
            return;
        }
        let scope = self
            .scope
            .borrow()
            .as_ref()
            .map(|scope| scope.clone_ref(py));
        let scope = match scope {
            Some(scope) => Ok(scope.into_bound(py)),
            None => self.scope(py),
        };
        match scope {
            Ok(scope) => self.core.log.access(py, &scope, status),
            Err(error) => error.write_unraisable(py, None),
        }
    }

    /// Answers with a plain text of the server's own, if nothing was answered yet; else breaks off.
    pub fn fail(&self, py: Python<'_>, status: u16, text: &str) {
        if self.disconnected.get() || self.progress.get() == Progress::Complete {
            return;
        }
        if self.progress.replace(Progress::Body) == Progress::Nothing {
            let length = text.len().to_string();
            let fields: [(&[u8], &[u8]); 3] = [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", length.as_bytes()),
                (b"connection", b"close"),
            ];
            self.log(py, status);
            let sent = self
                .respond(status, fields.into_iter())
                .and_then(|()| self.send_body(&PyBytes::new(py, text.as_bytes()), false));
            if sent.is_ok() {
                return;
            }
        }
        if !self.disconnected.get() {
            self.core.break_off(py, self.key);
            self.disconnect(py);
        }
    }

    /// The application returned, or raised.
    pub fn ended(&self, py: Python<'_>, error: Option<&Bound<'_, PyAny>>, returned_none: bool) {
        if let Some(slot) = self.slot.take() {
            self.core.leave(slot);
        }
        let scope = self.scope.take();
        drop(scope);
        let gone = self.disconnected.get();
        let log = &self.core.log;
        match self.progress.get() {
            _ if error.is_some() => log.error(py, "Exception in ASGI application\n", error),
            _ if !returned_none => log.error(py, "ASGI callable should return None.", None),
            Progress::Nothing if !gone => {
                log.error(
                    py,
                    "ASGI callable returned without starting response.",
                    None,
                );
            }
            Progress::Body | Progress::File if !gone => {
                log.error(
                    py,
                    "ASGI callable returned without completing response.",
                    None,
                );
            }
            _ => return,
        }
        self.fail(py, 500, "Internal Server Error");
    }
}

/// Tells an exchange how serving it ended.
struct Serving(Local<Rc<Exchange>>);

impl Serving {
    fn end(&self, outcome: PyResult<()>) -> PyResult<()> {
        Python::attach(|py| {
            let error = outcome.err().map(|error| error.into_value(py));
            let error = error.as_ref().map(|error| error.bind(py).as_any());
            self.0.get()?.ended(py, error, true);
            Ok(())
        })
    }
}
