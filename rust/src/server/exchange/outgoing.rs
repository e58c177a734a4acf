//! The response, on its way to the connection: whole, or in messages.

use pyo3::exceptions::{PyKeyError, PyRuntimeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::Exchange;
use crate::dispatch::head::{Head, WrittenHead};
use crate::http1::{ResponseHead, WholeResponse};
use crate::server::message;

/// How far the response is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// No `http.response.start` was sent.
    Nothing,
    /// The head is written.
    Body,
    /// The rest of the body comes from a file.
    File,
    /// The last piece was sent.
    Complete,
}

/// What became of a whole response.
pub enum Took {
    /// It was sent, or nobody is there to receive it.
    It,
    /// It has to come in messages, which wait, or are refused.
    Nothing,
}

impl Exchange {
    /// Wakes those who wait in `send`.
    pub fn wake_senders(&self, py: Python<'_>) {
        self.waiting_for_room.wake(py);
    }

    /// Takes a whole response whose fields are complete lines and known to be good.
    pub fn take_whole(
        &self,
        status: u16,
        fields: &[u8],
        body: &Bound<'_, PyBytes>,
    ) -> PyResult<Took> {
        let py = body.py();
        self.take(py, status, || {
            let server_fields = self.core.server_fields();
            let response = WholeResponse {
                status,
                server_fields: &server_fields,
                fields,
                length: body.as_bytes().len(),
                close: self.closes(),
            };
            self.core.respond(self.key, |connection| {
                connection.send_whole(&self.head, &response, body)
            })?;
            self.finish(py)
        })
    }

    /// Takes a whole response.
    pub fn take_head(&self, head: &Head, body: &Bound<'_, PyBytes>) -> PyResult<Took> {
        let py = body.py();
        match head {
            Head::Written(head) => self.take_written(head, body),
            Head::Held(status, headers) => match status.extract(py) {
                Ok(status @ 200..=999) => {
                    let fields = message::pairs(headers.bind(py))?;
                    self.take_fields(status, message::slices(&fields), body)
                }
                _ => Ok(Took::Nothing),
            },
        }
    }

    /// Takes a whole response that a stock class would make.
    pub fn take_written(&self, head: &WrittenHead, body: &Bound<'_, PyBytes>) -> PyResult<Took> {
        let py = body.py();
        if let (None, None) = (&head.allow, &head.more) {
            return self.take_whole(head.status, head.content_type_line(), body);
        }
        let mut length = itoa::Buffer::new();
        let length = length.format(body.as_bytes().len()).as_bytes();
        let length = (&b"content-length"[..], length);
        let content_type = head.content_type();
        let content_type = content_type.map(|value| (&b"content-type"[..], value));
        let allow = head.allow.as_ref().map(|allow| allow.as_bytes(py));
        let allow = allow.map(|allow| (&b"allow"[..], allow));
        let more = match &head.more {
            Some(more) => message::pairs(more.bind(py))?,
            None => Vec::new(),
        };
        let own = allow.into_iter().chain([length]).chain(content_type);
        self.take_fields(head.status, own.chain(message::slices(&more)), body)
    }

