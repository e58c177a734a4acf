//! ASGI messages: dictionaries, or what behaves like one.

use pyo3::exceptions::PyKeyError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};

/// Names and values of header fields.
pub type Fields<'py> = Vec<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)>;

/// `message[key]`, or `None` without it.
pub fn get<'py>(
    message: &Bound<'py, PyAny>,
    key: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    if let Ok(message) = message.cast_exact::<PyDict>() {
        return message.get_item(key);
    }
    match message.get_item(key) {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_instance_of::<PyKeyError>(message.py()) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `message[key]`.
pub fn need<'py>(
    message: &Bound<'py, PyAny>,
    key: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    get(message, key)?.ok_or_else(|| PyKeyError::new_err(key.clone().unbind()))
}

/// `message[key]` as truth, false without it.
pub fn truth<'py>(message: &Bound<'py, PyAny>, key: &Bound<'py, PyString>) -> PyResult<bool> {
    get(message, key)?.map_or(Ok(false), |value| value.is_truthy())
}

/// Bytes, or what shares its bytes: `bytearray`, `memoryview`.
pub fn bytes<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    match value.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.clone()),
        Err(_) => {
            // SAFETY: it takes a live object and returns a new reference to bytes, or NULL with an exception.
            let bytes = unsafe {
                Bound::from_owned_ptr_or_err(value.py(), ffi::PyBytes_FromObject(value.as_ptr()))?
            };
            Ok(bytes.cast_into()?)
        }
    }
}

/// `message["headers"]`, empty without it.
pub fn fields<'py>(message: &Bound<'py, PyAny>) -> PyResult<Fields<'py>> {
    match get(message, pyo3::intern!(message.py(), "headers"))? {
        Some(headers) => pairs(&headers),
        None => Ok(Vec::new()),
    }
}

/// The pairs of an iterable.
pub fn pairs<'py>(headers: &Bound<'py, PyAny>) -> PyResult<Fields<'py>> {
    let mut fields = match headers.cast_exact::<PyList>() {
        Ok(list) => Vec::with_capacity(list.len()),
        Err(_) => Vec::new(),
    };
    for field in headers.try_iter()? {
        let field = field?;
        fields.push(match field.cast_exact::<PyTuple>() {
            Ok(pair) => (bytes(&pair.get_item(0)?)?, bytes(&pair.get_item(1)?)?),
            Err(_) => (bytes(&field.get_item(0)?)?, bytes(&field.get_item(1)?)?),
        });
    }
    Ok(fields)
}

/// What fields consist of.
pub fn slices<'f>(fields: &'f Fields<'_>) -> impl Iterator<Item = (&'f [u8], &'f [u8])> + Clone {
    let fields = fields.iter();
    fields.map(|(name, value)| (name.as_bytes(), value.as_bytes()))
}
