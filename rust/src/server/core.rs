//! The server of one process: listeners, connections, and whose turn it is.
//!
//! Everything happens on the thread of the event loop. Python code runs in the middle of it and calls
//! back, so no borrow of a `RefCell` is held while Python code may run.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mio::{Events, Poll, Token};
use pyo3::exceptions::PyRuntimeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use slab::Slab;

use super::connection::{BODY_HIGH_WATER, Connection, OUT_HIGH_WATER, Received};
use super::exchange::{Channel, Exchange};
use super::scope::{self, ScopeParts};
use super::settings::Settings;
use super::stream::{Listener, Stream};
use super::task::Serve;
use crate::http1::{self, Event, ProtocolError, ResponseError};

/// Turns that connections get before the event loop gets its own.
const BUDGET: usize = 64;
/// The longest that one call keeps the event loop from its other work.
const TIME_BUDGET: Duration = Duration::from_millis(1);
/// Tokens from here on are listeners.
const FIRST_LISTENER: usize = usize::MAX / 2;
const READ_SIZE: usize = 64 * 1024;

/// See the module.
pub struct Core {
    settings: Settings,
    parts: ScopeParts,
    app: Py<PyAny>,
    event_loop: Py<PyAny>,
    /// `HttpServer.ready`, to be called soon when work is left.
    ready: RefCell<Option<Py<PyAny>>>,
    error_log: Py<PyAny>,
    access_log: Option<Py<PyAny>>,
    poll: RefCell<Poll>,
    listeners: RefCell<Vec<Option<Listener>>>,
    connections: RefCell<Slab<Connection>>,
    /// Connections that have something to do.
    runnable: RefCell<VecDeque<usize>>,
    scheduled: Cell<bool>,
    buffer: RefCell<Box<[u8]>>,
    exchanges: Cell<usize>,
    served: Cell<u64>,
    stopping: Cell<bool>,
    date: RefCell<(u64, Vec<u8>)>,
}

enum Next {
    Start(Rc<Exchange>),
    Wake(Rc<Exchange>),
    Refuse(ProtocolError),
    Nothing,
}

impl Core {
    /// A server without listeners.
    pub fn new(
        app: Py<PyAny>,
        event_loop: Py<PyAny>,
        settings: Settings,
        parts: ScopeParts,
        error_log: Py<PyAny>,
        access_log: Option<Py<PyAny>>,
    ) -> io::Result<Self> {
        Ok(Self {
            settings,
            parts,
            app,
            event_loop,
            ready: RefCell::new(None),
            error_log,
            access_log,
            poll: RefCell::new(Poll::new()?),
            listeners: RefCell::new(Vec::new()),
            connections: RefCell::new(Slab::new()),
            runnable: RefCell::new(VecDeque::new()),
            scheduled: Cell::new(false),
            buffer: RefCell::new(vec![0; READ_SIZE].into()),
            exchanges: Cell::new(0),
            served: Cell::new(0),
            stopping: Cell::new(false),
            date: RefCell::new((0, Vec::new())),
        })
    }

    /// Says what to call when work is left after a turn.
    pub fn set_ready(&self, ready: Py<PyAny>) {
        *self.ready.borrow_mut() = Some(ready);
    }

    /// The descriptor that becomes readable when there is something to do.
    pub fn poll_fd(&self) -> i32 {
        use std::os::fd::AsRawFd;
        self.poll.borrow().as_raw_fd()
    }

    /// Starts to accept from a listener.
    pub fn add_listener(&self, mut listener: Listener) -> io::Result<()> {
        let mut listeners = self.listeners.borrow_mut();
        listener.register(
            self.poll.borrow().registry(),
            Token(FIRST_LISTENER + listeners.len()),
        )?;
        listeners.push(Some(listener));
        Ok(())
    }

    /// Closes the listeners and, as they become idle, the connections.
    pub fn stop(&self, py: Python<'_>) {
        self.stopping.set(true);
        for slot in self.listeners.borrow_mut().iter_mut() {
            if let Some(mut listener) = slot.take() {
                // A descriptor that is about to close needs no answer to this.
                let _ = listener.deregister(self.poll.borrow().registry());
            }
        }
        let idle: Vec<usize> = self
            .connections
            .borrow()
            .iter()
            .filter(|(_, connection)| connection.exchange.is_none())
            .map(|(key, _)| key)
            .collect();
        for key in idle {
            self.close(py, key);
        }
    }

