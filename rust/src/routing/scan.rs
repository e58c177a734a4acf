//! Starlette's scan over the routes, over the candidates alone.

use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyFloat, PyList, PyMapping, PyString, PyTuple};

use super::matcher::{Outcome, Span};
use super::snapshot::{Manner, Snapshot};
use super::table::Protocol;

/// More digits are left to Python's `int`, which refuses to read very many.
const U64_DIGITS: usize = 18;

/// The part of a scope that decides about routes.
struct View<'py> {
    scope_type: Bound<'py, PyString>,
    path: Bound<'py, PyString>,
    root_path: Option<Bound<'py, PyAny>>,
    protocol: Protocol,
}

impl<'py> View<'py> {
    fn read(scope: &Bound<'py, PyDict>) -> PyResult<Option<Self>> {
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
        Ok(Some(View {
            scope_type,
            path,
            root_path,
            protocol,
        }))
    }

    /// The path below the root path, as Starlette's `get_route_path` has it; `None` for texts that
    /// are not Unicode, and for root paths that are not texts.
    fn route_path(&self) -> Option<&str> {
        let path = self.path.to_str().ok()?;
        let Some(root_path) = self
            .root_path
            .as_ref()
            .filter(|root_path| !root_path.is_none())
        else {
            return Some(path);
        };
        let root_path = root_path.cast_exact::<PyString>().ok()?.to_str().ok()?;
        Some(match path.strip_prefix(root_path) {
            Some(below) if below.is_empty() || below.starts_with('/') => below,
            _ => path,
        })
    }

    /// Whether a route's own `matches` left these parts as they were.
    fn holds(&self, scope: &Bound<'py, PyDict>) -> PyResult<bool> {
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

/// A copy of `scope` with the slash at the end of its path added or taken off.
pub fn other_slash<'py>(scope: &Bound<'py, PyDict>) -> PyResult<Slash<'py>> {
    let Some(view) = View::read(scope)? else {
        return Ok(Slash::Uncertain);
    };
    let (Some(route_path), Ok(path)) = (view.route_path(), view.path.to_str()) else {
        return Ok(Slash::Uncertain);
    };
    if view.protocol != Protocol::Http || route_path == "/" {
        return Ok(Slash::Nowhere);
    }
    let other = scope.copy()?;
    let path = match route_path.ends_with('/') {
        true => path.trim_end_matches('/').to_owned(),
        false => format!("{path}/"),
    };
    other.set_item(intern!(scope.py(), "path"), path)?;
    Ok(Slash::At(other))
}

/// A route that matches, and what it adds to the scope.
pub struct Hit<'py> {
    route: Bound<'py, PyAny>,
    child: Child<'py>,
}

enum Child<'py> {
    Native {
        endpoint: Bound<'py, PyAny>,
        path_params: Bound<'py, PyDict>,
        puts_route: bool,
    },
    Own(Bound<'py, PyAny>),
}

