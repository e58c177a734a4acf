//! A pydantic core schema without Python: what the builders of the kinds read.

use super::value::Day;

/// One value of a core schema.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `None`
    Null,
    /// `bool`
    Boolean(bool),
    /// `int` of 64 bits
    Integer(i64),
    /// `float`
    Float(f64),
    /// `str`
    Text(String),
    /// `datetime.date`
    Date(Day),
    /// `decimal.Decimal`, as text
    Decimal(String),
    /// `list`
    List(Vec<Node>),
    /// `dict`
    Schema(Schema),
    /// A member of an enumeration: the number of the object, and its value
    Member(usize, Box<Node>),
    /// Anything else
    Opaque,
}

/// A dictionary of a core schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema(pub Vec<(String, Node)>);

/// Keys that do not bear on validation.
const BYSTANDERS: [&str; 4] = ["type", "ref", "metadata", "serialization"];

impl Schema {
    /// The value of a key; `None` in Python counts as absent.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.0
            .iter()
            .find(|(name, node)| name == key && *node != Node::Null)
            .map(|(_, node)| node)
    }

    /// Certain only if there are no other keys: a key from a newer pydantic may mean anything.
    pub fn only(&self, keys: &[&str]) -> Option<()> {
        self.0
            .iter()
            .all(|(name, _)| BYSTANDERS.contains(&name.as_str()) || keys.contains(&name.as_str()))
            .then_some(())
    }

    /// A key that may be absent. `None`: it is present and not what `read` understands.
    pub fn optional<T>(&self, key: &str, read: impl Fn(&Node) -> Option<T>) -> Option<Option<T>> {
        match self.get(key) {
            None => Some(None),
            Some(node) => read(node).map(Some),
        }
    }

    /// A boolean that is false if absent.
    pub fn flag(&self, key: &str) -> Option<bool> {
        Some(self.optional(key, Node::boolean)?.unwrap_or(false))
    }

    /// Certain only if strings are coerced here.
    pub fn lax(&self) -> Option<()> {
        (!self.flag("strict")?).then_some(())
    }
}

impl Node {
    /// The boolean, if it is one.
    pub fn boolean(&self) -> Option<bool> {
        match self {
            Node::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Node::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The number of items or characters, if it is one.
    pub fn length(&self) -> Option<usize> {
        usize::try_from(self.integer()?).ok()
    }

    /// The number as pydantic reads the limit of a float.
    pub fn float(&self) -> Option<f64> {
        /// Integers up to here are floats without loss.
        const EXACT: i64 = 1 << 53;
        match self {
            Node::Float(value) if value.is_finite() => Some(*value),
            Node::Integer(value) if (-EXACT..=EXACT).contains(value) => Some(*value as f64),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Node::Text(value) => Some(value),
            _ => None,
        }
    }

    /// The date, if it is one.
    pub fn date(&self) -> Option<Day> {
        match self {
            Node::Date(value) => Some(*value),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub fn list(&self) -> Option<&[Node]> {
        match self {
            Node::List(items) => Some(items),
            _ => None,
        }
    }

    /// The schema, if it is one.
    pub fn schema(&self) -> Option<&Schema> {
        match self {
            Node::Schema(schema) => Some(schema),
            _ => None,
        }
    }
}

/// Writes a schema of a test: `schema!("int", "ge" => Node::Integer(1))`.
#[cfg(test)]
#[macro_export]
macro_rules! core_schema {
    ($kind:literal $(, $key:literal => $node:expr)* $(,)?) => {
        $crate::params::schema::Schema(vec![
            ("type".to_owned(), $crate::params::schema::Node::Text($kind.to_owned())),
            $(($key.to_owned(), $node),)*
        ])
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_and_types_are_not_certain() {
        let schema = core_schema!("int", "ge" => Node::Integer(1), "ref" => Node::Opaque);
        assert_eq!(schema.only(&["ge"]), Some(()));
        assert_eq!(schema.only(&["gt"]), None);
        assert_eq!(schema.optional("ge", Node::integer), Some(Some(1)));
        assert_eq!(schema.optional("gt", Node::integer), Some(None));
        assert_eq!(schema.optional("ref", Node::integer), None);
        assert_eq!(schema.flag("ge"), None);
    }

    #[test]
    fn large_integers_are_no_floats() {
        assert_eq!(Node::Integer(3).float(), Some(3.0));
        assert_eq!(Node::Integer(i64::MAX).float(), None);
        assert_eq!(Node::Float(f64::NAN).float(), None);
    }
}
