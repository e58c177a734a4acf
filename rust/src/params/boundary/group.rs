//! The parameters of one place: path, query, headers, cookies or a form.

use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};
use pyo3::{PyTraverseError, PyVisit};

use super::schema::Reader;
use super::validator::{Taken, Validator};
use super::value::Maker;
use crate::params::field::{Arrived, Field};
use crate::params::kind::Kind;

/// A parameter: see `fastapi.dependencies.description.Param`.
#[derive(FromPyObject)]
pub struct Param {
    /// Its name in Python
    pub name: Py<PyString>,
    /// The name under which its value arrives
    pub key: String,
    schema: Py<PyAny>,
    takes_all: bool,
    absent: Py<PyAny>,
    /// What is validated if nothing arrives
    pub default: Option<(Py<PyAny>,)>,
    /// pydantic's `SchemaValidator`
    pub validator: Option<Py<PyAny>>,
}

/// The parameters of one place, compiled.
#[derive(Default)]
pub struct Group {
    /// Where to look for them, and what they can be
    pub fields: Vec<Field>,
    /// Their names in Python
    pub names: Vec<Py<PyString>>,
    absences: Vec<Absence>,
    validators: Vec<Option<Validator>>,
}

/// What a parameter is when nothing arrives.
enum Absence {
    /// Always this
    Value(Py<PyAny>),
    /// Whatever validation makes of this
    Input(Py<PyAny>),
    /// Only the slow twin knows
    Left,
}

impl Group {
    /// Compiles descriptions.
    pub fn compile(
        py: Python<'_>,
        params: Vec<Param>,
        reader: &mut Reader<'_, '_>,
    ) -> PyResult<Self> {
        let mut group = Self::default();
        for param in params {
            let kind = reader
                .read(param.schema.bind(py))
                .and_then(|schema| Kind::build(&schema));
            let absent: Option<(Py<PyAny>,)> =
                param.absent.bind(py).call1((kind.is_some(),))?.extract()?;
            group.absences.push(match (absent, param.default) {
                (Some((value,)), _) => Absence::Value(value),
                (None, Some((input,))) => Absence::Input(input),
                (None, None) => Absence::Left,
            });
            let validator = param.validator.map(|given| Validator::new(given.bind(py)));
            group.validators.push(validator.transpose()?);
            group.names.push(param.name);
            group.fields.push(Field {
                key: param.key,
                kind,
                takes_all: param.takes_all,
            });
        }
        Ok(group)
    }

    /// The names of those whose values pydantic validates.
    pub fn uncompiled<'a>(&'a self, py: Python<'a>) -> impl Iterator<Item = Py<PyString>> + 'a {
        let fields = self.fields.iter().zip(&self.names);
        fields
            .filter(|(field, _)| field.kind.is_none())
            .map(move |(_, name)| name.clone_ref(py))
    }

    /// Shows the collector what it holds.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        let validators = self.validators.iter().flatten();
        validators
            .into_iter()
            .try_for_each(|validator| validator.traverse(visit))
    }

    /// What becomes of what arrived as text.
    pub fn take<'py>(
        &self,
        py: Python<'py>,
        at: usize,
        arrived: &Arrived<'_>,
        maker: &Maker,
    ) -> PyResult<Taken<'py>> {
        if *arrived == Arrived::Absent {
            return self.absent(py, at);
        }
        let accepted = self.fields.get(at).and_then(|field| field.accept(arrived));
        // An object that cannot be made is left to the reference path, which raises what there is to raise.
        if let Some(made) = accepted.and_then(|value| maker.make(py, &value).ok()) {
            return Ok(Taken::Value(made));
        }
        match arrived {
            Arrived::One(text) => self.validate(at, PyString::new(py, text).as_any()),
            Arrived::All(texts) => self.validate(at, PyList::new(py, texts)?.as_any()),
            Arrived::Absent | Arrived::Unclear => Ok(Taken::Left),
        }
    }

    /// What becomes of an object by way of pydantic.
    pub fn validate<'py>(&self, at: usize, value: &Bound<'py, PyAny>) -> PyResult<Taken<'py>> {
        match self.validators.get(at) {
            Some(Some(validator)) => validator.run(value),
            _ => Ok(Taken::Left),
        }
    }

    /// What becomes of nothing.
    pub fn absent<'py>(&self, py: Python<'py>, at: usize) -> PyResult<Taken<'py>> {
        match self.absences.get(at) {
            Some(Absence::Value(value)) => fresh(value.bind(py)).map(Taken::Value),
            Some(Absence::Input(input)) => self.validate(at, &fresh(input.bind(py))?),
            Some(Absence::Left) | None => Ok(Taken::Left),
        }
    }
}

/// A constant for one request: a list is a new one every time.
pub fn fresh<'py>(constant: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    match constant.cast_exact::<PyList>() {
        Ok(list) => PyList::new(constant.py(), list.iter()).map(Bound::into_any),
        Err(_) => Ok(constant.clone()),
    }
}
