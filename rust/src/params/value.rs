//! The Python values that a parameter can have, without Python.

use std::borrow::Cow;

/// A day of the proleptic Gregorian calendar, as `datetime.date`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Day {
    /// 1 to 9999
    pub year: i32,
    /// 1 to 12
    pub month: u8,
    /// 1 to 31
    pub day: u8,
}

/// A time on a day, as `datetime.datetime`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// The day
    pub day: Day,
    /// 0 to 23
    pub hour: u8,
    /// 0 to 59
    pub minute: u8,
    /// 0 to 59
    pub second: u8,
    /// 0 to 999,999
    pub microsecond: u32,
    /// Seconds east of UTC; a moment without them is naive
    pub offset: Option<i32>,
}

/// A value that the reference path would produce, too, with the same type.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `str`
    Text(Cow<'a, str>),
    /// `int`
    Integer(i64),
    /// `float`
    Float(f64),
    /// `bool`
    Boolean(bool),
    /// `uuid.UUID`
    Uuid(u128),
    /// `datetime.date`
    Date(Day),
    /// `datetime.datetime`
    DateTime(Moment),
    /// `decimal.Decimal` of this text
    Decimal(&'a str),
    /// The object of this number that the schema named: a member of an enumeration
    Constant(usize),
    /// `list`, `set`, `frozenset` or `tuple`
    Collection(Collection, Vec<Value<'a>>),
}

/// The type of a collection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Collection {
    /// `list`
    List,
    /// `set`
    Set,
    /// `frozenset`
    FrozenSet,
    /// `tuple`
    Tuple,
}
