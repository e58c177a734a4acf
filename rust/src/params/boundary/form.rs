//! `FormFields`: the compiled parameters of one dependant that are fields of a form.
//!
//! Slow twin: `fastapi.dependencies.body.request_body_to_args`.

use std::borrow::Cow;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};
use pyo3::{PyTraverseError, PyVisit};

use super::group::{Group, Param};
use super::model::Given;
use super::validator::Taken;
use super::value::Maker;
use crate::params::field::Arrived;

/// The value of a field in a form.
pub enum Entry {
    /// A text
    Text(String),
    /// An `UploadFile`, and whether it is in memory
    File(Py<PyAny>, bool),
}

impl Given for Entry {
    fn object<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        match self {
            Self::Text(text) => PyString::new(py, text).into_any(),
            Self::File(file, _) => file.bind(py).clone(),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }
}

/// A parameter: see `fastapi.dependencies.description.FormParam`.
#[derive(FromPyObject)]
pub struct FormParam {
    param: Param,
    empty_is_absent: bool,
    reads_files: bool,
    takes_files: bool,
}

/// What a parameter does with what arrived.
struct Use {
    empty_is_absent: bool,
    /// Files are read, and their contents are its values
    reads: bool,
    /// Files or their contents are taken as they are, without being validated
    takes: bool,
}

/// The compiled parameters of one dependant.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct FormFields {
    group: Group,
    maker: Maker,
    uses: Vec<Use>,
}

/// Compiles parameters in forms.
#[pyfunction]
pub fn compile_form(
    py: Python<'_>,
    timezone: Py<PyAny>,
    params: Vec<FormParam>,
) -> PyResult<FormFields> {
    let (mut uses, mut described) = (Vec::new(), Vec::new());
    for param in params {
        uses.push(Use {
            empty_is_absent: param.empty_is_absent,
            reads: param.reads_files,
            takes: param.takes_files,
        });
        described.push(param.param);
    }
    let (maker, group) =
        Maker::compile(py, timezone, |reader| Group::compile(py, described, reader))?;
    Ok(FormFields { group, maker, uses })
}

#[pymethods]
impl FormFields {
    /// The names of parameters whose values pydantic validates.
    #[getter]
    fn uncompiled(&self, py: Python<'_>) -> Vec<Py<PyString>> {
        let uses = self.uses.iter().zip(&self.group.fields);
        uses.zip(&self.group.names)
            .filter(|((plan, field), _)| field.kind.is_none() && !plan.takes)
            .map(|(_, name)| name.clone_ref(py))
            .collect()
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.group.traverse(&visit)
    }
}

impl FormFields {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.uses.len()
    }

    /// The name of a parameter in Python, and the one in the form.
    pub fn names(&self, at: usize) -> Option<(&Py<PyString>, &str)> {
        let field = self.group.fields.get(at)?;
        Some((self.group.names.get(at)?, &field.key))
    }

    /// Whether it is certain what all parameters take. To take them is up to `take`, and for good.
    pub fn is_certain(&self, entries: &[(Cow<'static, str>, Entry)]) -> bool {
        let fields = self.group.fields.iter().zip(&self.uses);
        fields.into_iter().all(|(field, plan)| {
            let mut values = entries.iter().filter(|(name, _)| *name == field.key);
            // Files on disk are read in a thread; texts in the place of contents are an error of their own.
            !plan.reads || values.all(|(_, entry)| matches!(entry, Entry::File(_, true)))
        })
    }

    /// What a parameter finds in a form.
    pub fn take<'py>(
        &self,
        py: Python<'py>,
        at: usize,
        entries: &[(Cow<'static, str>, Entry)],
    ) -> PyResult<Found<'py>> {
        let (Some(field), Some(plan)) = (self.group.fields.get(at), self.uses.get(at)) else {
            return Ok(Found::Absent(Taken::Left));
        };
        let mut values = entries
            .iter()
            .filter(|(name, _)| *name == field.key)
            .map(|(_, entry)| entry);
        let values: Vec<&Entry> = match field.takes_all {
            true => values.collect(),
            false => values
                .next_back()
                .filter(|entry| !(plan.empty_is_absent && entry.is_empty()))
                .into_iter()
                .collect(),
        };
        if values.is_empty() {
            return self.group.absent(py, at).map(Found::Absent);
        }
        if let Some(arrived) = texts(&values, field.takes_all) {
            let taken = self.group.take(py, at, &arrived, &self.maker)?;
            return Ok(match taken {
                Taken::Left => Found::Arrived(objects(py, &values, field.takes_all)?),
                taken => Found::Taken(taken),
            });
        }
        let value = match plan.reads {
            true => contents(py, &values, field.takes_all)?,
            false => objects(py, &values, field.takes_all)?,
        };
        let are_files = values.iter().all(|entry| matches!(entry, Entry::File(..)));
        if plan.takes && are_files {
            return Ok(Found::Taken(Taken::Value(value)));
        }
        Ok(match self.group.validate(at, &value)? {
            Taken::Left => Found::Arrived(value),
            taken => Found::Taken(taken),
        })
    }
}

/// What a parameter finds in a form.
pub enum Found<'py> {
    /// Nothing, and what it is then
    Absent(Taken<'py>),
    /// Something, and what became of it
    Taken(Taken<'py>),
    /// Something that only the field can validate
    Arrived(Bound<'py, PyAny>),
}

/// The texts, if there is nothing else.
fn texts<'a>(values: &[&'a Entry], takes_all: bool) -> Option<Arrived<'a>> {
    let mut texts = values.iter().map(|entry| match entry {
        Entry::Text(text) => Some(Cow::Borrowed(&**text)),
        Entry::File(..) => None,
    });
    match takes_all {
        true => texts.collect::<Option<_>>().map(Arrived::All),
        false => texts.next()?.map(Arrived::One),
    }
}

fn objects<'py>(
    py: Python<'py>,
    values: &[&Entry],
    takes_all: bool,
) -> PyResult<Bound<'py, PyAny>> {
    one_or_all(
        py,
        values.iter().map(|entry| Ok(entry.object(py))),
        takes_all,
    )
}

/// The contents of files in memory, read as `UploadFile.read` does.
fn contents<'py>(
    py: Python<'py>,
    values: &[&Entry],
    takes_all: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let read = |entry: &&Entry| {
        let file = entry.object(py).getattr(intern!(py, "file"))?;
        file.call_method0(intern!(py, "read"))
    };
    one_or_all(py, values.iter().map(read), takes_all)
}

fn one_or_all<'py>(
    py: Python<'py>,
    mut values: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
    takes_all: bool,
) -> PyResult<Bound<'py, PyAny>> {
    if takes_all {
        let values: Vec<_> = values.collect::<PyResult<_>>()?;
        return Ok(PyList::new(py, values)?.into_any());
    }
    values
        .next()
        .unwrap_or_else(|| Ok(py.None().into_bound(py)))
}
