//! `Rendition`: the bytes that a response class makes of content, where nothing of its own takes part.

use pyo3::PyVisit;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::plan::stock;
use crate::serialization::dumps::json_dumps;
use crate::serialization::results::json_response_bytes;
use crate::serialization::writer::door::ResponseWriter;
use crate::utils::stock::Stock;

/// What is known of a class: `fastapi.plan.rendition.Rendition`.
///
/// Slow twin: the class itself, called by `RouteOperation.response`.
#[derive(FromPyObject)]
pub struct Rendition {
    pub cls: Py<PyAny>,
    /// It encodes text, and does not write JSON
    is_text: bool,
    #[pyo3(attribute("content_type"), from_py_with = line)]
    line: Vec<u8>,
    /// What must be as shipped
    #[pyo3(attribute("parts"), from_py_with = stock)]
    stock: Stock,
}

const NAME: &[u8] = b"content-type: ";
const END: &[u8] = b"\r\n";

/// Takes a content type that can stand in a head, or `None`.
fn line(content_type: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let value: Option<Bound<'_, PyBytes>> = content_type.extract()?;
    Ok(value.map_or_else(Vec::new, |value| [NAME, value.as_bytes(), END].concat()))
}

impl Rendition {
    /// Whether the class is as it was.
    pub fn holds(&self, py: Python<'_>) -> bool {
        self.stock.holds(py)
    }

    /// The content type, if there is one.
    pub fn content_type(&self) -> Option<&[u8]> {
        let line = self.line.strip_prefix(NAME)?;
        line.strip_suffix(END)
    }

    /// The same as a line of the head, or nothing.
    pub fn content_type_line(&self) -> &[u8] {
        &self.line
    }

    /// What is made of what an endpoint returned, by way of `jsonable_encoder`.
    pub fn of_result<'py>(&self, result: &Bound<'py, PyAny>) -> Option<Bound<'py, PyBytes>> {
        match self.is_text {
            true => text(result),
            false => json_response_bytes(result),
        }
    }

    /// What is made of a valid value of a response model.
    pub fn of_value<'py>(
        &self,
        writer: &ResponseWriter,
        value: &Bound<'py, PyAny>,
    ) -> Option<Bound<'py, PyBytes>> {
        match self.is_text {
            true if writer.keeps_text() => text(value),
            true => None,
            false => writer.write(value),
        }
    }

    /// What is made of plain data.
    pub fn of_content<'py>(&self, content: &Bound<'py, PyAny>) -> Option<Bound<'py, PyBytes>> {
        match self.is_text {
            true => text(content),
            false => json_dumps(content),
        }
    }

    /// For the garbage collector.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), pyo3::PyTraverseError> {
        visit.call(&self.cls)
    }
}

/// `Response.render`.
fn text<'py>(content: &Bound<'py, PyAny>) -> Option<Bound<'py, PyBytes>> {
    let text = match content.is_none() {
        true => "",
        false => content.cast_exact::<PyString>().ok()?.to_str().ok()?,
    };
    Some(PyBytes::new(content.py(), text.as_bytes()))
}
