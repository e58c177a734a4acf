//! ASGI scopes, with the keys and values that uvicorn gives them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};

use crate::http1::{RequestHead, Version};

/// What `urllib.parse.quote` leaves as it is.
const UNQUOTED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~')
    .remove(b'/');

/// What all scopes of a server share.
pub struct ScopeParts {
    /// `{"version": "3.0", "spec_version": "2.3"}`, copied for each scope.
    pub asgi: Py<PyDict>,
    /// The state that the lifespan made, copied for each scope.
    pub state: Py<PyDict>,
    /// The prefix that a proxy took off the path.
    pub root_path: String,
    /// Whether connections are encrypted.
    pub tls: bool,
}

/// Builds the scope of a request; `websocket` for one that asks to upgrade.
pub fn build<'py>(
    py: Python<'py>,
    parts: &ScopeParts,
    head: &RequestHead,
    websocket: bool,
    client: &Py<PyAny>,
    server: &Py<PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let scope = PyDict::new(py);
    let kind = if websocket {
        intern!(py, "websocket")
    } else {
        intern!(py, "http")
    };
    let scheme = match (websocket, parts.tls) {
        (false, false) => intern!(py, "http"),
        (false, true) => intern!(py, "https"),
        (true, false) => intern!(py, "ws"),
        (true, true) => intern!(py, "wss"),
    };
    let version = match head.version {
        Version::Http10 => intern!(py, "1.0"),
        Version::Http11 => intern!(py, "1.1"),
    };
    scope.set_item(intern!(py, "type"), kind)?;
    scope.set_item(intern!(py, "asgi"), parts.asgi.bind(py).copy()?)?;
    scope.set_item(intern!(py, "http_version"), version)?;
    scope.set_item(intern!(py, "server"), server)?;
    scope.set_item(intern!(py, "client"), client)?;
    scope.set_item(intern!(py, "scheme"), scheme)?;
    if !websocket {
        scope.set_item(intern!(py, "method"), method(py, head.method()))?;
    }
    scope.set_item(intern!(py, "root_path"), &parts.root_path)?;
    let raw_path = head.raw_path();
    if parts.root_path.is_empty() {
        scope.set_item(
            intern!(py, "path"),
            percent_decode(raw_path).decode_utf8_lossy(),
        )?;
        scope.set_item(intern!(py, "raw_path"), PyBytes::new(py, raw_path))?;
    } else {
        let path = format!(
            "{}{}",
            parts.root_path,
            percent_decode(raw_path).decode_utf8_lossy()
        );
        scope.set_item(intern!(py, "path"), path)?;
        scope.set_item(
            intern!(py, "raw_path"),
            PyBytes::new(py, &[parts.root_path.as_bytes(), raw_path].concat()),
        )?;
    }
    scope.set_item(intern!(py, "query_string"), PyBytes::new(py, head.query()))?;
    scope.set_item(intern!(py, "headers"), headers(py, head)?)?;
    scope.set_item(intern!(py, "state"), parts.state.bind(py).copy()?)?;
    Ok(scope)
}

/// The methods that are seen all day are interned.
fn method<'py>(py: Python<'py>, method: &[u8]) -> Bound<'py, PyString> {
    match method {
        b"GET" => intern!(py, "GET").clone(),
        b"POST" => intern!(py, "POST").clone(),
        b"PUT" => intern!(py, "PUT").clone(),
        b"DELETE" => intern!(py, "DELETE").clone(),
        b"PATCH" => intern!(py, "PATCH").clone(),
        b"HEAD" => intern!(py, "HEAD").clone(),
        b"OPTIONS" => intern!(py, "OPTIONS").clone(),
        other => PyString::new(py, &String::from_utf8_lossy(other)),
    }
}

fn headers<'py>(py: Python<'py>, head: &RequestHead) -> PyResult<Bound<'py, PyList>> {
    PyList::new(
        py,
        head.fields()
            .map(|(name, value)| (PyBytes::new(py, name), PyBytes::new(py, value))),
    )
}

/// The path as the access log shows it: decoded, then quoted again, so that no control character gets there.
pub fn quoted_path(root_path: &str, raw_path: &[u8]) -> String {
    let decoded = format!(
        "{root_path}{}",
        percent_decode(raw_path).decode_utf8_lossy()
    );
    utf8_percent_encode(&decoded, UNQUOTED).to_string()
}
