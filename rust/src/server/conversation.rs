//! The texts and bytes of a WebSocket object, past ASGI's messages.
//!
//! Slow twins: the methods of Starlette's `WebSocket`; `fastapi.plan.websockets` chooses between them.

use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};
use pyo3::{PyTraverseError, PyVisit};

use super::channel::Channel;
use super::local::Local;
use super::session::{Message, Session, Taken};
use crate::utils::states::{UNKNOWN, attributes_of, attributes_state};
use crate::utils::stock::{Part, Stock};

/// What is known of Starlette's WebSockets.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct StockWebSocket {
    stock: Stock,
    class: Py<PyAny>,
    /// `WebSocketState.CONNECTED`
    connected: Py<PyAny>,
}

#[pymethods]
impl StockWebSocket {
    #[new]
    fn new(parts: Vec<Part<'_>>, class_: Py<PyAny>, connected: Py<PyAny>) -> Self {
        Self {
            stock: Stock::new(parts),
            class: class_,
            connected,
        }
    }

    /// The way past the `receive` and `send` of a WebSocket object; `None` if the channel is to something else.
    fn converse(
        slf: Py<Self>,
        channel: &Bound<'_, PyAny>,
        websocket: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Conversation>> {
        let py = websocket.py();
        let Some(session) = channel.cast::<Channel>()?.get().session()? else {
            return Ok(None);
        };
        Ok(Some(Conversation {
            session: Local::new(session),
            known: slf,
            receive: websocket.getattr(intern!(py, "_receive"))?.unbind(),
            send: websocket.getattr(intern!(py, "_send"))?.unbind(),
            seen: [AtomicU64::new(UNKNOWN), AtomicU64::new(UNKNOWN)],
        }))
    }
}

/// One WebSocket object and its session.
#[pyclass(frozen, module = "fastapi._fastapi_rust", name = "_Conversation")]
pub struct Conversation {
    session: Local<Rc<Session>>,
    known: Py<StockWebSocket>,
    receive: Py<PyAny>,
    send: Py<PyAny>,
    /// The states of the object's attributes in which it was last found to be open, for sending and receiving
    seen: [AtomicU64; 2],
}

impl Conversation {
    /// Whether the methods of a WebSocket object would go straight to `receive` or `send`.
    fn is_open(&self, websocket: &Bound<'_, PyAny>, receives: bool) -> PyResult<bool> {
        let py = websocket.py();
        let known = self.known.get();
        if !known.stock.holds(py) || !websocket.get_type().is(&known.class) {
            return Ok(false);
        }
        let Some(attributes) = attributes_of(websocket) else {
            return Ok(false);
        };
        let seen = &self.seen[usize::from(receives)];
        let state = attributes_state(&attributes);
        if state != UNKNOWN && state == seen.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let is_open = self.reads_open(&attributes, receives)?;
        if is_open {
            seen.store(state, Ordering::Relaxed);
        }
        Ok(is_open)
    }

    /// The same as far as the attributes of the object tell.
    fn reads_open(&self, attributes: &Bound<'_, PyDict>, receives: bool) -> PyResult<bool> {
        let py = attributes.py();
        let known = self.known.get();
        let has = |name: &Bound<'_, PyString>, expected: &Py<PyAny>| {
            let value = attributes.get_item(name)?;
            PyResult::Ok(value.is_some_and(|value| value.is(expected)))
        };
        if !has(intern!(py, "application_state"), &known.connected)? {
            return Ok(false);
        }
        if receives {
            Ok(has(intern!(py, "client_state"), &known.connected)?
                && has(intern!(py, "_receive"), &self.receive)?
                && !attributes.contains(intern!(py, "receive"))?
                && !attributes.contains(intern!(py, "_raise_on_disconnect"))?)
        } else {
            Ok(has(intern!(py, "_send"), &self.send)?
                && !attributes.contains(intern!(py, "send"))?)
        }
    }

    fn take(&self, websocket: &Bound<'_, PyAny>, wants_text: bool) -> PyResult<Option<Py<PyAny>>> {
        match self.is_open(websocket, true)? {
            true => self.next(websocket.py(), wants_text),
            false => Ok(None),
        }
    }

    fn put(&self, websocket: &Bound<'_, PyAny>, message: &Message<'_>) -> PyResult<bool> {
        Ok(self.is_open(websocket, false)? && self.session.get()?.put(websocket.py(), message)?)
    }

    fn next(&self, py: Python<'_>, wants_text: bool) -> PyResult<Option<Py<PyAny>>> {
        match self.session.get()?.take(py, wants_text)? {
            Taken::Message(taken) | Taken::Wait(taken) => Ok(Some(taken)),
            Taken::Nothing => Ok(None),
        }
    }
}

#[pymethods]
impl Conversation {
    /// A text that has come, or a future that is done when something has; `None`: only the slow twin knows.
    fn take_text(&self, websocket: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
        self.take(websocket, true)
    }

    /// The same for bytes.
    fn take_bytes(&self, websocket: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
        self.take(websocket, false)
    }

    /// The same once it was waited for, whatever has become of the WebSocket object.
    fn next_text(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        self.next(py, true)
    }

    /// The same for bytes.
    fn next_bytes(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        self.next(py, false)
    }

    /// Sends a text, or returns that only the slow twin can.
    fn put_text(&self, websocket: &Bound<'_, PyAny>, text: &Bound<'_, PyAny>) -> PyResult<bool> {
        match text.cast_exact::<PyString>().map(|text| text.to_str()) {
            Ok(Ok(text)) => self.put(websocket, &Message::Text(text)),
            _ => Ok(false),
        }
    }

    /// The same for bytes.
    fn put_bytes(&self, websocket: &Bound<'_, PyAny>, bytes: &Bound<'_, PyAny>) -> PyResult<bool> {
        match bytes.cast_exact::<PyBytes>() {
            Ok(bytes) => self.put(websocket, &Message::Bytes(bytes.as_bytes())),
            Err(_) => Ok(false),
        }
    }

    /// ASGI's, which the WebSocket object was made with.
    #[getter]
    fn receive(&self, py: Python<'_>) -> Py<PyAny> {
        self.receive.clone_ref(py)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.receive)?;
        visit.call(&self.send)
    }
}
