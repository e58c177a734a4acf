//! The server of one process: listeners, connections, and whose turn it is.
//!
//! Everything happens on the thread of the event loop. Python code runs in the middle of it and calls back, so
//! no borrow of a `RefCell` is held while Python code may run, which includes dropping a Python object.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mio::{Events, Poll, Token};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use slab::Slab;

use super::connection::Connection;
use super::heap;
use super::launch::Launcher;
use super::log::Log;
use super::scope::ScopeParts;
use super::session::Session;
use super::settings::Settings;
use super::stream::Listener;
use super::tls;
use crate::dispatch::front::Front;
use crate::dispatch::gate::Gate;
use crate::http1;

/// Turns that connections get before the event loop gets its own.
const BUDGET: usize = 64;
/// The longest that one call keeps the event loop from its other work.
pub(super) const TIME_BUDGET: Duration = Duration::from_millis(1);
/// The longest that output waits for that of other connections.
const FLUSH_AFTER: Duration = Duration::from_micros(250);
/// Tokens from here on are listeners.
pub(super) const FIRST_LISTENER: usize = usize::MAX / 2;
const READ_SIZE: usize = 64 * 1024;
const EVENTS: usize = 256;

/// See the module.
pub struct Core {
    pub(super) settings: Settings,
    pub(super) parts: ScopeParts,
    app: Py<PyAny>,
    /// The way past ASGI, if the application has one
    pub(super) gate: Option<Gate>,
    pub(super) event_loop: Py<PyAny>,
    pub(super) log: Log,
    pub(super) tls: RefCell<Option<tls::Config>>,
    pub(super) launcher: Launcher,
    /// `HttpServer.ready`, to be called soon when work is left; `None` before the server runs and after its end.
    ready: RefCell<Option<Py<PyAny>>>,
    pub(super) poll: RefCell<Poll>,
    events: RefCell<Events>,
    pub(super) listeners: RefCell<Vec<Option<Listener>>>,
    /// Listeners that may have connections waiting.
    pub(super) accepting: RefCell<Vec<usize>>,
    pub(super) connections: RefCell<Slab<Connection>>,
    /// Connections that have something to do.
    pub(super) runnable: RefCell<VecDeque<usize>>,
    /// WebSockets with messages that somebody may be waiting for.
    pub(super) heard: RefCell<Vec<Rc<Session>>>,
    /// Connections with output that is written at the end of the turn, together with what may follow.
    pub(super) unflushed: RefCell<Vec<usize>>,
    pub(super) buffer: RefCell<Box<[u8]>>,
    /// Tasks of applications; asyncio itself holds them weakly.
    tasks: RefCell<Slab<Option<Py<PyAny>>>>,
    scheduled: Cell<bool>,
    /// Whether `run` is on the stack.
    running: Cell<bool>,
    /// Whether tasks may take steps at once.
    eager: Cell<bool>,
    served: Cell<u64>,
    pub(super) stopping: Cell<Option<Instant>>,
    /// The second that `server_fields` was made in.
    second: Cell<u64>,
    server_fields: RefCell<Rc<Vec<u8>>>,
}

impl Core {
    /// A server without listeners.
    pub fn new(
        py: Python<'_>,
        app: Py<PyAny>,
        front: Option<&Bound<'_, Front>>,
        event_loop: Py<PyAny>,
        settings: Settings,
        state: Py<PyDict>,
        log: Log,
    ) -> PyResult<Self> {
        heap::keep_what_is_freed();
        let parts = ScopeParts::new(py, state, &settings.root_path)?;
        Ok(Self {
            launcher: Launcher::new(py, event_loop.clone_ref(py))?,
            server_fields: RefCell::new(Rc::new(settings.server_fields.clone())),
            settings,
            parts,
            gate: front.map(|front| Gate::new(front, app.bind(py))),
            app,
            event_loop,
            log,
            tls: RefCell::new(None),
            ready: RefCell::new(None),
            poll: RefCell::new(Poll::new()?),
            events: RefCell::new(Events::with_capacity(EVENTS)),
            listeners: RefCell::new(Vec::new()),
            accepting: RefCell::new(Vec::new()),
            connections: RefCell::new(Slab::new()),
            runnable: RefCell::new(VecDeque::new()),
            heard: RefCell::new(Vec::new()),
            unflushed: RefCell::new(Vec::new()),
            buffer: RefCell::new(vec![0; READ_SIZE].into()),
            tasks: RefCell::new(Slab::new()),
            scheduled: Cell::new(false),
            running: Cell::new(false),
            eager: Cell::new(false),
            served: Cell::new(0),
            stopping: Cell::new(None),
            second: Cell::new(0),
        })
    }

