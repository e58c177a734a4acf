//! What connections send, and how they end.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use super::connection::{Connection, Phase};
use super::core::{Core, TIME_BUDGET};
use crate::http1::{self, ResponseError};

impl Core {
    /// Adds bytes of the server's own to the output.
    pub(super) fn write(&self, key: usize, write: impl FnOnce(&mut Vec<u8>)) {
        if let Some(connection) = self.connections.borrow_mut().get_mut(key) {
            write(connection.out.tail());
        }
    }

    /// Lets an engine write; `None` if the connection is gone.
    pub(super) fn with<T>(&self, key: usize, work: impl FnOnce(&mut Connection) -> T) -> Option<T> {
        self.connections.borrow_mut().get_mut(key).map(work)
    }

    /// Lets the HTTP engine write a part of a response.
    pub(super) fn respond(
        &self,
        key: usize,
        write: impl FnOnce(&mut Connection) -> Result<(), ResponseError>,
    ) -> PyResult<()> {
        self.with(key, write)
            .unwrap_or(Ok(()))
            .map_err(|error| PyRuntimeError::new_err(error.to_string()))
    }

    /// Has the output written a little later, together with what may follow and with that of other connections:
    /// a peer on this machine that is woken for each response costs more than the response.
    pub(super) fn flush_soon(&self, py: Python<'_>, key: usize) -> PyResult<()> {
        let first = self
            .with(key, |connection| {
                !std::mem::replace(&mut connection.unflushed, true)
            })
            .unwrap_or(false);
        if first {
            self.unflushed.borrow_mut().push(key);
            self.schedule(py)?;
        }
        Ok(())
    }

    /// Writes what `flush_soon` was asked for, as far as the time goes; files may be many, and on a slow disk.
    pub(super) fn flush_all(&self, py: Python<'_>) {
        let asked = self.unflushed.take();
        if asked.is_empty() {
            return;
        }
        let started = Instant::now();
        let mut served = 0;
        for &key in &asked {
            self.with(key, |connection| connection.unflushed = false);
            self.flush(py, key);
            served += 1;
            if started.elapsed() > TIME_BUDGET {
                break;
            }
        }
        if served < asked.len() {
            // Before those that ask again after their turn.
            self.unflushed
                .borrow_mut()
                .splice(..0, asked[served..].iter().copied());
            if let Err(error) = self.schedule(py) {
                error.write_unraisable(py, None);
            }
        }
    }

    /// Ends a response and lets the connection go on, or close.
    pub(super) fn end_response(
        &self,
        py: Python<'_>,
        key: usize,
        body_is_due: bool,
    ) -> PyResult<()> {
        let Some((ended, work, more)) = self.with(key, |connection| {
            let engine = &connection.engine;
            connection.unread |= engine.expects_body() || engine.buffered() > 0;
            let ended = connection
                .engine
                .end_response(body_is_due, connection.out.tail());
            connection.since = Instant::now();
            if connection.engine.is_closed() {
                connection.phase = Phase::Closing;
            } else {
                connection.unread = false;
            }
            let more = connection.readable || connection.engine.buffered() > 0;
            (ended, connection.work.take(), more)
        }) else {
            return Ok(());
        };
        drop(work);
        if self.is_running() {
            self.flush_soon(py, key)?;
        } else {
            self.flush(py, key);
        }
        if more {
            self.enqueue(py, key);
        }
        ended.map_err(|error| PyRuntimeError::new_err(error.to_string()))
    }

    /// Writes what the socket takes, wakes those who wait for room, and closes what is to be closed.
    pub(super) fn flush(&self, py: Python<'_>, key: usize) {
        loop {
            self.flush_once(py, key);
            if !self.deliver(py, key) {
                return;
            }
            if self.with(key, |connection| connection.file.is_some()) == Some(true) {
                // A transport may take a whole file, piece by piece.
                if let Err(error) = self.flush_soon(py, key) {
                    error.write_unraisable(py, None);
                }
                return;
            }
        }
    }

    /// Hands what was written to the transport of a connection that has one; whether there is more to do now.
    pub(super) fn deliver(&self, py: Python<'_>, key: usize) -> bool {
        let pipe = self.with(key, |connection| connection.stream().pipe());
        let Some(Some(pipe)) = pipe else { return false };
        pipe.deliver(py);
        pipe.has_room()
            && self
                .with(key, |connection| {
                    let refused = !std::mem::replace(&mut connection.writable, true);
                    refused || (connection.phase == Phase::Closing && connection.is_flushed())
                })
                .unwrap_or(false)
    }

