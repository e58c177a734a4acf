//! Dataclasses, of the standard library and of pydantic.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::build::{Builder, Outcome, Place};
use super::fields::Fields;
use super::instances::{class_address, defined};
use super::model::{allows_extra, config, no_computed_fields, within_validators};
use super::{Node, OBJECT, Run, Stop, Written};

const KNOWN: [&str; 14] = [
    "type",
    "cls",
    "cls_name",
    "generic_origin",
    "schema",
    "fields",
    "post_init",
    "revalidate_instances",
    "strict",
    "frozen",
    "slots",
    "config",
    "ref",
    "metadata",
];

const KNOWN_OF_FIELDS: [&str; 8] = [
    "type",
    "dataclass_name",
    "fields",
    "computed_fields",
    "populate_by_name",
    "collect_init_only",
    "extra_behavior",
    "metadata",
];

pub(super) struct DataclassNode {
    class: usize,
    fields: Fields,
    /// The attributes to read, each with the place of its field.
    attributes: Vec<(Py<PyString>, usize)>,
}

impl DataclassNode {
    pub(super) fn build<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, PyDict>,
        place: &Place<'py>,
    ) -> Outcome<Node> {
        builder.only(schema, &KNOWN)?;
        let class = builder.required(schema, "cls")?;
        let place = Place {
            config: config(builder, schema)?,
            filter: place.filter.clone(),
        };
        let arguments = within_validators(builder, schema, "dataclass-args")?;
        builder.only(&arguments, &KNOWN_OF_FIELDS)?;
        no_computed_fields(builder, &arguments)?;
        if allows_extra(&arguments, &place)? {
            return builder.refuse("a dataclass that allows more than its fields");
        }
        let mut schemas = Vec::new();
        for field in builder.required(&arguments, "fields")?.try_iter()? {
            let field = field?.cast_into::<PyDict>()?;
            if !builder.flag(&field, "init_only")? {
                let name = builder.required(&field, "name")?.cast_into::<PyString>()?;
                schemas.push(Ok((name, field)));
            }
        }
        let fields = Fields::build(builder, schemas.into_iter(), true, &place)?;
        let mut attributes = Vec::new();
        for name in builder.required(schema, "fields")?.try_iter()? {
            let name = name?.cast_into::<PyString>()?;
            let Ok(Some(index)) = fields.find(&name) else {
                return builder.refuse("a dataclass with attributes that are no fields");
            };
            if !is_plain(&class, name.to_str()?)? {
                return builder.refuse("a dataclass with its own way of having attributes");
            }
            attributes.push((name.unbind(), index));
        }
        Ok(Node::Dataclass(DataclassNode {
            class: builder.anchor(&class),
            fields,
            attributes,
        }))
    }

    #[inline(never)]
    pub(super) fn write(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        if class_address(value) != self.class {
            return Err(Stop::Refused);
        }
        let py = value.py();
        run.container(OBJECT, |run| {
            let mut seen = 0;
            for (name, index) in &self.attributes {
                let attribute = value.getattr(name.bind(py)).map_err(|_| Stop::Unsure)?;
                seen += usize::from(self.fields.is_required(*index));
                self.fields.write_field(*index, &attribute, run)?;
            }
            self.fields.check_count(seen, run)
        })
    }
}

/// Whether getting the attribute of an instance runs no code: it is in `__dict__` or in a slot.
fn is_plain(class: &Bound<'_, PyAny>, name: &str) -> PyResult<bool> {
    let py = class.py();
    let object = py.get_type::<PyAny>();
    if !defined(class, "__getattribute__")?.is_some_and(|(_, home)| home.is(&object))
        || defined(class, "__getattr__")?.is_some()
    {
        return Ok(false);
    }
    let slot = py.import("types")?.getattr("MemberDescriptorType")?;
    match defined(class, name)? {
        None => Ok(true),
        Some((definition, _)) => {
            let kind = definition.get_type();
            Ok(kind.is(&slot)
                || (!kind.hasattr("__get__")?
                    && !kind.hasattr("__set__")?
                    && !kind.hasattr("__delete__")?))
        }
    }
}
