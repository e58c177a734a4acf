//! Values that validation would return unchanged, without running any code: it need not be called for them.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};

use super::build::{Builder, Outcome};
use super::instances::class_address;

/// Which values of a schema these are.
pub(super) enum Unvalidated {
    Never,
    Anything,
    Null,
    Bool,
    Int,
    Float,
    Str,
    /// Of exactly the class, which is not validated again.
    Instance(usize),
    Nullable(Box<Unvalidated>),
    /// Validation makes a new list, of the same items.
    List(Box<Unvalidated>),
    /// With keys that are strings.
    Dict(Box<Unvalidated>),
}

/// Definitions are followed as often as they are met, and dicts meet two: so not far.
const MAX_DEPTH: usize = 16;

/// What a schema may hold besides its type without validating anything.
const NOTES: [&str; 4] = ["type", "metadata", "ref", "serialization"];

impl Unvalidated {
    pub(super) fn build<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, PyDict>,
    ) -> Outcome<Unvalidated> {
        Self::at(builder, schema, 0)
    }

    fn at<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, PyDict>,
        depth: usize,
    ) -> Outcome<Unvalidated> {
        let kind = builder.required(schema, "type")?.extract::<String>()?;
        let allowed: &[&str] = match kind.as_str() {
            "model" | "dataclass" => return Self::instance(builder, schema),
            "nullable" | "definitions" | "default" => {
                let inner = builder.required(schema, "schema")?.cast_into()?;
                let inner = Self::deeper(builder, &inner, depth)?;
                return Ok(if kind == "nullable" {
                    Unvalidated::Nullable(Box::new(inner))
                } else {
                    inner
                });
            }
            "definition-ref" => {
                let name = builder
                    .required(schema, "schema_ref")?
                    .extract::<String>()?;
                let known = super::definitions::find(&builder.definitions, &name).cloned();
                return match known {
                    Some(schema) => Self::deeper(builder, &schema, depth),
                    None => Ok(Unvalidated::Never),
                };
            }
            "any" | "none" | "str" => &[],
            "bool" | "int" => &["strict"],
            "float" => &["strict", "allow_inf_nan"],
            "list" => &["strict", "items_schema", "fail_fast"],
            "dict" => &["strict", "keys_schema", "values_schema", "fail_fast"],
            _ => return Ok(Unvalidated::Never),
        };
        let only = [&NOTES, allowed].concat();
        if builder.only(schema, &only).is_err() {
            return Ok(Unvalidated::Never);
        }
        Ok(match kind.as_str() {
            "any" => Unvalidated::Anything,
            "none" => Unvalidated::Null,
            "bool" => Unvalidated::Bool,
            "int" => Unvalidated::Int,
            "float" => Unvalidated::Float,
            "str" => Unvalidated::Str,
            "list" => Unvalidated::List(Box::new(Self::items(
                builder,
                schema,
                "items_schema",
                depth,
            )?)),
            "dict" => match Self::items(builder, schema, "keys_schema", depth)? {
                Unvalidated::Str | Unvalidated::Anything => Unvalidated::Dict(Box::new(
                    Self::items(builder, schema, "values_schema", depth)?,
                )),
                _ => Unvalidated::Never,
            },
            _ => Unvalidated::Never,
        })
    }

    fn deeper<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, PyDict>,
        depth: usize,
    ) -> Outcome<Unvalidated> {
        // Only aliases of types that contain themselves get here without passing a model.
        if depth == MAX_DEPTH {
            return Ok(Unvalidated::Never);
        }
        Self::at(builder, schema, depth + 1)
    }

    fn items<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, PyDict>,
        key: &str,
        depth: usize,
    ) -> Outcome<Unvalidated> {
        match schema.get_item(key)? {
            Some(items) => Self::deeper(builder, &items.cast_into()?, depth),
            None => Ok(Unvalidated::Anything),
        }
    }

    fn instance<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, PyDict>,
    ) -> Outcome<Unvalidated> {
        let own = schema.get_item("revalidate_instances")?;
        let setting = match (own, schema.get_item("config")?) {
            (Some(own), _) => Some(own),
            (None, Some(config)) => config.cast::<PyDict>()?.get_item("revalidate_instances")?,
            (None, None) => None,
        };
        match setting {
            Some(setting) if setting.extract::<String>()? != "never" => {
                return Ok(Unvalidated::Never);
            }
            _ => {}
        }
        let class = builder.required(schema, "cls")?;
        Ok(Unvalidated::Instance(builder.anchor(&class)))
    }

    #[inline(always)]
    pub(super) fn accepts(&self, value: &Bound<'_, PyAny>) -> bool {
        match self {
            // What lists mostly hold, without a call for each.
            Unvalidated::Instance(class) => class_address(value) == *class,
            _ => self.accepts_other(value),
        }
    }

    fn accepts_other(&self, value: &Bound<'_, PyAny>) -> bool {
        match self {
            Unvalidated::Never => false,
            Unvalidated::Anything => true,
            Unvalidated::Null => value.is_none(),
            Unvalidated::Bool => value.is_exact_instance_of::<PyBool>(),
            Unvalidated::Int => value.is_exact_instance_of::<PyInt>(),
            Unvalidated::Float => value
                .cast_exact::<PyFloat>()
                .is_ok_and(|number| number.value().is_finite()),
            // Pydantic refuses lone surrogates.
            Unvalidated::Str => value
                .cast_exact::<PyString>()
                .is_ok_and(|text| text.to_str().is_ok()),
            Unvalidated::Instance(class) => class_address(value) == *class,
            Unvalidated::Nullable(inner) => value.is_none() || inner.accepts(value),
            Unvalidated::List(items) => value
                .cast_exact::<PyList>()
                .is_ok_and(|list| list.iter().all(|item| items.accepts(&item))),
            Unvalidated::Dict(values) => value.cast_exact::<PyDict>().is_ok_and(|dict| {
                dict.iter().all(|(key, value)| {
                    key.cast_exact::<PyString>()
                        .is_ok_and(|key| key.to_str().is_ok())
                        && values.accepts(&value)
                })
            }),
        }
    }
}
