//! One connection: its socket, its engine, and the bytes between them.

use std::io::{self, Read, Write};
use std::rc::Rc;
use std::time::Instant;

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use super::exchange::Exchange;
use super::file::{self, FileBody};
use super::proxy::TrustList;
use super::send_queue::{LARGE, SendQueue};
use super::session::Session;
use super::stream::Stream;
use crate::http1::{self, RequestHead, ResponseError, WholeResponse};
use crate::websocket;

/// The most bytes of a request that wait for the application before reading pauses.
pub const IN_HIGH_WATER: usize = 64 * 1024;
/// The most bytes of a response that wait for the peer before `send` waits.
pub const OUT_HIGH_WATER: usize = 64 * 1024;

/// More than the lines of a response's head that are neither the application's nor the same in all responses.
const LINES: usize = 128;

/// What an application is working on for a connection.
#[derive(Clone)]
pub enum Work {
    /// A request.
    Http(Rc<Exchange>),
    /// A WebSocket, from its handshake on.
    WebSocket(Rc<Session>),
}

impl Work {
    /// The peer is gone.
    pub fn disconnect(&self, py: Python<'_>) {
        match self {
            Self::Http(exchange) => exchange.disconnect(py),
            Self::WebSocket(session) => session.lose(py, 1006, String::new()),
        }
    }

    /// Bytes can be sent again.
    pub fn wake_senders(&self, py: Python<'_>) {
        match self {
            Self::Http(exchange) => exchange.wake_senders(py),
            Self::WebSocket(session) => session.wake_senders(py),
        }
    }

    fn is_full(&self) -> bool {
        match self {
            Self::Http(exchange) => exchange.body_waiting() > IN_HIGH_WATER,
            Self::WebSocket(session) => session.is_full(),
        }
    }
}

/// Between whom a connection goes.
pub struct Ends {
    /// `(host, port)` of the peer, or `None`.
    pub client: Py<PyAny>,
    /// `(host, port)` of this side, or `None`.
    pub server: Py<PyAny>,
    /// Whether the peer is a proxy whose word is taken for who the client is.
    pub trusted: bool,
}

impl Ends {
    /// The ends, of which the peer may be among the trusted proxies.
    pub fn new(
        py: Python<'_>,
        client: Option<(String, u16)>,
        server: Option<(String, u16)>,
        proxies: Option<&TrustList>,
    ) -> PyResult<Self> {
        let host = client.as_ref().map(|(host, _)| host.as_bytes());
        Ok(Self {
            trusted: proxies.is_some_and(|proxies| proxies.contains(host)),
            client: client.into_py_any(py)?,
            server: server.into_py_any(py)?,
        })
    }

    /// Another reference to the same.
    pub fn clone_ref(&self, py: Python<'_>) -> Self {
        Self {
            client: self.client.clone_ref(py),
            server: self.server.clone_ref(py),
            trusted: self.trusted,
        }
    }
}

/// How a connection comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It goes on.
    Open,
    /// It closes as soon as the peer has taken all output.
    Closing,
    /// All output is sent and our side shut. Input is dropped until the peer closes: to close with input
    /// unread would reset the connection, and the peer might lose our answer.
    Lingering,
}

/// What is known of a connection.
pub struct Connection {
    stream: Stream,
    /// The HTTP/1.1 engine.
    pub engine: http1::Connection,
    /// The WebSocket engine, once a handshake was answered.
    pub websocket: Option<Box<websocket::Connection>>,
    /// Between whom it goes.
    pub ends: Ends,
    /// What the peer has not taken yet.
    pub out: SendQueue<PyBackedBytes>,
    /// What follows these bytes in the same response.
    pub file: Option<FileBody>,
    /// Why the file could not be sent to its end.
    pub file_error: Option<io::Error>,
    /// What the application is working on.
    pub work: Option<Work>,
    /// Whether the socket may have bytes to read.
    pub readable: bool,
    /// Whether the peer will send nothing more.
    pub read_closed: bool,
    /// Whether the socket may take bytes.
    pub writable: bool,
    /// How it comes to its end.
    pub phase: Phase,
    /// Whether it waits in the list of those with output to write.
    pub unflushed: bool,
    /// Whether the peer may still be sending what nobody will read.
    pub unread: bool,
    /// When it last made progress.
    pub since: Instant,
    /// Since when, and how much of a request's body arrived.
    pub body: (Instant, u64),
    /// Whether no request has come yet.
    pub fresh: bool,
    /// Whether the last tick put off what it would have done, for there was something to read.
    pub spared: bool,
    /// Whether its end was read, behind everything that the peer has sent.
    pub ended: bool,
}

/// What reading a socket came to.
pub enum Received {
    /// Bytes were handed to the engine, before them perhaps a part of a body to whom it is for.
    Some(Option<Work>),
    /// There are none for now.
    Nothing,
    /// The peer will send nothing more.
    Ended,
    /// The peer reset the connection, or broke its encryption.
    Closed,
}

impl Connection {
    /// A connection on which nothing happened yet.
    pub fn new(stream: Stream, engine: http1::Connection, ends: Ends) -> Self {
        let now = Instant::now();
        Self {
            stream,
            engine,
            websocket: None,
            ends,
            out: SendQueue::new(),
            file: None,
            file_error: None,
            work: None,
            readable: true,
            read_closed: false,
            writable: true,
            phase: Phase::Open,
            unflushed: false,
            unread: false,
            since: now,
            body: (now, 0),
            fresh: true,
            spared: false,
            ended: false,
        }
    }

    /// The socket.
    pub fn stream(&mut self) -> &mut Stream {
        &mut self.stream
    }

