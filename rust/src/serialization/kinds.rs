//! What `jsonable_encoder` does with an object depends on its class: this finds out which case it is.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple, PyType};

/// The cases, in the order in which the reference tries them.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Model,
    Dataclass,
    Enum,
    Path,
    /// str, int, float and their subclasses: returned as they are.
    Scalar,
    Undefined,
    /// A dict subclass: its `items` can be anything.
    Mapping,
    Iterable,
    /// Known at most to the encoders registered by type.
    Other,
    /// A class, or an instance that claims another class than its own: `isinstance` would decide.
    Doubtful,
}

/// Classes that are looked for among an object's bases.
pub(super) struct Classes {
    model: Py<PyAny>,
    enumeration: Py<PyAny>,
    path: Py<PyAny>,
    undefined: Py<PyAny>,
    generator: Py<PyAny>,
    deque: Py<PyAny>,
}

impl Classes {
    pub(super) fn get(py: Python<'_>) -> PyResult<&Classes> {
        static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();
        CLASSES.get_or_try_init(py, || {
            let class = |module: &str, name: &str| {
                Ok::<_, PyErr>(py.import(module)?.getattr(name)?.unbind())
            };
            Ok(Classes {
                model: class("pydantic", "BaseModel")?,
                enumeration: class("enum", "Enum")?,
                path: class("pathlib", "PurePath")?,
                undefined: class("pydantic_core", "PydanticUndefinedType")?,
                generator: class("types", "GeneratorType")?,
                deque: class("collections", "deque")?,
            })
        })
    }

    pub(super) fn kind_of(&self, value: &Bound<'_, PyAny>) -> PyResult<Kind> {
        let py = value.py();
        let class = value.get_type();
        if value.is_instance_of::<PyType>()
            || !value
                .getattr(intern!(py, "__class__"))
                .is_ok_and(|claimed| claimed.is(&class))
        {
            return Ok(Kind::Doubtful);
        }
        let bases = class.mro();
        let derives = |base: &Py<PyAny>| bases.iter_borrowed().any(|class| class.is(base));
        Ok(if derives(&self.model) {
            Kind::Model
        } else if class.hasattr(intern!(py, "__dataclass_fields__"))? {
            Kind::Dataclass
        } else if derives(&self.enumeration) {
            Kind::Enum
        } else if derives(&self.path) {
            Kind::Path
        } else if value.is_instance_of::<PyString>()
            || value.is_instance_of::<PyInt>()
            || value.is_instance_of::<PyFloat>()
        {
            Kind::Scalar
        } else if derives(&self.undefined) {
            Kind::Undefined
        } else if value.is_instance_of::<PyDict>() {
            Kind::Mapping
        } else if value.is_instance_of::<PyList>()
            || value.is_instance_of::<PyTuple>()
            || value.is_instance_of::<PySet>()
            || value.is_instance_of::<PyFrozenSet>()
            || derives(&self.generator)
            || derives(&self.deque)
        {
            Kind::Iterable
        } else {
            Kind::Other
        })
    }
}
