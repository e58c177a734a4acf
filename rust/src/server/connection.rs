//! One connection: its socket, its engine, and the bytes between them.

use std::io::{self, Read, Write};
use std::rc::Rc;
use std::time::Instant;

use pyo3::prelude::*;

use super::exchange::Exchange;
use super::stream::Stream;
use crate::http1;

/// The most bytes of a request's body that wait for the application before reading pauses.
pub const BODY_HIGH_WATER: usize = 64 * 1024;
/// The most bytes of a response that wait for the peer before `send` waits.
pub const OUT_HIGH_WATER: usize = 64 * 1024;

/// What is known of a connection.
pub struct Connection {
    stream: Stream,
    /// The HTTP/1.1 engine.
    pub engine: http1::Connection,
    /// `(host, port)` of the peer, or `None`.
    pub client: Py<PyAny>,
    /// `(host, port)` of this side, or `(path, None)`.
    pub server: Py<PyAny>,
    /// Bytes that the peer has not taken yet.
    pub out: Vec<u8>,
    /// The request that is being answered.
    pub exchange: Option<Rc<Exchange>>,
    /// Whether the socket may have bytes to read.
    pub readable: bool,
    /// Whether the socket may take bytes.
    pub writable: bool,
    /// Close as soon as `out` is empty.
    pub closing: bool,
    /// When the connection was last known to make progress.
    pub since: Instant,
}

/// What reading a socket came to.
pub enum Received {
    /// Bytes were handed to the engine.
    Some,
    /// There are none for now.
    Nothing,
    /// The peer closed or reset the connection.
    Closed,
}

impl Connection {
    /// A connection on which nothing happened yet.
    pub fn new(
        stream: Stream,
        engine: http1::Connection,
        client: Py<PyAny>,
        server: Py<PyAny>,
    ) -> Self {
        Self {
            stream,
            engine,
            client,
            server,
            out: Vec::new(),
            exchange: None,
            readable: true,
            writable: true,
            closing: false,
            since: Instant::now(),
        }
    }

    /// The socket, to register it.
    pub fn stream(&mut self) -> &mut Stream {
        &mut self.stream
    }

    /// Reads once into `buffer`; a short read means that the socket is empty.
    pub fn receive(&mut self, buffer: &mut [u8]) -> Received {
        match self.stream.read(buffer) {
            Ok(0) => Received::Closed,
            Ok(length) => {
                self.readable = length == buffer.len();
                self.engine.receive(&buffer[..length]);
                Received::Some
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.readable = false;
                Received::Nothing
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Received::Nothing,
            Err(_) => Received::Closed,
        }
    }

    /// Writes what the socket takes of `out`; `false` if the connection is broken.
    pub fn flush(&mut self) -> bool {
        let mut written = 0;
        while written < self.out.len() && self.writable {
            match self.stream.write(&self.out[written..]) {
                Ok(0) => return false,
                Ok(length) => {
                    written += length;
                    self.since = Instant::now();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.writable = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
        self.out.drain(..written);
        true
    }
}
