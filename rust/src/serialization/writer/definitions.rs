//! Schemas that are defined once and referred to by name, perhaps from within themselves.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::HashMap;

use super::Node;
use super::build::{Builder, Outcome, Place};

/// What is known of the definitions while a schema is compiled.
#[derive(Default)]
pub(super) struct Definitions<'py> {
    known: HashMap<String, Definition<'py>>,
    /// `None` while the definition is being compiled.
    pub(super) nodes: Vec<Option<Node>>,
}

#[derive(Clone)]
struct Definition<'py> {
    schema: Bound<'py, PyDict>,
    place: Place<'py>,
    index: Option<usize>,
}

pub(super) fn build<'py>(
    builder: &mut Builder<'py>,
    schema: &Bound<'py, PyDict>,
    place: &Place<'py>,
) -> Outcome<Node> {
    for definition in builder.required(schema, "definitions")?.try_iter()? {
        let schema: Bound<'py, PyDict> = definition?.cast_into()?;
        let name = builder.required(&schema, "ref")?.extract::<String>()?;
        builder.definitions.known.entry(name).or_insert(Definition {
            schema,
            place: place.unfiltered(),
            index: None,
        });
    }
    builder.build_inner(schema, "schema", place)
}

pub(super) fn build_reference<'py>(
    builder: &mut Builder<'py>,
    schema: &Bound<'py, PyDict>,
    place: &Place<'py>,
) -> Outcome<Node> {
    let name = builder
        .required(schema, "schema_ref")?
        .extract::<String>()?;
    let Some(definition) = builder.definitions.known.get(&name).cloned() else {
        return builder.refuse("a reference to a schema that is not defined");
    };
    if !place.filter.is_empty() {
        // Compiled once for each place that the options reach: they are finite.
        let place = Place {
            filter: place.filter.clone(),
            ..definition.place
        };
        return builder.build(&definition.schema, &place);
    }
    if let Some(index) = definition.index {
        return Ok(Node::Definition(index));
    }
    let index = builder.definitions.nodes.len();
    builder.definitions.nodes.push(None);
    if let Some(known) = builder.definitions.known.get_mut(&name) {
        known.index = Some(index);
    }
    let node = builder.build(&definition.schema, &definition.place)?;
    builder.definitions.nodes[index] = Some(node);
    Ok(Node::Definition(index))
}

/// The schema that a reference means.
pub(super) fn find<'a, 'py>(
    definitions: &'a Definitions<'py>,
    name: &str,
) -> Option<&'a Bound<'py, PyDict>> {
    definitions
        .known
        .get(name)
        .map(|definition| &definition.schema)
}
