//! Starlette's scan over the routes, over the candidates alone.

use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyMapping, PyTuple};

use super::matched::{Captures, Matched, takes_method};
use super::matcher::Outcome;
use super::snapshot::{Manner, Snapshot};
use super::table::Protocol;
use super::target::Target;

/// A route that matches, and what it adds to the scope.
pub enum Hit<'py> {
    /// As Starlette's routes do.
    Native(Matched),
    /// In its own way: what its `matches` returned.
    Own(Bound<'py, PyAny>, Bound<'py, PyAny>),
}

impl<'py> Hit<'py> {
    /// Updates the scope for the route and returns the route. Starlette's router puts the route itself
    /// into the scope since 1.0 (`sets_route`).
    pub fn enter(
        self,
        scope: &Bound<'py, PyDict>,
        sets_route: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = scope.py();
        match self {
            Self::Native(matched) => {
                matched.enter(scope, sets_route)?;
                Ok(matched.route.into_bound(py))
            }
            Self::Own(route, child) => {
                if sets_route {
                    scope.set_item(intern!(py, "route"), &route)?;
                }
                match child.cast::<PyMapping>() {
                    Ok(child) => scope.update(child)?,
                    Err(_) => drop(scope.call_method1(intern!(py, "update"), (child,))?),
                }
                Ok(route)
            }
        }
    }
}

/// What a scan found.
pub enum Answer<'py> {
    /// Not decided here: scan in Python.
    Uncertain,
    /// Certainly no route.
    Nothing,
    /// This one.
    Route(Hit<'py>),
}

