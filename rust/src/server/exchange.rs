//! One request and its response, as an ASGI application sees them: `receive` and `send`.

mod file;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use pyo3::exceptions::{PyKeyError, PyRuntimeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use super::channel::Channel;
use super::connection::Work;
use super::core::Core;
use super::local::Local;
use super::message;
use super::native::Native;
use super::scope::{self, Origin};
use super::waiters::Waiters;
use crate::dispatch::coroutine::Run;
use crate::dispatch::door::JsonHead;
use crate::dispatch::gate::{Found, Way};
use crate::http1::{RequestHead, ResponseHead, WholeResponse};

/// How far the response is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// No `http.response.start` was sent.
    Nothing,
    /// The head is written.
    Body,
    /// The rest of the body comes from a file.
    File,
    /// The last piece was sent.
    Complete,
}

/// What became of a whole response.
pub enum Took {
    /// It was sent, or nobody is there to receive it.
    It,
    /// It has to come in messages, which wait, or are refused.
    Nothing,
}

/// What `take_body` comes to.
pub enum Taken {
    /// A part, and whether there is more.
    Part(Vec<u8>, bool),
    /// A future that is done when there is something.
    Wait(Py<PyAny>),
    /// The peer, or the response is complete.
    Gone,
}

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
            if let Took::It = self.take_json(py, &head, body.as_bytes(py))? {
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

    /// Adds a piece of the body.
    pub fn push_body(&self, data: &[u8]) {
        self.body.borrow_mut().extend_from_slice(data);
    }

    /// How much body waits for the application.
    pub fn body_waiting(&self) -> usize {
        self.body.borrow().len()
    }

    /// Whether the client does not wait for `100 Continue`.
    pub fn continued(&self) -> bool {
        self.continued.get()
    }

    /// The request is complete.
    pub fn end_body(&self) {
        self.body_ended.set(true);
    }

    /// The peer is gone: `receive` says so and `send` drops what it gets.
    pub fn disconnect(&self, py: Python<'_>) {
        self.disconnected.set(true);
        self.waiting_for_body.wake(py);
        self.waiting_for_room.wake(py);
    }

    /// Has those who wait in `receive` go on.
    pub fn resume_receivers(&self, py: Python<'_>) -> PyResult<()> {
        let core = &self.core;
        self.waiting_for_body
            .resume(py, &core.launcher, core.may_step())
    }

    /// Wakes those who wait in `send`.
    pub fn wake_senders(&self, py: Python<'_>) {
        self.waiting_for_room.wake(py);
    }

    /// What has arrived of the body.
    pub fn take_body(&self, py: Python<'_>) -> PyResult<Taken> {
        if self.disconnected.get() || self.progress.get() == Progress::Complete {
            return Ok(Taken::Gone);
        }
        if !self.continued.replace(true) && self.progress.get() == Progress::Nothing {
            self.core.write(self.key, |out| {
                out.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n")
            });
            self.core.flush(py, self.key);
        }
        let ended = self.body_ended.get();
        let body = self.body.take();
        if body.is_empty() && (!ended || self.end_told.get()) {
            let future = self.waiting_for_body.wait(py, &self.core.event_loop)?;
            return Ok(Taken::Wait(future));
        }
        if ended {
            self.end_told.set(true);
        } else {
            self.core.enqueue(py, self.key);
        }
        Ok(Taken::Part(body, !ended))
    }

    /// The next message for the application, or a future to wait for.
    pub fn pull(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let message = PyDict::new(py);
        match self.take_body(py)? {
            Taken::Gone => {
                message.set_item(intern!(py, "type"), intern!(py, "http.disconnect"))?;
            }
            Taken::Part(body, more) => {
                message.set_item(intern!(py, "type"), intern!(py, "http.request"))?;
                message.set_item(intern!(py, "body"), PyBytes::new(py, &body))?;
                message.set_item(intern!(py, "more_body"), more)?;
            }
            Taken::Wait(future) => return Ok(future),
        }
        Ok(message.into_any().unbind())
    }

    /// Takes a whole response whose fields are complete lines and known to be good.
    pub fn take_whole(
        &self,
        py: Python<'_>,
        status: u16,
        fields: &[u8],
        body: &[u8],
    ) -> PyResult<Took> {
        self.take(py, status, || {
            let server_fields = self.core.server_fields();
            let response = WholeResponse {
                status,
                server_fields: &server_fields,
                fields,
                body,
                close: self.core.stopping.get().is_some(),
            };
            self.core.respond(self.key, |connection| {
                let out = &mut connection.out;
                connection.engine.send_whole(&self.head, &response, out)
            })?;
            self.finish(py)
        })
    }

    /// Takes a whole response that `JSONResponse` would send.
    pub fn take_json(&self, py: Python<'_>, head: &JsonHead, body: &[u8]) -> PyResult<Took> {
        if let (None, None) = (&head.allow, &head.more) {
            let fields = b"content-type: application/json\r\n";
            return self.take_whole(py, head.status, fields, body);
        }
        let mut length = itoa::Buffer::new();
        let own: [(&[u8], &[u8]); 2] = [
            (b"content-length", length.format(body.len()).as_bytes()),
            (b"content-type", b"application/json"),
        ];
        let allow = head.allow.as_ref().map(|allow| allow.as_bytes(py));
        let allow = allow.map(|allow| (&b"allow"[..], allow));
        let more = match &head.more {
            Some(more) => message::pairs(more.bind(py))?,
            None => Vec::new(),
        };
        let more = more
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let fields = allow.into_iter().chain(own).chain(more);
        self.take_fields(py, head.status, fields, body)
    }

    /// Takes a whole response with fields of the application's.
    pub fn take_fields<'f>(
        &self,
        py: Python<'_>,
        status: u16,
        fields: impl Iterator<Item = (&'f [u8], &'f [u8])> + Clone,
        body: &[u8],
    ) -> PyResult<Took> {
        self.take(py, status, || {
            self.respond(status, fields)?;
            self.send_body(py, body, false)
        })
    }

    fn take(
        &self,
        py: Python<'_>,
        status: u16,
        write: impl FnOnce() -> PyResult<()>,
    ) -> PyResult<Took> {
        if self.disconnected.get() {
            return Ok(Took::It);
        }
        if self.progress.get() != Progress::Nothing || self.core.is_behind(self.key) {
            return Ok(Took::Nothing);
        }
        self.progress.set(Progress::Body);
        self.log(py, status);
        if !self.disconnected.get() {
            write()?;
        }
        Ok(Took::It)
    }

    /// Takes one message of the application, or returns a future to wait for before it is offered again.
    pub fn push(&self, py: Python<'_>, message: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
        let kind = message::need(message, intern!(py, "type"))?;
        let kind = kind.cast::<PyString>()?.to_str()?;
        if self.disconnected.get() {
            return Ok(None);
        }
        let progress = self.progress.get();
        if matches!(progress, Progress::Body | Progress::File) && self.core.is_behind(self.key) {
            return self
                .waiting_for_room
                .wait(py, &self.core.event_loop)
                .map(Some);
        }
        match (progress, kind) {
            (Progress::Nothing, "http.response.start") => {
                let status = message::need(message, intern!(py, "status"))?;
                let Ok(number) = status.extract() else {
                    // uvicorn looks the status up among those that it knows, in a response that it has begun.
                    self.progress.set(Progress::Body);
                    return Err(PyKeyError::new_err(status.unbind()));
                };
                self.begin(py, number, &message::fields(message)?)?;
                Ok(None)
            }
            (Progress::Nothing, _) => Err(PyRuntimeError::new_err(format!(
                "Expected ASGI message 'http.response.start', but got '{kind}'."
            ))),
            (Progress::Body, "http.response.body") => {
                let body = message::get(message, intern!(py, "body"))?
                    .map(|body| message::bytes(&body))
                    .transpose()?;
                let more = message::truth(message, intern!(py, "more_body"))?;
                self.send_body(py, body.as_ref().map_or(b"", |body| body.as_bytes()), more)?;
                Ok(None)
            }
            (Progress::Body | Progress::File, _) => Err(PyRuntimeError::new_err(format!(
                "Expected ASGI message 'http.response.body', but got '{kind}'."
            ))),
            (Progress::Complete, _) => Err(PyRuntimeError::new_err(format!(
                "Unexpected ASGI message '{kind}' sent, after response already completed."
            ))),
        }
    }

    /// Starts the response, if none has been.
    fn begin(&self, py: Python<'_>, status: u16, fields: &message::Fields<'_>) -> PyResult<()> {
        // What is wrong from here on is not answered with a 500.
        self.progress.set(Progress::Body);
        self.log(py, status);
        if self.disconnected.get() {
            return Ok(());
        }
        let fields = fields
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        self.respond(status, fields)?;
        self.core.flush_soon(py, self.key)
    }

    /// Takes the start of a response. `false`: it has to come in a message, which is refused.
    pub fn take_start(
        &self,
        py: Python<'_>,
        status: u16,
        fields: &message::Fields<'_>,
    ) -> PyResult<bool> {
        if self.disconnected.get() {
            return Ok(true);
        }
        if self.progress.get() != Progress::Nothing {
            return Ok(false);
        }
        self.begin(py, status, fields)?;
        Ok(true)
    }

    /// Takes a part of the body, or returns a future to wait for before it is offered again.
    pub fn take_part(
        &self,
        py: Python<'_>,
        part: &[u8],
        more: bool,
    ) -> PyResult<Option<Py<PyAny>>> {
        if self.disconnected.get() {
            return Ok(None);
        }
        if self.core.is_behind(self.key) {
            let future = self.waiting_for_room.wait(py, &self.core.event_loop)?;
            return Ok(Some(future));
        }
        if self.progress.get() != Progress::Body {
            return Err(PyRuntimeError::new_err(
                "Unexpected ASGI message 'http.response.body' sent, after response already completed.",
            ));
        }
        self.send_body(py, part, more)?;
        Ok(None)
    }

    fn respond<'f>(
        &self,
        status: u16,
        fields: impl Iterator<Item = (&'f [u8], &'f [u8])> + Clone,
    ) -> PyResult<()> {
        let server_fields = self.core.server_fields();
        let head = ResponseHead {
            status,
            fields,
            server_fields: &server_fields,
            close: self.core.stopping.get().is_some(),
        };
        self.core.respond(self.key, |connection| {
            connection
                .engine
                .start_response(&self.head, &head, &mut connection.out)
        })
    }

    fn send_body(&self, py: Python<'_>, body: &[u8], more: bool) -> PyResult<()> {
        self.core.respond(self.key, |connection| {
            connection.engine.send_data(body, &mut connection.out)
        })?;
        if !more {
            self.finish(py)
        } else if self.core.is_behind(self.key) {
            self.core.flush(py, self.key);
            Ok(())
        } else {
            self.core.flush_soon(py, self.key)
        }
    }

    /// Ends the response; the connection goes on with what the peer sent meanwhile, or closes.
    fn finish(&self, py: Python<'_>) -> PyResult<()> {
        self.progress.set(Progress::Complete);
        self.body.take();
        let ended = self.core.end_response(py, self.key, self.continued.get());
        self.waiting_for_body.wake(py);
        self.waiting_for_room.wake(py);
        ended
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
                .and_then(|()| self.send_body(py, text.as_bytes(), false));
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
