//! pydantic's own validator, called without the field around it.
//!
//! Slow twin: `fastapi._compat.ModelField.validate`, which also words errors.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use pyo3::{PyTraverseError, PyVisit};

use crate::serialization::loads::has_digits;

/// `SchemaValidator.validate_python` with the options of a field.
pub struct Validator {
    validate: Py<PyAny>,
    options: Py<PyDict>,
    refusal: Py<PyAny>,
}

/// What became of a value.
pub enum Taken<'py> {
    /// It is valid, and this
    Value(Bound<'py, PyAny>),
    /// pydantic's `ValidationError`
    Refused(Py<PyAny>),
    /// Only the slow twin knows
    Left,
}

impl Validator {
    /// Takes a `SchemaValidator`.
    pub fn new(validator: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = validator.py();
        let options = PyDict::new(py);
        options.set_item(intern!(py, "from_attributes"), true)?;
        Ok(Self {
            validate: validator.getattr(intern!(py, "validate_python"))?.unbind(),
            options: options.unbind(),
            refusal: py
                .import("pydantic_core")?
                .getattr("ValidationError")?
                .unbind(),
        })
    }

    /// Shows the collector what it holds.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.validate)
    }

    /// Validates a value, once; raises what the user's validators raise.
    pub fn run<'py>(&self, value: &Bound<'py, PyAny>) -> PyResult<Taken<'py>> {
        let py = value.py();
        match self
            .validate
            .bind(py)
            .call((value,), Some(self.options.bind(py)))
        {
            Ok(value) => Ok(Taken::Value(value)),
            Err(error) if error.is_instance(py, self.refusal.bind(py)) => {
                Ok(Taken::Refused(error.into_value(py).into_any()))
            }
            Err(error) => Err(error),
        }
    }
}

/// The least number of digits of an int that can be too large for a float: in JSON it would be infinite.
const DIGITS: usize = 309;

/// `SchemaValidator.validate_json`, where it is known to return the same.
///
/// Slow twin: `json.loads`, and a [`Validator`] for what that returns.
pub struct JsonValidator(Py<PyAny>);

impl JsonValidator {
    /// Takes a `SchemaValidator` for which `fastapi.plan.json_mode` says so.
    pub fn new(validator: &Bound<'_, PyAny>) -> PyResult<Self> {
        let validate = validator.getattr(intern!(validator.py(), "validate_json"))?;
        Ok(Self(validate.unbind()))
    }

    /// Shows the collector what it holds.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.0)
    }

    /// The value that JSON stands for. `None`: that is left to the slow twin.
    pub fn run<'py>(&self, json: &Bound<'py, PyBytes>) -> Option<Bound<'py, PyAny>> {
        if has_digits(json.as_bytes(), DIGITS) {
            return None;
        }
        self.0.bind(json.py()).call1((json,)).ok()
    }
}
