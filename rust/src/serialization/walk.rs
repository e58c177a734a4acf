//! The walk over JSON's own types, which `json_dumps` and `json_response_bytes` have in common.

use pyo3::prelude::*;
use pyo3::sync::critical_section::with_critical_section;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use super::append::enclose;
use super::buffer;
use super::leaf::{literal, write_float, write_int, write_text};

/// What a walk does where JSON leaves off. In all of it `None` means "not certain".
pub(super) trait Beyond<'py>: Sized {
    /// Containers inside containers that are still written.
    const MAX_DEPTH: usize;

    /// Appends a comma, the key of a dict and a colon; `false` leaves out the entry.
    fn key(key: &Bound<'py, PyAny>, out: &mut Vec<u8>) -> Option<bool>;

    /// Appends a value that is none of JSON's own.
    fn other(walk: &mut Walk<Self>, value: &Bound<'py, PyAny>) -> Option<()>;
}

/// A text being written. No Python code runs meanwhile that could change a container.
pub(super) struct Walk<B> {
    pub(super) out: Vec<u8>,
    /// Addresses of the containers being written, outermost first. A cycle must be seen when it closes: one that
    /// branches would otherwise be walked `branches ** MAX_DEPTH` times.
    path: Vec<usize>,
    pub(super) beyond: B,
}

impl<'py, B: Beyond<'py>> Walk<B> {
    /// The text of a value.
    pub(super) fn text(beyond: B, value: &Bound<'py, PyAny>) -> Option<Bound<'py, PyBytes>> {
        buffer::written(value.py(), |out| {
            let mut walk = Walk {
                out: std::mem::take(out),
                path: Vec::new(),
                beyond,
            };
            let written = walk.value(value);
            *out = walk.out;
            written
        })
    }

    /// Appends one value; `None` leaves `out` half-written.
    fn value(&mut self, value: &Bound<'py, PyAny>) -> Option<()> {
        if let Ok(text) = value.cast_exact::<PyString>() {
            write_text(&mut self.out, text)
        } else if let Ok(number) = value.cast_exact::<PyInt>() {
            write_int(&mut self.out, number)
        } else if let Ok(dict) = value.cast_exact::<PyDict>() {
            self.container(value, *b"{}", |walk| walk.entries(dict))
        } else if let Ok(list) = value.cast_exact::<PyList>() {
            self.container(value, *b"[]", |walk| walk.items(list.iter()))
        } else if value.is_none() {
            self.out.extend_from_slice(b"null");
            Some(())
        } else if let Ok(flag) = value.cast_exact::<PyBool>() {
            self.out.extend_from_slice(literal(flag));
            Some(())
        } else if let Ok(number) = value.cast_exact::<PyFloat>() {
            write_float(&mut self.out, number)
        } else if let Ok(tuple) = value.cast_exact::<PyTuple>() {
            self.container(value, *b"[]", |walk| walk.items(tuple.iter()))
        } else {
            B::other(self, value)
        }
    }

    /// Writes what a container holds, each item after a comma, and its brackets.
    #[inline(always)]
    pub(super) fn container(
        &mut self,
        container: &Bound<'py, PyAny>,
        brackets: [u8; 2],
        write: impl FnOnce(&mut Self) -> Option<()>,
    ) -> Option<()> {
        let address = container.as_ptr() as usize;
        if self.path.len() == B::MAX_DEPTH || self.path.contains(&address) {
            return None;
        }
        self.path.push(address);
        let start = self.out.len();
        write(self)?;
        enclose(&mut self.out, start, brackets);
        self.path.pop();
        Some(())
    }

    #[inline(always)]
    pub(super) fn items(&mut self, items: impl Iterator<Item = Bound<'py, PyAny>>) -> Option<()> {
        for item in items {
            self.out.push(b',');
            self.value(&item)?;
        }
        Some(())
    }

    #[inline(always)]
    fn entries(&mut self, dict: &Bound<'py, PyDict>) -> Option<()> {
        with_critical_section(dict, || {
            for (key, value) in dict.iter() {
                if B::key(&key, &mut self.out)? {
                    self.value(&value)?;
                }
            }
            Some(())
        })
    }
}
