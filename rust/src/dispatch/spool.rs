//! Uploaded files that are too large for memory.

use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::passage::in_thread;
use super::plan::Pieces;
use super::received::Received;
use crate::forms::multipart::Part;
use crate::threads::job::Call;

/// Bytes of a file in memory: `MultiPartParser.spool_max_size` as shipped.
pub const SPOOL_MAX_SIZE: u64 = 1024 * 1024;

/// The files on disk of one form.
#[derive(Default)]
pub struct Spool {
    files: Vec<Spooled>,
    /// The part that has not been seen whole yet
    next: usize,
}

struct Spooled {
    /// The number of its part
    part: usize,
    file: Py<PyAny>,
    /// How many bytes are in it
    written: u64,
}

impl Spool {
    /// The file of a part.
    pub fn file(&self, part: usize) -> Option<&Py<PyAny>> {
        let at = self
            .files
            .binary_search_by_key(&part, |spooled| spooled.part);
        Some(&self.files.get(at.ok()?)?.file)
    }

    /// Closes the files, which are deleted then.
    pub fn close(&self, py: Python<'_>) -> PyResult<()> {
        for spooled in &self.files {
            spooled.file.call_method0(py, intern!(py, "close"))?;
        }
        Ok(())
    }

    /// Writes what is large, in pieces of a size that is worth a thread. `false`: that has failed.
    pub async fn write(
        &mut self,
        pieces: &Pieces,
        received: &mut Received,
        parts: &[Part],
        is_complete: bool,
    ) -> PyResult<bool> {
        while let Some(part) = parts.get(self.next) {
            let is_over = is_complete || self.next + 1 < parts.len();
            match self.write_part(pieces, received, part, is_over).await {
                Ok(()) if is_over => self.next += 1,
                Ok(()) => break,
                Err(error) if Python::attach(|py| error.is_instance_of::<PyException>(py)) => {
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    async fn write_part(
        &mut self,
        pieces: &Pieces,
        received: &mut Received,
        part: &Part,
        is_over: bool,
    ) -> PyResult<()> {
        let length = part.content.end - part.content.start;
        if part.head.filename.is_none() || length <= SPOOL_MAX_SIZE {
            return Ok(());
        }
        if self.files.last().is_none_or(|last| last.part != self.next) {
            let Some(form) = &pieces.form else {
                return Ok(());
            };
            let file = Python::attach(|py| form.new_file(py).map(Bound::unbind))?;
            self.files.push(Spooled {
                part: self.next,
                file,
                written: 0,
            });
        }
        let Some(spooled) = self.files.last_mut() else {
            return Ok(());
        };
        let waiting = length - spooled.written;
        if waiting > SPOOL_MAX_SIZE || (is_over && waiting > 0) {
            let start = part.content.start + spooled.written;
            let range = start..part.content.end;
            let write = Python::attach(|py| {
                let content = received.bytes(py, &range)?;
                call(py, &spooled.file, intern!(py, "write"), (content,))
            })?;
            in_thread(pieces, write).await?;
            Python::attach(|py| received.spooled(py, &range, &spooled.file, spooled.written))?;
            spooled.written = length;
        }
        if is_over {
            let seek = Python::attach(|py| call(py, &spooled.file, intern!(py, "seek"), (0,)))?;
            in_thread(pieces, seek).await?;
        }
        Ok(())
    }
}

fn call<'py>(
    py: Python<'py>,
    file: &Py<PyAny>,
    method: &Bound<'py, PyString>,
    arguments: impl IntoPyObject<'py, Target = PyTuple, Output = Bound<'py, PyTuple>, Error = PyErr>,
) -> PyResult<Call> {
    let method = file.bind(py).getattr(method)?;
    Ok(Call::new(
        method,
        arguments.into_pyobject(py)?,
        PyDict::new(py),
    ))
}