    /// Says what to call when work is left after a turn.
    pub fn set_ready(&self, ready: Py<PyAny>) {
        let before = self.ready.replace(Some(ready));
        drop(before);
    }

    /// Encrypts connections from now on.
    pub fn set_tls(&self, config: tls::Config) {
        *self.tls.borrow_mut() = Some(config);
    }

    /// The descriptor that becomes readable when there is something to do.
    pub fn poll_fd(&self) -> i32 {
        use std::os::fd::AsRawFd;
        self.poll.borrow().as_raw_fd()
    }

    /// Open connections, applications at work, and requests taken so far.
    pub fn counts(&self) -> (usize, usize, u64) {
        (
            self.connections.borrow().len(),
            self.tasks.borrow().len(),
            self.served.get(),
        )
    }

    /// The tasks of the applications at work.
    pub fn tasks(&self, py: Python<'_>) -> Vec<Py<PyAny>> {
        self.tasks
            .borrow()
            .iter()
            .filter_map(|(_, task)| task.as_ref().map(|task| task.clone_ref(py)))
            .collect()
    }

    /// Does what there is to do, within the budget.
    pub fn run(self: &Rc<Self>, py: Python<'_>) -> PyResult<()> {
        if self.running.replace(true) {
            return Ok(());
        }
        self.scheduled.set(false);
        let result = self.turns(py);
        self.flush_all(py);
        self.running.set(false);
        result?;
        let left = !self.runnable.borrow().is_empty()
            || !self.unflushed.borrow().is_empty()
            || !self.accepting.borrow().is_empty();
        if left { self.schedule(py) } else { Ok(()) }
    }

    fn turns(self: &Rc<Self>, py: Python<'_>) -> PyResult<()> {
        self.eager.set(self.launcher.may_be_eager(py)?);
        self.collect()?;
        self.accept(py);
        let started = Instant::now();
        let mut flushed = started;
        for turn in 1..=BUDGET {
            let Some(key) = self.runnable.borrow_mut().pop_front() else {
                break;
            };
            self.advance(py, key)?;
            let now = Instant::now();
            if now - flushed > FLUSH_AFTER {
                self.flush_all(py);
                flushed = now;
            }
            if turn % 8 == 0 {
                self.resume_receivers(py)?;
                if now - started > TIME_BUDGET {
                    break;
                }
            }
        }
        self.resume_receivers(py)?;
        if self.stopping.get().is_some() {
            self.close_idle(py);
        }
        Ok(())
    }

    /// Has those go on who wait for a message of a WebSocket, all that have been heard of together.
    fn resume_receivers(&self, py: Python<'_>) -> PyResult<()> {
        let heard = self.heard.take();
        let waiting = heard.iter().flat_map(|session| session.take_receivers());
        let waiting = waiting.collect();
        self.launcher.complete(py, waiting, self.may_step())
    }

    /// Whether output that is asked to be written soon will be, without another turn.
    pub(super) fn is_running(&self) -> bool {
        self.running.get()
    }

    /// Has `run` called again after the event loop's other work, unless it is at work.
    pub(super) fn schedule(&self, py: Python<'_>) -> PyResult<()> {
        if self.running.get() || self.scheduled.get() {
            return Ok(());
        }
        let Some(ready) = self.ready(py) else {
            return Ok(());
        };
        self.scheduled.set(true);
        self.event_loop
            .call_method1(py, intern!(py, "call_soon"), (ready,))
            .map(drop)
    }

