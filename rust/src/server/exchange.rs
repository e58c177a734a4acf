//! One request and its response, as an ASGI application sees them: `receive` and `send`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use pyo3::exceptions::{PyKeyError, PyRuntimeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict};

use super::awaitable::{Operation, OperationCoroutine, Step};
use super::connection::OUT_HIGH_WATER;
use super::core::Core;
use crate::http1::{RequestHead, ResponseHead};

/// How far the response is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// No `http.response.start` was sent.
    Nothing,
    /// It was sent; the head is written together with the first piece of the body.
    Started,
    /// The head is written.
    Body,
    /// The last piece was sent.
    Complete,
}

/// What `http.response.start` said.
struct Start {
    status: u16,
    fields: Vec<(PyBackedBytes, PyBackedBytes)>,
}

/// The state of one exchange. It outlives its connection as long as the application holds on to it.
pub struct Exchange {
    core: Rc<Core>,
    key: usize,
    /// The head of the request.
    pub head: RequestHead,
    /// Body that was not received by the application yet.
    body: RefCell<Vec<u8>>,
    body_ended: Cell<bool>,
    /// Whether the application was told that the body ended.
    end_told: Cell<bool>,
    continued: Cell<bool>,
    /// Whether the peer is gone.
    disconnected: Cell<bool>,
    progress: Cell<Progress>,
    start: RefCell<Option<Start>>,
    waiting_for_body: RefCell<Vec<Py<PyAny>>>,
    waiting_for_drain: RefCell<Vec<Py<PyAny>>>,
    /// asyncio holds tasks weakly only.
    pub task: RefCell<Option<Py<PyAny>>>,
    /// `(host, port)` of the peer, for the access log.
    pub client: Py<PyAny>,
}

impl Exchange {
    /// An exchange whose head has just been read.
    pub fn new(core: Rc<Core>, key: usize, head: RequestHead, client: Py<PyAny>) -> Self {
        Self {
            core,
            key,
            continued: Cell::new(!head.expects_continue),
            head,
            body: RefCell::new(Vec::new()),
            body_ended: Cell::new(false),
            end_told: Cell::new(false),
            disconnected: Cell::new(false),
            progress: Cell::new(Progress::Nothing),
            start: RefCell::new(None),
            waiting_for_body: RefCell::new(Vec::new()),
            waiting_for_drain: RefCell::new(Vec::new()),
            task: RefCell::new(None),
            client,
        }
    }

    /// Adds a piece of the body.
    pub fn push_body(&self, data: &[u8]) {
        if self.progress.get() != Progress::Complete {
            self.body.borrow_mut().extend_from_slice(data);
        }
    }

    /// How much body waits for the application.
    pub fn body_waiting(&self) -> usize {
        self.body.borrow().len()
    }

    /// The request is complete.
    pub fn end_body(&self) {
        self.body_ended.set(true);
    }

    /// The peer is gone: `receive` says so and `send` drops what it gets.
    pub fn disconnect(&self, py: Python<'_>) {
        self.disconnected.set(true);
        self.wake_receivers(py);
        self.wake_senders(py);
    }

    /// How far the response is.
    pub fn progress(&self) -> Progress {
        self.progress.get()
    }

    /// Whether the peer is gone.
    pub fn is_disconnected(&self) -> bool {
        self.disconnected.get()
    }

    /// Wakes those who wait in `receive`.
    pub fn wake_receivers(&self, py: Python<'_>) {
        wake(py, self.waiting_for_body.take());
    }

    /// Wakes those who wait in `send`.
    pub fn wake_senders(&self, py: Python<'_>) {
        wake(py, self.waiting_for_drain.take());
    }

    fn receive(&self, py: Python<'_>) -> PyResult<Step> {
        if self.disconnected.get() || self.progress.get() == Progress::Complete {
            let message = PyDict::new(py);
            message.set_item(intern!(py, "type"), intern!(py, "http.disconnect"))?;
            return Ok(Step::Done(message.into_any().unbind()));
        }
        if !self.continued.replace(true) && self.progress.get() == Progress::Nothing {
            self.core.write(py, self.key, |out| {
                out.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n")
            });
        }
        let ended = self.body_ended.get();
        let body = self.body.take();
        if body.is_empty() && (!ended || self.end_told.get()) {
            return Ok(Step::Wait(self.core.future(py, &self.waiting_for_body)?));
        }
        if ended {
            self.end_told.set(true);
        }
        let message = PyDict::new(py);
        message.set_item(intern!(py, "type"), intern!(py, "http.request"))?;
        message.set_item(intern!(py, "body"), PyBytes::new(py, &body))?;
        message.set_item(intern!(py, "more_body"), !ended)?;
        if !ended {
            self.core.resume_reading(py, self.key)?;
        }
        Ok(Step::Done(message.into_any().unbind()))
    }

    /// Takes one message of the application.
    fn send(&self, py: Python<'_>, message: &Bound<'_, PyAny>) -> PyResult<()> {
        let kind: String = get(message, "type")?.extract()?;
        if self.disconnected.get() {
            return Ok(());
        }
        match (self.progress.get(), kind.as_str()) {
            (Progress::Nothing, "http.response.start") => self.send_start(py, message),
            (Progress::Nothing, _) => Err(PyRuntimeError::new_err(format!(
                "Expected ASGI message 'http.response.start', but got '{kind}'."
            ))),
            (Progress::Started | Progress::Body, "http.response.body") => {
                self.send_body(py, message)
            }
            (Progress::Started | Progress::Body, _) => Err(PyRuntimeError::new_err(format!(
                "Expected ASGI message 'http.response.body', but got '{kind}'."
            ))),
            (Progress::Complete, _) => Err(PyRuntimeError::new_err(format!(
                "Unexpected ASGI message '{kind}' sent, after response already completed."
            ))),
        }
    }

