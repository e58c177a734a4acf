//! New connections.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use mio::Token;
use pyo3::prelude::*;

use super::connection::{Connection, Ends};
use super::core::{Core, FIRST_LISTENER};
use super::pipe::Pipe;
use super::stream::{Listener, Socket, Stream};
use crate::http1;

/// Connections that one listener gives in a turn.
const BATCH: usize = 64;

impl Core {
    /// Starts to accept from a listener.
    pub fn add_listener(&self, mut listener: Listener) -> io::Result<()> {
        let mut listeners = self.listeners.borrow_mut();
        let token = Token(FIRST_LISTENER + listeners.len());
        listener.register(self.poll.borrow().registry(), token)?;
        listeners.push(Some(listener));
        Ok(())
    }

    /// Takes the connections that wait.
    pub(super) fn accept(&self, py: Python<'_>) {
        for index in self.accepting.take() {
            if self.accept_batch(py, index) {
                self.accepting.borrow_mut().push(index);
            }
        }
    }

    /// Whether there may be more.
    fn accept_batch(&self, py: Python<'_>, index: usize) -> bool {
        for _ in 0..BATCH {
            let accepted = match self.listeners.borrow().get(index) {
                Some(Some(listener)) => listener.accept(),
                _ => return false,
            };
            match accepted {
                Ok((socket, peer, local)) => {
                    if let Err(error) = self.welcome(py, socket, peer, local) {
                        error.write_unraisable(py, None);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted
                    ) => {}
                Err(error) => {
                    // Out of descriptors or memory: those that wait stay in the kernel's queue until a tick.
                    self.log
                        .error(py, &format!("cannot accept a connection: {error}"), None);
                    return false;
                }
            }
        }
        true
    }

    /// Looks at all listeners again: one that ran out of descriptors hears of nothing by itself.
    pub(super) fn accept_again(&self, py: Python<'_>) {
        let all = 0..self.listeners.borrow().len();
        *self.accepting.borrow_mut() = all.collect();
        self.accept(py);
    }

    fn welcome(
        &self,
        py: Python<'_>,
        socket: Socket,
        peer: Option<SocketAddr>,
        local: Option<SocketAddr>,
    ) -> PyResult<()> {
        let end = |address: SocketAddr| (address.ip().to_string(), address.port());
        let proxies = self.settings.proxies.as_ref();
        let ends = Ends::new(py, peer.map(end), local.map(end), proxies)?;
        self.connect(socket, ends)?;
        Ok(())
    }

    /// Adds a connection, which has its turn soon; returns its key.
    pub(super) fn connect(&self, socket: Socket, ends: Ends) -> io::Result<usize> {
        let stream = Stream::new(socket, self.tls.borrow().as_ref())?;
        let engine = http1::Connection::new(self.settings.limits);
        let mut connection = Connection::new(stream, engine, ends);
        let mut connections = self.connections.borrow_mut();
        let entry = connections.vacant_entry();
        let key = entry.key();
        connection
            .stream()
            .register(self.poll.borrow().registry(), Token(key))?;
        entry.insert(connection);
        self.runnable.borrow_mut().push_back(key);
        Ok(key)
    }

    /// Hears what is new of a connection whose socket the event loop keeps.
    pub(super) fn hear(
        &self,
        key: usize,
        pipe: &Rc<Pipe>,
        news: impl FnOnce(&Pipe, &mut Connection),
    ) {
        if let Some(connection) = self.connections.borrow_mut().get_mut(key)
            // Another connection may have its key by now.
            && connection.stream().pipe().is_some_and(|own| Rc::ptr_eq(&own, pipe))
        {
            news(pipe, connection);
            self.runnable.borrow_mut().push_back(key);
        }
    }
}