    pub(super) fn schedule_later(&self, py: Python<'_>, delay: Duration) -> PyResult<()> {
        let Some(ready) = self.ready(py) else {
            return Ok(());
        };
        self.event_loop
            .call_method1(py, intern!(py, "call_later"), (delay.as_secs_f64(), ready))
            .map(drop)
    }

    fn ready(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.ready
            .borrow()
            .as_ref()
            .map(|ready| ready.clone_ref(py))
    }

    /// Calls nothing any more when work is left.
    pub(super) fn forget_ready(&self) {
        let ready = self.ready.take();
        drop(ready);
    }

    /// Gives a connection a turn.
    pub(super) fn enqueue(&self, py: Python<'_>, key: usize) {
        self.runnable.borrow_mut().push_back(key);
        if let Err(error) = self.schedule(py) {
            error.write_unraisable(py, None);
        }
    }

    /// Hears of the sockets that are ready.
    pub(super) fn collect(&self) -> io::Result<()> {
        if self.listeners.borrow().is_empty() {
            // All sockets are the event loop's.
            return Ok(());
        }
        let mut events = self.events.borrow_mut();
        match self
            .poll
            .borrow_mut()
            .poll(&mut events, Some(Duration::ZERO))
        {
            // The descriptor stays readable, so the loop calls again.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            result => result?,
        }
        let mut connections = self.connections.borrow_mut();
        let mut runnable = self.runnable.borrow_mut();
        for event in &*events {
            let Token(token) = event.token();
            if token >= FIRST_LISTENER {
                self.accepting.borrow_mut().push(token - FIRST_LISTENER);
            } else if let Some(connection) = connections.get_mut(token) {
                connection.readable |=
                    event.is_readable() || event.is_read_closed() || event.is_error();
                connection.read_closed |= event.is_read_closed() || event.is_error();
                connection.writable |= event.is_writable();
                runnable.push_back(token);
            }
        }
        Ok(())
    }

    /// The coroutine that calls the application.
    pub(super) fn call<'py>(
        &self,
        scope: &Bound<'py, PyDict>,
        channel: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = scope.py();
        let app = self.app.bind(py);
        self.launcher
            .serve(app, PyTuple::new(py, [scope])?, channel)
    }

    /// Starts the coroutine of a request.
    pub(super) fn launch(
        &self,
        py: Python<'_>,
        slot: usize,
        coroutine: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        self.count();
        let task = self.launcher.launch(py, coroutine, self.eager.get())?;
        // The place has been given back if its first step was its last.
        if let Some(place) = self.tasks.borrow_mut().get_mut(slot) {
            *place = Some(task);
        }
        Ok(())
    }

    /// Counts a request that was taken.
    pub(super) fn count(&self) {
        self.served.set(self.served.get() + 1);
    }

    /// Whether tasks may go on at once.
    pub(super) fn may_step(&self) -> bool {
        self.eager.get()
    }

    /// A place among the tasks, or `None` if there are enough.
    pub(super) fn enter(&self) -> Option<usize> {
        let mut tasks = self.tasks.borrow_mut();
        (tasks.len() < self.settings.concurrency).then(|| tasks.insert(None))
    }

    /// Gives the place back.
    pub(super) fn leave(&self, slot: usize) {
        let task = self.tasks.borrow_mut().try_remove(slot);
        drop(task);
    }

    /// The fields that the server itself adds to every response.
    pub fn server_fields(&self) -> Rc<Vec<u8>> {
        if self.settings.date {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_secs());
            if self.second.replace(now) != now {
                let mut fields = format!("date: {}\r\n", http1::http_date(now)).into_bytes();
                fields.extend_from_slice(&self.settings.server_fields);
                *self.server_fields.borrow_mut() = Rc::new(fields);
            }
        }
        self.server_fields.borrow().clone()
    }
}