    /// Whether reading pauses until the application has taken what arrived.
    pub fn is_full(&self) -> bool {
        self.phase != Phase::Lingering
            && self
                .work
                .as_ref()
                .is_some_and(|work| work.is_full() || self.engine.buffered() > IN_HIGH_WATER)
    }

    /// Whether there may be something to read that is wanted now. Who takes no answers to its pings may send none.
    pub fn may_read(&self) -> bool {
        let deaf = self.websocket.is_some() && self.phase == Phase::Open && self.is_behind();
        self.readable && !self.ended && !self.is_full() && !deaf
    }

    /// Whether there may be something that was sent in time; it is assumed no more than every other time.
    pub fn is_spared(&mut self) -> bool {
        // What the event loop has not read of a socket that it keeps, nobody knows.
        self.spared = !self.spared && (self.may_read() || self.stream.pipe().is_some());
        self.spared
    }

    /// Whether nothing is left of what has come and of what was written.
    pub fn is_at_rest(&self) -> bool {
        let websocket = self.websocket.as_ref();
        self.phase == Phase::Open
            && websocket.is_some_and(|websocket| websocket.buffered() == 0)
            && self.is_flushed()
    }

    /// Whether there is nothing left to write.
    pub fn is_flushed(&self) -> bool {
        self.out.is_empty() && self.file.is_none() && self.stream.is_flushed()
    }

    /// Whether more is to be sent than should wait here.
    pub fn is_behind(&self) -> bool {
        self.out.len() > OUT_HIGH_WATER || self.file.is_some()
    }

    /// Gives back the memory of buffers that are empty: most connections wait for their peers.
    pub fn shrink(&mut self) {
        self.out.shrink();
        self.engine.shrink();
        if let Some(websocket) = &mut self.websocket {
            websocket.shrink();
        }
    }

    /// Sends a whole response but for its end.
    ///
    /// # Errors
    /// See [`http1::Connection::start_whole`] and `send_data`.
    pub fn send_whole(
        &mut self,
        request: &RequestHead,
        response: &WholeResponse<'_>,
        body: &Bound<'_, PyBytes>,
    ) -> Result<(), ResponseError> {
        let fields = response.server_fields.len() + response.fields.len();
        let copied = if response.length < LARGE {
            response.length
        } else {
            0
        };
        let out = self.out.tail();
        out.reserve(fields + copied + LINES);
        self.engine.start_whole(request, response, out)?;
        self.send_data(body)
    }

    /// Sends a piece of a response's body.
    ///
    /// # Errors
    /// See [`http1::Connection::send_data`].
    pub fn send_data(&mut self, data: &Bound<'_, PyBytes>) -> Result<(), ResponseError> {
        let bytes = data.as_bytes();
        // A class of the application's runs its code when the last of an object is let go.
        if bytes.len() < LARGE || !data.is_exact_instance_of::<PyBytes>() {
            return self.engine.send_data(bytes, self.out.tail());
        }
        if let Some(end) = self.engine.frame_data(bytes.len(), self.out.tail())? {
            self.out.push(data.clone().into());
            self.out.tail().extend_from_slice(end);
        }
        Ok(())
    }

    /// Reads once into `buffer`.
    pub fn receive(&mut self, buffer: &mut [u8]) -> Received {
        match self.stream.read(buffer) {
            Ok(0) => {
                self.readable = false;
                self.read_closed = true;
                Received::Ended
            }
            Ok(length) => {
                // A short read means that the socket is empty, unless its end is to be heard of.
                self.readable =
                    length == buffer.len() || self.read_closed || self.stream.is_layered();
                if self.phase != Phase::Open {
                    return Received::Some(None);
                }
                let bytes = &buffer[..length];
                match &mut self.websocket {
                    Some(websocket) => websocket.receive(bytes),
                    None => {
                        if self.engine.is_idle() {
                            self.since = Instant::now();
                        }
                        self.body.1 += length as u64;
                        return self.receive_http(bytes);
                    }
                }
                Received::Some(None)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.readable = false;
                Received::Nothing
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Received::Some(None),
            Err(_) => Received::Closed,
        }
    }

    fn receive_http(&mut self, bytes: &[u8]) -> Received {
        // Most of a large body takes no way through the engine's buffer.
        if let Some(Work::Http(exchange)) = &self.work {
            let length = self.engine.take_body(bytes);
            if length > 0 {
                exchange.push_body(&bytes[..length]);
                self.engine.receive(&bytes[length..]);
                return Received::Some(self.work.clone());
            }
        }
        self.engine.receive(bytes);
        Received::Some(None)
    }

    /// Writes what the socket takes, of a file no more than its turn; `false` if the connection is broken.
    pub fn flush(&mut self) -> bool {
        let mut sent = 0;
        while self.flush_out() {
            if !self.out.is_empty() || !self.writable || sent >= file::TURN {
                return true;
            }
            let Some(file) = &mut self.file else {
                return true;
            };
            let most = file::TURN - sent;
            match file.send(&mut self.engine, &mut self.stream, self.out.tail(), most) {
                Ok(0) => self.file = None,
                Ok(length) => {
                    sent += length;
                    self.since = Instant::now();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.writable = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
                    ) =>
                {
                    return false;
                }
                Err(error) => {
                    self.file = None;
                    self.file_error = Some(error);
                }
            }
        }
        false
    }

    fn flush_out(&mut self) -> bool {
        while self.writable && (!self.out.is_empty() || self.stream.has_output()) {
            let result = match self.out.is_empty() {
                true => self.stream.flush().map(|()| None),
                false => self.out.write_to(&mut self.stream).map(Some),
            };
            match result {
                Ok(Some(0)) => return false,
                Ok(Some(_)) => self.since = Instant::now(),
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.writable = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
        true
    }
}
