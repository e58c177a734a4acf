//! Models: their fields, what they have beyond them, or their root.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySet, PyString, PyType};

use super::build::{Builder, Outcome, Place};
use super::fields::Fields;
use super::instances::{attributes, class_address, defined, each_entry};
use super::{Node, OBJECT, Run, Stop, Written};

const KNOWN: [&str; 13] = [
    "type",
    "cls",
    "schema",
    "generic_origin",
    "custom_init",
    "root_model",
    "post_init",
    "revalidate_instances",
    "strict",
    "frozen",
    "config",
    "ref",
    "metadata",
];

const KNOWN_OF_FIELDS: [&str; 10] = [
    "type",
    "fields",
    "model_name",
    "computed_fields",
    "strict",
    "extras_schema",
    "extras_keys_schema",
    "extra_behavior",
    "from_attributes",
    "metadata",
];

/// Settings that leave alone what a model is serialized to, or are looked at where they matter. `by_alias` is
/// always given, and so overrides `serialize_by_alias`; of `ser_json_bytes` and `ser_json_inf_nan` no value
/// is written here.
const KNOWN_SETTINGS: [&str; 31] = [
    "title",
    "strict",
    "extra_fields_behavior",
    "typed_dict_total",
    "from_attributes",
    "loc_by_alias",
    "revalidate_instances",
    "validate_default",
    "populate_by_name",
    "str_max_length",
    "str_min_length",
    "str_strip_whitespace",
    "str_to_lower",
    "str_to_upper",
    "allow_inf_nan",
    "ser_json_timedelta",
    "ser_json_temporal",
    "ser_json_bytes",
    "ser_json_inf_nan",
    "val_json_bytes",
    "val_temporal_unit",
    "hide_input_in_errors",
    "validation_error_cause",
    "coerce_numbers_to_str",
    "regex_engine",
    "cache_strings",
    "validate_by_alias",
    "validate_by_name",
    "serialize_by_alias",
    "url_preserve_empty_path",
    // Of instances of subclasses, which are not written here.
    "polymorphic_serialization",
];

pub(super) struct ModelNode {
    class: usize,
    content: Content,
}

enum Content {
    Root(Box<Node>),
    Fields {
        fields: Fields,
        /// For what the model has beyond its fields, if it may.
        extra: Option<Box<Node>>,
    },
}

impl ModelNode {
    pub(super) fn build<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, PyDict>,
        place: &Place<'py>,
    ) -> Outcome<Node> {
        builder.only(schema, &KNOWN)?;
        let class = builder.required(schema, "cls")?;
        if !keeps_attributes_plain(&class)? {
            return builder.refuse("a model with its own way of having attributes");
        }
        let inside = Place {
            config: config(builder, schema)?,
            filter: place.filter.clone(),
        };
        let content = if builder.flag(schema, "root_model")? {
            Content::Root(Box::new(builder.build_inner(schema, "schema", &inside)?))
        } else if has_plain_slots(&class)? {
            build_fields(builder, schema, &inside)?
        } else {
            return builder.refuse("a model with its own way of having attributes");
        };
        let class = builder.anchor(&class);
        Ok(Node::Model(ModelNode { class, content }))
    }

    #[inline(never)]
    pub(super) fn write(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        if class_address(value) != self.class {
            return Err(match self.content {
                Content::Fields { .. } => Stop::Refused,
                // Some releases take anything that has a root.
                Content::Root(_) => Stop::Unsure,
            });
        }
        let py = value.py();
        let dict = attributes(value).ok_or(Stop::Unsure)?;
        match &self.content {
            Content::Root(node) => match dict.get_item(intern!(py, "root")) {
                Ok(Some(root)) => run.deeper(|run| node.write(&root, run)),
                _ => Err(Stop::Unsure),
            },
            Content::Fields { fields, extra } => {
                let set = if run.writer.omissions.unset {
                    let set = value
                        .getattr(intern!(py, "__pydantic_fields_set__"))
                        .map_err(|_| Stop::Unsure)?;
                    Some(set.cast_into_exact::<PySet>().map_err(|_| Stop::Unsure)?)
                } else {
                    None
                };
                run.container(OBJECT, |run| {
                    fields.write(&dict, set.as_ref(), run)?;
                    match extra {
                        Some(node) => write_extra(value, node, fields, run),
                        None => Ok(()),
                    }
                })
            }
        }
    }
}

fn write_extra(
    model: &Bound<'_, PyAny>,
    node: &Node,
    fields: &Fields,
    run: &mut Run<'_>,
) -> Written {
    let extra = model
        .getattr(intern!(model.py(), "__pydantic_extra__"))
        .map_err(|_| Stop::Unsure)?;
    if extra.is_none() {
        return Ok(());
    }
    let extra = extra.cast_exact::<PyDict>().map_err(|_| Stop::Unsure)?;
    each_entry(extra, |name, value| {
        if run.writer.omissions.none && value.is_none() {
            return Ok(());
        }
        let name = name.cast_exact::<PyString>().map_err(|_| Stop::Unsure)?;
        if fields.uses(name.to_str().map_err(|_| Stop::Unsure)?) {
            return Err(Stop::Unsure);
        }
        run.key(name)?;
        node.write(value, run)
    })
}

