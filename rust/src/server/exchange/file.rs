//! A response whose body is a file.

use std::io;
use std::path::PathBuf;

use pyo3::exceptions::{PyOSError, PyRuntimeError};
use pyo3::intern;
use pyo3::prelude::*;

use super::Exchange;
use super::outgoing::Progress;
use crate::server::file::FileBody;

impl Exchange {
    /// Takes the rest of the response from a file, or returns a future to wait for before it is asked again.
    ///
    /// The file is opened at once, and not opened again.
    pub fn push_file(&self, py: Python<'_>, path: PathBuf) -> PyResult<Option<Py<PyAny>>> {
        if self.disconnected.get() {
            return Ok(None);
        }
        // As `open` would have raised it.
        let failed = |error: io::Error| -> PyErr {
            let Some(number) = error.raw_os_error() else {
                return error.into();
            };
            let text = py
                .import(intern!(py, "os"))
                .and_then(|os| os.call_method1(intern!(py, "strerror"), (number,)));
            match text {
                Ok(text) => {
                    PyOSError::new_err((number, text.unbind(), path.clone().into_os_string()))
                }
                Err(error) => error,
            }
        };
        match self.progress.get() {
            Progress::Body => {
                let file = FileBody::open(&path).map_err(failed)?;
                self.progress.set(Progress::File);
                self.core
                    .with(self.key, |connection| connection.file = Some(file));
                self.core.flush(py, self.key);
            }
            Progress::File => {}
            Progress::Nothing | Progress::Complete => {
                return Err(PyRuntimeError::new_err(
                    "a file was sent before the head of a response, or after its end",
                ));
            }
        }
        if self.disconnected.get() {
            return Ok(None);
        }
        let left = self.core.with(self.key, |connection| {
            (connection.file.is_some(), connection.file_error.take())
        });
        match left {
            Some((true, _)) => self
                .waiting_for_room
                .wait(py, &self.core.event_loop)
                .map(Some),
            Some((false, Some(error))) => Err(failed(error)),
            Some((false, None)) | None => self.finish(py).map(|()| None),
        }
    }
}