    fn send_start(&self, py: Python<'_>, message: &Bound<'_, PyAny>) -> PyResult<()> {
        let status = get(message, "status")?.extract()?;
        let mut fields = Vec::new();
        if let Ok(headers) = message.get_item(intern!(py, "headers")) {
            for field in headers.try_iter()? {
                let field = field?;
                fields.push((field.get_item(0)?.extract()?, field.get_item(1)?.extract()?));
            }
        }
        self.core.log_access(py, self, status);
        *self.start.borrow_mut() = Some(Start { status, fields });
        self.progress.set(Progress::Started);
        Ok(())
    }

    fn send_body(&self, py: Python<'_>, message: &Bound<'_, PyAny>) -> PyResult<()> {
        let body: Option<PyBackedBytes> = match message.get_item(intern!(py, "body")) {
            Ok(body) => Some(body.extract()?),
            Err(_) => None,
        };
        let more = message
            .get_item(intern!(py, "more_body"))
            .is_ok_and(|more| more.is_truthy().unwrap_or(false));
        let body = body.as_deref().unwrap_or_default();
        if let Some(start) = self.start.take() {
            let fields: Vec<(&[u8], &[u8])> = start
                .fields
                .iter()
                .map(|(name, value)| (&name[..], &value[..]))
                .collect();
            self.respond(py, start.status, &fields)?;
        }
        self.core.respond(py, self.key, |connection| {
            connection.engine.send_data(body, &mut connection.out)
        })?;
        if more {
            self.core.flush(py, self.key)
        } else {
            self.finish(py)
        }
    }

    /// Writes the head of the response.
    pub fn respond(&self, py: Python<'_>, status: u16, fields: &[(&[u8], &[u8])]) -> PyResult<()> {
        let server_fields = self.core.server_fields();
        let head = ResponseHead {
            status,
            fields,
            server_fields: &server_fields,
        };
        self.core.respond(py, self.key, |connection| {
            connection
                .engine
                .start_response(&self.head, &head, &mut connection.out)
        })?;
        self.progress.set(Progress::Body);
        Ok(())
    }

    /// Ends the response; the connection goes on with what the peer sent meanwhile, or closes.
    fn finish(&self, py: Python<'_>) -> PyResult<()> {
        self.progress.set(Progress::Complete);
        self.body.take();
        let ended = self.core.end_response(py, self.key);
        self.wake_receivers(py);
        ended
    }

    /// Answers with a plain text of the server's own, if nothing was answered yet; else breaks off.
    pub fn fail(&self, py: Python<'_>, status: u16, text: &[u8]) {
        if self.disconnected.get() || self.progress.get() == Progress::Complete {
            return;
        }
        if matches!(self.progress.get(), Progress::Nothing | Progress::Started) {
            self.start.take();
            let length = text.len().to_string();
            let fields: [(&[u8], &[u8]); 3] = [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", length.as_bytes()),
                (b"connection", b"close"),
            ];
            self.core.log_access(py, self, status);
            let sent = self.respond(py, status, &fields).and_then(|()| {
                self.core.respond(py, self.key, |connection| {
                    connection.engine.send_data(text, &mut connection.out)
                })?;
                self.finish(py)
            });
            if sent.is_ok() {
                return;
            }
        }
        self.core.close(py, self.key);
    }
}

fn get<'py>(message: &Bound<'py, PyAny>, key: &str) -> PyResult<Bound<'py, PyAny>> {
    message
        .get_item(key)
        .map_err(|_| PyKeyError::new_err(key.to_owned()))
}

/// Completes futures that nobody has cancelled.
fn wake(py: Python<'_>, futures: Vec<Py<PyAny>>) {
    for future in futures {
        let future = future.bind(py);
        let woken = future.call_method0(intern!(py, "done")).and_then(|done| {
            if !done.is_truthy()? {
                future.call_method1(intern!(py, "set_result"), (py.None(),))?;
            }
            Ok(())
        });
        if let Err(error) = woken {
            error.write_unraisable(py, Some(future));
        }
    }
}

struct Receive(Rc<Exchange>);

impl Operation for Receive {
    fn step(&mut self, py: Python<'_>) -> PyResult<Step> {
        self.0.receive(py)
    }
}

struct Send {
    exchange: Rc<Exchange>,
    message: Option<Py<PyAny>>,
}

impl Operation for Send {
    fn step(&mut self, py: Python<'_>) -> PyResult<Step> {
        if let Some(message) = self.message.take() {
            self.exchange.send(py, message.bind(py))?;
        }
        let core = &self.exchange.core;
        if !self.exchange.disconnected.get() && core.out_waiting(self.exchange.key) > OUT_HIGH_WATER
        {
            return Ok(Step::Wait(
                core.future(py, &self.exchange.waiting_for_drain)?,
            ));
        }
        Ok(Step::Done(py.None()))
    }
}

/// The `receive` and `send` of one exchange, handed to the application.
#[pyclass(module = "fastapi._fastapi_rust", name = "_Channel", unsendable)]
pub struct Channel(pub Rc<Exchange>);

#[pymethods]
impl Channel {
    fn receive(&self) -> OperationCoroutine {
        OperationCoroutine::new(Receive(self.0.clone()))
    }

    fn send(&self, message: Py<PyAny>) -> OperationCoroutine {
        OperationCoroutine::new(Send {
            exchange: self.0.clone(),
            message: Some(message),
        })
    }
}
