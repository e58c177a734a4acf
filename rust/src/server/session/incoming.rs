//! The messages of the peer, on their way to the application.

use std::time::Instant;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use super::Session;
use crate::websocket::Event;

/// What `take` comes to.
pub enum Taken {
    /// A `str` or `bytes`.
    Message(Py<PyAny>),
    /// A future that is done when there is something.
    Wait(Py<PyAny>),
    /// Nothing was taken: `pull` has what there is.
    Nothing,
}

impl Session {
    /// Adds a message of the peer.
    pub fn hear(&self, event: Event) {
        self.heard.set(Instant::now());
        let length = match &event {
            Event::Text(text) => text.len(),
            Event::Binary(bytes) => bytes.len(),
            Event::Pong(_) => {
                self.pinged.set(None);
                return;
            }
            Event::Close(..) => return,
        };
        self.waiting_bytes.set(self.waiting_bytes.get() + length);
        self.messages.borrow_mut().push_back(event);
    }

    /// Whether enough messages wait for the application.
    pub fn is_full(&self) -> bool {
        self.messages.borrow().len() >= self.core.settings.message_queue
            || self.waiting_bytes.get() > self.core.settings.message_bytes
    }

    /// Lets go of those who wait in `receive`, for somebody to have them go on.
    pub fn take_receivers(&self) -> Vec<Py<PyAny>> {
        self.waiting_for_message.take()
    }

    /// The next message for the application, or a future to wait for.
    pub fn pull(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let message = PyDict::new(py);
        let kind = intern!(py, "type");
        if !self.connect_told.replace(true) {
            message.set_item(kind, intern!(py, "websocket.connect"))?;
            return Ok(message.into_any().unbind());
        }
        let lost = self.lost.borrow().clone();
        if !self.is_accepted() {
            return match lost {
                Some(_) => disconnect(message, 1006, None),
                None => self.waiting_for_message.wait(py, &self.core.event_loop),
            };
        }
        if self.closed.get() {
            return disconnect(message, 1005, None);
        }
        let event = self.messages.borrow_mut().pop_front();
        match event {
            Some(Event::Text(text)) => {
                self.taken(py, text.len());
                message.set_item(kind, intern!(py, "websocket.receive"))?;
                message.set_item(intern!(py, "text"), text)?;
            }
            Some(Event::Binary(bytes)) => {
                self.taken(py, bytes.len());
                message.set_item(kind, intern!(py, "websocket.receive"))?;
                message.set_item(intern!(py, "bytes"), PyBytes::new(py, &bytes))?;
            }
            _ => {
                return match lost {
                    Some((code, reason)) => {
                        self.closed.set(true);
                        disconnect(message, code, reason)
                    }
                    None => self.waiting_for_message.wait(py, &self.core.event_loop),
                };
            }
        }
        Ok(message.into_any().unbind())
    }

    /// Takes a text, or bytes, that the peer has sent.
    pub fn take(&self, py: Python<'_>, wants_text: bool) -> PyResult<Taken> {
        if self.closed.get() || !self.is_accepted() {
            return Ok(Taken::Nothing);
        }
        let event = {
            let mut messages = self.messages.borrow_mut();
            match (messages.front(), wants_text) {
                (Some(Event::Text(_)), true) | (Some(Event::Binary(_)), false) | (None, _) => {
                    messages.pop_front()
                }
                _ => return Ok(Taken::Nothing),
            }
        };
        let message = match event {
            Some(Event::Text(text)) => {
                self.taken(py, text.len());
                PyString::new(py, &text).into_any()
            }
            Some(Event::Binary(bytes)) => {
                self.taken(py, bytes.len());
                PyBytes::new(py, &bytes).into_any()
            }
            _ if self.lost.borrow().is_some() => return Ok(Taken::Nothing),
            _ => {
                let future = self.waiting_for_message.wait(py, &self.core.event_loop)?;
                return Ok(Taken::Wait(future));
            }
        };
        Ok(Taken::Message(message.unbind()))
    }

    fn taken(&self, py: Python<'_>, length: usize) {
        let was_full = self.messages.borrow().len() + 1 >= self.core.settings.message_queue
            || self.waiting_bytes.get() > self.core.settings.message_bytes;
        self.waiting_bytes.set(self.waiting_bytes.get() - length);
        if was_full && self.lost.borrow().is_none() {
            self.core.enqueue(py, self.key);
        }
    }
}

fn disconnect(
    message: Bound<'_, PyDict>,
    code: u16,
    reason: Option<String>,
) -> PyResult<Py<PyAny>> {
    let py = message.py();
    message.set_item(intern!(py, "type"), intern!(py, "websocket.disconnect"))?;
    message.set_item(intern!(py, "code"), code)?;
    if let Some(reason) = reason {
        message.set_item(intern!(py, "reason"), reason)?;
    }
    Ok(message.into_any().unbind())
}