    /// Takes a whole response with fields of the application's.
    pub fn take_fields<'f>(
        &self,
        status: u16,
        fields: impl Iterator<Item = (&'f [u8], &'f [u8])> + Clone,
        body: &Bound<'_, PyBytes>,
    ) -> PyResult<Took> {
        self.take(body.py(), status, || {
            self.respond(status, fields)?;
            self.send_body(body, false)
        })
    }

    /// Writes what the socket takes.
    pub fn flush(&self, py: Python<'_>) {
        self.core.flush(py, self.key);
    }

    fn take(
        &self,
        py: Python<'_>,
        status: u16,
        write: impl FnOnce() -> PyResult<()>,
    ) -> PyResult<Took> {
        if self.disconnected.get() {
            return Ok(Took::It);
        }
        if self.progress.get() != Progress::Nothing || self.core.is_behind(self.key) {
            return Ok(Took::Nothing);
        }
        self.progress.set(Progress::Body);
        self.log(py, status);
        if !self.disconnected.get() {
            write()?;
        }
        Ok(Took::It)
    }

    /// Takes one message of the application, or returns a future to wait for before it is offered again.
    pub fn push(&self, py: Python<'_>, message: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
        let kind = message::need(message, intern!(py, "type"))?;
        let kind = kind.cast::<PyString>()?.to_str()?;
        if self.disconnected.get() {
            return Ok(None);
        }
        let progress = self.progress.get();
        if matches!(progress, Progress::Body | Progress::File) && self.core.is_behind(self.key) {
            return self
                .waiting_for_room
                .wait(py, &self.core.event_loop)
                .map(Some);
        }
        match (progress, kind) {
            (Progress::Nothing, "http.response.start") => {
                let status = message::need(message, intern!(py, "status"))?;
                let Ok(number) = status.extract() else {
                    // uvicorn looks the status up among those that it knows, in a response that it has begun.
                    self.progress.set(Progress::Body);
                    return Err(PyKeyError::new_err(status.unbind()));
                };
                self.begin(py, number, &message::fields(message)?)?;
                Ok(None)
            }
            (Progress::Nothing, _) => Err(PyRuntimeError::new_err(format!(
                "Expected ASGI message 'http.response.start', but got '{kind}'."
            ))),
            (Progress::Body, "http.response.body") => {
                let body = match message::get(message, intern!(py, "body"))? {
                    Some(body) => message::bytes(&body)?,
                    None => PyBytes::new(py, b""),
                };
                let more = message::truth(message, intern!(py, "more_body"))?;
                self.send_part(&body, more)?;
                Ok(None)
            }
            (Progress::Body | Progress::File, _) => Err(PyRuntimeError::new_err(format!(
                "Expected ASGI message 'http.response.body', but got '{kind}'."
            ))),
            (Progress::Complete, _) => Err(PyRuntimeError::new_err(format!(
                "Unexpected ASGI message '{kind}' sent, after response already completed."
            ))),
        }
    }

    /// Starts the response, if none has been.
    fn begin(&self, py: Python<'_>, status: u16, fields: &message::Fields<'_>) -> PyResult<()> {
        // What is wrong from here on is not answered with a 500.
        self.progress.set(Progress::Body);
        self.log(py, status);
        if self.disconnected.get() {
            return Ok(());
        }
        self.respond(status, message::slices(fields))?;
        self.core.flush_soon(py, self.key)
    }

    /// Takes the start of a response. `false`: it has to come in a message, which is refused.
    pub fn take_start(
        &self,
        py: Python<'_>,
        status: u16,
        fields: &message::Fields<'_>,
    ) -> PyResult<bool> {
        if self.disconnected.get() {
            return Ok(true);
        }
        if self.progress.get() != Progress::Nothing {
            return Ok(false);
        }
        self.begin(py, status, fields)?;
        Ok(true)
    }

    /// Takes a part of the body, or returns a future to wait for before it is offered again.
    pub fn take_part(&self, part: &Bound<'_, PyBytes>, more: bool) -> PyResult<Option<Py<PyAny>>> {
        let py = part.py();
        if self.disconnected.get() {
            return Ok(None);
        }
        if self.core.is_behind(self.key) {
            let future = self.waiting_for_room.wait(py, &self.core.event_loop)?;
            return Ok(Some(future));
        }
        if self.progress.get() != Progress::Body {
            return Err(PyRuntimeError::new_err(
                "Unexpected ASGI message 'http.response.body' sent, after response already completed.",
            ));
        }
        self.send_part(part, more)?;
        Ok(None)
    }

    fn send_part(&self, part: &Bound<'_, PyBytes>, more: bool) -> PyResult<()> {
        self.send_body(part, more)?;
        if !more {
            // Background tasks may follow, and take their time.
            self.flush(part.py());
        }
        Ok(())
    }

    /// Whether no request can follow: who waits for `100 Continue` may or may not send its body, in vain.
    fn closes(&self) -> bool {
        let is_unclear = !self.continued.get() && !self.body_ended.get();
        is_unclear || self.core.stopping.get().is_some()
    }

    pub(super) fn respond<'f>(
        &self,
        status: u16,
        fields: impl Iterator<Item = (&'f [u8], &'f [u8])> + Clone,
    ) -> PyResult<()> {
        let server_fields = self.core.server_fields();
        let head = ResponseHead {
            status,
            fields,
            server_fields: &server_fields,
            close: self.closes(),
        };
        self.core.respond(self.key, |connection| {
            connection
                .engine
                .start_response(&self.head, &head, connection.out.tail())
        })
    }

    pub(super) fn send_body(&self, body: &Bound<'_, PyBytes>, more: bool) -> PyResult<()> {
        let py = body.py();
        self.core
            .respond(self.key, |connection| connection.send_data(body))?;
        if !more {
            self.finish(py)
        } else if self.core.is_behind(self.key) {
            self.core.flush(py, self.key);
            Ok(())
        } else {
            self.core.flush_soon(py, self.key)
        }
    }

    /// Ends the response; the connection goes on with what the peer sent meanwhile, or closes.
    pub(super) fn finish(&self, py: Python<'_>) -> PyResult<()> {
        self.progress.set(Progress::Complete);
        self.body.take();
        let ended = self.core.end_response(py, self.key, self.continued.get());
        self.waiting_for_body.wake(py);
        self.waiting_for_room.wake(py);
        ended
    }
}
