//! The messages of the application, on their way to the peer.

use std::time::Instant;

use pyo3::exceptions::PyRuntimeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::handshake::Handshake;
use super::{ClientDisconnected, Session};
use crate::server::message;
use crate::websocket;

/// A message for the peer.
pub enum Message<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl Session {
    /// Wakes those who wait in `send`.
    pub fn wake_senders(&self, py: Python<'_>) {
        self.waiting_for_room.wake(py);
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
                let reason = reason.unwrap_or_default();
                let is_lost = self.lost.borrow().is_some();
                if let Some(error) = websocket::close_error(code, &reason).filter(|_| !is_lost) {
                    return Err(PyRuntimeError::new_err(error));
                }
                self.closed.set(true);
                self.close(py, code, &reason);
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
                Message::Text(text) => engine.send_text(text, connection.out.tail()),
                Message::Bytes(bytes) => engine.send_binary(bytes, connection.out.tail()),
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
                engine.close(code, reason, connection.out.tail());
            }
        });
        self.messages.borrow_mut().clear();
        self.waiting_bytes.set(0);
        self.core.flush(py, self.key);
        self.core.enqueue(py, self.key);
    }
}
