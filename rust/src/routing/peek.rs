//! The route of a request, found without asking any route.

use pyo3::prelude::*;

use super::matched::{Captures, Matched};
use super::matcher::Outcome;
use super::snapshot::Snapshot;
use super::table::Protocol;
use super::target::{other_slash, route_path};

/// A request, for `peek`.
pub struct Asked<'a, 'py> {
    /// The path
    pub path: &'a str,
    /// What of it is not the routes'
    pub root_path: &'a str,
    /// The method; `None`: a WebSocket
    pub method: Option<Bound<'py, PyAny>>,
    /// The parameters in the path of an application around this one
    pub path_params: Option<Bound<'py, PyAny>>,
}

/// Whether a route may be matched without asking it.
pub type Admission<'a, 'py> = dyn Fn(&Bound<'py, PyAny>) -> PyResult<bool> + 'a;

/// What routes make of a request.
pub enum Peeked {
    /// Only they can tell.
    Unsure,
    /// One takes it: its `app`.
    Taken(Matched, Py<PyAny>),
    /// One would, of another method: the methods that it takes.
    OtherMethod(Matched, Py<PyAny>),
    /// None matches, neither does one with the slash at the end of the path added or taken off.
    Nothing,
    /// None matches, but one might with the slash added or taken off.
    OtherSlash,
}

/// The first route that takes a request, if it and all that have to be looked at before it are admitted.
///
/// Slow twin: `Scan::run`, which asks routes and may run code of theirs.
pub fn peek<'py>(
    py: Python<'py>,
    snapshot: &Snapshot,
    asked: Asked<'_, 'py>,
    admits: &Admission<'_, 'py>,
) -> PyResult<Peeked> {
    let path = route_path(asked.path, asked.root_path);
    let protocol = match asked.method {
        Some(_) => Protocol::Http,
        None => Protocol::WebSocket,
    };
    let Some(candidates) = snapshot.table.candidates(protocol, path) else {
        return Ok(Peeked::Unsure);
    };
    let mut spans = Vec::new();
    let mut partial = None;
    for id in candidates {
        let index = id as usize;
        let (Some(route), Some(manner), Some(known), Some(pattern)) = (
            snapshot.routes.get(index),
            snapshot.manners.get(index),
            snapshot.facts.get(index),
            snapshot.table.pattern(id),
        ) else {
            return Ok(Peeked::Unsure);
        };
        if !manner.native {
            return Ok(Peeked::Unsure);
        }
        match pattern.captures(path, &mut spans) {
            Outcome::No => continue,
            Outcome::Unsure => return Ok(Peeked::Unsure),
            Outcome::Yes => (),
        }
        let route = route.bind(py);
        let facts = known.get(route, admits)?;
        if !facts.admitted {
            return Ok(Peeked::Unsure);
        }
        let takes = match &asked.method {
            Some(method) => facts.take(method)?,
            None => true,
        };
        if !takes && partial.is_some() {
            continue;
        }
        let captures = Captures {
            path,
            spans: &spans,
        };
        let endpoint = facts.endpoint.clone_ref(py);
        let convertors = || Ok(facts.convertors.bind(py).clone());
        let outer = asked.path_params.clone();
        let matched = Matched::new(route, endpoint, convertors, manner, &captures, outer)?;
        if takes {
            return Ok(Peeked::Taken(matched, facts.app.clone_ref(py)));
        }
        partial = Some(Peeked::OtherMethod(matched, facts.methods.clone_ref(py)));
    }
    Ok(match partial {
        _ if asked.method.is_none() => Peeked::Unsure,
        Some(partial) => partial,
        None if path == "/" || !may_match_other_slash(snapshot, &asked, path) => Peeked::Nothing,
        None => Peeked::OtherSlash,
    })
}

/// Slow twin: `RouteTable.redirect`.
fn may_match_other_slash(snapshot: &Snapshot, asked: &Asked<'_, '_>, path: &str) -> bool {
    let other = other_slash(asked.path, path);
    let path = route_path(&other, asked.root_path);
    let Some(candidates) = snapshot.table.candidates(Protocol::Http, path) else {
        return true;
    };
    let mut spans = Vec::new();
    candidates.into_iter().any(|id| {
        let is_native = snapshot
            .manners
            .get(id as usize)
            .is_some_and(|manner| manner.native);
        let pattern = snapshot.table.pattern(id).filter(|_| is_native);
        !pattern.is_some_and(|pattern| matches!(pattern.captures(path, &mut spans), Outcome::No))
    })
}
