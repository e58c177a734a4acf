//! What ends because time is up, or because the server stops.

use std::time::{Duration, Instant};

use pyo3::prelude::*;

use super::connection::{Connection, Phase, Work};
use super::core::Core;
use super::local;

/// How long a peer may go on sending what nobody reads.
const LINGER: Duration = Duration::from_secs(2);
/// How long a WebSocket's peer may take to answer a close.
const CLOSE: Duration = Duration::from_secs(10);
/// Over how long the rate of a body is measured.
const RATE_WINDOW: Duration = Duration::from_secs(5);
/// A connection that was busy just now gets its next request answered although the server stops: it may be
/// on its way.
const STOP_GRACE: Duration = Duration::from_millis(250);

enum Late {
    /// Nobody waits for an answer.
    Close,
    /// A response was not taken in time.
    Stuck,
    /// A request did not arrive in time.
    Answer(u16),
    /// A WebSocket is to be looked at.
    WebSocket,
}

impl Core {
    /// Ends what is late. To be called about once a second.
    ///
    /// # Errors
    /// The sockets cannot be asked for what is new, or the event loop is closed.
    pub fn tick(&self, py: Python<'_>) -> PyResult<()> {
        local::drop_left();
        self.accept_again(py);
        // What came while the event loop was busy was not late.
        self.collect()?;
        let now = Instant::now();
        let late: Vec<(usize, Late)> = self
            .connections
            .borrow_mut()
            .iter_mut()
            .filter_map(|(key, connection)| {
                connection.shrink();
                match connection.is_spared() {
                    true => None,
                    false => Some((key, self.late(connection, now)?)),
                }
            })
            .collect();
        for (key, late) in late {
            match late {
                Late::Close => self.close(py, key),
                Late::Stuck => {
                    self.log
                        .warning(py, "A response took too long to be taken.");
                    self.close(py, key);
                }
                Late::Answer(status) => {
                    self.log.warning(py, "A request took too long to arrive.");
                    self.fail(py, key, status);
                }
                Late::WebSocket => self.keep_alive(py, key, now),
            }
        }
        if self.stopping.get().is_some() {
            self.close_idle(py);
        }
        self.flush_all(py);
        self.schedule(py)
    }

    fn late(&self, connection: &mut Connection, now: Instant) -> Option<Late> {
        let waited = now.duration_since(connection.since);
        let after = |limit: Duration, late: Late| (waited > limit).then_some(late);
        let settings = &self.settings;
        if connection.phase == Phase::Lingering {
            return after(LINGER, Late::Close);
        }
        if !connection.is_flushed() {
            return after(settings.write_deadline, Late::Stuck);
        }
        if connection.websocket.is_some() {
            return Some(Late::WebSocket);
        }
        let body = connection.engine.expects_body();
        match &connection.work {
            Some(Work::Http(exchange)) if body && !connection.is_full() && exchange.continued() => {
                let (since, bytes) = connection.body;
                let elapsed = now.duration_since(since);
                if elapsed < RATE_WINDOW {
                    return None;
                }
                connection.body = (now, 0);
                let due = settings.body_rate.saturating_mul(elapsed.as_secs());
                (bytes < due).then_some(Late::Answer(408))
            }
            Some(_) => {
                // The time that the application takes is not the peer's.
                connection.body = (now, 0);
                None
            }
            None if connection.engine.drops_body() => after(settings.head_deadline, Late::Close),
            // Its handshake, if it is encrypted, and the first byte of a request.
            None if connection.engine.is_idle() && connection.fresh => {
                after(settings.head_deadline, Late::Close)
            }
            None if connection.engine.is_idle() => after(settings.keep_alive, Late::Close),
            None => after(settings.head_deadline, Late::Answer(408)),
        }
    }

    /// Asks a WebSocket's peer whether it is there, and gives it up if it is not.
    fn keep_alive(&self, py: Python<'_>, key: usize, now: Instant) {
        let work = self.with(key, |connection| connection.work.clone());
        let Some(Some(Work::WebSocket(session))) = work else {
            return;
        };
        if let Some(since) = session.closing_since() {
            if now.duration_since(since) > CLOSE {
                self.close(py, key);
            }
            return;
        }
        if session.is_silent(now, self.settings.ping_timeout) {
            self.with(key, |connection| {
                if let Some(engine) = &mut connection.websocket {
                    engine.close(1011, "keepalive ping timeout", connection.out.tail());
                }
            });
            session.lose(py, 1006, String::new());
            self.break_off(py, key);
        } else if session.ping_is_due(now, self.settings.ping_interval) {
            self.with(key, |connection| {
                if let Some(engine) = &mut connection.websocket {
                    engine.ping(b"", connection.out.tail());
                }
            });
            self.flush(py, key);
        }
    }

    /// Stops to accept. Requests under way are finished, WebSockets closed with 1012, idle connections closed.
    pub fn stop(&self, py: Python<'_>) -> PyResult<()> {
        // What has connected already was promised an answer.
        self.accept_again(py);
        self.stopping.set(Some(Instant::now()));
        self.close_listeners();
        let sessions: Vec<_> = self
            .connections
            .borrow()
            .iter()
            .filter_map(|(_, connection)| match &connection.work {
                Some(Work::WebSocket(session)) => Some(session.clone()),
                _ => None,
            })
            .collect();
        for session in sessions {
            session.restart(py);
        }
        self.schedule_later(py, STOP_GRACE * 2)?;
        self.schedule(py)
    }

    /// Closes the connections that wait for a request, once a stop gave it the time to arrive.
    pub(super) fn close_idle(&self, py: Python<'_>) {
        let idle: Vec<usize> = self
            .connections
            .borrow()
            .iter()
            .filter(|(_, connection)| {
                connection.phase == Phase::Open
                    && connection.work.is_none()
                    && connection.websocket.is_none()
                    && !connection.readable
                    && connection.since.elapsed() > STOP_GRACE
            })
            .map(|(key, _)| key)
            .collect();
        for key in idle {
            self.finish(py, key);
        }
    }

    fn close_listeners(&self) {
        for slot in self.listeners.borrow_mut().iter_mut() {
            if let Some(mut listener) = slot.take() {
                // A descriptor that is about to close needs no answer to this.
                let _ = listener.deregister(self.poll.borrow().registry());
            }
        }
        self.accepting.borrow_mut().clear();
    }

    /// Closes every connection and listener at once, and lets go of `HttpServer`, which holds us.
    pub fn abort(&self, py: Python<'_>) {
        self.close_listeners();
        let all: Vec<usize> = self
            .connections
            .borrow()
            .iter()
            .map(|(key, _)| key)
            .collect();
        for key in all {
            self.close(py, key);
        }
        self.forget_ready();
    }
}
