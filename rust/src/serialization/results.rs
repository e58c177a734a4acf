//! `json_response_bytes`: the body for what an endpoint without a response model returned.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyFrozenSet, PySet, PyString, PyTuple, PyType};

use super::jsonable::SQLALCHEMY_PREFIX;
use super::leaf::utf8;
use super::text::write_string;
use super::walk::{Beyond, Walk};
use super::writer::door::ResponseWriter;

/// How many classes of models are remembered: classes that are made at run time must not pile up.
const CLASSES: usize = 1024;

/// The bytes of `json.dumps(jsonable_encoder(content))`, as `JSONResponse` has them.
///
/// Accepts JSON's own types, sets, and models that a `ResponseWriter` can write and that dump themselves as
/// pydantic does. `None` for all else. Its slow twin is `fastapi.encoders.jsonable_encoder` followed by
/// `json.dumps`.
#[pyfunction]
pub fn json_response_bytes<'py>(content: &Bound<'py, PyAny>) -> Option<Bound<'py, PyBytes>> {
    Walk::text(Models::default(), content)
}

impl<'py> Beyond<'py> for Models<'py> {
    const MAX_DEPTH: usize = 64;

    fn key(key: &Bound<'py, PyAny>, out: &mut Vec<u8>) -> Option<bool> {
        // With other keys, two may be written alike; and `json.dumps` has its own names for them.
        let key = utf8(key.cast_exact::<PyString>().ok()?)?;
        if key.starts_with(SQLALCHEMY_PREFIX) {
            return Some(false);
        }
        out.push(b',');
        write_string(out, key);
        out.push(b':');
        Some(true)
    }

    fn other(walk: &mut Walk<Self>, value: &Bound<'py, PyAny>) -> Option<()> {
        if let Ok(set) = value.cast_exact::<PySet>() {
            walk.container(value, *b"[]", |walk| walk.items(set.iter()))
        } else if let Ok(set) = value.cast_exact::<PyFrozenSet>() {
            walk.container(value, *b"[]", |walk| walk.items(set.iter()))
        } else {
            let writer = walk.beyond.writer(&value.get_type())?;
            writer.get().append(value, &mut walk.out, true)
        }
    }
}

/// Writers of models, by class.
#[derive(Default)]
struct Models<'py> {
    /// The last one: items of a list are mostly of one class.
    last: Option<(Bound<'py, PyType>, Bound<'py, ResponseWriter>)>,
}

impl<'py> Models<'py> {
    fn writer(&mut self, class: &Bound<'py, PyType>) -> Option<Bound<'py, ResponseWriter>> {
        if let Some((last, writer)) = &self.last
            && last.is(class)
        {
            return Some(writer.clone());
        }
        let writer = find(class).ok()??;
        self.last = Some((class.clone(), writer.clone()));
        Some(writer)
    }
}

/// The writer of a class of models, made at its first instance and again when the class is rebuilt.
fn find<'py>(class: &Bound<'py, PyType>) -> PyResult<Option<Bound<'py, ResponseWriter>>> {
    static WRITERS: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    static MODEL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = class.py();
    let model = MODEL.import(py, "pydantic", "BaseModel")?;
    // A class of classes may compare and get attributes as it likes.
    if !class.get_type().is(model.get_type()) {
        return Ok(None);
    }
    let dump = intern!(py, "model_dump");
    if !class.getattr(dump)?.is(&model.getattr(dump)?) {
        return Ok(None);
    }
    let schema = class.getattr(intern!(py, "__pydantic_core_schema__"))?;
    let writers = WRITERS
        .get_or_init(py, || PyDict::new(py).unbind())
        .bind(py);
    if let Some(known) = writers.get_item(class)? {
        let known = known.cast_into::<PyTuple>()?;
        if known.get_item(0)?.is(&schema) {
            return Ok(Some(known.get_item(1)?.cast_into()?));
        }
    }
    if writers.len() >= CLASSES {
        writers.clear();
    }
    let writer = Bound::new(py, ResponseWriter::of_model(class)?)?;
    writers.set_item(class, (schema, &writer))?;
    Ok(Some(writer))
}
