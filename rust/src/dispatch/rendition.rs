//! `Rendition`: the bytes that a response class makes of content, where nothing of its own takes part.

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBytes, PyString};
use pyo3::{PyVisit, intern};

use super::plan::stock;
use crate::serialization::dumps::json_dumps;
use crate::serialization::results::json_response_bytes;
use crate::serialization::writer::door::ResponseWriter;
use crate::utils::states::attributes_of;
use crate::utils::stock::Stock;

/// What is known of a class: `fastapi.plan.rendition.Rendition`.
///
/// Slow twin: the class itself, called by `RouteOperation.response`.
#[derive(FromPyObject)]
pub struct Rendition {
    pub cls: Py<PyAny>,
    #[pyo3(from_py_with = kind)]
    body: Kind,
    #[pyo3(attribute("content_type"), from_py_with = line)]
    line: Vec<u8>,
    /// What must be as shipped
    #[pyo3(attribute("parts"), from_py_with = stock)]
    stock: Stock,
}

/// What a body is.
enum Kind {
    Text,
    Json,
    /// What the method `render` of the class returns
    Own,
}

/// Content that an object of a class has rendered.
pub enum Rendered<'py> {
    /// A body, and nothing else
    Body(Bound<'py, PyBytes>),
    /// The object, which has done more than that
    Response(Bound<'py, PyAny>),
}

fn kind(body: &Bound<'_, PyAny>) -> PyResult<Kind> {
    Ok(match body.extract::<PyBackedStr>()?.as_ref() {
        "text" => Kind::Text,
        "json" => Kind::Json,
        _ => Kind::Own,
    })
}

/// Takes a content type that can stand in a head, or `None`.
fn line(content_type: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let value: Option<Bound<'_, PyBytes>> = content_type.extract()?;
    Ok(value.map_or_else(Vec::new, |value| {
        [b"content-type: ", value.as_bytes(), b"\r\n"].concat()
    }))
}

impl Rendition {
    /// Whether the class is as it was.
    pub fn holds(&self, py: Python<'_>) -> bool {
        self.stock.holds(py)
    }

    /// The content type as a line of the head, or nothing.
    pub fn content_type_line(&self) -> &[u8] {
        &self.line
    }

    /// What is made of what an endpoint returned, by way of `jsonable_encoder`.
    pub fn of_result<'py>(&self, result: &Bound<'py, PyAny>) -> Option<Bound<'py, PyBytes>> {
        match self.body {
            Kind::Text => text(result),
            Kind::Json => json_response_bytes(result),
            Kind::Own => None,
        }
    }

    /// What is made of a valid value of a response model.
    pub fn of_value<'py>(
        &self,
        writer: &ResponseWriter,
        value: &Bound<'py, PyAny>,
    ) -> Option<Bound<'py, PyBytes>> {
        match self.body {
            Kind::Text if writer.keeps_text() => text(value),
            Kind::Json => writer.write(value),
            _ => None,
        }
    }

    /// What is made of plain data.
    pub fn of_content<'py>(&self, content: &Bound<'py, PyAny>) -> Option<Bound<'py, PyBytes>> {
        match self.body {
            Kind::Text => text(content),
            Kind::Json => json_dumps(content),
            Kind::Own => None,
        }
    }

    /// Whether the class renders the body itself.
    pub fn is_own(&self) -> bool {
        matches!(self.body, Kind::Own)
    }

    /// Has an object of the class render content, in the order of `Response.__init__`.
    pub fn render<'py>(
        &self,
        content: &Bound<'py, PyAny>,
        status: u16,
        background: Option<&Py<PyAny>>,
    ) -> PyResult<Rendered<'py>> {
        let py = content.py();
        let cls = self.cls.bind(py);
        let response = cls.call_method1(intern!(py, "__new__"), (cls,))?;
        let status = status.into_pyobject(py)?;
        let background = background.map_or_else(|| py.None(), |tasks| tasks.clone_ref(py));
        let given = [
            (intern!(py, "status_code"), status.as_any()),
            (intern!(py, "background"), background.bind(py)),
        ];
        for (name, value) in given {
            response.setattr(name, value)?;
        }
        let body = response.call_method1(intern!(py, "render"), (content,))?;
        let has_only_given = attributes_of(&response).is_some_and(|attributes| {
            let is_given = |(name, value): (_, &Bound<'_, PyAny>)| {
                let found = attributes.get_item(name).ok().flatten();
                found.is_some_and(|found| found.is(value))
            };
            attributes.len() == given.len() && given.into_iter().all(is_given)
        });
        if has_only_given
            && self.holds(py)
            && let Ok(body) = body.cast_exact::<PyBytes>()
        {
            return Ok(Rendered::Body(body.clone()));
        }
        response.setattr(intern!(py, "body"), body)?;
        response.call_method1(intern!(py, "init_headers"), (py.None(),))?;
        Ok(Rendered::Response(response))
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
