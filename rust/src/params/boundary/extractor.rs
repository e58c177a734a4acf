//! `ParamFields`: the compiled parameters of one dependant.
//!
//! Slow twin: `fastapi.dependencies.values.request_values`.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyString};
use pyo3::{PyTraverseError, PyVisit};

use super::group::{Group, Param};
use super::model::{Description, Model, Repeated};
use super::schema::Reader;
use super::source::{Cookies, Headers, Query, Raw, Scope, Source};
use super::validator::Taken;
use super::value::Maker;
use crate::params::cookie;
use crate::params::field::{Arrived, Field, in_cookies, in_headers, in_query};
use crate::params::kind::Kind;
use crate::params::query;
use crate::params::text::latin1;

/// What takes its values from one place.
enum Place {
    Params(Group),
    /// One parameter takes all there is
    Model(Model),
}

/// What Python says of one place.
#[derive(FromPyObject)]
pub enum PlaceDescription {
    /// A parameter that takes all there is
    Model(Description),
    /// Parameters that are looked up
    Params(Vec<Param>),
}

/// A field that is left to the reference path.
pub struct Left {
    /// Its number, counted through path, query, headers and cookies
    number: usize,
    reason: Reason,
}

enum Reason {
    /// pydantic has raised this `ValidationError`
    Refused(Py<PyAny>),
    /// Nothing has arrived
    Absent,
    Unclear,
}

impl Left {
    /// Whether only a request object can tell more.
    pub fn needs_request(&self) -> bool {
        matches!(self.reason, Reason::Unclear)
    }
}

/// What is left, as `ParamFields.extract` tells Python of it.
pub fn listed(py: Python<'_>, left: Vec<Left>) -> PyResult<Bound<'_, PyDict>> {
    let listed = PyDict::new(py);
    for Left { number, reason } in left {
        match reason {
            Reason::Refused(error) => listed.set_item(number, error)?,
            Reason::Absent => listed.set_item(number, (py.None(),))?,
            Reason::Unclear => listed.set_item(number, py.None())?,
        }
    }
    Ok(listed)
}

/// The compiled parameters of one dependant.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct ParamFields {
    path: Place,
    query: Place,
    headers: Place,
    cookies: Place,
    maker: Maker,
    query_params_type: Py<PyAny>,
    headers_type: Py<PyAny>,
}

/// Compiles the parameters of a dependant.
///
/// `timezone` gives the `tzinfo` that pydantic uses for an offset in seconds.
#[pyfunction]
pub fn compile_params(
    py: Python<'_>,
    timezone: Py<PyAny>,
    path: PlaceDescription,
    query: PlaceDescription,
    headers: PlaceDescription,
    cookies: PlaceDescription,
) -> PyResult<ParamFields> {
    let datastructures = py.import("starlette.datastructures")?;
    let (maker, [path, query, headers, cookies]) = Maker::compile(py, timezone, |reader| {
        Ok([
            Place::compile(py, path, reader)?,
            Place::compile(py, query, reader)?,
            Place::compile(py, headers, reader)?,
            Place::compile(py, cookies, reader)?,
        ])
    })?;
    Ok(ParamFields {
        path,
        query,
        headers,
        cookies,
        maker,
        query_params_type: datastructures.getattr("QueryParams")?.unbind(),
        headers_type: datastructures.getattr("Headers")?.unbind(),
    })
}

impl Place {
    fn compile(
        py: Python<'_>,
        description: PlaceDescription,
        reader: &mut Reader<'_, '_>,
    ) -> PyResult<Self> {
        match description {
            PlaceDescription::Params(params) => {
                Group::compile(py, params, reader).map(Self::Params)
            }
            PlaceDescription::Model(description) => Model::new(py, description).map(Self::Model),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Params(group) if group.fields.is_empty())
    }
}

#[pymethods]
impl ParamFields {
    /// Puts the values it is certain of into `values`.
    ///
    /// `scope` is the ASGI scope, `kept` the `__dict__` of the request. Returns the numbers of the
    /// fields that are left to the reference path, counted through path, query, headers and cookies: each
    /// with pydantic's error of it, a tuple of `None` if nothing has arrived, or `None` if neither is certain.
    #[pyo3(name = "extract")]
    fn extract_for_python<'py>(
        &self,
        scope: &Bound<'py, PyDict>,
        kept: Option<&Bound<'py, PyDict>>,
        values: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyDict>> {
        listed(scope.py(), self.extract_from_scope(scope, kept, values)?)
    }

