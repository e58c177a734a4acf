//! The fields of models, dataclasses and typed dicts.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyBool, PyDate, PyDateTime, PyDelta, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet,
    PyString, PyTime, PyTuple,
};
use std::collections::{HashMap, HashSet};

use super::build::{Builder, Outcome, Place};
use super::instances::{class_address, each_entry};
use super::{Node, Run, Stop, Written};
use crate::serialization::append::append;
use crate::serialization::jsonable::SQLALCHEMY_PREFIX;
use crate::serialization::text::write_string;

/// What the schema of a field can hold that is known to serialization.
const KNOWN: [&str; 14] = [
    "type",
    "name",
    "schema",
    "required",
    "serialization_alias",
    "serialization_exclude",
    "serialization_exclude_if",
    "validation_alias",
    "frozen",
    "metadata",
    "kw_only",
    "init",
    "init_only",
    "ref",
];

pub(super) struct Fields {
    fields: Vec<Field>,
    by_name: HashMap<String, usize>,
    /// The keys under which they are written.
    keys: HashSet<String>,
    required: usize,
}

struct Field {
    name: Py<PyString>,
    /// The key with its comma, quotes and colon.
    prefix: Vec<u8>,
    /// `None` if it is always left out.
    node: Option<Node>,
    required: bool,
    /// Whether there is anything to ask before it is written, which is what follows.
    conditional: bool,
    /// Whether the key looks like one that SQLAlchemy adds.
    bookkeeping: bool,
    default: Default,
}

/// What `exclude_defaults` compares a value with.
enum Default {
    /// There is none, or nobody asks.
    Absent,
    Scalar(Py<PyAny>),
    /// An empty container of the class.
    Empty(usize),
}

impl Fields {
    /// `required` says whether a field is, of which the schema does not say.
    pub(super) fn build<'py>(
        builder: &mut Builder<'py>,
        schemas: impl Iterator<Item = Outcome<(Bound<'py, PyString>, Bound<'py, PyDict>)>>,
        required: bool,
        place: &Place<'py>,
    ) -> Outcome<Fields> {
        let mut fields = Fields {
            fields: Vec::new(),
            by_name: HashMap::new(),
            keys: HashSet::new(),
            required: 0,
        };
        for schema in schemas {
            let (name, schema) = schema?;
            let text = name.extract::<String>()?;
            fields
                .add(builder, name, &schema, required, place)
                .map_err(|reason| reason.inside(&text))?;
        }
        Ok(fields)
    }

    fn add<'py>(
        &mut self,
        builder: &mut Builder<'py>,
        name: Bound<'py, PyString>,
        schema: &Bound<'py, PyDict>,
        required: bool,
        place: &Place<'py>,
    ) -> Outcome<()> {
        builder.only(schema, &KNOWN)?;
        let text = name.extract::<String>()?;
        let alias = match schema.get_item("serialization_alias")? {
            Some(alias) if builder.by_alias && !alias.is_none() => alias.extract::<String>()?,
            _ => text.clone(),
        };
        let required = match schema.get_item("required")? {
            Some(required) => required.extract()?,
            None => required,
        };
        let bookkeeping = alias.starts_with(SQLALCHEMY_PREFIX);
        let mut field = Field {
            name: name.unbind(),
            prefix: vec![b','],
            node: None,
            required,
            conditional: bookkeeping || builder.omissions.defaults || builder.omissions.none,
            bookkeeping,
            default: Default::Absent,
        };
        if !builder.flag(schema, "serialization_exclude")?
            && let Some(filter) = place.filter.field(&text)?
        {
            if schema
                .get_item("serialization_exclude_if")?
                .is_some_and(|condition| !condition.is_none())
            {
                return builder.refuse("a condition that excludes it (exclude_if)");
            }
            if !self.keys.insert(alias.clone()) {
                return builder.refuse("a key that another field has too");
            }
            write_string(&mut field.prefix, &alias);
            field.prefix.push(b':');
            let place = Place {
                filter,
                ..place.clone()
            };
            field.node = Some(builder.build_inner(schema, "schema", &place)?);
            if builder.omissions.defaults {
                let inner = builder.required(schema, "schema")?.cast_into()?;
                field.default = Default::build(builder, inner)?;
            }
        }
        self.required += usize::from(required);
        self.by_name.insert(text, self.fields.len());
        self.fields.push(field);
        Ok(())
    }

    pub(super) fn find(&self, name: &Bound<'_, PyAny>) -> Result<Option<usize>, Stop> {
        let name = name.cast_exact::<PyString>().map_err(|_| Stop::Unsure)?;
        let name = name.to_str().map_err(|_| Stop::Unsure)?;
        Ok(self.by_name.get(name).copied())
    }

    /// Whether a field is written under `key`.
    pub(super) fn uses(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// Appends what `dict` has of the fields, in its order. `set` holds the names of those that were set.
    #[inline(never)]
    pub(super) fn write(
        &self,
        dict: &Bound<'_, PyDict>,
        set: Option<&Bound<'_, PySet>>,
        run: &mut Run<'_>,
    ) -> Written {
        let mut upcoming = self.fields.iter();
        let mut seen = 0;
        each_entry(dict, |name, value| {
            // Validation fills dicts in the order of the fields, with their very names.
            let field = match upcoming.next() {
                Some(field) if field.name.as_ptr() == name.as_ptr() => field,
                _ => match self.find(name)? {
                    Some(index) => {
                        upcoming = self.fields[index + 1..].iter();
                        &self.fields[index]
                    }
                    None if run.strict => return Err(Stop::Unsure),
                    None => return Ok(()),
                },
            };
            if let Some(set) = set
                && !set.contains(name).map_err(|_| Stop::Unsure)?
            {
                return Ok(());
            }
            seen += usize::from(field.required);
            field.write(value, run)
        })?;
        self.check_count(seen, run)
    }

    /// Inside a union pydantic refuses an object that lacks fields, unless they may have been left out.
    pub(super) fn check_count(&self, seen: usize, run: &Run<'_>) -> Written {
        if run.strict && seen < self.required && !run.writer.omissions.any() {
            return Err(Stop::Unsure);
        }
        Ok(())
    }

    pub(super) fn is_required(&self, index: usize) -> bool {
        self.fields[index].required
    }

    pub(super) fn write_field(
        &self,
        index: usize,
        value: &Bound<'_, PyAny>,
        run: &mut Run<'_>,
    ) -> Written {
        self.fields[index].write(value, run)
    }
}

