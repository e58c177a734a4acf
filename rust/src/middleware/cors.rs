//! `CORSMiddleware`: what it adds to the head of a response depends on the request alone, where the head says nothing
//! of the kind yet.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyList, PyString, PyTuple};
use pyo3::{PyTraverseError, PyVisit};

use super::message::{awaitable, headers, http, is_of};
use crate::dispatch::door::{Header, header_in};

/// How many origins are remembered.
const MAX_ORIGINS: usize = 256;

/// Bytes of an origin that is remembered.
const MAX_ORIGIN: usize = 256;

/// How many items the lists of a policy may have.
const MAX_ITEMS: usize = 256;

/// Serves requests in place of one middleware.
///
/// Slow twin: `CORSMiddleware.__call__`, whose `send` is asked by `fastapi.plan.cors_middleware.added`.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct CorsWay {
    added: Py<PyAny>,
    policy: Mutex<Option<Policy>>,
}

/// What a middleware adds, as long as its attributes are what they were.
struct Policy {
    attributes: Vec<Attribute>,
    /// By origin and whether there is a cookie
    known: HashMap<(Option<Vec<u8>>, bool), Arc<Added>>,
}

/// Its name, its value and what is in that.
type Attribute = (Py<PyString>, Py<PyAny>, Vec<Py<PyAny>>);

/// Headers, and the names that a response must not have for them to be all that is added.
struct Added {
    headers: Py<PyList>,
    names: Vec<Vec<u8>>,
}

impl Policy {
    /// The policy of a middleware. `None`: it may change unseen.
    fn of(attributes: &Bound<'_, PyDict>) -> PyResult<Option<Self>> {
        let mut known = Vec::new();
        for (name, value) in attributes.iter() {
            let name = name.cast_into::<PyString>()?;
            if name == "app" {
                continue;
            }
            let Some(items) = items(&value) else {
                return Ok(None);
            };
            known.push((name.unbind(), value.unbind(), unbound(items)));
        }
        Ok(Some(Self {
            attributes: known,
            known: HashMap::new(),
        }))
    }

