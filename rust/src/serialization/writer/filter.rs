//! The options `include` and `exclude`, followed down a schema while it is compiled.
//!
//! They are understood as sets of names, or dicts of names to `True`, `...` or such sets and dicts. A position
//! in a list is left to the reference, but for `"__all__"`.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyEllipsis, PySet, PyString};

use super::build::{Outcome, Reason};

const EVERY: &str = "__all__";

/// What the options say of one place in the schema.
#[derive(Clone, Default)]
pub(super) struct Filter<'py> {
    include: Option<Names<'py>>,
    exclude: Option<Names<'py>>,
}

#[derive(Clone)]
enum Names<'py> {
    Set(Bound<'py, PySet>),
    Dict(Bound<'py, PyDict>),
}

/// What one of the options says of a name.
enum Mention<'py> {
    Absent,
    /// Named without more.
    Whole,
    Within(Names<'py>),
}

impl<'py> Filter<'py> {
    pub(super) fn new(
        include: &Bound<'py, PyAny>,
        exclude: &Bound<'py, PyAny>,
    ) -> Outcome<Filter<'py>> {
        Ok(Filter {
            include: Names::of_option(include)?,
            exclude: Names::of_option(exclude)?,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.include.is_none() && self.exclude.is_none()
    }

    /// Refuses what has not come to an end before `what`.
    pub(super) fn none_left(&self, what: &str) -> Outcome<()> {
        if self.is_empty() {
            return Ok(());
        }
        Err(Reason::new(format!(
            "include or exclude that reaches into {what}"
        )))
    }

    /// What holds below the field `name`, `None` if it is left out.
    pub(super) fn field(&self, name: &str) -> Outcome<Option<Filter<'py>>> {
        self.step(|names| names.mention_field(name))
    }

    /// What holds for each item of a list, `None` if they are left out.
    pub(super) fn items(&self) -> Outcome<Option<Filter<'py>>> {
        self.step(|names| names.mention(EVERY))
    }

    fn step(
        &self,
        mention: impl Fn(&Names<'py>) -> Outcome<Mention<'py>>,
    ) -> Outcome<Option<Filter<'py>>> {
        let mut below = Filter::default();
        if let Some(exclude) = &self.exclude {
            match mention(exclude)? {
                Mention::Absent => {}
                Mention::Whole => return Ok(None),
                Mention::Within(names) => below.exclude = Some(names),
            }
        }
        if let Some(include) = &self.include {
            match mention(include)? {
                Mention::Absent => return Ok(None),
                Mention::Whole => {}
                Mention::Within(names) => below.include = Some(names),
            }
        }
        Ok(Some(below))
    }
}

impl<'py> Names<'py> {
    fn of_option(value: &Bound<'py, PyAny>) -> Outcome<Option<Names<'py>>> {
        if value.is_none() {
            return Ok(None);
        }
        Names::of(value).map(Some)
    }

    fn of(value: &Bound<'py, PyAny>) -> Outcome<Names<'py>> {
        let (names, keys) = if let Ok(set) = value.cast_exact::<PySet>() {
            (Names::Set(set.clone()), set.as_any().try_iter()?)
        } else if let Ok(dict) = value.cast_exact::<PyDict>() {
            (Names::Dict(dict.clone()), dict.as_any().try_iter()?)
        } else {
            return Err(Reason::new(
                "include or exclude of another type than set and dict",
            ));
        };
        for key in keys {
            if !key?.is_exact_instance_of::<PyString>() {
                return Err(Reason::new("include or exclude with other keys than names"));
            }
        }
        Ok(names)
    }

    fn mention_field(&self, name: &str) -> Outcome<Mention<'py>> {
        match (self.mention(name)?, self.mention(EVERY)?) {
            (mention, Mention::Absent) | (Mention::Absent, mention) => Ok(mention),
            (Mention::Whole, Mention::Whole) => Ok(Mention::Whole),
            _ => Err(Reason::new(
                "include or exclude that merges \"__all__\" with a name",
            )),
        }
    }

    fn mention(&self, name: &str) -> Outcome<Mention<'py>> {
        match self {
            Names::Set(names) if names.contains(name)? => Ok(Mention::Whole),
            Names::Set(_) => Ok(Mention::Absent),
            Names::Dict(names) => match names.get_item(name)? {
                None => Ok(Mention::Absent),
                Some(value) if value.is_instance_of::<PyEllipsis>() => Ok(Mention::Whole),
                Some(value) => match value.cast_exact::<PyBool>() {
                    Ok(flag) if flag.is_true() => Ok(Mention::Whole),
                    Ok(_) => Err(Reason::new("include or exclude with False for a value")),
                    Err(_) => Ok(Mention::Within(Names::of(&value)?)),
                },
            },
        }
    }
}
