//! How the handshake of a WebSocket is answered.

use std::time::Instant;

use pyo3::exceptions::PyRuntimeError;
use pyo3::intern;
use pyo3::prelude::*;

use super::Session;
use crate::server::{message, output};
use crate::{http1, websocket};

/// How far the handshake is.
pub enum Handshake {
    /// The application has not answered yet.
    Open,
    Accepted,
    /// It is answered with a response: its status, fields and body so far.
    Rejected(u16, Vec<(Vec<u8>, Vec<u8>)>, Vec<u8>),
}

impl Session {
    pub(super) fn accept(&self, py: Python<'_>, message: &Bound<'_, PyAny>) -> PyResult<()> {
        let subprotocol: Option<String> = message::get(message, intern!(py, "subprotocol"))?
            .map_or(Ok(None), |subprotocol| subprotocol.extract())?;
        let fields = message::fields(message)?;
        let chosen = subprotocol.as_deref().map(str::as_bytes);
        let chosen = chosen.map(|subprotocol| (&b"sec-websocket-protocol"[..], subprotocol));
        let all = fields
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        check(all.chain(chosen))?;
        let own_fields = self.core.server_fields();
        let settings = &self.core.settings;
        let deflate = self.upgrade.deflate.filter(|_| settings.deflate);
        self.log_handshake(py, "[accepted]");
        *self.handshake.borrow_mut() = Handshake::Accepted;
        self.heard.set(Instant::now());
        let more = self.core.with(self.key, |connection| {
            let out = connection.out.tail();
            let mut line = |name: &str, value: &[u8]| {
                for part in [name.as_bytes(), b": ", value, b"\r\n"] {
                    out.extend_from_slice(part);
                }
            };
            line("HTTP/1.1 101 Switching Protocols\r\nUpgrade", b"websocket");
            line("Connection", b"Upgrade");
            line("Sec-WebSocket-Accept", self.upgrade.accept.as_bytes());
            if let Some(deflate) = &deflate {
                line("Sec-WebSocket-Extensions", deflate.answer().as_bytes());
            }
            if let Some(subprotocol) = &subprotocol {
                line("Sec-WebSocket-Protocol", subprotocol.as_bytes());
            }
            out.extend_from_slice(&own_fields);
            let mut line = |name: &[u8], value: &[u8]| {
                for part in [name, b": ", value, b"\r\n"] {
                    out.extend_from_slice(part);
                }
            };
            for (name, value) in &fields {
                line(name.as_bytes(), value.as_bytes());
            }
            if !settings.date {
                line(b"Date", output::date().as_bytes());
            }
            out.extend_from_slice(b"\r\n");
            let mut engine = websocket::Connection::new(settings.message_bytes, deflate);
            let rest = connection.engine.take_rest();
            engine.receive(&rest);
            connection.websocket = Some(Box::new(engine));
            !rest.is_empty() || connection.readable
        });
        self.core.log.info(py, "connection open");
        self.core.flush(py, self.key);
        if more == Some(true) {
            self.core.enqueue(py, self.key);
        }
        self.waiting_for_message.wake(py);
        Ok(())
    }

    /// Begins the response that the handshake is answered with.
    pub(super) fn begin_rejection(
        &self,
        py: Python<'_>,
        message: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let status: u16 = message::need(message, intern!(py, "status"))?.extract()?;
        let fields: Vec<_> = message::fields(message)?
            .iter()
            .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
            .collect();
        check(fields.iter().map(|(name, value)| (&name[..], &value[..])))?;
        *self.handshake.borrow_mut() = Handshake::Rejected(status, fields, Vec::new());
        self.log_handshake(py, &status.to_string());
        Ok(())
    }

    /// Sends the response that the handshake is answered with.
    pub(super) fn reject(&self, py: Python<'_>) {
        self.closed.set(true);
        if self.lost.borrow().is_some() {
            return;
        }
        if let Handshake::Rejected(status, fields, body) = &*self.handshake.borrow() {
            let fields = fields.iter().map(|(name, value)| (&name[..], &value[..]));
            self.core.write_rejection(self.key, *status, fields, body);
        }
        let status = match &*self.handshake.borrow() {
            Handshake::Rejected(status, ..) => *status,
            _ => 403,
        };
        self.core.log.info(
            py,
            &format!("connection rejected ({status} {})", http1::reason(status)),
        );
        self.core.break_off(py, self.key);
        self.lose(py, 1006, String::new());
        self.core.log.info(py, "connection closed");
    }

    pub(super) fn log_handshake(&self, py: Python<'_>, answer: &str) {
        let scope = self
            .scope
            .borrow()
            .as_ref()
            .map(|scope| scope.clone_ref(py));
        if let Some(scope) = scope {
            self.core.log.handshake(py, scope.bind(py), answer);
        }
    }
}

/// What an application says must not become fields that it does not say.
fn check<'f>(fields: impl Iterator<Item = (&'f [u8], &'f [u8])>) -> PyResult<()> {
    http1::check_fields(fields).map_err(|error| PyRuntimeError::new_err(error.to_string()))
}
