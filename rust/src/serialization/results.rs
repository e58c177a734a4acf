//! `json_response_bytes`: the body for what an endpoint without a response model returned.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::sync::critical_section::with_critical_section;
use pyo3::types::{
    PyBool, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple, PyType,
};

use super::jsonable::SQLALCHEMY_PREFIX;
use super::leaf::{literal, write_float, write_int, write_text};
use super::writer::door::ResponseWriter;

/// Containers inside containers that are written here; a cycle is seen when it closes.
const MAX_DEPTH: usize = 64;

/// A first guess at a body's size in bytes.
const CAPACITY: usize = 512;

/// How many classes of models are remembered: classes that are made at run time must not pile up.
const CLASSES: usize = 1024;

/// The bytes of `json.dumps(jsonable_encoder(content))`, as `JSONResponse` has them.
///
/// Accepts JSON's own types, sets, and models that a `ResponseWriter` can write and that dump themselves as
/// pydantic does. `None` for all else. Its slow twin is `fastapi.encoders.jsonable_encoder` followed by
/// `json.dumps`.
#[pyfunction]
pub fn json_response_bytes<'py>(content: &Bound<'py, PyAny>) -> Option<Bound<'py, PyBytes>> {
    let mut walk = Walk {
        out: Vec::with_capacity(CAPACITY),
        path: Vec::new(),
        models: Models::default(),
    };
    walk.value(content)?;
    Some(PyBytes::new(content.py(), &walk.out))
}

struct Walk<'py> {
    out: Vec<u8>,
    /// Addresses of the containers being written, outermost first.
    path: Vec<usize>,
    models: Models<'py>,
}

impl<'py> Walk<'py> {
    /// Appends one value; `None` means "not certain". No code of the application runs.
    fn value(&mut self, value: &Bound<'py, PyAny>) -> Option<()> {
        if let Ok(text) = value.cast_exact::<PyString>() {
            write_text(&mut self.out, text)
        } else if let Ok(number) = value.cast_exact::<PyInt>() {
            write_int(&mut self.out, number)
        } else if let Ok(dict) = value.cast_exact::<PyDict>() {
            self.enter(value)?;
            self.dict(dict)?;
            self.leave()
        } else if let Ok(list) = value.cast_exact::<PyList>() {
            self.enter(value)?;
            self.array(list.iter())?;
            self.leave()
        } else if value.is_none() {
            self.out.extend_from_slice(b"null");
            Some(())
        } else if let Ok(flag) = value.cast_exact::<PyBool>() {
            self.out.extend_from_slice(literal(flag));
            Some(())
        } else if let Ok(number) = value.cast_exact::<PyFloat>() {
            write_float(&mut self.out, number)
        } else if let Ok(tuple) = value.cast_exact::<PyTuple>() {
            self.enter(value)?;
            self.array(tuple.iter())?;
            self.leave()
        } else if let Ok(set) = value.cast_exact::<PySet>() {
            self.array(set.iter())
        } else if let Ok(set) = value.cast_exact::<PyFrozenSet>() {
            self.array(set.iter())
        } else {
            let writer = self.models.writer(&value.get_type())?;
            writer.get().append(value, &mut self.out, true)
        }
    }

    fn enter(&mut self, container: &Bound<'_, PyAny>) -> Option<()> {
        let address = container.as_ptr() as usize;
        if self.path.len() == MAX_DEPTH || self.path.contains(&address) {
            return None;
        }
        self.path.push(address);
        Some(())
    }

    fn leave(&mut self) -> Option<()> {
        self.path.pop().map(drop)
    }

    fn array(&mut self, items: impl Iterator<Item = Bound<'py, PyAny>>) -> Option<()> {
        self.out.push(b'[');
        let first = self.out.len();
        for item in items {
            self.separate(first);
            self.value(&item)?;
        }
        self.out.push(b']');
        Some(())
    }

    fn dict(&mut self, dict: &Bound<'py, PyDict>) -> Option<()> {
        self.out.push(b'{');
        let first = self.out.len();
        with_critical_section(dict, || {
            for (key, value) in dict.iter() {
                // With other keys, two may be written alike; and `json.dumps` has its own names for them.
                let key = key.cast_exact::<PyString>().ok()?.to_str().ok()?;
                if key.starts_with(SQLALCHEMY_PREFIX) {
                    continue;
                }
                self.separate(first);
                super::text::write_string(&mut self.out, key);
                self.out.push(b':');
                self.value(&value)?;
            }
            Some(())
        })?;
        self.out.push(b'}');
        Some(())
    }

    fn separate(&mut self, first: usize) {
        if self.out.len() > first {
            self.out.push(b',');
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