    /// Whether the attributes are still the same.
    fn holds(&self, attributes: &Bound<'_, PyDict>) -> PyResult<bool> {
        if attributes.len() != self.attributes.len() + 1 {
            return Ok(false);
        }
        for (name, value, known) in &self.attributes {
            let Some(now) = attributes.get_item(name)? else {
                return Ok(false);
            };
            let is_same = now.is(value)
                && (known.is_empty() && is_fixed(&now)
                    || items(&now).is_some_and(|items| {
                        items.len() == known.len()
                            && items.iter().zip(known).all(|(now, known)| now.is(known))
                    }));
            if !is_same {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn unbound(items: Vec<Bound<'_, PyAny>>) -> Vec<Py<PyAny>> {
    items.into_iter().map(Bound::unbind).collect()
}

/// Whether a value cannot change.
fn is_fixed(value: &Bound<'_, PyAny>) -> bool {
    value.is_none()
        || value.is_exact_instance_of::<PyBool>()
        || value.is_exact_instance_of::<PyString>()
        || value.get_type().name().is_ok_and(|name| name == "Pattern")
}

/// What is in a value. `None`: it may have more in it.
fn items<'py>(value: &Bound<'py, PyAny>) -> Option<Vec<Bound<'py, PyAny>>> {
    let items: Vec<_> = if let Ok(list) = value.cast_exact::<PyList>() {
        list.iter().collect()
    } else if let Ok(tuple) = value.cast_exact::<PyTuple>() {
        tuple.iter().collect()
    } else if let Ok(dict) = value.cast_exact::<PyDict>() {
        dict.iter().flat_map(|(key, value)| [key, value]).collect()
    } else {
        return is_fixed(value).then(Vec::new);
    };
    let are_texts = items
        .iter()
        .all(|item| item.is_exact_instance_of::<PyString>());
    (are_texts && items.len() <= MAX_ITEMS).then_some(items)
}

#[pymethods]
impl CorsWay {
    #[new]
    fn new(added: Py<PyAny>) -> Self {
        let policy = Mutex::new(None);
        Self { added, policy }
    }

    fn __call__(
        &self,
        middleware: &Bound<'_, PyAny>,
        scope: &Bound<'_, PyAny>,
        receive: &Bound<'_, PyAny>,
        send: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Py<PyAny>>> {
        let py = scope.py();
        let Some(request) = http(scope)? else {
            return Ok(None);
        };
        let Some(added) = self.added(middleware, request)? else {
            return Ok(None);
        };
        let app = middleware.getattr(intern!(py, "app"))?;
        if added.names.is_empty() {
            return awaitable(app.call1((scope, receive, send))?).map(Some);
        }
        let send = CorsSend {
            middleware: middleware.clone().unbind(),
            scope: request.clone().unbind(),
            send: send.clone().unbind(),
            added,
        };
        awaitable(app.call1((scope, receive, send))?).map(Some)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.added)
    }
}

impl CorsWay {
    /// What is added to the response of a request. `None`: the middleware has to be asked, or answers by itself.
    fn added(
        &self,
        middleware: &Bound<'_, PyAny>,
        scope: &Bound<'_, PyDict>,
    ) -> PyResult<Option<Arc<Added>>> {
        let py = scope.py();
        let origin = match header_in(scope, b"origin") {
            Some(Header::Is(origin)) if origin.len() <= MAX_ORIGIN => Some(origin),
            Some(Header::Missing) => None,
            _ => return Ok(None),
        };
        let has_cookie = match header_in(scope, b"cookie") {
            Some(Header::Is(_)) => true,
            Some(Header::Missing) => false,
            _ => return Ok(None),
        };
        let method = scope.get_item(intern!(py, "method"))?;
        // A preflight request is answered by the middleware itself.
        if method.is_none_or(|method| method.eq(intern!(py, "OPTIONS")).unwrap_or(true)) {
            return Ok(None);
        }
        let attributes = middleware
            .getattr(intern!(py, "__dict__"))?
            .cast_into::<PyDict>()?;
        let key = (origin, has_cookie);
        {
            let policy = self.policy.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(policy) = &*policy
                && policy.holds(&attributes)?
                && let Some(added) = policy.known.get(&key)
            {
                return Ok(Some(added.clone()));
            }
        }
        let Some(fresh) = Policy::of(&attributes)? else {
            return Ok(None);
        };
        let found = self.added.bind(py).call1((middleware, scope))?;
        let Ok(found) = found.cast_into_exact::<PyList>() else {
            return Ok(None);
        };
        let mut names: Vec<Vec<u8>> = Vec::new();
        for header in found.iter() {
            let (name, _): (Bound<'_, PyBytes>, Bound<'_, PyBytes>) = header.extract()?;
            names.push(name.as_bytes().to_vec());
        }
        if !names.is_empty() {
            names.push(b"vary".to_vec());
        }
        let added = Arc::new(Added {
            headers: found.unbind(),
            names,
        });
        let mut policy = self.policy.lock().unwrap_or_else(PoisonError::into_inner);
        let stale = match &mut *policy {
            Some(policy) if policy.holds(&attributes)? && policy.known.len() < MAX_ORIGINS => None,
            place => place.replace(fresh),
        };
        if let Some(policy) = &mut *policy {
            policy.known.insert(key, added.clone());
        }
        drop(policy);
        drop(stale);
        Ok(Some(added))
    }
}

/// The `send` of one request. Slow twin: `CORSMiddleware.send`.
#[pyclass(frozen, module = "fastapi._fastapi_rust", name = "_CorsSend")]
struct CorsSend {
    middleware: Py<PyAny>,
    scope: Py<PyDict>,
    send: Py<PyAny>,
    added: Arc<Added>,
}

#[pymethods]
impl CorsSend {
    fn __call__<'py>(&self, message: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = message.py();
        let Ok(start) = message.cast_exact::<PyDict>() else {
            return self.slowly(&message);
        };
        if !is_of(start, "http.response.start")? {
            return match start.contains(intern!(py, "type"))? {
                true => self.send.bind(py).call1((message,)),
                false => self.slowly(&message),
            };
        }
        let is_plain = headers(start)?.is_some_and(|headers| {
            let is_new = |name: &[u8]| self.added.names.iter().all(|added| added != name);
            headers.iter().all(|(name, _)| is_new(name.as_bytes()))
        });
        if !is_plain {
            return self.slowly(&message);
        }
        let name = intern!(py, "headers");
        let before = start.get_item(name)?;
        let all = py.get_type::<PyList>().call1((before,))?;
        all.call_method1(intern!(py, "extend"), (&self.added.headers,))?;
        start.set_item(name, all)?;
        self.send.bind(py).call1((message,))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.middleware)?;
        visit.call(&self.scope)?;
        visit.call(&self.send)
    }
}

impl CorsSend {
    fn slowly<'py>(&self, message: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = message.py();
        let headers = py
            .import(intern!(py, "starlette.datastructures"))?
            .getattr(intern!(py, "Headers"))?;
        let options = PyDict::new(py);
        options.set_item(intern!(py, "scope"), &self.scope)?;
        let request_headers = headers.call((), Some(&options))?;
        self.middleware
            .bind(py)
            .call_method1(intern!(py, "send"), (message, &self.send, request_headers))
    }
}
