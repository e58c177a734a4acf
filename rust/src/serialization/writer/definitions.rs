//! Schemas that are defined once and referred to by name, perhaps from within themselves.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::HashMap;

use super::build::{Builder, Outcome, Place};
use super::{Node, Run, Stop, Written};

/// What is known of the definitions while a schema is compiled.
#[derive(Default)]
pub(super) struct Definitions<'py> {
    known: HashMap<String, Definition<'py>>,
    /// `None` until the definition is compiled.
    pub(super) nodes: Vec<Option<Node>>,
}

#[derive(Clone)]
struct Definition<'py> {
    schema: Bound<'py, PyDict>,
    place: Place<'py>,
    index: usize,
    /// Whether it is compiled or being compiled.
    begun: bool,
}

pub(super) struct ReferenceNode {
    index: usize,
    /// The definition as the options leave it here, if they reach it.
    filtered: Option<Box<Node>>,
}

impl ReferenceNode {
    #[inline(never)]
    pub(super) fn write(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        let node = match &self.filtered {
            Some(node) => node,
            None => run.writer.definitions[self.index]
                .as_ref()
                .ok_or(Stop::Unsure)?,
        };
        run.guarded(value, self.index, |run| node.write(value, run))
    }
}

pub(super) fn build<'py>(
    builder: &mut Builder<'py>,
    schema: &Bound<'py, PyDict>,
    place: &Place<'py>,
) -> Outcome<Node> {
    for definition in builder.required(schema, "definitions")?.try_iter()? {
        let schema: Bound<'py, PyDict> = definition?.cast_into()?;
        let name = builder.required(&schema, "ref")?.extract::<String>()?;
        let Definitions { known, nodes } = &mut builder.definitions;
        known.entry(name).or_insert_with(|| {
            nodes.push(None);
            Definition {
                schema,
                place: place.unfiltered(),
                index: nodes.len() - 1,
                begun: false,
            }
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
    let Some(known) = builder.definitions.known.get_mut(&name) else {
        return builder.refuse("a reference to a schema that is not defined");
    };
    let definition = known.clone();
    let index = definition.index;
    if !place.filter.is_empty() {
        // Compiled once for each place that the options reach: they are finite.
        let place = Place {
            filter: place.filter.clone(),
            ..definition.place
        };
        let filtered = Some(Box::new(builder.build(&definition.schema, &place)?));
        return Ok(Node::Definition(ReferenceNode { index, filtered }));
    }
    known.begun = true;
    if !definition.begun {
        let node = builder.build(&definition.schema, &definition.place)?;
        builder.definitions.nodes[index] = Some(node);
    }
    Ok(Node::Definition(ReferenceNode {
        index,
        filtered: None,
    }))
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
