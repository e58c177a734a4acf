//! Models that take all there is in one place: in the query, the headers, the cookies or a form.
//!
//! Slow twin: `fastapi.dependencies.values._model_input`, and for forms
//! `fastapi.dependencies.body._extract_form_body`.

use std::borrow::Cow;
use std::collections::HashMap;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::group::fresh;
use super::validator::Validator;

/// A parameter: see `fastapi.dependencies.description.Model`.
#[derive(FromPyObject)]
pub struct Description {
    name: Py<PyString>,
    validator: Py<PyAny>,
    members: Vec<Member>,
}

/// A field of a model: see `fastapi.dependencies.description.Member`.
#[derive(FromPyObject)]
struct Member {
    alias: Py<PyString>,
    key: String,
    takes_all: bool,
    empty_is_absent: bool,
    absent: Option<(Py<PyAny>,)>,
}

/// A parameter whose type is a model.
pub struct Model {
    /// Its name in Python
    pub name: Py<PyString>,
    /// pydantic's
    pub validator: Validator,
    members: Vec<Member>,
}

/// How values of the same name are taken.
#[derive(Clone, Copy, PartialEq)]
pub enum Repeated {
    /// The first counts, unless all are asked for; names are compared in lower case
    First,
    /// The last counts, unless all are asked for
    Last,
    /// There is only the last
    Replaced,
}

/// A value as it arrived.
pub trait Given {
    /// The object that the model is given.
    fn object<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny>;

    /// Whether it is an empty text.
    fn is_empty(&self) -> bool;
}

impl Given for Cow<'_, str> {
    fn object<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        PyString::new(py, self).into_any()
    }

    fn is_empty(&self) -> bool {
        str::is_empty(self)
    }
}

impl Model {
    /// Takes a description.
    pub fn new(py: Python<'_>, description: Description) -> PyResult<Self> {
        Ok(Self {
            name: description.name,
            validator: Validator::new(description.validator.bind(py))?,
            members: description.members,
        })
    }

    /// What the model validates: its fields by alias, and all else that arrived. `None`: that is not certain.
    pub fn input<'py, V: Given>(
        &self,
        py: Python<'py>,
        pairs: &[(Cow<'_, str>, V)],
        repeated: Repeated,
    ) -> PyResult<Option<Bound<'py, PyDict>>> {
        let input = PyDict::new(py);
        for member in &self.members {
            let folded = member.key.to_ascii_lowercase();
            let key = match repeated {
                Repeated::First => &folded,
                Repeated::Last | Repeated::Replaced => &member.key,
            };
            let mut values = pairs
                .iter()
                .filter(|(name, _)| name == key)
                .map(|(_, value)| value);
            if member.takes_all {
                let values: Vec<_> = values.map(|value| value.object(py)).collect();
                if !values.is_empty() {
                    input.set_item(&member.alias, PyList::new(py, values)?)?;
                    continue;
                }
            } else {
                let value = match repeated {
                    Repeated::First => values.next(),
                    Repeated::Last | Repeated::Replaced => values.next_back(),
                };
                if let Some(value) =
                    value.filter(|value| !(member.empty_is_absent && value.is_empty()))
                {
                    input.set_item(&member.alias, value.object(py))?;
                    continue;
                }
            }
            match &member.absent {
                None => return Ok(None),
                Some((default,)) if default.is_none(py) => {}
                Some((default,)) => input.set_item(&member.alias, fresh(default.bind(py))?)?,
            }
        }
        self.add_others(&input, pairs, repeated)?;
        Ok(Some(input))
    }

    /// Adds what is no field of the model, which says itself what it does with that.
    fn add_others<V: Given>(
        &self,
        input: &Bound<'_, PyDict>,
        pairs: &[(Cow<'_, str>, V)],
        repeated: Repeated,
    ) -> PyResult<()> {
        let py = input.py();
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut others: Vec<(&str, Vec<&V>)> = Vec::new();
        for (name, value) in pairs {
            if self.members.iter().any(|member| member.key == *name) {
                continue;
            }
            let place = *places.entry(name).or_insert_with(|| {
                others.push((name, Vec::new()));
                others.len() - 1
            });
            if let Some((_, values)) = others.get_mut(place) {
                if repeated == Repeated::Replaced {
                    values.clear();
                }
                values.push(value);
            }
        }
        for (name, values) in others {
            match values.as_slice() {
                [value] => input.set_item(name, value.object(py))?,
                values => {
                    let values = values.iter().map(|value| value.object(py));
                    input.set_item(name, PyList::new(py, values.collect::<Vec<_>>())?)?;
                }
            }
        }
        Ok(())
    }
}
