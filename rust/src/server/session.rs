//! One WebSocket, as an ASGI application sees it: `receive` and `send`.

mod handshake;
mod incoming;
mod outgoing;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::channel::Channel;
use super::connection::Work;
use super::core::Core;
use super::scope::{self, Origin};
use super::waiters::Waiters;
use crate::http1::RequestHead;
use crate::websocket::{Event, Upgrade};
use handshake::Handshake;
pub use incoming::Taken;
pub use outgoing::Message;

pyo3::create_exception!(
    fastapi._fastapi_rust,
    ClientDisconnected,
    PyOSError,
    "The peer of a WebSocket is gone."
);

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
                    engine.close(1012, "", connection.out.tail());
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
