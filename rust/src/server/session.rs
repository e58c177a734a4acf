//! One WebSocket, as an ASGI application sees it: `receive` and `send`.

mod handshake;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyOSError, PyRuntimeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};

use super::channel::Channel;
use super::connection::Work;
use super::core::Core;
use super::message;
use super::scope::{self, Origin};
use super::waiters::Waiters;
use crate::http1::RequestHead;
use crate::websocket::{Event, Upgrade};
use handshake::Handshake;

pyo3::create_exception!(
    fastapi._fastapi_rust,
    ClientDisconnected,
    PyOSError,
    "The peer of a WebSocket is gone."
);

/// A message for the peer.
pub enum Message<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// What `take` comes to.
pub enum Taken {
    /// A `str` or `bytes`.
    Message(Py<PyAny>),
    /// A future that is done when there is something.
    Wait(Py<PyAny>),
    /// Nothing was taken: `pull` has what there is.
    Nothing,
}

/// The state of one WebSocket. It outlives its connection as long as the application holds on to it.
pub struct Session {
    core: Rc<Core>,
    key: usize,
    head: RequestHead,
    upgrade: Upgrade,
    origin: Origin,
    scope: RefCell<Option<Py<PyDict>>>,
    slot: Cell<Option<usize>>,
    handshake: RefCell<Handshake>,
    connect_told: Cell<bool>,
    /// Whether the application closed, ended its response, or was told that the peer did.
    closed: Cell<bool>,
    closing: Cell<Option<Instant>>,
    messages: RefCell<VecDeque<Event>>,
    waiting_bytes: Cell<usize>,
    /// With which code and reason the peer was lost.
    lost: RefCell<Option<(u16, Option<String>)>>,
    pinged: Cell<Option<Instant>>,
    heard: Cell<Instant>,
    waiting_for_message: Waiters,
    waiting_for_room: Waiters,
}

impl Session {
    /// A session whose handshake has just been read.
    pub fn new(
        core: Rc<Core>,
        key: usize,
        head: RequestHead,
        upgrade: Upgrade,
        origin: Origin,
    ) -> Self {
        Self {
            core,
            key,
            head,
            upgrade,
            origin,
            scope: RefCell::new(None),
            slot: Cell::new(None),
            handshake: RefCell::new(Handshake::Open),
            connect_told: Cell::new(false),
            closed: Cell::new(false),
            closing: Cell::new(None),
            messages: RefCell::new(VecDeque::new()),
            waiting_bytes: Cell::new(0),
            lost: RefCell::new(None),
            pinged: Cell::new(None),
            heard: Cell::new(Instant::now()),
            waiting_for_message: Waiters::default(),
            waiting_for_room: Waiters::default(),
        }
    }

    /// Hands the handshake to the application.
    pub fn start(self: &Rc<Self>, py: Python<'_>) {
        let Some(slot) = self.core.enter() else {
            self.core.log.warning(py, "Exceeded concurrency limit.");
            self.core.fail_plainly(py, self.key, 503);
            return;
        };
        self.slot.set(Some(slot));
        let started = (|| {
            let scope = scope::websocket(
                py,
                &self.core.parts,
                &self.head,
                &self.upgrade.subprotocols,
                &self.origin,
            )?;
            *self.scope.borrow_mut() = Some(scope.clone().unbind());
            let channel = Channel::of(py, Work::WebSocket(self.clone()))?;
            let coroutine = self.coroutine(&scope, &channel)?;
            self.core.launch(py, slot, &coroutine)
        })();
        if let Err(error) = started {
            self.ended(py, Some(error.into_value(py).bind(py).as_any()), true);
        }
    }