    /// Closes every connection at once.
    pub fn abort(&self, py: Python<'_>) {
        let all: Vec<usize> = self
            .connections
            .borrow()
            .iter()
            .map(|(key, _)| key)
            .collect();
        for key in all {
            self.close(py, key);
        }
    }

    /// Open connections, requests under way, and requests served so far.
    pub fn counts(&self) -> (usize, usize, u64) {
        (
            self.connections.borrow().len(),
            self.exchanges.get(),
            self.served.get(),
        )
    }

    /// Does what there is to do, within the budget.
    pub fn run(self: &Rc<Self>, py: Python<'_>) -> PyResult<()> {
        self.scheduled.set(false);
        self.collect(py)?;
        let started = Instant::now();
        for turn in 0.. {
            let Some(key) = self.runnable.borrow_mut().pop_front() else {
                return Ok(());
            };
            self.advance(py, key);
            if turn == BUDGET || (turn % 8 == 7 && started.elapsed() > TIME_BUDGET) {
                break;
            }
        }
        if self.runnable.borrow().is_empty() {
            Ok(())
        } else {
            self.schedule(py)
        }
    }

    /// Has `run` called again after the event loop's other work.
    fn schedule(&self, py: Python<'_>) -> PyResult<()> {
        if self.scheduled.replace(true) {
            return Ok(());
        }
        let ready = self
            .ready
            .borrow()
            .as_ref()
            .map(|ready| ready.clone_ref(py));
        match ready {
            Some(ready) => self
                .event_loop
                .call_method1(py, intern!(py, "call_soon"), (ready,))
                .map(drop),
            None => Err(PyRuntimeError::new_err("the server was not started")),
        }
    }

    /// Hears of the sockets that are ready.
    fn collect(self: &Rc<Self>, py: Python<'_>) -> PyResult<()> {
        let mut events = Events::with_capacity(256);
        match self
            .poll
            .borrow_mut()
            .poll(&mut events, Some(Duration::ZERO))
        {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return self.schedule(py),
            result => result?,
        }
        for event in &events {
            let Token(token) = event.token();
            if token >= FIRST_LISTENER {
                self.accept(py, token - FIRST_LISTENER)?;
            } else if let Some(connection) = self.connections.borrow_mut().get_mut(token) {
                connection.readable |=
                    event.is_readable() || event.is_read_closed() || event.is_error();
                connection.writable |= event.is_writable();
                self.runnable.borrow_mut().push_back(token);
            }
        }
        if events.iter().count() == 256 {
            self.schedule(py)
        } else {
            Ok(())
        }
    }