    fn flush_once(&self, py: Python<'_>, key: usize) {
        enum After {
            Nothing,
            Wake(super::connection::Work),
            Again,
            Close,
        }
        let after = self.with(key, |connection| {
            if connection.is_flushed() && connection.phase != Phase::Closing {
                return After::Nothing;
            }
            if !connection.flush() {
                return After::Close;
            }
            if connection.phase == Phase::Closing && connection.is_flushed() {
                if !connection.unread
                    || connection.read_closed
                    || connection.stream().shut().is_err()
                {
                    return After::Close;
                }
                connection.phase = Phase::Lingering;
                connection.since = Instant::now();
            }
            match &connection.work {
                Some(work) if !connection.is_behind() => After::Wake(work.clone()),
                _ if connection.file.is_some() && connection.writable => After::Again,
                _ => After::Nothing,
            }
        });
        match after {
            None | Some(After::Nothing) => {}
            Some(After::Wake(work)) => work.wake_senders(py),
            Some(After::Again) => {
                if let Err(error) = self.flush_soon(py, key) {
                    error.write_unraisable(py, None);
                }
            }
            Some(After::Close) => self.close(py, key),
        }
    }

    /// Whether the peer is behind with what was sent.
    pub(super) fn is_behind(&self, key: usize) -> bool {
        self.connections
            .borrow()
            .get(key)
            .is_some_and(Connection::is_behind)
    }

    /// Closes a connection once its output is taken; its application has been told what it needs.
    pub(super) fn finish(&self, py: Python<'_>, key: usize) {
        let work = self.with(key, |connection| {
            connection.phase = Phase::Closing;
            connection.since = Instant::now();
            connection.work.take()
        });
        drop(work);
        self.flush(py, key);
        // What is still to be read is read only to be dropped.
        self.enqueue(py, key);
    }

    /// The same where the peer does not know that it comes, and may be sending.
    pub(super) fn break_off(&self, py: Python<'_>, key: usize) {
        self.with(key, |connection| {
            connection.unread = true;
            connection.file = None;
        });
        self.finish(py, key);
    }

    /// Closes a connection at once; its application is told.
    pub(super) fn close(&self, py: Python<'_>, key: usize) {
        let Some(mut connection) = self.connections.borrow_mut().try_remove(key) else {
            return;
        };
        connection.stream().say_goodbye();
        // A descriptor that is about to close needs no answer to this.
        let _ = connection
            .stream()
            .deregister(self.poll.borrow().registry());
        if let Some(pipe) = connection.stream().pipe() {
            pipe.close(py);
        }
        if let Some(work) = connection.work.take() {
            work.disconnect(py);
        }
    }

    /// Writes a response to a WebSocket's handshake, in the form of the `websockets` library.
    pub(super) fn write_rejection<'f>(
        &self,
        key: usize,
        status: u16,
        fields: impl Iterator<Item = (&'f [u8], &'f [u8])>,
        body: &[u8],
    ) {
        let length = body.len().to_string();
        let date = date();
        let mut missing = vec![
            ("Date", date.as_str()),
            ("Content-Length", length.as_str()),
            ("Content-Type", "text/plain"),
            ("Connection", "close"),
        ];
        self.write(key, |out| {
            let reason = http1::reason(status);
            out.extend_from_slice(format!("HTTP/1.1 {status} {reason}\r\n").as_bytes());
            for (name, value) in fields {
                if name.eq_ignore_ascii_case(b"transfer-encoding") {
                    // The body is written as it is.
                    continue;
                }
                missing.retain(|(own, _)| !name.eq_ignore_ascii_case(own.as_bytes()));
                for part in [name, b": ", value, b"\r\n"] {
                    out.extend_from_slice(part);
                }
            }
            for (name, value) in missing {
                out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
            }
            out.extend_from_slice(b"\r\n");
            out.extend_from_slice(body);
        });
    }

    /// Answers with an error of the server's own, in uvicorn's form, and closes.
    pub(super) fn fail_plainly(&self, py: Python<'_>, key: usize, status: u16) {
        let reason = http1::reason(status);
        self.write(key, |out| {
            out.extend_from_slice(
                format!(
                    "HTTP/1.1 {status} {reason}\r\ncontent-type: text/plain; charset=utf-8\r\n\
                     content-length: {}\r\nconnection: close\r\n\r\n{reason}",
                    reason.len()
                )
                .as_bytes(),
            );
        });
        self.break_off(py, key);
    }
}

/// The date of now, as fields have it.
pub(super) fn date() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    http1::http_date(now.map_or(0, |since| since.as_secs()))
}
