//! `ParamFields`: the compiled parameters of one dependant.
//!
//! Slow twin: `fastapi.dependencies.values.request_values`.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyList, PyString};

use super::schema::Reader;
use super::source::{Cookies, Headers, Query, Raw, Scope, Source};
use super::value::Maker;
use crate::params::field::{Arrived, Field, in_cookies, in_headers, in_query};
use crate::params::kind::Kind;
use crate::params::value::Value;

/// A parameter as Python describes it: its name, the key of its value, its core schema, whether it
/// takes all values, and a callable that is told whether the schema is understood, and returns what
/// the parameter is when nothing arrives, in a tuple of one, if that is certain.
type Description<'py> = (
    Bound<'py, PyString>,
    String,
    Bound<'py, PyAny>,
    bool,
    Bound<'py, PyAny>,
);

/// A field that is left to the reference path.
pub struct Left<'py> {
    /// Its number, counted through path, query, headers and cookies
    pub number: usize,
    /// What arrived for it, `None` if nothing did, if that is certain
    pub arrived: Option<Option<Bound<'py, PyAny>>>,
}

/// A text that arrived; whether an empty one counts is for the reference path to say.
fn known(text: Bound<'_, PyString>) -> Option<Option<Bound<'_, PyAny>>> {
    let is_empty = text.is_empty().unwrap_or(true);
    (!is_empty).then(|| Some(text.into_any()))
}

/// For Python: the numbers of the fields, each with what arrived in a tuple of one, or `None`.
pub fn listed<'py>(py: Python<'py>, left: Vec<Left<'py>>) -> PyResult<Bound<'py, PyDict>> {
    let listed = PyDict::new(py);
    for field in left {
        listed.set_item(field.number, field.arrived.map(|arrived| (arrived,)))?;
    }
    Ok(listed)
}

/// The parameters of one place: path, query, headers or cookies.
struct Group {
    fields: Vec<Field>,
    names: Vec<Py<PyString>>,
    absent: Vec<Option<Py<PyAny>>>,
}

/// The compiled parameters of one dependant.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct ParamFields {
    path: Group,
    query: Group,
    headers: Group,
    cookies: Group,
    maker: Maker,
    query_params_type: Py<PyAny>,
    headers_type: Py<PyAny>,
}

/// Compiles the parameters of a dependant.
///
/// `timezone` gives the `tzinfo` that pydantic uses for an offset in seconds.
#[pyfunction]
pub fn compile_params<'py>(
    py: Python<'py>,
    timezone: Py<PyAny>,
    path: Vec<Description<'py>>,
    query: Vec<Description<'py>>,
    headers: Vec<Description<'py>>,
    cookies: Vec<Description<'py>>,
) -> PyResult<ParamFields> {
    let decimal = py.import("decimal")?.getattr("Decimal")?;
    let datastructures = py.import("starlette.datastructures")?;
    let mut constants = Vec::new();
    let mut reader = Reader {
        decimal: &decimal,
        constants: &mut constants,
    };
    let (path, query) = (
        Group::compile(path, &mut reader)?,
        Group::compile(query, &mut reader)?,
    );
    let (headers, cookies) = (
        Group::compile(headers, &mut reader)?,
        Group::compile(cookies, &mut reader)?,
    );
    let uuid = py.import("uuid")?.getattr("UUID")?.unbind();
    Ok(ParamFields {
        path,
        query,
        headers,
        cookies,
        maker: Maker {
            uuid,
            decimal: decimal.unbind(),
            timezone,
            constants,
        },
        query_params_type: datastructures.getattr("QueryParams")?.unbind(),
        headers_type: datastructures.getattr("Headers")?.unbind(),
    })
}

impl Group {
    fn compile(descriptions: Vec<Description<'_>>, reader: &mut Reader<'_, '_>) -> PyResult<Self> {
        let mut group = Self {
            fields: Vec::new(),
            names: Vec::new(),
            absent: Vec::new(),
        };
        for (name, key, schema, takes_all, absent) in descriptions {
            let kind = reader.read(&schema).and_then(|schema| Kind::build(&schema));
            let absent: Option<(Py<PyAny>,)> = absent.call1((kind.is_some(),))?.extract()?;
            group.absent.push(absent.map(|(value,)| value));
            group.names.push(name.unbind());
            group.fields.push(Field {
                key,
                kind,
                takes_all,
            });
        }
        Ok(group)
    }
}