    fn accept(self: &Rc<Self>, py: Python<'_>, index: usize) -> PyResult<()> {
        loop {
            let accepted = match self.listeners.borrow().get(index) {
                Some(Some(listener)) => listener.accept(),
                _ => return Ok(()),
            };
            match accepted {
                Ok((stream, peer, local)) => self.welcome(py, stream, peer, local)?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    // Out of descriptors or memory: those that are waiting stay in the kernel's queue.
                    self.log_error(py, &format!("cannot accept a connection: {error}"), None);
                    return Ok(());
                }
            }
        }
    }

    fn welcome(
        &self,
        py: Python<'_>,
        stream: Stream,
        peer: Option<std::net::SocketAddr>,
        local: Option<std::net::SocketAddr>,
    ) -> PyResult<()> {
        let address = |address: Option<std::net::SocketAddr>| -> PyResult<Py<PyAny>> {
            match address {
                Some(address) => Ok((address.ip().to_canonical().to_string(), address.port())
                    .into_pyobject(py)?
                    .into_any()
                    .unbind()),
                None => Ok(py.None()),
            }
        };
        let engine = http1::Connection::new(self.settings.limits);
        let mut connection = Connection::new(stream, engine, address(peer)?, address(local)?);
        let mut connections = self.connections.borrow_mut();
        let entry = connections.vacant_entry();
        let key = entry.key();
        connection
            .stream()
            .register(self.poll.borrow().registry(), Token(key))?;
        entry.insert(connection);
        self.runnable.borrow_mut().push_back(key);
        Ok(())
    }

    /// Gives one connection its turn: writes, reads, and starts what was asked for.
    fn advance(self: &Rc<Self>, py: Python<'_>, key: usize) {
        if let Err(error) = self.flush(py, key) {
            error.write_unraisable(py, None);
        }
        self.drive(py, key);
        let received = {
            let (mut connections, mut buffer) =
                (self.connections.borrow_mut(), self.buffer.borrow_mut());
            match connections.get_mut(key) {
                Some(connection) if connection.readable && !is_full(connection) => {
                    connection.receive(&mut buffer)
                }
                _ => return,
            }
        };
        match received {
            Received::Some => {
                self.drive(py, key);
                if self
                    .connections
                    .borrow()
                    .get(key)
                    .is_some_and(|connection| connection.readable)
                {
                    self.runnable.borrow_mut().push_back(key);
                }
            }
            Received::Nothing => {}
            Received::Closed => self.close(py, key),
        }
    }

    /// Acts on what the engine makes of the bytes received so far.
    fn drive(self: &Rc<Self>, py: Python<'_>, key: usize) {
        let mut starting: Option<Rc<Exchange>> = None;
        loop {
            match self.next(py, key) {
                Next::Start(exchange) => starting = Some(exchange),
                Next::Wake(exchange) => exchange.wake_receivers(py),
                Next::Refuse(error) => {
                    self.refuse(py, key, error);
                    break;
                }
                Next::Nothing => break,
            }
        }
        if let Some(exchange) = starting {
            self.start(py, key, exchange);
        }
    }

    fn next(self: &Rc<Self>, py: Python<'_>, key: usize) -> Next {
        let mut connections = self.connections.borrow_mut();
        let Some(connection) = connections.get_mut(key) else {
            return Next::Nothing;
        };
        if is_full(connection) || connection.closing {
            return Next::Nothing;
        }
        match connection.engine.next_event() {
            Ok(Some(Event::Request(head))) => {
                connection.since = Instant::now();
                let exchange = Rc::new(Exchange::new(
                    self.clone(),
                    key,
                    head,
                    connection.client.clone_ref(py),
                ));
                connection.exchange = Some(exchange.clone());
                Next::Start(exchange)
            }
            Ok(Some(Event::Data(data))) => match &connection.exchange {
                Some(exchange) => {
                    exchange.push_body(data);
                    Next::Wake(exchange.clone())
                }
                None => Next::Nothing,
            },
            Ok(Some(Event::End)) => match &connection.exchange {
                Some(exchange) => {
                    exchange.end_body();
                    Next::Wake(exchange.clone())
                }
                None => Next::Nothing,
            },
            Ok(None) => Next::Nothing,
            Err(error) => Next::Refuse(error),
        }
    }

    /// Answers what is no request that this server takes, and closes.
    fn refuse(&self, py: Python<'_>, key: usize, error: ProtocolError) {
        let exchange = match self.connections.borrow().get(key) {
            Some(connection) => connection.exchange.clone(),
            None => return,
        };
        self.log_warning(py, &format!("Invalid HTTP request received: {error}."));
        if let Some(exchange) = exchange {
            // The body went wrong while the application may be answering.
            exchange.fail(py, error.status(), http1::reason(error.status()).as_bytes());
            return;
        }
        self.answer_and_close(py, key, error.status());
    }

    fn answer_and_close(&self, py: Python<'_>, key: usize, status: u16) {
        let reason = http1::reason(status);
        let text = format!(
            "HTTP/1.1 {status} {reason}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{reason}",
            reason.len()
        );
        self.write(py, key, |out| out.extend_from_slice(text.as_bytes()));
        self.close_when_written(py, key);
    }

    /// Hands a request to the application.
    fn start(self: &Rc<Self>, py: Python<'_>, key: usize, exchange: Rc<Exchange>) {
        if self.exchanges.get() >= self.settings.concurrency {
            self.log_warning(py, "Exceeded concurrency limit.");
            exchange.fail(py, 503, b"Service Unavailable");
            return;
        }
        self.exchanges.set(self.exchanges.get() + 1);
        self.served.set(self.served.get() + 1);
        if let Err(error) = self.spawn(py, key, &exchange) {
            self.exchange_ended();
            self.log_error(py, "Exception in ASGI application\n", Some(&error));
            exchange.fail(py, 500, b"Internal Server Error");
        }
    }

    fn spawn(self: &Rc<Self>, py: Python<'_>, key: usize, exchange: &Rc<Exchange>) -> PyResult<()> {
        let (client, server) = match self.connections.borrow().get(key) {
            Some(connection) => (
                connection.client.clone_ref(py),
                connection.server.clone_ref(py),
            ),
            None => return Ok(()),
        };
        let scope: Bound<'_, PyDict> =
            scope::build(py, &self.parts, &exchange.head, false, &client, &server)?;
        let channel = Bound::new(py, Channel(exchange.clone()))?;
        let receive = channel.getattr(intern!(py, "receive"))?;
        let send = channel.getattr(intern!(py, "send"))?;
        let application = self.app.call1(py, (scope, receive, send))?;
        let serve = Bound::new(py, Serve::new(self.clone(), exchange.clone(), application))?;
        let task = self
            .event_loop
            .call_method1(py, intern!(py, "create_task"), (serve,))?;
        if exchange.progress() != super::exchange::Progress::Complete {
            *exchange.task.borrow_mut() = Some(task);
        }
        Ok(())
    }

    /// Counts an exchange out.
    pub fn exchange_ended(&self) {
        self.exchanges.set(self.exchanges.get() - 1);
    }

    /// Makes a future of the loop and adds it to those who wait.
    pub fn future(&self, py: Python<'_>, waiting: &RefCell<Vec<Py<PyAny>>>) -> PyResult<Py<PyAny>> {
        let future = self
            .event_loop
            .call_method0(py, intern!(py, "create_future"))?;
        waiting.borrow_mut().push(future.clone_ref(py));
        Ok(future)
    }

    /// Goes on to read a connection whose application has taken what was there.
    pub fn resume_reading(&self, py: Python<'_>, key: usize) -> PyResult<()> {
        self.runnable.borrow_mut().push_back(key);
        self.schedule(py)
    }

    /// Writes bytes of the server's own.
    pub fn write(&self, py: Python<'_>, key: usize, write: impl FnOnce(&mut Vec<u8>)) {
        if let Some(connection) = self.connections.borrow_mut().get_mut(key) {
            write(&mut connection.out);
        }
        if let Err(error) = self.flush(py, key) {
            error.write_unraisable(py, None);
        }
    }

    /// Lets the engine write a part of a response.
    pub fn respond(
        &self,
        py: Python<'_>,
        key: usize,
        write: impl FnOnce(&mut Connection) -> Result<(), ResponseError>,
    ) -> PyResult<()> {
        let _ = py;
        match self.connections.borrow_mut().get_mut(key) {
            Some(connection) => {
                write(connection).map_err(|error| PyRuntimeError::new_err(error.to_string()))
            }
            None => Ok(()),
        }
    }

    /// Ends a response and lets the connection go on, or close.
    pub fn end_response(&self, py: Python<'_>, key: usize) -> PyResult<()> {
        let ended = match self.connections.borrow_mut().get_mut(key) {
            Some(connection) => {
                let ended = connection.engine.end_response(&mut connection.out);
                connection.exchange = None;
                connection.since = Instant::now();
                connection.closing = connection.engine.is_closed() || self.stopping.get();
                ended
            }
            None => return Ok(()),
        };
        self.flush(py, key)?;
        let more = self
            .connections
            .borrow()
            .get(key)
            .is_some_and(|connection| connection.readable || !connection.engine.is_idle());
        if more {
            self.runnable.borrow_mut().push_back(key);
            self.schedule(py)?;
        }
        ended.map_err(|error| PyRuntimeError::new_err(error.to_string()))
    }

    /// Writes what the socket takes, wakes those who waited for room, and closes what is to be closed.
    pub fn flush(&self, py: Python<'_>, key: usize) -> PyResult<()> {
        let (alive, senders) = match self.connections.borrow_mut().get_mut(key) {
            Some(connection) if connection.out.is_empty() && !connection.closing => return Ok(()),
            Some(connection) => {
                let alive =
                    connection.flush() && !(connection.closing && connection.out.is_empty());
                let room = connection.out.len() <= OUT_HIGH_WATER;
                (alive, connection.exchange.clone().filter(|_| room))
            }
            None => return Ok(()),
        };
        if !alive {
            self.close(py, key);
        }
        if let Some(exchange) = senders {
            exchange.wake_senders(py);
        }
        Ok(())
    }

    /// Bytes that wait for the peer.
    pub fn out_waiting(&self, key: usize) -> usize {
        self.connections
            .borrow()
            .get(key)
            .map_or(0, |connection| connection.out.len())
    }

    fn close_when_written(&self, py: Python<'_>, key: usize) {
        if let Some(connection) = self.connections.borrow_mut().get_mut(key) {
            connection.closing = true;
        }
        if let Err(error) = self.flush(py, key) {
            error.write_unraisable(py, None);
        }
    }

    /// Closes a connection; its application is told.
    pub fn close(&self, py: Python<'_>, key: usize) {
        let Some(mut connection) = self.connections.borrow_mut().try_remove(key) else {
            return;
        };
        // A descriptor that is about to close needs no answer to this.
        let _ = connection
            .stream()
            .deregister(self.poll.borrow().registry());
        if let Some(exchange) = connection.exchange.take() {
            exchange.disconnect(py);
        }
    }

    /// Closes what has been idle, slow to ask, or slow to take its answer for too long.
    pub fn tick(&self, py: Python<'_>) {
        let now = Instant::now();
        let mut late = Vec::new();
        for (key, connection) in self.connections.borrow().iter() {
            let waited = now.duration_since(connection.since);
            if !connection.out.is_empty() {
                if waited > self.settings.write_deadline {
                    late.push((key, None));
                }
            } else if connection.exchange.is_none() {
                if connection.engine.is_idle() {
                    if waited > self.settings.keep_alive {
                        late.push((key, None));
                    }
                } else if waited > self.settings.head_deadline {
                    late.push((key, Some(408)));
                }
            }
        }
        for (key, status) in late {
            match status {
                Some(status) => {
                    self.log_warning(py, "A request took too long to arrive.");
                    self.answer_and_close(py, key, status);
                }
                None => self.close(py, key),
            }
        }
    }

    /// The fields that the server itself adds to every response.
    pub fn server_fields(&self) -> Vec<u8> {
        let mut fields = Vec::with_capacity(96);
        if self.settings.date {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_secs());
            let mut date = self.date.borrow_mut();
            if date.0 != now {
                *date = (
                    now,
                    format!("date: {}\r\n", http1::http_date(now)).into_bytes(),
                );
            }
            fields.extend_from_slice(&date.1);
        }
        fields.extend_from_slice(&self.settings.server_fields);
        fields
    }

    /// One line in uvicorn's format, if there is an access log.
    pub fn log_access(&self, py: Python<'_>, exchange: &Exchange, status: u16) {
        let Some(log) = &self.access_log else { return };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let client = match exchange.client.extract::<(String, u16)>(py) {
            Ok((host, port)) => format!("{host}:{port}"),
            Err(_) => String::new(),
        };
        let mut path = scope::quoted_path(&self.parts.root_path, exchange.head.raw_path());
        if !exchange.head.query().is_empty() {
            path.push('?');
            path.push_str(&text(exchange.head.query()));
        }
        let version = if exchange.head.version == http1::Version::Http10 {
            "1.0"
        } else {
            "1.1"
        };
        let arguments = (
            "%s - \"%s %s HTTP/%s\" %d",
            client,
            text(exchange.head.method()),
            path,
            version,
            status,
        );
        if let Err(error) = log.call_method1(py, intern!(py, "info"), arguments) {
            error.write_unraisable(py, None);
        }
    }

    /// One line, with a traceback if there is an exception.
    pub fn log_error(&self, py: Python<'_>, message: &str, error: Option<&PyErr>) {
        let logged = (|| -> PyResult<()> {
            let options = PyDict::new(py);
            if let Some(error) = error {
                options.set_item("exc_info", error.clone_ref(py).into_value(py))?;
            }
            self.error_log
                .call_method(py, intern!(py, "error"), (message,), Some(&options))
                .map(drop)
        })();
        if let Err(error) = logged {
            error.write_unraisable(py, None);
        }
    }

    fn log_warning(&self, py: Python<'_>, message: &str) {
        if let Err(error) = self
            .error_log
            .call_method1(py, intern!(py, "warning"), (message,))
        {
            error.write_unraisable(py, None);
        }
    }
}

fn is_full(connection: &Connection) -> bool {
    connection
        .exchange
        .as_ref()
        .is_some_and(|exchange| exchange.body_waiting() > BODY_HIGH_WATER)
}
