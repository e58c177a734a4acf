//! Where Starlette's request keeps the parameters: in the scope, or in what it has read from it already.

use pyo3::PyTypeInfo;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};

/// The parts of a request that the reference path would read.
pub struct Source<'a, 'py> {
    /// The ASGI scope
    pub scope: &'a Bound<'py, PyDict>,
    /// The `__dict__` of the request, where its properties keep what they have read
    pub kept: &'a Bound<'py, PyDict>,
    /// `starlette.datastructures.QueryParams`
    pub query_params: &'a Bound<'py, PyAny>,
    /// `starlette.datastructures.Headers`
    pub headers: &'a Bound<'py, PyAny>,
}

/// The query string, or what Starlette has made of it.
pub enum Query<'py> {
    /// As it arrived
    Raw(Bound<'py, PyBytes>),
    /// The pairs of a `QueryParams`
    Pairs(Vec<(Bound<'py, PyString>, Bound<'py, PyString>)>),
}

/// Names and values of headers.
pub type Headers<'py> = Vec<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)>;

/// The cookies, or the headers they are in.
pub enum Cookies<'py> {
    /// As they arrived
    Raw(Headers<'py>),
    /// What Starlette has made of them
    Dict(Bound<'py, PyDict>),
}

impl<'py> Source<'_, 'py> {
    /// The converted path parameters.
    pub fn path(&self) -> Option<Bound<'py, PyDict>> {
        exact(
            self.scope
                .get_item(intern!(self.scope.py(), "path_params"))
                .ok()??,
        )
    }

    /// The query parameters.
    pub fn query(&self) -> Option<Query<'py>> {
        let py = self.scope.py();
        let Some(kept) = self.kept.get_item(intern!(py, "_query_params")).ok()? else {
            return exact(self.scope.get_item(intern!(py, "query_string")).ok()??).map(Query::Raw);
        };
        if !kept.get_type().is(self.query_params) {
            return None;
        }
        let items: Bound<'py, PyList> = exact(kept.getattr(intern!(py, "_list")).ok()?)?;
        items
            .iter()
            .map(|item| pair(&item))
            .collect::<Option<_>>()
            .map(Query::Pairs)
    }

    /// The headers.
    pub fn headers(&self) -> Option<Headers<'py>> {
        let py = self.scope.py();
        let headers = match self.kept.get_item(intern!(py, "_headers")).ok()? {
            Some(kept) if kept.get_type().is(self.headers) => {
                kept.getattr(intern!(py, "_list")).ok()?
            }
            Some(_) => return None,
            None => self.scope.get_item(intern!(py, "headers")).ok()??,
        };
        if let Ok(headers) = headers.cast_exact::<PyList>() {
            return headers.iter().map(|header| pair(&header)).collect();
        }
        let headers = headers.cast_exact::<PyTuple>().ok()?;
        headers.iter().map(|header| pair(&header)).collect()
    }

    /// The cookies.
    pub fn cookies(&self) -> Option<Cookies<'py>> {
        match self
            .kept
            .get_item(intern!(self.scope.py(), "_cookies"))
            .ok()?
        {
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
