//! The body of a request as a form.
//!
//! Slow twin: `starlette.requests.Request.form`.

use std::borrow::Cow;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyList};

use super::body::{Body, read_again, read_slowly};
use super::door::{Door, Header};
use super::execution::Execution;
use super::plan::stock;
use super::received::{Next, Received};
use super::spool::{SPOOL_MAX_SIZE, Spool};
use crate::forms::enctype::Enctype;
use crate::forms::multipart::{Parser, Part};
use crate::forms::urlencoded;
use crate::params::boundary::{Entry, Given};
use crate::utils::stock::Stock;

/// Names and values in their order.
pub type Entries = Vec<(Cow<'static, str>, Entry)>;

/// A form, and the `FormData` of it once somebody asks for that.
pub struct Form {
    pub entries: Entries,
    data: PyOnceLock<Py<PyAny>>,
    /// `FormData`
    class: Py<PyAny>,
}

impl Form {
    /// The one object that stands for the form in Python.
    pub fn data<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let make = || {
            let items = self.entries.iter();
            let items: Vec<_> = items
                .map(|(name, entry)| (name, entry.object(py)))
                .collect();
            self.class.call1(py, (PyList::new(py, items)?,))
        };
        Ok(self.data.get_or_try_init(py, make)?.bind(py).clone())
    }
}

/// Objects that forms take from Python: `fastapi.plan.stock.FormPieces`.
#[derive(FromPyObject)]
pub struct FormPieces {
    /// What must be as shipped
    #[pyo3(attribute("parts"), from_py_with = stock)]
    stock: Stock,
    form_data: Py<PyAny>,
    upload_file: Py<PyAny>,
    headers: Py<PyAny>,
    spooled_file: Py<PyAny>,
    bytes_io: Py<PyAny>,
}

impl FormPieces {
    /// A file in memory that goes to disk when it grows.
    pub fn new_file<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.spooled_file.bind(py).call1((SPOOL_MAX_SIZE,))
    }
}

/// Reads a form.
pub async fn read<D: Door>(execution: &mut Execution<D>) -> PyResult<()> {
    let pieces = execution.pieces.clone();
    let Some(form) = pieces.form.as_ref() else {
        return read_slowly(execution).await;
    };
    let enctype = Python::attach(|py| match execution.door.header(py, b"content-type") {
        Header::Is(value) if form.stock.holds(py) => Enctype::read(&value),
        _ => None,
    });
    let mut received = Received::default();
    let entries = match enctype {
        None => return read_slowly(execution).await,
        Some(Enctype::UrlEncoded) => urlencoded(execution, &mut received).await?,
        Some(Enctype::Multipart(boundary)) => {
            let mut spool = Spool::default();
            let entries = multipart(execution, form, &boundary, &mut received, &mut spool).await?;
            if entries.is_none() {
                let outcome = read_again(execution, received).await;
                Python::attach(|py| spool.close(py))?;
                return outcome;
            }
            entries
        }
    };
    let Some(entries) = entries else {
        return read_again(execution, received).await;
    };
    let has_files = entries
        .iter()
        .any(|(_, entry)| matches!(entry, Entry::File(..)));
    let form = Form {
        entries,
        data: PyOnceLock::new(),
        class: Python::attach(|py| form.form_data.clone_ref(py)),
    };
    if has_files {
        Python::attach(|py| execution.close_later(form.data(py)?))?;
    }
    execution.body = Some(Body::Form(form));
    Ok(())
}

async fn urlencoded<D: Door>(
    execution: &mut Execution<D>,
    received: &mut Received,
) -> PyResult<Option<Entries>> {
    loop {
        match received.next(&mut execution.door).await? {
            Next::Chunk(_) => (),
            Next::End => break,
            Next::Unclear => return Ok(None),
        }
    }
    Python::attach(|py| {
        let body = received.all(py)?;
        let Some(fields) = urlencoded::fields(body.as_bytes()) else {
            return Ok(None);
        };
        let owned = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
            (
                Cow::Owned(name.into_owned()),
                Entry::Text(value.into_owned()),
            )
        };
        Ok(Some(fields.into_iter().map(owned).collect()))
    })
}

async fn multipart<D: Door>(
    execution: &mut Execution<D>,
    pieces: &FormPieces,
    boundary: &[u8],
    received: &mut Received,
    spool: &mut Spool,
) -> PyResult<Option<Entries>> {
    let mut parser = Parser::new(boundary);
    loop {
        match received.next(&mut execution.door).await? {
            Next::Chunk(chunk) => {
                if Python::attach(|py| parser.feed(chunk.as_slice(py))).is_none() {
                    return Ok(None);
                }
            }
            Next::End => break,
            Next::Unclear => return Ok(None),
        }
        if !spool
            .write(&execution.pieces, received, parser.parts(), false)
            .await?
        {
            return Ok(None);
        }
    }
    let Some(parts) = parser.finish() else {
        return Ok(None);
    };
    if !spool
        .write(&execution.pieces, received, &parts, true)
        .await?
    {
        return Ok(None);
    }
    Python::attach(|py| {
        let mut entries = Vec::with_capacity(parts.len());
        for (at, part) in parts.into_iter().enumerate() {
            let entry = match &part.head.filename {
                Some(_) => file(py, pieces, received, spool.file(at), &part)?,
                None => {
                    let content = received.bytes(py, &part.content)?;
                    match std::str::from_utf8(content.as_bytes()) {
                        Ok(text) => Entry::Text(text.to_owned()),
                        Err(_) => return Ok(None),
                    }
                }
            };
            entries.push((Cow::Owned(part.head.name), entry));
        }
        Ok(Some(entries))
    })
}

/// Makes an `UploadFile`, with its file on disk if it is there.
fn file(
    py: Python<'_>,
    pieces: &FormPieces,
    received: &Received,
    spooled: Option<&Py<PyAny>>,
    part: &Part,
) -> PyResult<Entry> {
    let file = match spooled {
        Some(file) => file.bind(py).clone(),
        None => {
            // What `write` does, but that the bytes are shared and not copied.
            let content = pieces
                .bytes_io
                .bind(py)
                .call1((received.bytes(py, &part.content)?,))?;
            let file = pieces.new_file(py)?;
            file.setattr(intern!(py, "_file"), content)?;
            file
        }
    };
    let headers = part.head.headers.iter();
    let headers = headers.map(|(name, value)| (PyBytes::new(py, name), PyBytes::new(py, value)));
    let raw = PyDict::new(py);
    raw.set_item(
        intern!(py, "raw"),
        PyList::new(py, headers.collect::<Vec<_>>())?,
    )?;
    let options = PyDict::new(py);
    options.set_item(intern!(py, "file"), file)?;
    options.set_item(intern!(py, "size"), part.content.end - part.content.start)?;
    options.set_item(intern!(py, "filename"), &part.head.filename)?;
    options.set_item(
        intern!(py, "headers"),
        pieces.headers.bind(py).call((), Some(&raw))?,
    )?;
    let upload = pieces.upload_file.bind(py).call((), Some(&options))?;
    Ok(Entry::File(upload.unbind(), spooled.is_none()))
}
