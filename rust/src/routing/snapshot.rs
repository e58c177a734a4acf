//! A router's list of routes as it was when it was compiled, and whether it still is.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use pyo3::{PyTraverseError, PyVisit};

use super::facts::Known;
use super::pattern::Pattern;
use super::table::{Protocol, Table};
use crate::utils::states::{UNKNOWN, attributes_state};
use crate::utils::stock::{Part, Stock};
use crate::utils::unchanged::Unchanged;

/// Moves on when a route that announces its changes has changed.
static EPOCH: AtomicU64 = AtomicU64::new(0);

/// Makes every snapshot stale.
pub fn advance_epoch() {
    EPOCH.fetch_add(1, Ordering::Release);
}

/// What `fastapi.routing.table.describe` says of a route: the protocols it serves, the source of its
/// expression, whether it matches as Starlette's routes do, whether it puts itself into the scope,
/// whether its name alone tells if it can build a URL, and its attributes if it does not announce
/// changes. `None`: only the route itself knows.
type Description<'py> = Option<(
    Vec<String>,
    String,
    bool,
    bool,
    bool,
    Option<Bound<'py, PyDict>>,
)>;

/// How a route is asked.
#[derive(Default)]
pub struct Manner {
    /// It matches as Starlette's `Route` or `WebSocketRoute`: no need to call its `matches`.
    pub native: bool,
    /// It puts itself into the scope as `route`.
    pub puts_route: bool,
    /// The names of its parameters, in the order of their captures.
    pub names: Vec<Py<PyString>>,
    /// It builds a URL only for its own name.
    named: bool,
}

/// The attributes of a route whose class does not announce changes.
struct Watch {
    attributes: Py<PyDict>,
    /// Their state when the pattern was last found to be the same
    seen: AtomicU64,
    path_regex: Option<Py<PyAny>>,
    name: Option<Py<PyAny>>,
}

impl Watch {
    fn new(py: Python<'_>, attributes: &Bound<'_, PyDict>) -> PyResult<Self> {
        Ok(Watch {
            seen: AtomicU64::new(UNKNOWN),
            path_regex: attributes
                .get_item(intern!(py, "path_regex"))?
                .map(Bound::unbind),
            name: attributes.get_item(intern!(py, "name"))?.map(Bound::unbind),
            attributes: attributes.clone().unbind(),
        })
    }

    fn same_pattern(&self, py: Python<'_>) -> PyResult<bool> {
        let attributes = self.attributes.bind(py);
        let state = attributes_state(attributes);
        if state != UNKNOWN && state == self.seen.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let regex = attributes.get_item(intern!(py, "path_regex"))?;
        let holds =
            same(regex, &self.path_regex) && !attributes.contains(intern!(py, "matches"))?;
        if holds {
            self.seen.store(state, Ordering::Relaxed);
        }
        Ok(holds)
    }

    fn same_name(&self, py: Python<'_>) -> PyResult<bool> {
        let attributes = self.attributes.bind(py);
        Ok(same(attributes.get_item(intern!(py, "name"))?, &self.name)
            && !attributes.contains(intern!(py, "url_path_for"))?)
    }
}

fn same(now: Option<Bound<'_, PyAny>>, then: &Option<Py<PyAny>>) -> bool {
    match (now, then) {
        (Some(now), Some(then)) => now.is(then),
        (None, None) => true,
        _ => false,
    }
}

/// Routes by name, and those that have to be asked whatever the name.
#[derive(Default)]
struct Names {
    by_name: HashMap<String, Vec<u32>>,
    others: Vec<u32>,
}

/// A compiled list of routes.
pub struct Snapshot {
    /// Patterns by path.
    pub table: Table,
    /// The routes, by id.
    pub routes: Vec<Py<PyAny>>,
    /// How to ask each of them, by id.
    pub manners: Vec<Manner>,
    /// What is known of them, by id.
    pub facts: Vec<Known>,
    source: Py<PyList>,
    /// Of a `RouteList`; other lists are compared item by item.
    revision: Option<u64>,
    /// As long as it holds, the revision need not be read.
    unchanged: Option<Unchanged>,
    epoch: u64,
    matches: Stock,
    url_path_for: Stock,
    watches: Vec<Watch>,
    names: OnceLock<Names>,
}

