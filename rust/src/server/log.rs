//! What the server says: to `uvicorn.error`, and to `uvicorn.access` in its own format.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

/// What `urllib.parse.quote` leaves as it is.
const UNQUOTED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~')
    .remove(b'/');

/// The two loggers.
pub struct Log {
    errors: Py<PyAny>,
    access: Option<Py<PyAny>>,
}

impl Log {
    /// `access` is `None` if requests are not logged.
    pub fn new(errors: Py<PyAny>, access: Option<Py<PyAny>>) -> Self {
        Self { errors, access }
    }

    /// Whether requests are logged.
    pub fn has_access(&self) -> bool {
        self.access.is_some()
    }

    /// One line for a request, from its scope, which middleware may have changed.
    pub fn access(&self, py: Python<'_>, scope: &Bound<'_, PyDict>, status: u16) {
        let Some(access) = &self.access else { return };
        let logged = (|| {
            let arguments = (
                "%s - \"%s %s HTTP/%s\" %d",
                client(scope)?,
                scope.get_item(intern!(py, "method"))?,
                path(scope)?,
                scope.get_item(intern!(py, "http_version"))?,
                status,
            );
            access.call_method1(py, intern!(py, "info"), arguments)
        })();
        if let Err(error) = logged {
            error.write_unraisable(py, None);
        }
    }

    /// One line for the answer to a WebSocket's handshake.
    pub fn handshake(&self, py: Python<'_>, scope: &Bound<'_, PyDict>, answer: &str) {
        match client(scope).and_then(|client| Ok((client, path(scope)?))) {
            Ok((client, path)) => {
                self.say(
                    py,
                    "info",
                    &format!("{client} - \"WebSocket {path}\" {answer}"),
                );
            }
            Err(error) => error.write_unraisable(py, None),
        }
    }

    /// One line, with a traceback if there is an exception.
    pub fn error(&self, py: Python<'_>, message: &str, error: Option<&Bound<'_, PyAny>>) {
        let logged = (|| -> PyResult<()> {
            let options = PyDict::new(py);
            if let Some(error) = error {
                options.set_item(intern!(py, "exc_info"), error)?;
            }
            self.errors
                .call_method(py, intern!(py, "error"), (message,), Some(&options))
                .map(drop)
        })();
        if let Err(error) = logged {
            error.write_unraisable(py, None);
        }
    }

    /// One line.
    pub fn warning(&self, py: Python<'_>, message: &str) {
        self.say(py, "warning", message);
    }

    /// One line.
    pub fn info(&self, py: Python<'_>, message: &str) {
        self.say(py, "info", message);
    }

    fn say(&self, py: Python<'_>, level: &str, message: &str) {
        // The message is an argument, for it may contain a percent sign.
        if let Err(error) = self.errors.call_method1(py, level, ("%s", message)) {
            error.write_unraisable(py, None);
        }
    }
}

fn client(scope: &Bound<'_, PyDict>) -> PyResult<String> {
    let client = scope.get_item(intern!(scope.py(), "client"))?;
    Ok(
        match client.map(|client| client.extract::<(String, i64)>()) {
            Some(Ok((host, port))) => format!("{host}:{port}"),
            _ => String::new(),
        },
    )
}

/// Decoded by the server and quoted again, so that no control character gets into the log.
fn path(scope: &Bound<'_, PyDict>) -> PyResult<String> {
    let py = scope.py();
    let path = scope
        .as_any()
        .get_item(intern!(py, "path"))?
        .cast_into::<PyString>()?;
    let mut text = utf8_percent_encode(&path.to_string_lossy(), UNQUOTED).to_string();
    let query: Vec<u8> = scope
        .as_any()
        .get_item(intern!(py, "query_string"))?
        .extract()?;
    if !query.is_empty() {
        text.push('?');
        text.push_str(&String::from_utf8_lossy(&query));
    }
    Ok(text)
}
