//! Unions: the first choice of which the value certainly is one.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::build::{Builder, Outcome, Place};
use super::definitions;
use super::instances::attributes;
use super::{Node, Run, Stop, Written};

pub(super) struct UnionNode {
    choices: Vec<Node>,
}

impl UnionNode {
    pub(super) fn build<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, PyDict>,
        place: &Place<'py>,
    ) -> Outcome<Node> {
        place.filter.none_left("a union")?;
        let mut choices = Vec::new();
        for choice in builder.required(schema, "choices")?.try_iter()? {
            let choice = choice?;
            let choice = match choice.cast::<PyTuple>() {
                Ok(labelled) => labelled.get_item(0)?,
                Err(_) => choice,
            };
            choices.push(builder.build(&choice.cast_into()?, place)?);
        }
        if choices.len() == 1 {
            return choices
                .pop()
                .map_or_else(|| builder.refuse("a union without choices"), Ok);
        }
        Ok(Node::Union(UnionNode { choices }))
    }

    #[inline(never)]
    pub(super) fn write(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        let (start, depth, path) = (run.out.len(), run.depth, run.path.len());
        let outer = std::mem::replace(&mut run.strict, true);
        for choice in &self.choices {
            match choice.write(value, run) {
                Ok(()) => {
                    run.strict = outer;
                    return Ok(());
                }
                Err(Stop::Refused) => {
                    run.out.truncate(start);
                    run.depth = depth;
                    run.path.truncate(path);
                }
                Err(Stop::Unsure) => return Err(Stop::Unsure),
            }
        }
        // Pydantic tries them again, less strictly.
        Err(Stop::Unsure)
    }
}

/// A union of models told apart by an attribute, which must say of an instance what its class says.
pub(super) struct TaggedUnionNode {
    discriminator: String,
    choices: Vec<(Tag, Node)>,
}

/// A value of the attribute: those of other kinds compare in their own way, and are known by their address.
enum Tag {
    Text(String),
    Object(usize),
}

impl Tag {
    fn is(&self, value: &Bound<'_, PyAny>) -> bool {
        match self {
            Self::Text(text) => value
                .cast_exact::<PyString>()
                .is_ok_and(|value| value.to_str().is_ok_and(|value| value == text)),
            Self::Object(address) => value.as_ptr() as usize == *address,
        }
    }
}

impl TaggedUnionNode {
    pub(super) fn build<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, PyDict>,
        place: &Place<'py>,
    ) -> Outcome<Node> {
        place.filter.none_left("a union")?;
        let discriminator = builder.required(schema, "discriminator")?;
        let Ok(discriminator) = discriminator.cast_exact::<PyString>() else {
            return builder.refuse("a union with a discriminator that is not a name");
        };
        let mut choices = Vec::new();
        let by_tag = builder.required(schema, "choices")?.cast_into::<PyDict>()?;
        for (tag, choice) in by_tag {
            let choice = choice.cast_into()?;
            if !is_model(builder, &choice)? {
                return builder.refuse("a union with a discriminator of other choices than models");
            }
            let tag = match tag.cast_exact::<PyString>() {
                Ok(text) => Tag::Text(text.to_str()?.to_owned()),
                Err(_) => Tag::Object(builder.anchor(&tag)),
            };
            choices.push((tag, builder.build(&choice, place)?));
        }
        Ok(Node::TaggedUnion(TaggedUnionNode {
            discriminator: discriminator.to_str()?.to_owned(),
            choices,
        }))
    }

    #[inline(never)]
    pub(super) fn write(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        let Some(Ok(Some(tag))) = attributes(value).map(|dict| dict.get_item(&self.discriminator))
        else {
            return Err(Stop::Unsure);
        };
        let Some((_, choice)) = self.choices.iter().find(|(known, _)| known.is(&tag)) else {
            return Err(Stop::Unsure);
        };
        let outer = std::mem::replace(&mut run.strict, true);
        // What is no instance of the choice is tried as one of the others.
        choice.write(value, run).map_err(|_| Stop::Unsure)?;
        run.strict = outer;
        Ok(())
    }
}

fn is_model<'py>(builder: &Builder<'py>, schema: &Bound<'py, PyDict>) -> Outcome<bool> {
    let mut schema = schema.clone();
    for _ in 0..super::MAX_DEPTH {
        let kind = builder.required(&schema, "type")?.extract::<String>()?;
        schema = match kind.as_str() {
            "model" => return Ok(!builder.flag(&schema, "root_model")?),
            "function-before" | "function-after" | "function-wrap" => {
                builder.required(&schema, "schema")?.cast_into()?
            }
            "definition-ref" => {
                let name = builder
                    .required(&schema, "schema_ref")?
                    .extract::<String>()?;
                match definitions::find(&builder.definitions, &name) {
                    Some(schema) => schema.clone(),
                    None => return Ok(false),
                }
            }
            _ => return Ok(false),
        };
    }
    Ok(false)
}
