//! The route of a request, found without asking any route.

use pyo3::prelude::*;

use super::matched::{Captures, Matched};
use super::matcher::Outcome;
use super::snapshot::Snapshot;
use super::table::Protocol;

/// A request, for `peek`.
pub struct Asked<'a, 'py> {
    /// The path below the root path
    pub path: &'a str,
    /// The method
    pub method: Bound<'py, PyAny>,
    /// The parameters in the path of an application around this one
    pub path_params: Option<Bound<'py, PyAny>>,
}

/// Whether a route may be matched without asking it.
pub type Admission<'a, 'py> = dyn Fn(&Bound<'py, PyAny>) -> PyResult<bool> + 'a;

/// A route that takes a request.
pub struct Peeked {
    /// The route
    pub matched: Matched,
    /// Its `app`
    pub app: Py<PyAny>,
}

/// The first route that takes a request, if it and all that have to be looked at before it are admitted.
///
/// Slow twin: `Scan::run`, which asks routes and may run code of theirs.
pub fn peek<'py>(
    py: Python<'py>,
    snapshot: &Snapshot,
    asked: Asked<'_, 'py>,
    admits: &Admission<'_, 'py>,
) -> PyResult<Option<Peeked>> {
    let path = asked.path;
    let Some(candidates) = snapshot.table.candidates(Protocol::Http, path) else {
        return Ok(None);
    };
    let mut spans = Vec::new();
    for id in candidates {
        let index = id as usize;
        let (Some(route), Some(manner), Some(known), Some(pattern)) = (
            snapshot.routes.get(index),
            snapshot.manners.get(index),
            snapshot.facts.get(index),
            snapshot.table.pattern(id),
        ) else {
            return Ok(None);
        };
        if !manner.native {
            return Ok(None);
        }
        match pattern.captures(path, &mut spans) {
            Outcome::No => continue,
            Outcome::Unsure => return Ok(None),
            Outcome::Yes => (),
        }
        let route = route.bind(py);
        let facts = known.get(route, admits)?;
        if !facts.admitted {
            return Ok(None);
        }
        if facts.take(&asked.method)? {
            let captures = Captures {
                path,
                spans: &spans,
            };
            let endpoint = facts.endpoint.clone_ref(py);
            let convertors = || Ok(facts.convertors.bind(py).clone());
            let outer = asked.path_params;
            let matched = Matched::new(route, endpoint, convertors, manner, &captures, outer)?;
            let app = facts.app.clone_ref(py);
            return Ok(Some(Peeked { matched, app }));
        }
    }
    Ok(None)
}
