//! A field: where to look for a parameter, and what to make of what is there.

use std::borrow::Cow;

use super::cookie;
use super::kind::Kind;
use super::query;
use super::text::latin1;
use super::value::Value;

/// A parameter in the query string, the headers or the cookies.
#[derive(Debug)]
pub struct Field {
    /// The name under which its value arrives; of a header, in lower case
    pub key: String,
    /// What it can be; `None` if only the reference path knows
    pub kind: Option<Kind>,
    /// Whether it takes all values of that name, or the one that counts
    pub takes_all: bool,
}

/// What arrived for a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrived<'a> {
    /// Nothing
    Absent,
    /// The one that counts
    One(Cow<'a, str>),
    /// All of them, in order
    All(Vec<Cow<'a, str>>),
    /// Something that only the reference path can read
    Unclear,
}

impl Field {
    /// The value that the reference path gives for what arrived, if that is certain.
    pub fn accept<'a>(&self, arrived: &'a Arrived<'a>) -> Option<Value<'a>> {
        match arrived {
            Arrived::One(text) => self.kind.as_ref()?.accept(text),
            Arrived::All(texts) => self.kind.as_ref()?.accept_all(texts),
            Arrived::Absent | Arrived::Unclear => None,
        }
    }
}

impl Field {
    /// Looks for the field in decoded pairs. Of several values the last counts.
    pub fn find_last<'a>(&self, pairs: &'a [(Cow<'_, str>, Cow<'_, str>)]) -> Arrived<'a> {
        let mut values = pairs
            .iter()
            .filter(|(name, _)| *name == self.key)
            .map(|(_, value)| Cow::Borrowed(&**value));
        if !self.takes_all {
            return values.next_back().map_or(Arrived::Absent, Arrived::One);
        }
        match values.collect::<Vec<_>>() {
            all if all.is_empty() => Arrived::Absent,
            all => Arrived::All(all),
        }
    }
}

/// Looks for the fields in a query string. Of several values the last counts.
pub fn in_query<'a>(fields: &[Field], query: &'a [u8]) -> Vec<Arrived<'a>> {
    let mut found = Found::new(fields, Which::Last);
    for (name, value) in query::pairs(query) {
        found.add(&query::decode(name), value);
    }
    found.finish(query::decode)
}

/// Looks for the fields in headers whose names are in lower case. Of several values the first counts.
pub fn in_headers<'a>(
    fields: &[Field],
    headers: impl Iterator<Item = (&'a [u8], &'a [u8])>,
) -> Vec<Arrived<'a>> {
    let mut found = Found::new(fields, Which::First);
    for (name, value) in headers {
        found.add(&latin1(name), value);
    }
    found.finish(latin1)
}

/// Looks for the fields in the values of all `Cookie` headers. Of several values the last counts.
pub fn in_cookies<'a>(
    fields: &[Field],
    headers: impl Iterator<Item = &'a [u8]>,
) -> Vec<Arrived<'a>> {
    let mut found = Found::new(fields, Which::Last);
    for (name, value) in headers.flat_map(cookie::pairs) {
        found.add(&latin1(name), value);
    }
    found.finish_if(cookie::is_plain, latin1)
}

#[derive(Clone, Copy, PartialEq)]
enum Which {
    First,
    Last,
}

/// The raw values of each field, as far as they matter.
struct Found<'f, 'a> {
    fields: &'f [Field],
    which: Which,
    values: Vec<Vec<&'a [u8]>>,
}

impl<'f, 'a> Found<'f, 'a> {
    fn new(fields: &'f [Field], which: Which) -> Self {
        Self {
            fields,
            which,
            values: vec![Vec::new(); fields.len()],
        }
    }

    fn add(&mut self, name: &str, value: &'a [u8]) {
        for (field, values) in self.fields.iter().zip(&mut self.values) {
            if field.key != name {
                continue;
            }
            match values.first_mut() {
                Some(_) if field.takes_all => values.push(value),
                Some(only) if self.which == Which::Last => *only = value,
                Some(_) => {}
                None => values.push(value),
            }
        }
    }

    fn finish(self, decode: fn(&'a [u8]) -> Cow<'a, str>) -> Vec<Arrived<'a>> {
        self.finish_if(|_| true, decode)
    }

    fn finish_if(
        self,
        is_clear: impl Fn(&[u8]) -> bool,
        decode: fn(&'a [u8]) -> Cow<'a, str>,
    ) -> Vec<Arrived<'a>> {
        let arrived = |(field, values): (&Field, Vec<&'a [u8]>)| match values.as_slice() {
            [] => Arrived::Absent,
            raws if !raws.iter().all(|raw| is_clear(raw)) => Arrived::Unclear,
            raws if field.takes_all => Arrived::All(raws.iter().map(|raw| decode(raw)).collect()),
            [raw, ..] => Arrived::One(decode(raw)),
        };
        self.fields.iter().zip(self.values).map(arrived).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core_schema;
    use crate::params::schema::Node;

    fn field(key: &str, takes_all: bool) -> Field {
        let kind = if takes_all {
            Kind::build(&core_schema!("list", "items_schema" => Node::Schema(core_schema!("int"))))
        } else {
            Kind::build(&core_schema!("int"))
        };
        Field {
            key: key.to_owned(),
            kind,
            takes_all,
        }
    }

    fn one(text: &str) -> Arrived<'_> {
        Arrived::One(Cow::Borrowed(text))
    }

    #[test]
    fn the_last_query_parameter_counts_or_all() {
        let fields = [field("a", false), field("b", true), field("c d", false)];
        let arrived = in_query(&fields, b"a=1&b=2&a=3&b=%34&c+d=5");
        assert_eq!(
            arrived,
            [
                one("3"),
                Arrived::All(vec!["2".into(), "4".into()]),
                one("5")
            ]
        );
        assert_eq!(fields[0].accept(&arrived[0]), Some(Value::Integer(3)));
        assert!(fields[1].accept(&arrived[1]).is_some());
        assert_eq!(
            in_query(&fields, b"A=1"),
            [Arrived::Absent, Arrived::Absent, Arrived::Absent]
        );
        assert_eq!(fields[0].accept(&Arrived::Absent), None);
    }

    #[test]
    fn the_first_header_counts_or_all() {
        let fields = [field("x-a", false), field("x-b", true)];
        let headers = [
            (&b"x-a"[..], &b"1"[..]),
            (b"x-b", b"2"),
            (b"x-a", b"3"),
            (b"x-b", b"\xe9"),
            (b"X-A", b"5"),
        ];
        let arrived = in_headers(&fields, headers.into_iter());
        assert_eq!(
            arrived,
            [one("1"), Arrived::All(vec!["2".into(), "\u{e9}".into()])]
        );
    }

    #[test]
    fn the_last_cookie_counts_and_quotes_are_unclear() {
        let fields = [field("a", false), field("b", false), field("c", false)];
        let headers = [&b"a=1; b=2"[..], b"a=3; c=\"4\""];
        assert_eq!(
            in_cookies(&fields, headers.into_iter()),
            [one("3"), one("2"), Arrived::Unclear]
        );
    }

    proptest! {
        #[test]
        fn any_bytes_have_an_answer(query: Vec<u8>, name: Vec<u8>, value: Vec<u8>) {
            let fields = [field("", false), field("a", true)];
            prop_assert_eq!(in_query(&fields, &query).len(), 2);
            prop_assert_eq!(in_headers(&fields, [(&name[..], &value[..])].into_iter()).len(), 2);
            prop_assert_eq!(in_cookies(&fields, [&value[..]].into_iter()).len(), 2);
        }
    }
}