fn build_fields<'py>(
    builder: &mut Builder<'py>,
    model: &Bound<'py, PyDict>,
    place: &Place<'py>,
) -> Outcome<Content> {
    let schema = within_validators(builder, model, "model-fields")?;
    builder.only(&schema, &KNOWN_OF_FIELDS)?;
    no_computed_fields(builder, &schema)?;
    let extra = if allows_extra(&schema, place)? {
        place
            .filter
            .none_left("a model that allows more than its fields")?;
        Some(Box::new(builder.build_items(
            &schema,
            "extras_schema",
            place,
        )?))
    } else {
        None
    };
    // Looked for by the model, too.
    if allows_extra(model, place)? != extra.is_some() {
        return builder.refuse("a model that is at odds with itself over extra fields");
    }
    let fields = field_schemas(builder, &schema)?;
    let fields = Fields::build(builder, fields, true, place)?;
    Ok(Content::Fields { fields, extra })
}

/// The schemas of fields that are in a dict by name.
pub(super) fn field_schemas<'py>(
    builder: &Builder<'py>,
    schema: &Bound<'py, PyDict>,
) -> Outcome<impl Iterator<Item = Outcome<(Bound<'py, PyString>, Bound<'py, PyDict>)>> + use<'py>> {
    let fields = builder.required(schema, "fields")?.cast_into::<PyDict>()?;
    Ok(fields
        .iter()
        .collect::<Vec<_>>()
        .into_iter()
        .map(|(name, field)| Ok((name.cast_into()?, field.cast_into()?))))
}

/// The schema of the fields under the functions that validate all of them.
pub(super) fn within_validators<'py>(
    builder: &Builder<'py>,
    schema: &Bound<'py, PyDict>,
    fields: &str,
) -> Outcome<Bound<'py, PyDict>> {
    let mut inner = builder.required(schema, "schema")?.cast_into::<PyDict>()?;
    loop {
        if inner.contains("serialization")? {
            return builder.refuse("a serializer of its own");
        }
        let kind = builder.required(&inner, "type")?.extract::<String>()?;
        match kind.as_str() {
            kind if kind == fields => return Ok(inner),
            "function-before" | "function-after" | "function-wrap" => {
                inner = builder.required(&inner, "schema")?.cast_into()?;
            }
            other => return builder.refuse(format!("fields of the kind `{other}`")),
        }
    }
}

pub(super) fn no_computed_fields<'py>(
    builder: &Builder<'py>,
    schema: &Bound<'py, PyDict>,
) -> Outcome<()> {
    if let Some(computed) = schema.get_item("computed_fields")?
        && let Some(first) = computed.try_iter()?.next()
    {
        let name = first?.get_item("property_name")?.extract::<String>()?;
        return builder.refuse(format!("a computed field ({name})"));
    }
    Ok(())
}

pub(super) fn allows_extra<'py>(schema: &Bound<'py, PyDict>, place: &Place<'py>) -> Outcome<bool> {
    if let Some(behaviour) = schema.get_item("extra_behavior")?
        && !behaviour.is_none()
    {
        return Ok(behaviour.extract::<String>()? == "allow");
    }
    Ok(match &place.config {
        Some(config) => match config.get_item("extra_fields_behavior")? {
            Some(behaviour) if !behaviour.is_none() => behaviour.extract::<String>()? == "allow",
            _ => false,
        },
        None => false,
    })
}

/// The configuration of a model, dataclass or typed dict, if all of it is known.
pub(super) fn config<'py>(
    builder: &Builder<'py>,
    schema: &Bound<'py, PyDict>,
) -> Outcome<Option<Bound<'py, PyDict>>> {
    let config = match schema.get_item("config")? {
        Some(config) if !config.is_none() => config.cast_into::<PyDict>()?,
        _ => return Ok(None),
    };
    for key in config.keys() {
        let key = key.extract::<String>()?;
        if !KNOWN_SETTINGS.contains(&key.as_str()) {
            return builder.refuse(format!("a configuration with {key}"));
        }
    }
    Ok(Some(config))
}

/// Whether instances have their `__dict__` as the interpreter gives it.
fn keeps_attributes_plain(class: &Bound<'_, PyAny>) -> PyResult<bool> {
    let object = class.py().get_type::<PyAny>();
    Ok(class.is_instance_of::<PyType>()
        && defined(class, "__getattribute__")?.is_some_and(|(_, home)| home.is(&object))
        && defines(class, "__dict__", "GetSetDescriptorType")?)
}

/// Whether what pydantic notes of instances is in slots.
fn has_plain_slots(class: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(
        defines(class, "__pydantic_fields_set__", "MemberDescriptorType")?
            && defines(class, "__pydantic_extra__", "MemberDescriptorType")?,
    )
}

fn defines(class: &Bound<'_, PyAny>, name: &str, kind: &str) -> PyResult<bool> {
    let kind = class.py().import("types")?.getattr(kind)?;
    Ok(defined(class, name)?.is_some_and(|(definition, _)| definition.get_type().is(&kind)))
}