    /// What serves the WebSocket, if there is a way past the middleware of the application, without that.
    fn coroutine<'py>(
        &self,
        scope: &Bound<'py, PyDict>,
        channel: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = scope.py();
        let gate = self.core.gate.as_ref();
        let Some(entry) = gate.map_or(Ok(None), |gate| gate.find_session(scope))? else {
            return self.core.call(scope, channel);
        };
        let (serve, outermost) = entry.start(py)?;
        let arguments = PyTuple::new(py, [&outermost, scope])?;
        self.core.launcher.serve(&serve, arguments, channel)
    }

    /// Adds a message of the peer.
    pub fn hear(&self, event: Event) {
        self.heard.set(Instant::now());
        let length = match &event {
            Event::Text(text) => text.len(),
            Event::Binary(bytes) => bytes.len(),
            Event::Pong(_) => {
                self.pinged.set(None);
                return;
            }
            Event::Close(..) => return,
        };
        self.waiting_bytes.set(self.waiting_bytes.get() + length);
        self.messages.borrow_mut().push_back(event);
    }

    /// Whether enough messages wait for the application.
    pub fn is_full(&self) -> bool {
        self.messages.borrow().len() >= self.core.settings.message_queue
            || self.waiting_bytes.get() > self.core.settings.message_bytes
    }

    /// The connection ended.
    pub fn lose(&self, py: Python<'_>, code: u16, reason: String) {
        self.lost.borrow_mut().get_or_insert((code, Some(reason)));
        self.waiting_for_message.wake(py);
        self.waiting_for_room.wake(py);
        if self.is_accepted() {
            self.core.log.info(py, "connection closed");
        }
    }

    /// The server stops.
    pub fn restart(&self, py: Python<'_>) {
        if self.closing.get().is_some() || self.lost.borrow().is_some() {
            return;
        }
        *self.lost.borrow_mut() = Some((1012, None));
        if self.is_accepted() {
            self.core.with(self.key, |connection| {
                if let Some(engine) = &mut connection.websocket {
                    engine.close(1012, "", &mut connection.out);
                }
            });
            self.core.log.info(py, "connection closed");
            self.core.break_off(py, self.key);
        } else {
            self.core.fail_plainly(py, self.key, 500);
        }
        self.waiting_for_message.wake(py);
        self.waiting_for_room.wake(py);
    }

    fn is_accepted(&self) -> bool {
        matches!(*self.handshake.borrow(), Handshake::Accepted)
    }

    /// Since when the application waits for the peer's close.
    pub fn closing_since(&self) -> Option<Instant> {
        self.closing.get()
    }

    /// Whether a ping went unanswered.
    pub fn is_silent(&self, now: Instant, timeout: Option<Duration>) -> bool {
        match (self.pinged.get(), timeout) {
            (Some(pinged), Some(timeout)) => now.duration_since(pinged) > timeout,
            _ => false,
        }
    }

    /// Whether it is time for a ping, which is then under way.
    pub fn ping_is_due(&self, now: Instant, interval: Option<Duration>) -> bool {
        let due = self.pinged.get().is_none()
            && interval.is_some_and(|interval| now.duration_since(self.heard.get()) > interval);
        if due {
            self.pinged.set(Some(now));
            self.heard.set(now);
        }
        due
    }

    /// Lets go of those who wait in `receive`, for somebody to have them go on.
    pub fn take_receivers(&self) -> Vec<Py<PyAny>> {
        self.waiting_for_message.take()
    }

    /// Wakes those who wait in `send`.
    pub fn wake_senders(&self, py: Python<'_>) {
        self.waiting_for_room.wake(py);
    }

    /// The next message for the application, or a future to wait for.
    pub fn pull(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let message = PyDict::new(py);
        let kind = intern!(py, "type");
        if !self.connect_told.replace(true) {
            message.set_item(kind, intern!(py, "websocket.connect"))?;
            return Ok(message.into_any().unbind());
        }
        let lost = self.lost.borrow().clone();
        if !self.is_accepted() {
            return match lost {
                Some(_) => disconnect(message, 1006, None),
                None => self.waiting_for_message.wait(py, &self.core.event_loop),
            };
        }
        if self.closed.get() {
            return disconnect(message, 1005, None);
        }
        let event = self.messages.borrow_mut().pop_front();
        match event {
            Some(Event::Text(text)) => {
                self.taken(py, text.len());
                message.set_item(kind, intern!(py, "websocket.receive"))?;
                message.set_item(intern!(py, "text"), text)?;
            }
            Some(Event::Binary(bytes)) => {
                self.taken(py, bytes.len());
                message.set_item(kind, intern!(py, "websocket.receive"))?;
                message.set_item(intern!(py, "bytes"), PyBytes::new(py, &bytes))?;
            }
            _ => {
                return match lost {
                    Some((code, reason)) => {
                        self.closed.set(true);
                        disconnect(message, code, reason)
                    }
                    None => self.waiting_for_message.wait(py, &self.core.event_loop),
                };
            }
        }
        Ok(message.into_any().unbind())
    }

    /// Takes a text, or bytes, that the peer has sent.
    pub fn take(&self, py: Python<'_>, wants_text: bool) -> PyResult<Taken> {
        if self.closed.get() || !self.is_accepted() {
            return Ok(Taken::Nothing);
        }
        let event = {
            let mut messages = self.messages.borrow_mut();
            match (messages.front(), wants_text) {
                (Some(Event::Text(_)), true) | (Some(Event::Binary(_)), false) | (None, _) => {
                    messages.pop_front()
                }
                _ => return Ok(Taken::Nothing),
            }
        };
        let message = match event {
            Some(Event::Text(text)) => {
                self.taken(py, text.len());
                PyString::new(py, &text).into_any()
            }
            Some(Event::Binary(bytes)) => {
                self.taken(py, bytes.len());
                PyBytes::new(py, &bytes).into_any()
            }
            _ if self.lost.borrow().is_some() => return Ok(Taken::Nothing),
            _ => {
                let future = self.waiting_for_message.wait(py, &self.core.event_loop)?;
                return Ok(Taken::Wait(future));
            }
        };
        Ok(Taken::Message(message.unbind()))
    }

    /// Sends a message if that is possible at once.
    pub fn put(&self, py: Python<'_>, message: &Message<'_>) -> PyResult<bool> {
        let is_possible = !self.closed.get()
            && self.is_accepted()
            && self.lost.borrow().is_none()
            && !self.core.is_behind(self.key);
        if is_possible {
            self.write(py, message)?;
        }
        Ok(is_possible)
    }

    fn taken(&self, py: Python<'_>, length: usize) {
        let was_full = self.messages.borrow().len() + 1 >= self.core.settings.message_queue
            || self.waiting_bytes.get() > self.core.settings.message_bytes;
        self.waiting_bytes.set(self.waiting_bytes.get() - length);
        if was_full && self.lost.borrow().is_none() {
            self.core.enqueue(py, self.key);
        }
    }

    /// Takes one message of the application, or returns a future to wait for before it is offered again.
    pub fn push(&self, py: Python<'_>, message: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
        let kind = message::need(message, intern!(py, "type"))?;
        let kind = kind.cast::<PyString>()?.to_str()?;
        let is_open = matches!(*self.handshake.borrow(), Handshake::Open);
        let is_rejected = matches!(*self.handshake.borrow(), Handshake::Rejected(..));
        match kind {
            "websocket.accept" if is_open => self.accept(py, message).map(|()| None),
            "websocket.close" if is_open => {
                *self.handshake.borrow_mut() = Handshake::Rejected(403, Vec::new(), Vec::new());
                self.log_handshake(py, "403");
                self.reject(py);
                Ok(None)
            }
            "websocket.http.response.start" if is_open => {
                self.begin_rejection(py, message).map(|()| None)
            }
            _ if is_open => Err(PyRuntimeError::new_err(format!(
                "Expected ASGI message 'websocket.accept', 'websocket.close', or \
                 'websocket.http.response.start' but got '{kind}'."
            ))),
            "websocket.http.response.body" if is_rejected => {
                let piece = message::bytes(&message::need(message, intern!(py, "body"))?)?;
                let more = message::truth(message, intern!(py, "more_body"))?;
                if let Handshake::Rejected(_, _, body) = &mut *self.handshake.borrow_mut() {
                    body.extend_from_slice(piece.as_bytes());
                }
                if !more {
                    self.reject(py);
                }
                Ok(None)
            }
            _ if is_rejected => Err(PyRuntimeError::new_err(format!(
                "Expected ASGI message 'websocket.http.response.body' but got '{kind}'."
            ))),
            _ if self.closed.get() => Err(PyRuntimeError::new_err(format!(
                "Unexpected ASGI message '{kind}', after sending 'websocket.close' or response already completed."
            ))),
            "websocket.send" => self.send(py, message),
            "websocket.close" => {
                let code = message::get(message, intern!(py, "code"))?
                    .map_or(Ok(1000), |code| code.extract())?;
                let reason: Option<String> = message::get(message, intern!(py, "reason"))?
                    .map_or(Ok(None), |reason| reason.extract())?;
                self.closed.set(true);
                self.close(py, code, reason.as_deref().unwrap_or_default());
                Ok(None)
            }
            _ => Err(PyRuntimeError::new_err(format!(
                "Expected ASGI message 'websocket.send' or 'websocket.close', but got '{kind}'."
            ))),
        }
    }

    fn send(&self, py: Python<'_>, message: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
        if self.lost.borrow().is_some() {
            return Err(ClientDisconnected::new_err(()));
        }
        if self.core.is_behind(self.key) {
            return self
                .waiting_for_room
                .wait(py, &self.core.event_loop)
                .map(Some);
        }
        let bytes = message::get(message, intern!(py, "bytes"))?.filter(|bytes| !bytes.is_none());
        let text = match bytes {
            Some(_) => None,
            None => message::get(message, intern!(py, "text"))?.filter(|text| !text.is_none()),
        };
        match (&bytes, &text) {
            (Some(bytes), _) => {
                let bytes = message::bytes(bytes)?;
                self.write(py, &Message::Bytes(bytes.as_bytes()))?;
            }
            (None, Some(text)) => {
                let text = text.cast::<PyString>()?.to_str()?;
                self.write(py, &Message::Text(text))?;
            }
            (None, None) => {
                return Err(PyRuntimeError::new_err(
                    "a 'websocket.send' message needs 'text' or 'bytes'",
                ));
            }
        }
        Ok(None)
    }

    fn write(&self, py: Python<'_>, message: &Message<'_>) -> PyResult<()> {
        let sent = self.core.with(self.key, |connection| {
            let Some(engine) = &mut connection.websocket else {
                return Ok(());
            };
            match message {
                Message::Text(text) => engine.send_text(text, &mut connection.out),
                Message::Bytes(bytes) => engine.send_binary(bytes, &mut connection.out),
            }
        });
        if let Some(Err(error)) = sent {
            return Err(PyRuntimeError::new_err(error.to_string()));
        }
        if self.core.is_behind(self.key) {
            self.core.flush(py, self.key);
            Ok(())
        } else {
            self.core.flush_soon(py, self.key)
        }
    }

    /// Closes for the application; the peer's answer, or a deadline, closes the connection.
    fn close(&self, py: Python<'_>, code: u16, reason: &str) {
        if self.lost.borrow().is_some() {
            return;
        }
        self.closing.set(Some(Instant::now()));
        self.core.with(self.key, |connection| {
            if let Some(engine) = &mut connection.websocket {
                engine.close(code, reason, &mut connection.out);
            }
        });
        self.messages.borrow_mut().clear();
        self.waiting_bytes.set(0);
        self.core.flush(py, self.key);
        self.core.enqueue(py, self.key);
    }

    /// The application returned, or raised.
    pub fn ended(&self, py: Python<'_>, error: Option<&Bound<'_, PyAny>>, returned_none: bool) {
        if let Some(slot) = self.slot.take() {
            self.core.leave(slot);
        }
        let scope = self.scope.take();
        drop(scope);
        self.closed.set(true);
        let log = &self.core.log;
        let gone = error.is_some_and(|error| error.is_instance_of::<ClientDisconnected>());
        if error.is_some() && !gone {
            log.error(py, "Exception in ASGI application\n", error);
        }
        let lost = self.lost.borrow().is_some();
        if self.is_accepted() {
            if error.is_none() && !returned_none {
                log.error(py, "ASGI callable should return None.", None);
            }
            if !lost && self.closing.get().is_none() {
                self.core.break_off(py, self.key);
                self.lose(py, 1006, String::new());
            }
        } else if !lost {
            if error.is_none() {
                log.error(
                    py,
                    "ASGI callable returned without sending handshake.",
                    None,
                );
            }
            *self.lost.borrow_mut() = Some((1006, None));
            self.core.fail_plainly(py, self.key, 500);
        }
    }
}

fn disconnect(
    message: Bound<'_, PyDict>,
    code: u16,
    reason: Option<String>,
) -> PyResult<Py<PyAny>> {
    let py = message.py();
    message.set_item(intern!(py, "type"), intern!(py, "websocket.disconnect"))?;
    message.set_item(intern!(py, "code"), code)?;
    if let Some(reason) = reason {
        message.set_item(intern!(py, "reason"), reason)?;
    }
    Ok(message.into_any().unbind())
}
