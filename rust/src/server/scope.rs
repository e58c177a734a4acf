//! ASGI scopes, with the keys and values that uvicorn gives them.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};

use crate::http1::{RequestHead, Version};

/// What all scopes of a server share.
pub struct ScopeParts {
    /// `{"version": "3.0", "spec_version": "2.3"}`, copied for each request.
    asgi: Py<PyDict>,
    /// The same for WebSockets, whose version is 2.4.
    websocket_asgi: Py<PyDict>,
    /// The state that the lifespan made, copied for each scope.
    state: Py<PyDict>,
    /// The prefix that a proxy took off the path.
    root_path: Py<PyString>,
    prefix: String,
}

/// How a client speaks to the server, or to the first proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// In the open.
    Http,
    /// Encrypted.
    Https,
    /// A WebSocket in the open.
    Ws,
    /// A WebSocket, encrypted.
    Wss,
}

impl Scheme {
    /// Reads its name.
    pub fn parse(name: &[u8]) -> Option<Self> {
        match name {
            b"http" => Some(Self::Http),
            b"https" => Some(Self::Https),
            b"ws" => Some(Self::Ws),
            b"wss" => Some(Self::Wss),
            _ => None,
        }
    }

    fn of_websocket(self) -> Self {
        match self {
            Self::Http | Self::Ws => Self::Ws,
            Self::Https | Self::Wss => Self::Wss,
        }
    }

    fn name<'py>(self, py: Python<'py>) -> &'py Bound<'py, PyString> {
        match self {
            Self::Http => intern!(py, "http"),
            Self::Https => intern!(py, "https"),
            Self::Ws => intern!(py, "ws"),
            Self::Wss => intern!(py, "wss"),
        }
    }
}

/// Between whom a request goes, as its scope tells.
pub struct Origin {
    /// `(host, port)` of the client, or `None`.
    pub client: Py<PyAny>,
    /// `(host, port)` of this side, or `None`.
    pub server: Py<PyAny>,
    /// How the client speaks.
    pub scheme: Scheme,
}

impl ScopeParts {
    /// What does not change from request to request.
    pub fn new(py: Python<'_>, state: Py<PyDict>, root_path: &str) -> PyResult<Self> {
        let asgi = |version: &str| -> PyResult<Py<PyDict>> {
            let asgi = PyDict::new(py);
            asgi.set_item("version", "3.0")?;
            asgi.set_item("spec_version", version)?;
            Ok(asgi.unbind())
        };
        Ok(Self {
            asgi: asgi("2.3")?,
            websocket_asgi: asgi("2.4")?,
            state,
            root_path: PyString::new(py, root_path).unbind(),
            prefix: root_path.to_owned(),
        })
    }

    /// The path of a request, decoded.
    pub fn path<'a>(&self, head: &'a RequestHead) -> Cow<'a, str> {
        let path = percent_decode(head.raw_path()).decode_utf8_lossy();
        match self.prefix.is_empty() {
            true => path,
            false => format!("{}{path}", self.prefix).into(),
        }
    }

    /// The prefix that a proxy took off the path.
    pub fn root_path(&self) -> &str {
        &self.prefix
    }
}

/// Builds the scope of a request, its keys in uvicorn's order.
pub fn http<'py>(
    py: Python<'py>,
    parts: &ScopeParts,
    head: &RequestHead,
    origin: &Origin,
) -> PyResult<Bound<'py, PyDict>> {
    let scope = PyDict::new(py);
    let version = match head.version {
        Version::Http10 => intern!(py, "1.0"),
        Version::Http11 => intern!(py, "1.1"),
    };
    scope.set_item(intern!(py, "type"), intern!(py, "http"))?;
    scope.set_item(intern!(py, "asgi"), parts.asgi.bind(py).copy()?)?;
    scope.set_item(intern!(py, "http_version"), version)?;
    scope.set_item(intern!(py, "server"), &origin.server)?;
    scope.set_item(intern!(py, "client"), &origin.client)?;
    scope.set_item(intern!(py, "scheme"), origin.scheme.name(py))?;
    scope.set_item(intern!(py, "root_path"), &parts.root_path)?;
    scope.set_item(intern!(py, "headers"), headers(py, head)?)?;
    scope.set_item(intern!(py, "state"), parts.state.bind(py).copy()?)?;
    scope.set_item(intern!(py, "method"), method(py, head.method()))?;
    target(&scope, parts, head)?;
    Ok(scope)
}

/// Builds the scope of a WebSocket.
pub fn websocket<'py>(
    py: Python<'py>,
    parts: &ScopeParts,
    head: &RequestHead,
    subprotocols: &[String],
    origin: &Origin,
) -> PyResult<Bound<'py, PyDict>> {
    let scope = PyDict::new(py);
    let scheme = origin.scheme.of_websocket().name(py);
    scope.set_item(intern!(py, "type"), intern!(py, "websocket"))?;
    scope.set_item(intern!(py, "asgi"), parts.websocket_asgi.bind(py).copy()?)?;
    scope.set_item(intern!(py, "http_version"), intern!(py, "1.1"))?;
    scope.set_item(intern!(py, "scheme"), scheme)?;
    scope.set_item(intern!(py, "server"), &origin.server)?;
    scope.set_item(intern!(py, "client"), &origin.client)?;
    scope.set_item(intern!(py, "root_path"), &parts.root_path)?;
    target(&scope, parts, head)?;
    scope.set_item(intern!(py, "headers"), headers(py, head)?)?;
    scope.set_item(intern!(py, "subprotocols"), subprotocols)?;
    scope.set_item(intern!(py, "state"), parts.state.bind(py).copy()?)?;
    let extensions = PyDict::new(py);
    extensions.set_item(intern!(py, "websocket.http.response"), PyDict::new(py))?;
    scope.set_item(intern!(py, "extensions"), extensions)?;
    Ok(scope)
}

fn target(scope: &Bound<'_, PyDict>, parts: &ScopeParts, head: &RequestHead) -> PyResult<()> {
    let py = scope.py();
    scope.set_item(intern!(py, "path"), parts.path(head))?;
    let raw_path = head.raw_path();
    let raw_path = match parts.prefix.is_empty() {
        true => PyBytes::new(py, raw_path),
        false => PyBytes::new(py, &[parts.prefix.as_bytes(), raw_path].concat()),
    };
    scope.set_item(intern!(py, "raw_path"), raw_path)?;
    scope.set_item(intern!(py, "query_string"), PyBytes::new(py, head.query()))
}

/// The methods that are seen all day are interned.
pub fn method<'py>(py: Python<'py>, method: &[u8]) -> Bound<'py, PyString> {
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