    /// The names of parameters whose values pydantic validates.
    #[getter]
    fn uncompiled(&self, py: Python<'_>) -> Vec<Py<PyString>> {
        [&self.path, &self.query, &self.headers, &self.cookies]
            .into_iter()
            .filter_map(|place| match place {
                Place::Params(group) => Some(group.uncompiled(py)),
                Place::Model(_) => None,
            })
            .flatten()
            .collect()
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        for place in [&self.path, &self.query, &self.headers, &self.cookies] {
            match place {
                Place::Params(group) => group.traverse(&visit)?,
                Place::Model(model) => model.validator.traverse(&visit)?,
            }
        }
        Ok(())
    }
}

impl ParamFields {
    /// The fields that are left once `values` has those that are certain.
    pub fn extract_from_scope<'py>(
        &self,
        scope: &Bound<'py, PyDict>,
        kept: Option<&Bound<'py, PyDict>>,
        values: &Bound<'py, PyDict>,
    ) -> PyResult<Vec<Left>> {
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
    ) -> PyResult<Vec<Left>> {
        let mut outcome = Outcome {
            maker: &self.maker,
            values,
            left: Vec::new(),
            first: 0,
        };
        if !self.path.is_empty() {
            outcome.path(&self.path, source.path())?;
        }
        if !self.query.is_empty() {
            outcome.query(&self.query, source.query())?;
        }
        if !self.headers.is_empty() {
            outcome.headers(&self.headers, source.headers())?;
        }
        if !self.cookies.is_empty() {
            outcome.cookies(&self.cookies, source.cookies())?;
        }
        Ok(outcome.left)
    }
}

/// The values so far.
struct Outcome<'a, 'py> {
    maker: &'a Maker,
    values: &'a Bound<'py, PyDict>,
    left: Vec<Left>,
    first: usize,
}