#[pymethods]
impl ParamFields {
    /// Puts the values it is certain of into `values`.
    ///
    /// `scope` is the ASGI scope, `kept` the `__dict__` of the request. Returns the numbers of the
    /// fields that are left to the reference path, counted through path, query, headers and cookies,
    /// and for each what arrived, in a tuple of one, where that is certain.
    #[pyo3(name = "extract")]
    fn extract_for_python<'py>(
        &self,
        scope: &Bound<'py, PyDict>,
        kept: Option<&Bound<'py, PyDict>>,
        values: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyDict>> {
        listed(scope.py(), self.extract_from_scope(scope, kept, values)?)
    }
}

impl ParamFields {
    /// The fields that are left once `values` has those that are certain.
    pub fn extract_from_scope<'py>(
        &self,
        scope: &Bound<'py, PyDict>,
        kept: Option<&Bound<'py, PyDict>>,
        values: &Bound<'py, PyDict>,
    ) -> PyResult<Vec<Left<'py>>> {
        let py = scope.py();
        let source = Scope {
            scope,
            kept,
            query_params: self.query_params_type.bind(py),
            headers: self.headers_type.bind(py),
        };
        self.extract(&source, values)
    }

    /// The same from any source.
    pub fn extract<'py>(
        &self,
        source: &impl Source<'py>,
        values: &Bound<'py, PyDict>,
    ) -> PyResult<Vec<Left<'py>>> {
        let mut outcome = Outcome {
            maker: &self.maker,
            values,
            left: Vec::new(),
            first: 0,
        };
        if !self.path.fields.is_empty() {
            outcome.path(&self.path, source.path())?;
        }
        if !self.query.fields.is_empty() {
            outcome.query(&self.query, source.query())?;
        }
        if !self.headers.fields.is_empty() {
            outcome.headers(&self.headers, source.headers())?;
        }
        if !self.cookies.fields.is_empty() {
            outcome.cookies(&self.cookies, source.cookies())?;
        }
        Ok(outcome.left)
    }
}

/// The values so far.
struct Outcome<'a, 'py> {
    maker: &'a Maker,
    values: &'a Bound<'py, PyDict>,
    left: Vec<Left<'py>>,
    first: usize,
}

