//! Constraints that several kinds share.

use super::schema::{Node, Schema};

/// `ge`, `gt`, `le` and `lt`.
#[derive(Debug)]
pub struct Bounds<T> {
    ge: Option<T>,
    gt: Option<T>,
    le: Option<T>,
    lt: Option<T>,
}

impl<T: PartialOrd> Bounds<T> {
    /// Reads the bounds of a schema.
    pub fn build(schema: &Schema, read: impl Fn(&Node) -> Option<T>) -> Option<Self> {
        Some(Self {
            ge: schema.optional("ge", &read)?,
            gt: schema.optional("gt", &read)?,
            le: schema.optional("le", &read)?,
            lt: schema.optional("lt", &read)?,
        })
    }

    /// Whether a value lies within.
    pub fn admit(&self, value: &T) -> bool {
        self.ge.as_ref().is_none_or(|bound| value >= bound)
            && self.gt.as_ref().is_none_or(|bound| value > bound)
            && self.le.as_ref().is_none_or(|bound| value <= bound)
            && self.lt.as_ref().is_none_or(|bound| value < bound)
    }
}

/// `min_length` and `max_length`.
#[derive(Debug)]
pub struct Length {
    min: Option<usize>,
    max: Option<usize>,
}

impl Length {
    /// Reads the lengths of a schema.
    pub fn build(schema: &Schema) -> Option<Self> {
        Some(Self {
            min: schema.optional("min_length", Node::length)?,
            max: schema.optional("max_length", Node::length)?,
        })
    }

    /// Whether there is any constraint.
    pub fn is_free(&self) -> bool {
        self.min.is_none() && self.max.is_none()
    }

    /// Whether a number of characters or items is allowed.
    pub fn admit(&self, length: usize) -> bool {
        self.min.is_none_or(|min| length >= min) && self.max.is_none_or(|max| length <= max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core_schema;

    #[test]
    fn bounds_are_inclusive_or_not() {
        let schema = core_schema!("int", "ge" => Node::Integer(1), "lt" => Node::Integer(5));
        let bounds = Bounds::build(&schema, Node::integer).unwrap();
        let admitted: Vec<i64> = (-1..9).filter(|value| bounds.admit(value)).collect();
        assert_eq!(admitted, [1, 2, 3, 4]);
        let schema = core_schema!("int", "gt" => Node::Integer(1), "le" => Node::Integer(5));
        let bounds = Bounds::build(&schema, Node::integer).unwrap();
        let admitted: Vec<i64> = (-1..9).filter(|value| bounds.admit(value)).collect();
        assert_eq!(admitted, [2, 3, 4, 5]);
    }

    #[test]
    fn lengths_include_their_limits() {
        let schema =
            core_schema!("str", "min_length" => Node::Integer(2), "max_length" => Node::Integer(3));
        let length = Length::build(&schema).unwrap();
        assert_eq!(
            [1, 2, 3, 4].map(|value| length.admit(value)),
            [false, true, true, false]
        );
        assert!(Length::build(&core_schema!("str", "min_length" => Node::Integer(-1))).is_none());
        assert!(Length::build(&core_schema!("str")).unwrap().is_free());
    }
}