impl Snapshot {
    /// Compiles `routes`; `None` if it is not a list whose changes can be seen.
    pub fn compile(
        routes: &Bound<'_, PyAny>,
        describe: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Self>> {
        let py = routes.py();
        // Read before the list: a change in between makes this snapshot stale, not wrong.
        let epoch = EPOCH.load(Ordering::Acquire);
        let revision = match routes.cast_exact::<PyList>() {
            Ok(_) => None,
            Err(_) => match revision(routes) {
                None => return Ok(None),
                revision => revision,
            },
        };
        let Ok(source) = routes.cast::<PyList>() else {
            return Ok(None);
        };
        let items: Vec<Bound<'_, PyAny>> = source.iter().collect();
        type Described<'py> = (Vec<Description<'py>>, Vec<Part<'py>>, Vec<Part<'py>>);
        let (descriptions, matches, url_path_for): Described<'_> =
            describe.call1((items.clone(),))?.extract()?;
        let mut snapshot = Snapshot {
            table: Table::default(),
            routes: items.into_iter().map(Bound::unbind).collect(),
            manners: Vec::with_capacity(descriptions.len()),
            facts: std::iter::repeat_with(Known::default)
                .take(descriptions.len())
                .collect(),
            source: source.clone().unbind(),
            unchanged: revision.and_then(|_| Unchanged::of(routes, &[intern!(py, "revision")])),
            revision,
            epoch,
            matches: Stock::new(matches),
            url_path_for: Stock::new(url_path_for),
            watches: Vec::new(),
            names: OnceLock::new(),
        };
        for description in descriptions {
            snapshot.push(py, description)?;
        }
        Ok((snapshot.manners.len() == snapshot.routes.len()).then_some(snapshot))
    }

    fn push(&mut self, py: Python<'_>, description: Description<'_>) -> PyResult<()> {
        let Some((scope_types, expression, native, puts_route, named, attributes)) = description
        else {
            self.table.push(Pattern::anything(), &Protocol::ALL);
            self.manners.push(Manner::default());
            return Ok(());
        };
        let pattern = Pattern::parse(&expression);
        let protocols: Vec<Protocol> = scope_types
            .iter()
            .filter_map(|name| Protocol::of(name))
            .collect();
        let names = pattern
            .names()
            .iter()
            .map(|name| PyString::intern(py, name).unbind())
            .collect();
        self.manners.push(Manner {
            native: native && pattern.is_exact(),
            puts_route,
            names,
            named,
        });
        self.table.push(pattern, &protocols);
        if let Some(attributes) = attributes {
            self.watches.push(Watch::new(py, &attributes)?);
        }
        Ok(())
    }

    /// Whether `routes` is the very list this was made from, unchanged.
    pub fn same_list(&self, routes: &Bound<'_, PyAny>) -> bool {
        if !routes.is(&self.source) {
            return false;
        }
        let source = self.source.bind(routes.py());
        source.len() == self.routes.len()
            && match self.revision {
                Some(_) => {
                    let unchanged = self.unchanged.as_ref();
                    unchanged.is_some_and(|list| list.holds(routes.py()))
                        || revision(routes) == self.revision
                }
                None => source
                    .iter()
                    .zip(&self.routes)
                    .all(|(now, then)| now.is(then)),
            }
    }

    /// Whether a lookup by path still has the answers of `routes`.
    pub fn is_fresh(&self, routes: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = routes.py();
        Ok(self.same_list(routes)
            && EPOCH.load(Ordering::Acquire) == self.epoch
            && self.matches.holds(py)
            && all(&self.watches, |watch| watch.same_pattern(py))?)
    }

    /// Whether a lookup by name still has them, too.
    pub fn knows_names(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.url_path_for.holds(py) && all(&self.watches, |watch| watch.same_name(py))?)
    }

    /// Ids of the routes that may build a URL for `name`, in order.
    pub fn named(&self, py: Python<'_>, name: &str) -> Vec<u32> {
        // Not inside `get_or_init`: reading a name may run Python code, which may come back here.
        let names = match self.names.get() {
            Some(names) => names,
            None => {
                let names = self.index(py);
                self.names.get_or_init(|| names)
            }
        };
        let mut ids = names.others.clone();
        ids.extend(names.by_name.get(name).into_iter().flatten());
        ids.sort_unstable();
        ids
    }

    fn index(&self, py: Python<'_>) -> Names {
        let mut names = Names::default();
        for (id, (route, manner)) in (0u32..).zip(self.routes.iter().zip(&self.manners)) {
            if manner.named {
                let name = route.bind(py).getattr(intern!(py, "name")).ok();
                let name = name.and_then(|name| name.cast_into_exact::<PyString>().ok());
                if let Some(name) = name.as_ref().and_then(|name| name.to_str().ok()) {
                    names.by_name.entry(name.to_owned()).or_default().push(id);
                    continue;
                }
            }
            names.others.push(id);
        }
        names
    }

    /// Shows the cycle collector what can be part of a cycle.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.source)?;
        if let Some(unchanged) = &self.unchanged {
            unchanged.traverse(visit)?;
        }
        self.routes.iter().try_for_each(|route| visit.call(route))?;
        self.facts
            .iter()
            .try_for_each(|facts| facts.traverse(visit))?;
        self.watches.iter().try_for_each(|watch| {
            visit.call(&watch.attributes)?;
            visit.call(&watch.path_regex)?;
            visit.call(&watch.name)
        })
    }
}

fn revision(routes: &Bound<'_, PyAny>) -> Option<u64> {
    routes
        .getattr(intern!(routes.py(), "revision"))
        .ok()?
        .extract()
        .ok()
}

fn all<T>(items: &[T], mut holds: impl FnMut(&T) -> PyResult<bool>) -> PyResult<bool> {
    for item in items {
        if !holds(item)? {
            return Ok(false);
        }
    }
    Ok(true)
}
