//! What a request asks for, as its scope tells.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::table::Protocol;

/// The path below a root path, as Starlette's `get_route_path` has it.
pub fn route_path<'a>(path: &'a str, root_path: &str) -> &'a str {
    match path.strip_prefix(root_path) {
        Some(below) if below.is_empty() || below.starts_with('/') => below,
        _ => path,
    }
}

/// The part of a scope that decides about routes.
pub struct Target<'py> {
    scope_type: Bound<'py, PyString>,
    path: Bound<'py, PyString>,
    root_path: Option<Bound<'py, PyAny>>,
    /// Of the scope's type
    pub protocol: Protocol,
}

impl<'py> Target<'py> {
    /// Reads a scope; `None` if it is not what servers send.
    pub fn read(scope: &Bound<'py, PyDict>) -> PyResult<Option<Self>> {
        let py = scope.py();
        let exact =
            |value: Option<Bound<'py, PyAny>>| value.and_then(|value| value.cast_into_exact().ok());
        let Some(scope_type) = exact(scope.get_item(intern!(py, "type"))?) else {
            return Ok(None);
        };
        let Some(path) = exact(scope.get_item(intern!(py, "path"))?) else {
            return Ok(None);
        };
        let scope_type: Bound<'py, PyString> = scope_type;
        let Some(protocol) = scope_type.to_str().ok().and_then(Protocol::of) else {
            return Ok(None);
        };
        let root_path = scope.get_item(intern!(py, "root_path"))?;
        Ok(Some(Self {
            scope_type,
            path,
            root_path,
            protocol,
        }))
    }

    /// The path and the root path; `None` for texts that are not Unicode, and for root paths that are not texts.
    pub fn paths(&self) -> Option<(&str, &str)> {
        let path = self.path.to_str().ok()?;
        let root_path = match &self.root_path {
            Some(root_path) if !root_path.is_none() => {
                root_path.cast_exact::<PyString>().ok()?.to_str().ok()?
            }
            _ => "",
        };
        Some((path, root_path))
    }

    /// The path below the root path, if both are known.
    pub fn route_path(&self) -> Option<&str> {
        self.paths()
            .map(|(path, root_path)| route_path(path, root_path))
    }

    /// Whether a route's own `matches` left these parts as they were.
    pub fn holds(&self, scope: &Bound<'py, PyDict>) -> PyResult<bool> {
        let py = scope.py();
        let is = |key: &Bound<'py, PyString>, then: &Bound<'py, PyAny>| -> PyResult<bool> {
            Ok(scope.get_item(key)?.is_some_and(|now| now.is(then)))
        };
        let root_path = scope.get_item(intern!(py, "root_path"))?;
        Ok(is(intern!(py, "type"), &self.scope_type)?
            && is(intern!(py, "path"), &self.path)?
            && match (root_path, &self.root_path) {
                (Some(now), Some(then)) => now.is(then),
                (None, None) => true,
                _ => false,
            })
    }
}

/// Where a request would go with the slash at the end of its path added or taken off.
pub enum Slash<'py> {
    /// Not decided here.
    Uncertain,
    /// Nowhere: not a request, or one for the root.
    Nowhere,
    /// To the path of this scope.
    At(Bound<'py, PyDict>),
}

/// A path with the slash at its end added or taken off, as the part of it below the root path ends.
pub fn other_slash(path: &str, route_path: &str) -> String {
    match route_path.ends_with('/') {
        true => path.trim_end_matches('/').to_owned(),
        false => format!("{path}/"),
    }
}

/// A copy of `scope` with the slash at the end of its path added or taken off.
pub fn with_other_slash<'py>(scope: &Bound<'py, PyDict>) -> PyResult<Slash<'py>> {
    let Some(target) = Target::read(scope)? else {
        return Ok(Slash::Uncertain);
    };
    let (Some(route_path), Ok(path)) = (target.route_path(), target.path.to_str()) else {
        return Ok(Slash::Uncertain);
    };
    if target.protocol != Protocol::Http || route_path == "/" {
        return Ok(Slash::Nowhere);
    }
    let other = scope.copy()?;
    let path = other_slash(path, route_path);
    other.set_item(intern!(scope.py(), "path"), path)?;
    Ok(Slash::At(other))
}
