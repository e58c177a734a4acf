//! A connection's turn: it writes, reads, and starts what was asked for.

use std::rc::Rc;
use std::time::Instant;

use pyo3::prelude::*;

use super::connection::{Connection, Ends, Phase, Received, Work};
use super::core::Core;
use super::end;
use super::exchange::Exchange;
use super::proxy::Told;
use super::scope::{Origin, Scheme};
use super::session::Session;
use crate::http1::{self, Event, ProtocolError, RequestHead};
use crate::websocket;

/// What is to be done outside of any borrow.
enum Next {
    /// A request begins.
    Begin(Box<RequestHead>, Ends),
    /// There is more of the body, or its end, or there are messages.
    Heard(Work),
    /// The engine has answered, and the application may have nothing to say.
    Answered,
    /// The peer closed the WebSocket.
    Closed(Rc<Session>, u16, String),
    /// The WebSocket broke its protocol; it was told so.
    Broken(Rc<Session>),
    Refuse(ProtocolError),
    Nothing,
}

impl Core {
    /// Gives one connection its turn.
    ///
    /// # Errors
    /// What no task keeps to itself, like `SystemExit`.
    pub(super) fn advance(self: &Rc<Self>, py: Python<'_>, key: usize) -> PyResult<()> {
        let is_at_rest = self
            .connections
            .borrow()
            .get(key)
            .is_some_and(Connection::is_at_rest);
        if !is_at_rest {
            self.flush(py, key);
            self.drive(py, key, None)?;
        }
        let received = {
            let mut connections = self.connections.borrow_mut();
            let mut buffer = self.buffer.borrow_mut();
            match connections.get_mut(key) {
                Some(connection) if connection.may_read() => connection.receive(&mut buffer),
                _ => return Ok(()),
            }
        };
        // Encryption answers while it reads.
        self.deliver(py, key);
        match received {
            Received::Some(heard) => {
                self.drive(py, key, heard)?;
                let more = self
                    .connections
                    .borrow()
                    .get(key)
                    .is_some_and(|connection| connection.readable);
                if more {
                    self.runnable.borrow_mut().push_back(key);
                }
            }
            Received::Nothing => {}
            Received::Ended => end::hear(self, py, key)?,
            Received::Closed => self.close(py, key),
        }
        Ok(())
    }

    /// Acts on what the engines make of the bytes received so far; `heard` has been handed a part of its body.
    fn drive(self: &Rc<Self>, py: Python<'_>, key: usize, mut heard: Option<Work>) -> PyResult<()> {
        // An application starts, or goes on, only when all that has arrived is there.
        let mut beginning: Option<Work> = None;
        loop {
            match self.next(py, key) {
                Next::Begin(head, ends) => beginning = self.begin(py, key, *head, ends),
                Next::Heard(work) => heard = Some(work),
                Next::Answered => {
                    self.flush(py, key);
                    if !self
                        .with(key, |connection| connection.is_flushed())
                        .unwrap_or(false)
                    {
                        break;
                    }
                }
                Next::Closed(session, code, reason) => {
                    session.lose(py, code, reason);
                    self.finish(py, key);
                    return Ok(());
                }
                Next::Broken(session) => {
                    session.lose(py, 1006, String::new());
                    self.break_off(py, key);
                    return Ok(());
                }
                Next::Refuse(error) => {
                    self.refuse(py, key, error);
                    return Ok(());
                }
                Next::Nothing => break,
            }
        }
        match heard {
            Some(Work::Http(exchange)) => exchange.resume_receivers(py)?,
            Some(Work::WebSocket(session)) => self.heard.borrow_mut().push(session),
            None => {}
        }
        match beginning {
            Some(Work::Http(exchange)) => exchange.start(py),
            Some(Work::WebSocket(session)) => session.start(py),
            None => {}
        }
        Ok(())
    }

    fn next(&self, py: Python<'_>, key: usize) -> Next {
        let mut connections = self.connections.borrow_mut();
        let Some(connection) = connections.get_mut(key) else {
            return Next::Nothing;
        };
        if connection.phase != Phase::Open || connection.is_full() {
            return Next::Nothing;
        }
        if connection.websocket.is_some() && connection.is_behind() {
            return Next::Answered;
        }
        if let Some(engine) = &mut connection.websocket {
            let Some(Work::WebSocket(session)) = &connection.work else {
                return Next::Nothing;
            };
            return match engine.next_event(connection.out.tail()) {
                Ok(None) if connection.out.is_empty() => Next::Nothing,
                Ok(None) => Next::Answered,
                Ok(Some(websocket::Event::Close(code, reason))) => {
                    Next::Closed(session.clone(), code, reason)
                }
                Ok(Some(event)) => {
                    session.hear(event);
                    Next::Heard(Work::WebSocket(session.clone()))
                }
                Err(_) => Next::Broken(session.clone()),
            };
        }
        match connection.engine.next_event() {
            Ok(Some(Event::Request(head))) => {
                let now = Instant::now();
                connection.since = now;
                connection.body = (now, 0);
                connection.fresh = false;
                Next::Begin(Box::new(head), connection.ends.clone_ref(py))
            }
            Ok(Some(Event::Data(data))) => match &connection.work {
                Some(Work::Http(exchange)) => {
                    exchange.push_body(data);
                    Next::Heard(Work::Http(exchange.clone()))
                }
                _ => Next::Nothing,
            },
            Ok(Some(Event::End)) => match &connection.work {
                Some(Work::Http(exchange)) => {
                    exchange.end_body();
                    Next::Heard(Work::Http(exchange.clone()))
                }
                _ => Next::Nothing,
            },
            Ok(None) => Next::Nothing,
            Err(error) => Next::Refuse(error),
        }
    }