impl<'py> Outcome<'_, 'py> {
    fn path(&mut self, place: &Place, path: Option<Bound<'py, PyDict>>) -> PyResult<()> {
        let (Some(path), Place::Params(group)) = (path, place) else {
            return self.leave(place);
        };
        for (at, field) in group.fields.iter().enumerate() {
            let object = path
                .get_item(&field.key)?
                .filter(|object| !object.is_none());
            let taken = match &object {
                None => group.absent(path.py(), at)?,
                Some(object) => match self.accept_object(field, object) {
                    Some(value) => Taken::Value(value),
                    None => group.validate(at, object)?,
                },
            };
            self.put(group, at, taken, object.is_none())?;
        }
        self.first += group.fields.len();
        Ok(())
    }

    fn query(&mut self, place: &Place, query: Option<Query<'_, 'py>>) -> PyResult<()> {
        let Some(query) = query else {
            return self.leave(place);
        };
        match (place, query) {
            (Place::Params(group), Query::Raw(query)) => {
                self.arrived(group, &in_query(&group.fields, query.as_ref()))
            }
            (Place::Model(model), Query::Raw(query)) => {
                let pairs: Vec<_> = query::pairs(query.as_ref())
                    .map(|(name, value)| (query::decode(name), query::decode(value)))
                    .collect();
                self.model(model, &pairs, Repeated::Last)
            }
            (place, Query::Pairs(pairs)) => {
                let read = |text: &Bound<'py, PyString>| text.to_str().map(str::to_owned).ok();
                let read: Option<Vec<(Cow<'_, str>, Cow<'_, str>)>> = pairs
                    .iter()
                    .map(|(name, value)| Some((read(name)?.into(), read(value)?.into())))
                    .collect();
                match (place, read) {
                    (_, None) => self.leave(place),
                    (Place::Model(model), Some(pairs)) => self.model(model, &pairs, Repeated::Last),
                    (Place::Params(group), Some(pairs)) => {
                        let arrived: Vec<_> = group
                            .fields
                            .iter()
                            .map(|field| field.find_last(&pairs))
                            .collect();
                        self.arrived(group, &arrived)
                    }
                }
            }
        }
    }

    fn headers(&mut self, place: &Place, headers: Option<Headers<'_, 'py>>) -> PyResult<()> {
        let Some(headers) = headers else {
            return self.leave(place);
        };
        let raw = headers
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()));
        match place {
            Place::Params(group) => self.arrived(group, &in_headers(&group.fields, raw)),
            Place::Model(model) => {
                let pairs: Vec<_> = raw
                    .map(|(name, value)| (latin1(name), latin1(value)))
                    .collect();
                self.model(model, &pairs, Repeated::First)
            }
        }
    }

    fn cookies(&mut self, place: &Place, cookies: Option<Cookies<'_, 'py>>) -> PyResult<()> {
        let headers = match (cookies, place) {
            (None, _) | (Some(Cookies::Dict(_)), Place::Model(_)) => return self.leave(place),
            (Some(Cookies::Dict(cookies)), Place::Params(_)) => {
                return self.path(place, Some(cookies));
            }
            (Some(Cookies::Raw(headers)), _) => headers,
        };
        let is_cookie = |header: &&(Raw<'_, 'py>, Raw<'_, 'py>)| header.0.as_ref() == b"cookie";
        let raw = headers
            .iter()
            .filter(is_cookie)
            .map(|(_, value)| value.as_ref());
        match place {
            Place::Params(group) => self.arrived(group, &in_cookies(&group.fields, raw)),
            Place::Model(model) => {
                let pairs: Option<Vec<_>> = raw
                    .flat_map(cookie::pairs)
                    .map(|(name, value)| {
                        cookie::is_plain(value).then(|| (latin1(name), latin1(value)))
                    })
                    .collect();
                match pairs {
                    Some(pairs) => self.model(model, &pairs, Repeated::Replaced),
                    None => self.leave(place),
                }
            }
        }
    }

    fn model(
        &mut self,
        model: &Model,
        pairs: &[(Cow<'_, str>, Cow<'_, str>)],
        repeated: Repeated,
    ) -> PyResult<()> {
        let taken = match model.input(self.values.py(), pairs, repeated)? {
            Some(input) => model.validator.run(input.as_any())?,
            None => Taken::Left,
        };
        self.add(self.first, Some(&model.name), taken, Reason::Unclear)?;
        self.first += 1;
        Ok(())
    }

    fn arrived(&mut self, group: &Group, arrived: &[Arrived<'_>]) -> PyResult<()> {
        for (at, arrived) in arrived.iter().enumerate() {
            let taken = group.take(self.values.py(), at, arrived, self.maker)?;
            self.put(group, at, taken, *arrived == Arrived::Absent)?;
        }
        self.first += group.fields.len();
        Ok(())
    }

    /// Leaves a whole place to the reference path.
    fn leave(&mut self, place: &Place) -> PyResult<()> {
        let count = match place {
            Place::Params(group) => group.fields.len(),
            Place::Model(_) => 1,
        };
        let next = self.first + count;
        self.left.extend((self.first..next).map(|number| Left {
            number,
            reason: Reason::Unclear,
        }));
        self.first = next;
        Ok(())
    }

    fn put(
        &mut self,
        group: &Group,
        at: usize,
        taken: Taken<'py>,
        is_absent: bool,
    ) -> PyResult<()> {
        let reason = match is_absent {
            true => Reason::Absent,
            false => Reason::Unclear,
        };
        self.add(self.first + at, group.names.get(at), taken, reason)
    }

    fn add(
        &mut self,
        number: usize,
        name: Option<&Py<PyString>>,
        taken: Taken<'py>,
        reason: Reason,
    ) -> PyResult<()> {
        let reason = match (taken, name) {
            (Taken::Value(value), Some(name)) => return self.values.set_item(name, value),
            (Taken::Refused(error), _) => Reason::Refused(error),
            _ => reason,
        };
        self.left.push(Left { number, reason });
        Ok(())
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
                // An object that cannot be made is left to the reference path, which raises what there is to raise.
                (_, value) => self.maker.make(object.py(), &value).ok(),
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
