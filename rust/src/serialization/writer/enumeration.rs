//! Members of an enum, whose values are turned into JSON when the writer is compiled.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyString};
use std::collections::HashMap;

use super::build::{Builder, Outcome};
use super::instances::{class_address, defined, derives_from};
use super::scalars::Scalar;
use super::{Node, Run, Stop, Written};

pub(super) struct EnumNode {
    class: usize,
    /// By the address of the member.
    values: HashMap<usize, Box<[u8]>>,
}

impl EnumNode {
    pub(super) fn build<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, PyDict>,
    ) -> Outcome<Node> {
        let class = builder.required(schema, "cls")?;
        let enumeration = builder.py.import("enum")?.getattr("Enum")?;
        if !defined(&class, "value")?.is_some_and(|(_, home)| home.is(&enumeration)) {
            return builder.refuse("an enum with its own way of having values");
        }
        let sub_type = match schema.get_item("sub_type")? {
            Some(name) if !name.is_none() => Some(name.extract::<String>()?),
            _ => None,
        };
        let mut values = HashMap::new();
        for member in builder.required(schema, "members")?.try_iter()? {
            let member = member?;
            let value = member.getattr("value")?;
            let mut json = Vec::new();
            let written = match sub_type.as_deref() {
                Some("str") => PyString::append(&value, &mut json),
                Some("int") => PyInt::append(&value, &mut json),
                Some("float") => PyFloat::append(&value, &mut json),
                Some(_) => Err(Stop::Unsure),
                None if value.is_none() => {
                    json.extend_from_slice(b"null");
                    Ok(())
                }
                None => PyString::append(&value, &mut json)
                    .or_else(|_| PyInt::append(&value, &mut json))
                    .or_else(|_| PyFloat::append(&value, &mut json))
                    .or_else(|_| PyBool::append(&value, &mut json)),
            };
            if written.is_err() {
                return builder
                    .refuse("an enum with values other than str, int, float, bool or None");
            }
            values.insert(builder.anchor(&member), json.into_boxed_slice());
        }
        let class = builder.anchor(&class);
        Ok(Node::Enum(EnumNode { class, values }))
    }

    #[inline(never)]
    pub(super) fn write(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        if let Some(json) = self.values.get(&(value.as_ptr() as usize)) {
            run.out.extend_from_slice(json);
            return Ok(());
        }
        // A value made by combining flags, or of a class that derives from the enum.
        Err(Stop::mismatch(
            class_address(value) == self.class || derives_from(value, self.class),
        ))
    }
}