    fn begin(
        self: &Rc<Self>,
        py: Python<'_>,
        key: usize,
        head: RequestHead,
        ends: Ends,
    ) -> Option<Work> {
        let origin = self.origin(py, &head, ends);
        let work = if head.upgrades_to_websocket {
            let upgrade = match head.framing {
                http1::Framing::Empty => websocket::Upgrade::parse(head.method(), head.fields()),
                // What of it comes later would be taken for frames.
                _ => Err(websocket::HandshakeError::Bad("there is a body")),
            };
            match upgrade {
                Ok(upgrade) => Work::WebSocket(Rc::new(Session::new(
                    self.clone(),
                    key,
                    head,
                    upgrade,
                    origin,
                ))),
                Err(error) => {
                    self.refuse_handshake(py, key, error);
                    return None;
                }
            }
        } else {
            Work::Http(Rc::new(Exchange::new(self.clone(), key, head, origin)))
        };
        if let Some(connection) = self.connections.borrow_mut().get_mut(key) {
            connection.work = Some(work.clone());
        }
        Some(work)
    }

    /// Between whom a request goes: a trusted proxy knows better than the socket.
    fn origin(&self, py: Python<'_>, head: &RequestHead, ends: Ends) -> Origin {
        let told = match &self.settings.proxies {
            Some(proxies) if ends.trusted => proxies.told(head.fields()),
            _ => Told::default(),
        };
        let own = if self.tls.borrow().is_some() {
            Scheme::Https
        } else {
            Scheme::Http
        };
        let client = told.client.and_then(|host| {
            let host: String = host.iter().copied().map(char::from).collect();
            // The port that the client used is known to the proxy alone.
            let client = (host, 0).into_pyobject(py);
            client.map(|client| client.into_any().unbind()).ok()
        });
        Origin {
            client: client.unwrap_or(ends.client),
            server: ends.server,
            scheme: told.scheme.unwrap_or(own),
        }
    }

    /// Answers what is no request that this server takes, and closes.
    fn refuse(&self, py: Python<'_>, key: usize, error: ProtocolError) {
        self.log
            .warning(py, &format!("Invalid HTTP request received: {error}."));
        self.fail(py, key, error.status());
    }

    /// Answers with an error of the server's own, where nothing was answered yet, and closes.
    pub(super) fn fail(&self, py: Python<'_>, key: usize, status: u16) {
        let work = match self.connections.borrow_mut().get_mut(key) {
            Some(connection) => {
                connection.unread = true;
                connection.work.clone()
            }
            None => return,
        };
        let reason = http1::reason(status);
        let text = if status == 400 {
            "Invalid HTTP request received."
        } else {
            reason
        };
        match work {
            Some(Work::Http(exchange)) => {
                exchange.fail(py, status, text);
                exchange.disconnect(py);
            }
            Some(Work::WebSocket(_)) => self.close(py, key),
            None => {
                let fields = self.server_fields();
                self.write(key, |out| {
                    out.extend_from_slice(format!("HTTP/1.1 {status} {reason}\r\n").as_bytes());
                    out.extend_from_slice(&fields);
                    out.extend_from_slice(PLAIN.as_bytes());
                    out.extend_from_slice(
                        format!(
                            "content-length: {}\r\nconnection: close\r\n\r\n{text}",
                            text.len()
                        )
                        .as_bytes(),
                    );
                });
                self.finish(py, key);
            }
        }
    }

    fn refuse_handshake(&self, py: Python<'_>, key: usize, error: websocket::HandshakeError) {
        let text = format!("Failed to open a WebSocket connection: {error}.\n");
        let fields: [(&[u8], &[u8]); 1] = [(b"Sec-WebSocket-Version", b"13")];
        let (status, fields) = match error {
            websocket::HandshakeError::Version => (426, &fields[..]),
            websocket::HandshakeError::Bad(_) => (400, &fields[..0]),
        };
        self.write_rejection(key, status, fields.iter().copied(), text.as_bytes());
        let reason = http1::reason(status);
        self.log
            .info(py, &format!("connection rejected ({status} {reason})"));
        self.break_off(py, key);
        self.log.info(py, "connection closed");
    }
}

const PLAIN: &str = "content-type: text/plain; charset=utf-8\r\n";
