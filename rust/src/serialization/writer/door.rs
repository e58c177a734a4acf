//! `ResponseWriter`: the boundary to Python.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes};
use pyo3::{PyTraverseError, PyVisit};

use super::build::{Outcome, Reason, compile};
use super::filter::Filter;
use super::{Compiled, Node, Omissions, Run};
use crate::serialization::buffer;

/// Writes values of one response field as the bytes of a JSON response.
///
/// Compiled from the core schema of the field's type and the options of its route. What is not certain, by the
/// schema or by the value, is `None`; the slow twin is `fastapi._rendering.response_body`.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct ResponseWriter {
    compiled: Result<Compiled, String>,
}

#[pymethods]
impl ResponseWriter {
    #[new]
    #[allow(clippy::too_many_arguments, reason = "the options that a route has")]
    fn new(
        schema: &Bound<'_, PyAny>,
        include: &Bound<'_, PyAny>,
        exclude: &Bound<'_, PyAny>,
        by_alias: &Bound<'_, PyAny>,
        exclude_unset: &Bound<'_, PyAny>,
        exclude_defaults: &Bound<'_, PyAny>,
        exclude_none: &Bound<'_, PyAny>,
    ) -> Self {
        let compile = || -> Outcome<Compiled> {
            let omissions = Omissions {
                unset: flag(exclude_unset)?,
                defaults: flag(exclude_defaults)?,
                none: flag(exclude_none)?,
            };
            let filter = Filter::new(include, exclude)?;
            compile(schema, filter, flag(by_alias)?, omissions)
        };
        ResponseWriter {
            compiled: compile().map_err(|reason| reason.to_string()),
        }
    }

    /// Why every value is left to the reference, in words; `None` if not so.
    #[getter]
    fn reason(&self) -> Option<&str> {
        self.compiled.as_ref().err().map(String::as_str)
    }

    /// The body for what validation returned, or `None`.
    pub fn write<'py>(&self, value: &Bound<'py, PyAny>) -> Option<Bound<'py, PyBytes>> {
        buffer::written(value.py(), |out| self.append(value, out, false))
    }

    /// Whether a text is serialized as itself.
    #[getter]
    pub fn keeps_text(&self) -> bool {
        let compiled = self.compiled.as_ref();
        compiled.is_ok_and(|compiled| matches!(compiled.root, Node::Str | Node::Any))
    }

    /// Whether validation would certainly return an equal value, and run no code for it.
    pub fn accepts_unvalidated(&self, value: &Bound<'_, PyAny>) -> bool {
        self.compiled
            .as_ref()
            .is_ok_and(|compiled| compiled.unvalidated.accepts(value))
    }

    #[allow(clippy::needless_pass_by_value, reason = "the protocol's signature")]
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Ok(compiled) = &self.compiled {
            for anchor in &compiled.anchors {
                visit.call(anchor)?;
            }
        }
        Ok(())
    }
}

impl ResponseWriter {
    /// For instances of `class` itself and nothing of a route: what `model_dump(mode="json")` takes by default,
    /// but with aliases.
    pub(in crate::serialization) fn of_model(class: &Bound<'_, PyAny>) -> PyResult<Self> {
        let schema = class.getattr("__pydantic_core_schema__")?;
        let (none, yes) = (class.py().None(), PyBool::new(class.py(), true));
        let (none, no) = (none.bind(class.py()), PyBool::new(class.py(), false));
        Ok(Self::new(&schema, none, none, &yes, &no, &no, &no))
    }

    /// Appends the JSON of `value`; `None` leaves `out` half-written. `drops` says that the reference goes
    /// through the result once more with `jsonable_encoder`.
    pub(in crate::serialization) fn append(
        &self,
        value: &Bound<'_, PyAny>,
        out: &mut Vec<u8>,
        drops: bool,
    ) -> Option<()> {
        let compiled = self.compiled.as_ref().ok()?;
        let mut run = Run {
            out: std::mem::take(out),
            writer: compiled,
            depth: 0,
            path: Vec::new(),
            strict: false,
            drops,
        };
        let written = compiled.root.write(value, &mut run);
        *out = run.out;
        written.ok()
    }
}

fn flag(value: &Bound<'_, PyAny>) -> Outcome<bool> {
    match value.cast_exact::<PyBool>() {
        Ok(flag) => Ok(flag.is_true()),
        Err(_) => Err(Reason::new("an option that is neither True nor False")),
    }
}