impl<'py> Hit<'py> {
    /// The route.
    pub fn route(&self) -> &Bound<'py, PyAny> {
        &self.route
    }

    /// Updates the scope for the route and returns the route. Starlette's router puts the route itself
    /// into the scope since 1.0 (`sets_route`).
    pub fn enter(
        self,
        scope: &Bound<'py, PyDict>,
        sets_route: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = scope.py();
        if sets_route {
            scope.set_item(intern!(py, "route"), &self.route)?;
        }
        match self.child {
            Child::Native {
                endpoint,
                path_params,
                puts_route,
            } => {
                scope.set_item(intern!(py, "endpoint"), endpoint)?;
                scope.set_item(intern!(py, "path_params"), path_params)?;
                if puts_route {
                    scope.set_item(intern!(py, "route"), &self.route)?;
                }
            }
            Child::Own(child) => match child.cast::<PyMapping>() {
                Ok(child) => scope.update(child)?,
                Err(_) => drop(scope.call_method1(intern!(py, "update"), (child,))?),
            },
        }
        Ok(self.route)
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

/// Whether a route may be matched without asking it.
pub type Admission<'a, 'py> = dyn Fn(&Bound<'py, PyAny>) -> PyResult<bool> + 'a;

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
    /// Says which routes may be matched here. At any other, and with a partial match, the scan ends
    /// undecided. `None`: all of them.
    pub admits: Option<&'a Admission<'a, 'py>>,
}

impl<'py> Scan<'_, 'py> {
    /// The first full match; else the first partial one. Exceptions are those of the routes.
    pub fn run(&self) -> PyResult<Answer<'py>> {
        let Some(view) = View::read(self.scope)? else {
            return Ok(Answer::Uncertain);
        };
        let Some(path) = view.route_path() else {
            return Ok(Answer::Uncertain);
        };
        let Some(candidates) = self.snapshot.table.candidates(view.protocol, path) else {
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
            if let Some(admits) = self.admits
                && outcome != Outcome::No
                && !(outcome == Outcome::Yes && pattern.is_some() && admits(route)?)
            {
                return Ok(Answer::Uncertain);
            }
            let verdict = match (outcome, pattern) {
                (Outcome::No, _) => continue,
                (Outcome::Yes, Some(_)) => self.native(
                    route,
                    manner,
                    view.protocol,
                    &Captures {
                        path,
                        spans: &spans,
                        names: &manner.names,
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
                && !(view.holds(self.scope)? && self.snapshot.same_list(self.routes))
            {
                return self.scan_on(index + 1, partial);
            }
        }
        if self.admits.is_some() && partial.is_some() {
            return Ok(Answer::Uncertain);
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
        let hit = Hit {
            route: route.clone(),
            child: Child::Own(child),
        };
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
    /// Slow twins: `starlette.routing.Route.matches` and `WebSocketRoute.matches`.
    fn native(
        &self,
        route: &Bound<'py, PyAny>,
        manner: &Manner,
        protocol: Protocol,
        captures: &Captures<'_>,
    ) -> PyResult<Verdict<'py>> {
        let py = route.py();
        let path_params = match self.scope.get_item(intern!(py, "path_params"))? {
            None => PyDict::new(py),
            Some(params) => match params.cast_exact::<PyDict>() {
                Ok(params) => params.copy()?,
                Err(_) => py.get_type::<PyDict>().call1((params,))?.cast_into()?,
            },
        };
        captures.convert(route, &path_params)?;
        let hit = Hit {
            child: Child::Native {
                endpoint: route.getattr(intern!(py, "endpoint"))?,
                path_params,
                puts_route: manner.puts_route,
            },
            route: route.clone(),
        };
        if protocol == Protocol::WebSocket || self.method_allowed(route)? {
            return Ok(Verdict::Full(hit));
        }
        Ok(Verdict::Partial(hit))
    }

    fn method_allowed(&self, route: &Bound<'py, PyAny>) -> PyResult<bool> {
        let py = route.py();
        let methods = route.getattr(intern!(py, "methods"))?;
        if !methods.is_truthy()? {
            return Ok(true);
        }
        match self.scope.get_item(intern!(py, "method"))? {
            Some(method) => methods.contains(method),
            None => Err(PyKeyError::new_err("method")),
        }
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

/// A pattern's captures in a path.
struct Captures<'a> {
    path: &'a str,
    spans: &'a [Span],
    names: &'a [Py<PyString>],
}

impl Captures<'_> {
    /// Adds the converted parameters, with the convertors that the route has now.
    fn convert(&self, route: &Bound<'_, PyAny>, path_params: &Bound<'_, PyDict>) -> PyResult<()> {
        if self.spans.is_empty() {
            return Ok(());
        }
        let py = route.py();
        let convertors = route.getattr(intern!(py, "param_convertors"))?;
        for (name, span) in self.names.iter().zip(self.spans) {
            let text = self.path.get(span.start..span.end).unwrap_or_default();
            let name = name.bind(py);
            path_params.set_item(name, convert(&convertors.get_item(name)?, text)?)?;
        }
        Ok(())
    }
}

/// Whether converting runs no code but Starlette's.
pub fn converts_plainly(route: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = route.py();
    let convertors = route.getattr(intern!(py, "param_convertors"))?;
    let Ok(convertors) = convertors.cast_exact::<PyDict>() else {
        return Ok(false);
    };
    if convertors.is_empty() {
        return Ok(true);
    }
    let starlette = Starlette::of(py)?;
    Ok(convertors.iter().all(|(_, convertor)| {
        let class = convertor.get_type();
        class.is(&starlette.string)
            || class.is(&starlette.path)
            || class.is(&starlette.integer)
            || class.is(&starlette.float)
    }))
}

/// Slow twin: the convertor's `convert`, which is called for all but Starlette's plain ones.
fn convert<'py>(convertor: &Bound<'py, PyAny>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    let py = convertor.py();
    let starlette = Starlette::of(py)?;
    let class = convertor.get_type();
    if class.is(&starlette.string) || class.is(&starlette.path) {
        return Ok(PyString::new(py, text).into_any());
    }
    if class.is(&starlette.integer)
        && text.len() <= U64_DIGITS
        && is_decimal(text)
        && let Ok(value) = text.parse::<u64>()
    {
        return Ok(value.into_pyobject(py)?.into_any());
    }
    if class.is(&starlette.float)
        && is_decimal(text)
        && let Ok(value) = text.parse::<f64>()
    {
        return Ok(PyFloat::new(py, value).into_any());
    }
    convertor.call_method1(intern!(py, "convert"), (text,))
}

/// Digits and dots alone: no sign, exponent or name that Rust and Python might read differently.
fn is_decimal(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte == b'.' || byte.is_ascii_digit())
}

/// What a scan needs of Starlette.
struct Starlette {
    none: Py<PyAny>,
    full: Py<PyAny>,
    partial: Py<PyAny>,
    string: Py<PyAny>,
    path: Py<PyAny>,
    integer: Py<PyAny>,
    float: Py<PyAny>,
}

impl Starlette {
    fn of(py: Python<'_>) -> PyResult<&'static Self> {
        static STARLETTE: PyOnceLock<Starlette> = PyOnceLock::new();
        STARLETTE.get_or_try_init(py, || {
            let verdict = py.import("starlette.routing")?.getattr("Match")?;
            let convertors = py.import("starlette.convertors")?;
            let convertor = |name| convertors.getattr(name).map(Bound::unbind);
            Ok(Starlette {
                none: verdict.getattr("NONE")?.unbind(),
                full: verdict.getattr("FULL")?.unbind(),
                partial: verdict.getattr("PARTIAL")?.unbind(),
                string: convertor("StringConvertor")?,
                path: convertor("PathConvertor")?,
                integer: convertor("IntegerConvertor")?,
                float: convertor("FloatConvertor")?,
            })
        })
    }
}
