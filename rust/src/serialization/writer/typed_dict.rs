//! Typed dicts without other keys.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::build::{Builder, Outcome, Place};
use super::fields::Fields;
use super::model::{allows_extra, config, field_schemas, no_computed_fields};
use super::{Node, OBJECT, Run, Stop, Written};

const KNOWN: [&str; 13] = [
    "type",
    "cls",
    "cls_name",
    "fields",
    "computed_fields",
    "strict",
    "extras_schema",
    "extra_behavior",
    "total",
    "populate_by_name",
    "config",
    "ref",
    "metadata",
];

pub(super) struct TypedDictNode {
    fields: Fields,
}

impl TypedDictNode {
    pub(super) fn build<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, PyDict>,
        place: &Place<'py>,
    ) -> Outcome<Node> {
        builder.only(schema, &KNOWN)?;
        no_computed_fields(builder, schema)?;
        let own = config(builder, schema)?;
        let inside = Place {
            config: own.or_else(|| place.config.clone()),
            filter: place.filter.clone(),
        };
        if allows_extra(schema, &inside)? {
            return builder.refuse("a typed dict that allows more than its keys");
        }
        let total = match (schema.get_item("total")?, &inside.config) {
            (Some(total), _) => total.extract()?,
            (None, Some(config)) => match config.get_item("typed_dict_total")? {
                Some(total) => total.extract()?,
                None => true,
            },
            (None, None) => true,
        };
        let fields = field_schemas(builder, schema)?;
        let fields = Fields::build(builder, fields, total, &inside)?;
        Ok(Node::TypedDict(TypedDictNode { fields }))
    }

    #[inline(never)]
    pub(super) fn write(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        let Ok(dict) = value.cast_exact::<PyDict>() else {
            return Err(Stop::mismatch(value.is_instance_of::<PyDict>()));
        };
        run.container(OBJECT, |run| self.fields.write(dict, None, run))
    }
}
