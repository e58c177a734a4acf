//! The head of a whole response, and the messages that ASGI has for both.

use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyInt, PyList};

use super::coroutine::wait_for;
use super::rendition::Rendition;

/// A head, by where its body comes from.
pub enum Head {
    /// Of a body that was written here
    Written(WrittenHead),
    /// Of a response object: `status_code` and `raw_headers`, a list of pairs of bytes
    Held(Py<PyInt>, Py<PyList>),
}

/// The head of a response that a stock class would make.
pub struct WrittenHead {
    /// 200 or above
    pub status: u16,
    /// The class; `None` is `JSONResponse`
    pub rendition: Option<Arc<Rendition>>,
    /// The value of a header `allow`, which comes before those of the class
    pub allow: Option<Py<PyBytes>>,
    /// Headers that follow those of the class, as a list of ASGI
    pub more: Option<Py<PyAny>>,
}

impl WrittenHead {
    /// The head of a `JSONResponse`.
    pub fn json(status: u16) -> Self {
        Self {
            status,
            rendition: None,
            allow: None,
            more: None,
        }
    }

    /// The content type, if there is one.
    pub fn content_type(&self) -> Option<&[u8]> {
        let line = self.content_type_line();
        line.strip_prefix(b"content-type: ")?.strip_suffix(b"\r\n")
    }

    /// The same as a line of the head, or nothing.
    pub fn content_type_line(&self) -> &[u8] {
        match &self.rendition {
            Some(rendition) => rendition.content_type_line(),
            None => b"content-type: application/json\r\n",
        }
    }

    /// All headers, for ASGI.
    fn headers<'py>(&self, body: &Bound<'py, PyBytes>) -> PyResult<Bound<'py, PyList>> {
        let py = body.py();
        let bytes = |content: &[u8]| PyBytes::new(py, content);
        let length = itoa::Buffer::new().format(body.as_bytes().len()).to_owned();
        let length = (bytes(b"content-length"), bytes(length.as_bytes()));
        let headers = match self.content_type() {
            Some(value) => PyList::new(py, [length, (bytes(b"content-type"), bytes(value))]),
            None => PyList::new(py, [length]),
        }?;
        if let Some(allow) = &self.allow {
            headers.insert(0, (bytes(b"allow"), allow))?;
        }
        if let Some(more) = &self.more {
            headers.call_method1(intern!(py, "extend"), (more,))?;
        }
        Ok(headers)
    }
}

/// Sends a whole response as ASGI messages.
pub async fn send_messages(send: &Py<PyAny>, head: Head, body: Py<PyBytes>) -> PyResult<()> {
    wait_for(|py| send.bind(py).call1((start_message(&head, body.bind(py))?,))).await?;
    wait_for(|py| send.bind(py).call1((body_message(body.bind(py))?,))).await?;
    Ok(())
}

/// `http.response.start`.
pub fn start_message<'py>(head: &Head, body: &Bound<'py, PyBytes>) -> PyResult<Bound<'py, PyDict>> {
    let py = body.py();
    let start = PyDict::new(py);
    start.set_item(intern!(py, "type"), intern!(py, "http.response.start"))?;
    let (status, headers) = (intern!(py, "status"), intern!(py, "headers"));
    match head {
        Head::Written(head) => {
            start.set_item(status, head.status)?;
            start.set_item(headers, head.headers(body)?)?;
        }
        Head::Held(code, pairs) => {
            start.set_item(status, code)?;
            start.set_item(headers, pairs)?;
        }
    }
    Ok(start)
}

/// `http.response.body`, the only one.
pub fn body_message<'py>(body: &Bound<'py, PyBytes>) -> PyResult<Bound<'py, PyDict>> {
    let py = body.py();
    let whole = PyDict::new(py);
    whole.set_item(intern!(py, "type"), intern!(py, "http.response.body"))?;
    whole.set_item(intern!(py, "body"), body)?;
    Ok(whole)
}