enum Verdict<'py> {
    None,
    Partial(Hit<'py>),
    Full(Hit<'py>),
}

/// One scan.
pub struct Scan<'a, 'py> {
    /// The compiled routes.
    pub snapshot: &'a Snapshot,
    /// The list they were compiled from.
    pub routes: &'a Bound<'py, PyAny>,
    /// The scope to match.
    pub scope: &'a Bound<'py, PyDict>,
    /// Whether any match ends the scan, or only a full one.
    pub any: bool,
}

impl<'py> Scan<'_, 'py> {
    /// The first full match; else the first partial one. Exceptions are those of the routes.
    pub fn run(&self) -> PyResult<Answer<'py>> {
        let Some(target) = Target::read(self.scope)? else {
            return Ok(Answer::Uncertain);
        };
        let Some(path) = target.route_path() else {
            return Ok(Answer::Uncertain);
        };
        let Some(candidates) = self.snapshot.table.candidates(target.protocol, path) else {
            return Ok(Answer::Uncertain);
        };
        let mut spans = Vec::new();
        let mut partial = None;
        for id in candidates {
            let index = id as usize;
            let (Some(route), Some(manner)) = (
                self.snapshot.routes.get(index),
                self.snapshot.manners.get(index),
            ) else {
                return Ok(Answer::Uncertain);
            };
            let route = route.bind(self.scope.py());
            let pattern = self.snapshot.table.pattern(id).filter(|_| manner.native);
            let outcome = pattern.map_or(Outcome::Unsure, |pattern| {
                pattern.captures(path, &mut spans)
            });
            let verdict = match (outcome, pattern) {
                (Outcome::No, _) => continue,
                (Outcome::Yes, Some(_)) => self.native(
                    route,
                    manner,
                    target.protocol,
                    &Captures {
                        path,
                        spans: &spans,
                    },
                )?,
                _ => self.own(route)?,
            };
            match verdict {
                Verdict::Full(hit) => return Ok(Answer::Route(hit)),
                Verdict::Partial(hit) if self.any => return Ok(Answer::Route(hit)),
                Verdict::Partial(hit) => drop(partial.get_or_insert(hit)),
                Verdict::None => (),
            }
            // A route's own `matches` may do anything, as far as the routes after it are concerned.
            if outcome == Outcome::Unsure
                && !(target.holds(self.scope)? && self.snapshot.same_list(self.routes))
            {
                return self.scan_on(index + 1, partial);
            }
        }
        Ok(partial.map_or(Answer::Nothing, Answer::Route))
    }

    /// The rest of the scan as Starlette does it: the slow twin of the loop in `run`.
    fn scan_on(&self, from: usize, mut partial: Option<Hit<'py>>) -> PyResult<Answer<'py>> {
        let routes = self.routes.cast::<PyList>()?;
        let mut index = from;
        while index < routes.len() {
            match self.own(&routes.get_item(index)?)? {
                Verdict::Full(hit) => return Ok(Answer::Route(hit)),
                Verdict::Partial(hit) if self.any => return Ok(Answer::Route(hit)),
                Verdict::Partial(hit) => drop(partial.get_or_insert(hit)),
                Verdict::None => (),
            }
            index += 1;
        }
        Ok(partial.map_or(Answer::Nothing, Answer::Route))
    }

    /// Asks the route's own `matches`.
    fn own(&self, route: &Bound<'py, PyAny>) -> PyResult<Verdict<'py>> {
        let py = route.py();
        let answer = route.call_method1(intern!(py, "matches"), (self.scope,))?;
        let [verdict, child] = match answer.cast::<PyTuple>() {
            Ok(pair) if pair.len() == 2 => [pair.get_item(0)?, pair.get_item(1)?],
            _ => unpack(&answer)?,
        };
        let hit = Hit::Own(route.clone(), child);
        let starlette = Starlette::of(py)?;
        Ok(if verdict.is(&starlette.full) {
            Verdict::Full(hit)
        } else if verdict.is(&starlette.partial) || (self.any && !verdict.is(&starlette.none)) {
            Verdict::Partial(hit)
        } else {
            Verdict::None
        })
    }

    /// Does what the route's `matches` would do, now that its expression is known to match.
    fn native(
        &self,
        route: &Bound<'py, PyAny>,
        manner: &Manner,
        protocol: Protocol,
        captures: &Captures<'_>,
    ) -> PyResult<Verdict<'py>> {
        let py = route.py();
        let outer = self.scope.get_item(intern!(py, "path_params"))?;
        let convertors = || route.getattr(intern!(py, "param_convertors"));
        let endpoint = route.getattr(intern!(py, "endpoint"))?.unbind();
        let matched = Matched::new(route, endpoint, convertors, manner, captures, outer)?;
        let hit = Hit::Native(matched);
        let method = || {
            let method = self.scope.get_item(intern!(py, "method"))?;
            method.ok_or_else(|| PyKeyError::new_err("method"))
        };
        if protocol == Protocol::WebSocket || takes_method(route, method)? {
            return Ok(Verdict::Full(hit));
        }
        Ok(Verdict::Partial(hit))
    }
}

/// `match, child_scope = answer`, for answers that are not tuples.
fn unpack<'py>(answer: &Bound<'py, PyAny>) -> PyResult<[Bound<'py, PyAny>; 2]> {
    let items = answer.try_iter()?.collect::<PyResult<Vec<_>>>()?;
    items.try_into().map_err(|items: Vec<_>| {
        PyValueError::new_err(format!(
            "matches() must return a match and a scope, not {} values",
            items.len()
        ))
    })
}

/// What `matches` answers.
struct Starlette {
    none: Py<PyAny>,
    full: Py<PyAny>,
    partial: Py<PyAny>,
}

impl Starlette {
    fn of(py: Python<'_>) -> PyResult<&'static Self> {
        static STARLETTE: PyOnceLock<Starlette> = PyOnceLock::new();
        STARLETTE.get_or_try_init(py, || {
            let verdict = py.import("starlette.routing")?.getattr("Match")?;
            Ok(Self {
                none: verdict.getattr("NONE")?.unbind(),
                full: verdict.getattr("FULL")?.unbind(),
                partial: verdict.getattr("PARTIAL")?.unbind(),
            })
        })
    }
}
