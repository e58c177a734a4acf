//! Python objects of the values.

use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyDate, PyDateTime, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple,
    PyTzInfo,
};

use super::schema::Reader;
use crate::params::value::{Collection, Moment, Value};

/// What values are made with.
pub struct Maker {
    /// `uuid.UUID`
    pub uuid: Py<PyAny>,
    /// `decimal.Decimal`
    pub decimal: Py<PyAny>,
    /// Gives the `tzinfo` that pydantic uses for an offset in seconds
    pub timezone: Py<PyAny>,
    /// The objects that `Value::Constant` numbers
    pub constants: Vec<Py<PyAny>>,
}

impl Maker {
    /// Compiles schemas, and keeps what values of them are made with.
    ///
    /// `timezone` gives the `tzinfo` that pydantic uses for an offset in seconds.
    pub fn compile<T>(
        py: Python<'_>,
        timezone: Py<PyAny>,
        compile: impl FnOnce(&mut Reader<'_, '_>) -> PyResult<T>,
    ) -> PyResult<(Self, T)> {
        let decimal = py.import("decimal")?.getattr("Decimal")?;
        let mut constants = Vec::new();
        let compiled = compile(&mut Reader {
            decimal: &decimal,
            constants: &mut constants,
        })?;
        let maker = Self {
            uuid: py.import("uuid")?.getattr("UUID")?.unbind(),
            decimal: decimal.unbind(),
            timezone,
            constants,
        };
        Ok((maker, compiled))
    }

    /// Makes the object of a value.
    pub fn make<'py>(&self, py: Python<'py>, value: &Value<'_>) -> PyResult<Bound<'py, PyAny>> {
        Ok(match value {
            Value::Text(text) => PyString::new(py, text).into_any(),
            Value::Integer(value) => value.into_pyobject(py)?.into_any(),
            Value::Float(value) => PyFloat::new(py, *value).into_any(),
            Value::Boolean(value) => PyBool::new(py, *value).to_owned().into_any(),
            Value::Uuid(number) => {
                let none = py.None();
                self.uuid
                    .bind(py)
                    .call1((&none, &none, &none, &none, *number))?
            }
            Value::Date(day) => PyDate::new(py, day.year, day.month, day.day)?.into_any(),
            Value::DateTime(moment) => self.moment(py, moment)?,
            Value::Decimal(text) => self.decimal.bind(py).call1((*text,))?,
            Value::Constant(number) => match self.constants.get(*number) {
                Some(constant) => constant.bind(py).clone(),
                None => return Err(pyo3::exceptions::PyIndexError::new_err("no such constant")),
            },
            Value::Collection(collection, values) => {
                let items: Vec<Bound<'py, PyAny>> = values
                    .iter()
                    .map(|value| self.make(py, value))
                    .collect::<PyResult<_>>()?;
                match collection {
                    Collection::List => PyList::new(py, items)?.into_any(),
                    Collection::Tuple => PyTuple::new(py, items)?.into_any(),
                    Collection::Set => PySet::new(py, items)?.into_any(),
                    Collection::FrozenSet => PyFrozenSet::new(py, items)?.into_any(),
                }
            }
        })
    }

    fn moment<'py>(&self, py: Python<'py>, moment: &Moment) -> PyResult<Bound<'py, PyAny>> {
        let timezone = match moment.offset {
            Some(offset) => Some(
                self.timezone
                    .bind(py)
                    .call1((offset,))?
                    .cast_into::<PyTzInfo>()?,
            ),
            None => None,
        };
        let day = moment.day;
        let Moment {
            hour,
            minute,
            second,
            microsecond,
            ..
        } = *moment;
        PyDateTime::new(
            py,
            day.year,
            day.month,
            day.day,
            hour,
            minute,
            second,
            microsecond,
            timezone.as_ref(),
        )
        .map(Bound::into_any)
    }

    /// Whether an object is exactly a `UUID`.
    pub fn is_uuid(&self, object: &Bound<'_, PyAny>) -> bool {
        object.get_type().is(self.uuid.bind(object.py()))
    }

    /// The integer, if an object is exactly an `int` of 64 bits.
    pub fn integer(object: &Bound<'_, PyAny>) -> Option<i64> {
        object.cast_exact::<PyInt>().ok()?.extract().ok()
    }
}
