//! `json_dumps`: the bytes of a JSON response in one pass over the content.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyString};

use super::leaf::{literal, write_float, write_int, write_text};
use super::walk::{Beyond, Walk};

/// The bytes that `json.dumps` with `ensure_ascii=False`, `allow_nan=False` and no white space gives
/// for `content`, encoded as UTF-8.
///
/// Accepts values of exactly the types dict, list, tuple, str, int, float, bool and None. For anything
/// else, NaN, infinities, lone surrogates, cycles and deep nesting: `None`. Its slow twin is
/// `starlette.responses.JSONResponse.render`.
#[pyfunction]
pub fn json_dumps<'py>(content: &Bound<'py, PyAny>) -> Option<Bound<'py, PyBytes>> {
    Walk::text(Strict, content)
}

/// Nothing but JSON's own types.
struct Strict;

impl<'py> Beyond<'py> for Strict {
    /// Far below what any thread's stack holds.
    const MAX_DEPTH: usize = 128;

    /// JSON's keys are strings: other scalars are written as `json.dumps` writes them, in quotes.
    fn key(key: &Bound<'py, PyAny>, out: &mut Vec<u8>) -> Option<bool> {
        out.push(b',');
        if let Ok(text) = key.cast_exact::<PyString>() {
            write_text(out, text)?;
            out.push(b':');
            return Some(true);
        }
        out.push(b'"');
        if let Ok(number) = key.cast_exact::<PyInt>() {
            write_int(out, number)?;
        } else if let Ok(number) = key.cast_exact::<PyFloat>() {
            write_float(out, number)?;
        } else if let Ok(flag) = key.cast_exact::<PyBool>() {
            out.extend_from_slice(literal(flag));
        } else if key.is_none() {
            out.extend_from_slice(b"null");
        } else {
            return None;
        }
        out.extend_from_slice(b"\":");
        Some(true)
    }

    fn other(_: &mut Walk<Self>, _: &Bound<'py, PyAny>) -> Option<()> {
        None
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
