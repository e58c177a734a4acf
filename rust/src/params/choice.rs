//! `Literal` and `Enum`: one of the values that the schema lists.

use std::borrow::Cow;
use std::collections::HashMap;

use super::kind::Scalar;
use super::schema::{Node, Schema};
use super::value::Value;

/// What each text stands for: the number of a member, or the text itself.
#[derive(Debug)]
pub struct Choice {
    choices: HashMap<String, Option<usize>>,
}

impl Scalar for Choice {
    fn build(schema: &Schema) -> Option<Self> {
        let choices = match schema.get("type")?.text()? {
            "literal" => {
                schema.only(&["expected"])?;
                choices(
                    schema.get("expected")?.list()?,
                    |node| Some((node, None)),
                    false,
                )?
            }
            _ => {
                schema.only(&["cls", "members", "sub_type", "missing", "strict"])?;
                schema.lax()?;
                let by_number = match schema.get("sub_type").map(Node::text) {
                    None | Some(Some("str")) => false,
                    Some(Some("int")) => true,
                    Some(_) => return None,
                };
                choices(schema.get("members")?.list()?, member, by_number)?
            }
        };
        Some(Self { choices })
    }

    /// Certain of the very text of a value.
    fn accept<'a>(&self, text: &'a str) -> Option<Value<'a>> {
        self.choices.get(text).map(|member| match member {
            Some(number) => Value::Constant(*number),
            None => Value::Text(Cow::Borrowed(text)),
        })
    }
}

/// The value of a member, and its number.
fn member(node: &Node) -> Option<(&Node, Option<usize>)> {
    match node {
        Node::Member(number, value) => Some((value, Some(*number))),
        _ => None,
    }
}

/// Lists the texts that have a value; `by_number` writes integers, which a string is coerced to.
///
/// Values that a string never equals have no text. One that might, because it is of a class of its
/// own, makes the whole uncertain.
fn choices<'a>(
    nodes: &'a [Node],
    read: impl Fn(&'a Node) -> Option<(&'a Node, Option<usize>)>,
    by_number: bool,
) -> Option<HashMap<String, Option<usize>>> {
    let mut choices = HashMap::with_capacity(nodes.len());
    for node in nodes {
        let (value, member) = read(node)?;
        let text = match value {
            Node::Text(text) if !by_number => text.clone(),
            Node::Integer(number) if by_number => number.to_string(),
            Node::Null | Node::Boolean(_) | Node::Integer(_) | Node::Float(_) if !by_number => {
                continue;
            }
            _ => return None,
        };
        choices.insert(text, member);
    }
    Some(choices)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core_schema;

    fn text(value: &str) -> Node {
        Node::Text(value.to_owned())
    }

    fn members(values: Vec<Node>) -> Node {
        let member = |(number, value)| Node::Member(number, Box::new(value));
        Node::List(values.into_iter().enumerate().map(member).collect())
    }

    #[test]
    fn literals_are_their_text() {
        let expected = Node::List(vec![text("a"), Node::Integer(1), Node::Null]);
        let kind = Choice::build(&core_schema!("literal", "expected" => expected)).unwrap();
        assert_eq!(kind.accept("a"), Some(Value::Text("a".into())));
        assert_eq!(kind.accept("1"), None);
        let expected = Node::List(vec![text("a"), Node::Opaque]);
        assert!(Choice::build(&core_schema!("literal", "expected" => expected)).is_none());
    }

    #[test]
    fn members_are_found_by_value() {
        let schema = core_schema!("enum", "cls" => Node::Opaque, "members" => members(vec![text("a"), text("b")]));
        let kind = Choice::build(&schema).unwrap();
        assert_eq!(kind.accept("b"), Some(Value::Constant(1)));
        assert_eq!(kind.accept("B"), None);
    }

    #[test]
    fn members_that_are_integers_are_found_by_their_digits() {
        let schema = core_schema!("enum", "members" => members(vec![Node::Integer(-1), Node::Integer(2)]), "sub_type" => text("int"));
        let kind = Choice::build(&schema).unwrap();
        assert_eq!(kind.accept("-1"), Some(Value::Constant(0)));
        assert_eq!(kind.accept("02"), None);
        let mixed = core_schema!("enum", "members" => members(vec![Node::Integer(1), text("b")]));
        assert_eq!(Choice::build(&mixed).unwrap().accept("1"), None);
        assert_eq!(
            Choice::build(&mixed).unwrap().accept("b"),
            Some(Value::Constant(1))
        );
    }

    #[test]
    fn the_rest_is_not_certain() {
        let members = members(vec![Node::Float(1.5)]);
        let schema =
            core_schema!("enum", "members" => members.clone(), "sub_type" => text("float"));
        assert!(Choice::build(&schema).is_none());
        let strict = core_schema!("enum", "members" => members, "strict" => Node::Boolean(true));
        assert!(Choice::build(&strict).is_none());
        assert!(
            Choice::build(&core_schema!("enum", "members" => Node::List(vec![text("a")])))
                .is_none()
        );
    }
}
