//! `json_dumps`: the bytes of a JSON response in one pass over the content.

use pyo3::prelude::*;
use pyo3::sync::critical_section::with_critical_section;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use super::leaf::{literal, write_float, write_int, write_text};

/// Containers inside containers that are still written here; also what ends a cycle, since the
/// reference finds cycles by their path. Far below what any thread's stack holds.
const MAX_DEPTH: usize = 128;

/// A first guess at a body's size in bytes.
const CAPACITY: usize = 512;

/// The bytes that `json.dumps` with `ensure_ascii=False`, `allow_nan=False` and no white space gives
/// for `content`, encoded as UTF-8.
///
/// Accepts values of exactly the types dict, list, tuple, str, int, float, bool and None. For anything
/// else, NaN, infinities, lone surrogates, cycles and deep nesting: `None`. Its slow twin is
/// `starlette.responses.JSONResponse.render`.
#[pyfunction]
pub fn json_dumps<'py>(content: &Bound<'py, PyAny>) -> Option<Bound<'py, PyBytes>> {
    let mut writer = Writer {
        out: Vec::with_capacity(CAPACITY),
        path: Vec::new(),
    };
    writer.value(content)?;
    Some(PyBytes::new(content.py(), &writer.out))
}

struct Writer {
    out: Vec<u8>,
    /// Addresses of the containers being written, outermost first. A cycle must be seen when it closes:
    /// one that branches would otherwise be walked `branches ** MAX_DEPTH` times.
    path: Vec<usize>,
}

impl Writer {
    /// Appends one value; `None` means "not certain" and leaves `out` half-written.
    ///
    /// No Python code runs in here, so nothing can change a container while it is read.
    fn value(&mut self, value: &Bound<'_, PyAny>) -> Option<()> {
        if let Ok(text) = value.cast_exact::<PyString>() {
            write_text(&mut self.out, text)?;
        } else if let Ok(number) = value.cast_exact::<PyInt>() {
            write_int(&mut self.out, number)?;
        } else if let Ok(dict) = value.cast_exact::<PyDict>() {
            self.enter(value)?;
            self.dict(dict)?;
            self.path.pop();
        } else if let Ok(list) = value.cast_exact::<PyList>() {
            self.enter(value)?;
            self.array(list.iter())?;
            self.path.pop();
        } else if value.is_none() {
            self.out.extend_from_slice(b"null");
        } else if let Ok(flag) = value.cast_exact::<PyBool>() {
            self.out.extend_from_slice(literal(flag));
        } else if let Ok(number) = value.cast_exact::<PyFloat>() {
            write_float(&mut self.out, number)?;
        } else if let Ok(tuple) = value.cast_exact::<PyTuple>() {
            self.enter(value)?;
            self.array(tuple.iter())?;
            self.path.pop();
        } else {
            return None;
        }
        Some(())
    }

    fn enter(&mut self, container: &Bound<'_, PyAny>) -> Option<()> {
        let address = container.as_ptr() as usize;
        if self.path.len() == MAX_DEPTH || self.path.contains(&address) {
            return None;
        }
        self.path.push(address);
        Some(())
    }

    fn array<'py>(&mut self, items: impl Iterator<Item = Bound<'py, PyAny>>) -> Option<()> {
        self.out.push(b'[');
        let first = self.out.len();
        for item in items {
            if self.out.len() > first {
                self.out.push(b',');
            }
            self.value(&item)?;
        }
        self.out.push(b']');
        Some(())
    }

    fn dict(&mut self, dict: &Bound<'_, PyDict>) -> Option<()> {
        self.out.push(b'{');
        let first = self.out.len();
        with_critical_section(dict, || {
            for (key, value) in dict.iter() {
                if self.out.len() > first {
                    self.out.push(b',');
                }
                self.key(&key)?;
                self.out.push(b':');
                self.value(&value)?;
            }
            Some(())
        })?;
        self.out.push(b'}');
        Some(())
    }

    /// JSON's keys are strings: other scalars are written as `json.dumps` writes them, in quotes.
    fn key(&mut self, key: &Bound<'_, PyAny>) -> Option<()> {
        if let Ok(text) = key.cast_exact::<PyString>() {
            write_text(&mut self.out, text)?;
            return Some(());
        }
        self.out.push(b'"');
        if let Ok(number) = key.cast_exact::<PyInt>() {
            write_int(&mut self.out, number)?;
        } else if let Ok(number) = key.cast_exact::<PyFloat>() {
            write_float(&mut self.out, number)?;
        } else if let Ok(flag) = key.cast_exact::<PyBool>() {
            self.out.extend_from_slice(literal(flag));
        } else if key.is_none() {
            self.out.extend_from_slice(b"null");
        } else {
            return None;
        }
        self.out.push(b'"');
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::json_dumps;
    use pyo3::prelude::*;
    use std::ffi::CString;

    fn dumps(expression: &str) -> Option<String> {
        Python::attach(|py| {
            let value = py
                .eval(&CString::new(expression).unwrap(), None, None)
                .unwrap();
            json_dumps(&value).map(|body| String::from_utf8(body.as_bytes().to_vec()).unwrap())
        })
    }

    #[test]
    fn plain_values_are_written_without_white_space() {
        for (expression, expected) in [
            (
                "{'a': [1, 2.5, None, True, False], 'b': ('x', {})}",
                r#"{"a":[1,2.5,null,true,false],"b":["x",{}]}"#,
            ),
            (
                "{1: 1, 2.5: 2, True: 3, None: 4}",
                r#"{"1":3,"2.5":2,"null":4}"#,
            ),
            ("[[], (), {}, '']", r#"[[],[],{},""]"#),
            ("2**64", "18446744073709551616"),
            ("-2**63", "-9223372036854775808"),
            ("'é'", "\"é\""),
        ] {
            assert_eq!(dumps(expression).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_not_certain_is_left_to_the_reference() {
        for expression in [
            "float('nan')",
            "[float('inf')]",
            "{float('nan'): 1}",
            "'\\ud800'",
            "{'\\udfff': 1}",
            "object()",
            "b'bytes'",
            "{(1, 2): 3}",
            "{1, 2}",
            "10**5000",
            "type('S', (str,), {})('x')",
            "__import__('collections').OrderedDict()",
            "__import__('http').HTTPStatus(200)",
            "(lambda l: l.append(l) or l)([])",
            "(lambda l: l.extend([{'k': l}] * 9) or l)([])",
            "__import__('functools').reduce(lambda inner, _: [inner], range(200), [])",
        ] {
            assert_eq!(dumps(expression), None, "{expression}");
        }
    }
}
