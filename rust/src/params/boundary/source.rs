//! Where the parameters of a request are.

use pyo3::PyTypeInfo;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};

/// A request with parameters. `None` is what only the reference path can read.
pub trait Source<'py> {
    /// The converted path parameters.
    fn path(&self) -> Option<Bound<'py, PyDict>>;

    /// The query parameters.
    fn query(&self) -> Option<Query<'_, 'py>>;

    /// The headers, their names in lower case.
    fn headers(&self) -> Option<Headers<'_, 'py>>;

    /// The cookies.
    fn cookies(&self) -> Option<Cookies<'_, 'py>> {
        self.headers().map(Cookies::Raw)
    }
}

/// Bytes as they arrived.
pub enum Raw<'a, 'py> {
    /// In a scope
    Object(Bound<'py, PyBytes>),
    /// In the head of a request
    Slice(&'a [u8]),
}

impl AsRef<[u8]> for Raw<'_, '_> {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Object(bytes) => bytes.as_bytes(),
            Self::Slice(bytes) => bytes,
        }
    }
}

/// The query string, or what Starlette has made of it.
pub enum Query<'a, 'py> {
    /// As it arrived
    Raw(Raw<'a, 'py>),
    /// The pairs of a `QueryParams`
    Pairs(Vec<(Bound<'py, PyString>, Bound<'py, PyString>)>),
}

/// Names and values of headers.
pub type Headers<'a, 'py> = Vec<(Raw<'a, 'py>, Raw<'a, 'py>)>;

/// The cookies, or the headers they are in.
pub enum Cookies<'a, 'py> {
    /// As they arrived
    Raw(Headers<'a, 'py>),
    /// What Starlette has made of them
    Dict(Bound<'py, PyDict>),
}

/// A request as Starlette keeps it: the scope, and what has been read from it already.
pub struct Scope<'a, 'py> {
    /// The ASGI scope
    pub scope: &'a Bound<'py, PyDict>,
    /// The `__dict__` of the request, where its properties keep what they have read
    pub kept: Option<&'a Bound<'py, PyDict>>,
    /// `starlette.datastructures.QueryParams`
    pub query_params: &'a Bound<'py, PyAny>,
    /// `starlette.datastructures.Headers`
    pub headers: &'a Bound<'py, PyAny>,
}

impl<'py> Scope<'_, 'py> {
    fn was_read(&self, name: &Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.kept.map_or(Ok(None), |kept| kept.get_item(name))
    }
}

impl<'py> Source<'py> for Scope<'_, 'py> {
    fn path(&self) -> Option<Bound<'py, PyDict>> {
        exact(
            self.scope
                .get_item(intern!(self.scope.py(), "path_params"))
                .ok()??,
        )
    }

    fn query(&self) -> Option<Query<'_, 'py>> {
        let py = self.scope.py();
        let Some(kept) = self.was_read(intern!(py, "_query_params")).ok()? else {
            let query = exact(self.scope.get_item(intern!(py, "query_string")).ok()??)?;
            return Some(Query::Raw(Raw::Object(query)));
        };
        if !kept.get_type().is(self.query_params) {
            return None;
        }
        let items: Bound<'py, PyList> = exact(kept.getattr(intern!(py, "_list")).ok()?)?;
        // Starlette looks single values up in `_dict`: libraries that rewrite requests change it alone.
        let singles = kept.getattr(intern!(py, "_dict")).ok()?;
        if !PyDict::from_sequence(&items).ok()?.eq(singles).ok()? {
            return None;
        }
        items
            .iter()
            .map(|item| pair(&item))
            .collect::<Option<_>>()
            .map(Query::Pairs)
    }

    fn headers(&self) -> Option<Headers<'_, 'py>> {
        let py = self.scope.py();
        let raw = |header: &Bound<'py, PyAny>| {
            pair(header).map(|(name, value)| (Raw::Object(name), Raw::Object(value)))
        };
        let headers = match self.was_read(intern!(py, "_headers")).ok()? {
            Some(kept) if kept.get_type().is(self.headers) => {
                kept.getattr(intern!(py, "_list")).ok()?
            }
            Some(_) => return None,
            None => self.scope.get_item(intern!(py, "headers")).ok()??,
        };
        if let Ok(headers) = headers.cast_exact::<PyList>() {
            return headers.iter().map(|header| raw(&header)).collect();
        }
        let headers = headers.cast_exact::<PyTuple>().ok()?;
        headers.iter().map(|header| raw(&header)).collect()
    }

    fn cookies(&self) -> Option<Cookies<'_, 'py>> {
        match self.was_read(intern!(self.scope.py(), "_cookies")).ok()? {
            Some(kept) => exact(kept).map(Cookies::Dict),
            None => self.headers().map(Cookies::Raw),
        }
    }
}

fn exact<'py, T: PyTypeInfo>(object: Bound<'py, PyAny>) -> Option<Bound<'py, T>> {
    object.cast_into_exact().ok()
}

fn pair<'py, T: PyTypeInfo>(object: &Bound<'py, PyAny>) -> Option<(Bound<'py, T>, Bound<'py, T>)> {
    if let Ok(pair) = object.cast_exact::<PyTuple>() {
        return match pair.len() {
            2 => Some((
                exact(pair.get_item(0).ok()?)?,
                exact(pair.get_item(1).ok()?)?,
            )),
            _ => None,
        };
    }
    let pair = object.cast_exact::<PyList>().ok()?;
    match pair.len() {
        2 => Some((
            exact(pair.get_item(0).ok()?)?,
            exact(pair.get_item(1).ok()?)?,
        )),
        _ => None,
    }
}