impl Field {
    #[inline(always)]
    fn write(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        let Some(node) = &self.node else {
            return Ok(());
        };
        if self.conditional && self.is_left_out(value, run)? {
            return Ok(());
        }
        append(&mut run.out, &self.prefix);
        node.write(value, run)
    }

    fn is_left_out(&self, value: &Bound<'_, PyAny>, run: &Run<'_>) -> Result<bool, Stop> {
        let omissions = run.writer.omissions;
        if (omissions.none && value.is_none())
            || (omissions.defaults && self.default.equals(value)?)
        {
            return Ok(true);
        }
        match self.bookkeeping && run.drops {
            true => Err(Stop::Unsure),
            false => Ok(false),
        }
    }
}

impl Default {
    fn build<'py>(builder: &mut Builder<'py>, mut schema: Bound<'py, PyDict>) -> Outcome<Default> {
        loop {
            let kind = builder.required(&schema, "type")?.extract::<String>()?;
            let inner = match kind.as_str() {
                "default" => break,
                "function-before" | "function-after" | "function-wrap" | "custom-error" => {
                    builder.required(&schema, "schema")?
                }
                "lax-or-strict" => builder.required(&schema, "strict_schema")?,
                "chain" => return builder.refuse("a chain to look for a default in"),
                _ => return Ok(Default::Absent),
            };
            schema = inner.cast_into()?;
        }
        if let Some(default) = schema.get_item("default")? {
            if is_scalar(&default) {
                return Ok(Default::Scalar(default.unbind()));
            }
            if is_container(&default) && default.len()? == 0 {
                return Ok(Default::Empty(class_address(&default)));
            }
            return builder.refuse("a default that compares in its own way (exclude_defaults)");
        }
        if let Some(factory) = schema.get_item("default_factory")? {
            let plain = [
                builder.py.get_type::<PyList>(),
                builder.py.get_type::<PyDict>(),
                builder.py.get_type::<PySet>(),
                builder.py.get_type::<PyTuple>(),
                builder.py.get_type::<PyFrozenSet>(),
            ];
            if plain.iter().any(|class| class.is(&factory)) {
                return Ok(Default::Empty(factory.as_ptr() as usize));
            }
            return builder.refuse("a default that a function makes (exclude_defaults)");
        }
        Ok(Default::Absent)
    }

    /// Whether `value == default`, as far as that runs no code of the application.
    fn equals(&self, value: &Bound<'_, PyAny>) -> Result<bool, Stop> {
        match self {
            Default::Absent => Ok(false),
            Default::Scalar(default) if is_scalar(value) || is_from_the_library(value) => {
                value.eq(default.bind(value.py())).map_err(|_| Stop::Unsure)
            }
            Default::Scalar(_) if is_container(value) || compares_as_model(value) => Ok(false),
            Default::Empty(class) if class_address(value) == *class => value
                .len()
                .map(|length| length == 0)
                .map_err(|_| Stop::Unsure),
            Default::Empty(_) if is_scalar(value) => Ok(false),
            _ => Err(Stop::Unsure),
        }
    }
}

fn is_scalar(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyString>()
        || value.is_none()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyFloat>()
        || value.is_exact_instance_of::<PyBool>()
}

fn is_container(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyList>()
        || value.is_exact_instance_of::<PyDict>()
        || value.is_exact_instance_of::<PySet>()
        || value.is_exact_instance_of::<PyTuple>()
        || value.is_exact_instance_of::<PyFrozenSet>()
}

fn is_from_the_library(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyDateTime>()
        || value.is_exact_instance_of::<PyDate>()
        || value.is_exact_instance_of::<PyTime>()
        || value.is_exact_instance_of::<PyDelta>()
}

/// Whether the value is a model that is equal to models only.
fn compares_as_model(value: &Bound<'_, PyAny>) -> bool {
    static MODEL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let Ok(model) = MODEL.import(value.py(), "pydantic", "BaseModel") else {
        return false;
    };
    let comparison = |class: &Bound<'_, PyAny>| class.getattr("__eq__").ok().map(Bound::unbind);
    match (comparison(value.get_type().as_any()), comparison(model)) {
        (Some(own), Some(stock)) => own.is(&stock),
        _ => false,
    }
}