impl<'py> Outcome<'_, 'py> {
    fn path(&mut self, group: &Group, path: Option<Bound<'py, PyDict>>) -> PyResult<()> {
        let Some(path) = path else {
            return self.leave(group);
        };
        for (at, field) in group.fields.iter().enumerate() {
            let object = path.get_item(&field.key)?;
            let value = match &object {
                Some(object) => self.accept_object(field, object),
                None => self.absent(group, at)?,
            };
            self.put(group, at, value, || match object {
                None => Some(None),
                Some(object) => object.cast_into_exact::<PyString>().ok().and_then(known),
            })?;
        }
        self.first += group.fields.len();
        Ok(())
    }

    fn query(&mut self, group: &Group, query: Option<Query<'_, 'py>>) -> PyResult<()> {
        match query {
            None => self.leave(group),
            Some(Query::Raw(query)) => self.arrived(group, in_query(&group.fields, query.as_ref())),
            Some(Query::Pairs(pairs)) => {
                let find = |field: &Field| {
                    let mut found = pairs
                        .iter()
                        .filter(|(name, _)| name == field.key.as_str())
                        .map(|(_, value)| value);
                    let read =
                        |value: &'_ Bound<'py, PyString>| value.to_str().map(str::to_owned).ok();
                    if field.takes_all {
                        let texts: Option<Vec<_>> =
                            found.map(|value| read(value).map(Cow::Owned)).collect();
                        texts.map_or(Arrived::Unclear, |texts| {
                            if texts.is_empty() {
                                Arrived::Absent
                            } else {
                                Arrived::All(texts)
                            }
                        })
                    } else {
                        match found.next_back().map(read) {
                            None => Arrived::Absent,
                            Some(text) => {
                                text.map_or(Arrived::Unclear, |text| Arrived::One(Cow::Owned(text)))
                            }
                        }
                    }
                };
                self.arrived(group, group.fields.iter().map(find).collect())
            }
        }
    }

    fn headers(&mut self, group: &Group, headers: Option<Headers<'_, 'py>>) -> PyResult<()> {
        let Some(headers) = headers else {
            return self.leave(group);
        };
        let raw = headers
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()));
        self.arrived(group, in_headers(&group.fields, raw))
    }

    fn cookies(&mut self, group: &Group, cookies: Option<Cookies<'_, 'py>>) -> PyResult<()> {
        match cookies {
            None => self.leave(group),
            Some(Cookies::Dict(cookies)) => self.path(group, Some(cookies)),
            Some(Cookies::Raw(headers)) => {
                let is_cookie =
                    |header: &&(Raw<'_, 'py>, Raw<'_, 'py>)| header.0.as_ref() == b"cookie";
                let raw = headers
                    .iter()
                    .filter(is_cookie)
                    .map(|(_, value)| value.as_ref());
                self.arrived(group, in_cookies(&group.fields, raw))
            }
        }
    }

    fn arrived(&mut self, group: &Group, arrived: Vec<Arrived<'_>>) -> PyResult<()> {
        for (at, (field, arrived)) in group.fields.iter().zip(&arrived).enumerate() {
            let value = match arrived {
                Arrived::Absent => self.absent(group, at)?,
                _ => field.accept(arrived).and_then(|value| self.make(&value)),
            };
            let py = self.values.py();
            self.put(group, at, value, || match arrived {
                Arrived::Absent => Some(None),
                Arrived::One(text) => known(PyString::new(py, text)),
                Arrived::All(_) | Arrived::Unclear => None,
            })?;
        }
        self.first += group.fields.len();
        Ok(())
    }

    /// Leaves a whole group to the reference path.
    fn leave(&mut self, group: &Group) -> PyResult<()> {
        let next = self.first + group.fields.len();
        self.left.extend((self.first..next).map(|number| Left {
            number,
            arrived: None,
        }));
        self.first = next;
        Ok(())
    }

    fn put(
        &mut self,
        group: &Group,
        at: usize,
        value: Option<Bound<'py, PyAny>>,
        arrived: impl FnOnce() -> Option<Option<Bound<'py, PyAny>>>,
    ) -> PyResult<()> {
        match (value, group.names.get(at)) {
            (Some(value), Some(name)) => self.values.set_item(name, value),
            _ => {
                self.left.push(Left {
                    number: self.first + at,
                    arrived: arrived(),
                });
                Ok(())
            }
        }
    }

    /// The value of a field for which nothing arrived; a list is a new one every time.
    fn absent(&self, group: &Group, at: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = self.values.py();
        let Some(value) = group.absent.get(at).and_then(Option::as_ref) else {
            return Ok(None);
        };
        match value.bind(py).cast_exact::<PyList>() {
            Ok(list) => PyList::new(py, list.iter()).map(|list| Some(list.into_any())),
            Err(_) => Ok(Some(value.bind(py).clone())),
        }
    }

    /// An object that cannot be made is left to the reference path, which raises what there is to raise.
    fn make(&self, value: &Value<'_>) -> Option<Bound<'py, PyAny>> {
        self.maker.make(self.values.py(), value).ok()
    }

    /// The value of an object from a dictionary: a string, or what a convertor of the path made.
    fn accept_object(
        &self,
        field: &Field,
        object: &Bound<'py, PyAny>,
    ) -> Option<Bound<'py, PyAny>> {
        let kind = field.kind.as_ref()?;
        if let Ok(text) = object.cast_exact::<PyString>() {
            return match (kind, kind.accept(text.to_str().ok()?)?) {
                (Kind::Any, _) => Some(object.clone()),
                (Kind::Text(kind), _) if kind.is_plain() => Some(object.clone()),
                (_, value) => self.make(&value),
            };
        }
        let is_accepted = match kind {
            Kind::Integer(kind) => Maker::integer(object).is_some_and(|value| kind.admit(value)),
            Kind::Float(kind) => object
                .cast_exact::<PyFloat>()
                .is_ok_and(|value| kind.admit(value.value())),
            Kind::Uuid(kind) => kind.is_plain() && self.maker.is_uuid(object),
            _ => false,
        };
        is_accepted.then(|| object.clone())
    }
}
