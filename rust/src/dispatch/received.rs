//! What has been received of a body.

use std::ops::Range;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use super::door::{Bytes, Chunk, Door};
use super::plan::Pieces;

/// The parts of a body in the order in which they came. Its bytes are counted from its beginning.
#[derive(Default)]
pub struct Received {
    pieces: Vec<(Range<u64>, Piece)>,
    length: u64,
    is_complete: bool,
    /// What came and is no part of a body
    message: Option<Py<PyAny>>,
    failure: Option<PyErr>,
}

/// Some bytes of a body.
enum Piece {
    Bytes(Bytes),
    /// In a file on disk, from an offset on
    Spooled(Py<PyAny>, u64),
}

/// What is received next.
pub enum Next<'a> {
    Chunk(&'a Bytes),
    End,
    /// Something that only the slow twin can judge
    Unclear,
}

impl Received {
    /// Receives the next chunk.
    pub async fn next<D: Door>(&mut self, door: &mut D) -> PyResult<Next<'_>> {
        if self.is_complete {
            return Ok(Next::End);
        }
        let (chunk, more) = match door.next_chunk().await? {
            Chunk::Part(chunk, more) => (chunk, more),
            Chunk::Unclear(message, failure) => {
                (self.message, self.failure) = (message, failure);
                return Ok(Next::Unclear);
            }
        };
        self.is_complete = !more;
        let start = self.length;
        self.length += Python::attach(|py| chunk.as_slice(py).len() as u64);
        self.pieces.push((start..self.length, Piece::Bytes(chunk)));
        Ok(match self.pieces.last() {
            Some((_, Piece::Bytes(chunk))) => Next::Chunk(chunk),
            _ => Next::End,
        })
    }

    /// The bytes in a range, none of which is on disk.
    pub fn bytes<'py>(&self, py: Python<'py>, range: &Range<u64>) -> PyResult<Bound<'py, PyBytes>> {
        let mut slices: Vec<&[u8]> = Vec::new();
        for (place, piece) in self.within(range) {
            let Piece::Bytes(bytes) = piece else {
                continue;
            };
            if place == range {
                return Ok(bytes.object(py));
            }
            let bytes = bytes.as_slice(py);
            let from = range.start.saturating_sub(place.start) as usize;
            let to = bytes.len() - place.end.saturating_sub(range.end) as usize;
            slices.extend(bytes.get(from..to));
        }
        if let [slice] = slices.as_slice() {
            return Ok(PyBytes::new(py, slice));
        }
        let length = slices.iter().map(|slice| slice.len()).sum();
        PyBytes::new_with(py, length, |mut to| {
            for slice in slices {
                let (here, rest) = std::mem::take(&mut to).split_at_mut(slice.len());
                here.copy_from_slice(slice);
                to = rest;
            }
            Ok(())
        })
    }

    /// All of a body, none of which is on disk.
    pub fn all<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.bytes(py, &(0..self.length))
    }

    fn within(&self, range: &Range<u64>) -> impl Iterator<Item = &(Range<u64>, Piece)> {
        let first = self
            .pieces
            .partition_point(|(place, _)| place.end <= range.start);
        let end = range.end;
        self.pieces[first..]
            .iter()
            .take_while(move |(place, _)| place.start < end)
    }

    /// Forgets the bytes in a range, which are in a file from an offset on.
    pub fn spooled(
        &mut self,
        py: Python<'_>,
        range: &Range<u64>,
        file: &Py<PyAny>,
        offset: u64,
    ) -> PyResult<()> {
        let first = self
            .pieces
            .partition_point(|(place, _)| place.end <= range.start);
        let last = self
            .pieces
            .partition_point(|(place, _)| place.start < range.end);
        let mut kept = Vec::new();
        let ends = [first, last.saturating_sub(1)].map(|at| self.pieces.get(at));
        if let Some((place, _)) = ends[0].filter(|(place, _)| place.start < range.start) {
            let before = place.start..range.start;
            let bytes = self.bytes(py, &before)?;
            kept.push((before, Piece::Bytes(Bytes::Object(bytes.unbind()))));
        }
        kept.push((range.clone(), Piece::Spooled(file.clone_ref(py), offset)));
        if let Some((place, _)) = ends[1].filter(|(place, _)| place.end > range.end) {
            let after = range.end..place.end;
            let bytes = self.bytes(py, &after)?;
            kept.push((after, Piece::Bytes(Bytes::Object(bytes.unbind()))));
        }
        let gone: Vec<_> = self.pieces.splice(first..last, kept).collect();
        drop(gone);
        Ok(())
    }

    /// A `receive` that begins the body again.
    pub fn replay<'py, D: Door>(
        self,
        py: Python<'py>,
        pieces: &Pieces,
        door: &D,
    ) -> PyResult<Bound<'py, PyAny>> {
        let messages = PyList::empty(py);
        for (place, piece) in self.pieces {
            match piece {
                Piece::Bytes(bytes) => {
                    let message = PyDict::new(py);
                    message.set_item(intern!(py, "type"), intern!(py, "http.request"))?;
                    message.set_item(intern!(py, "body"), bytes.object(py))?;
                    let more = !self.is_complete || place.end < self.length;
                    message.set_item(intern!(py, "more_body"), more)?;
                    messages.append(message)?;
                }
                Piece::Spooled(file, offset) => {
                    messages.append((file, offset, offset + (place.end - place.start)))?;
                }
            }
        }
        if let Some(message) = self.message {
            messages.append(message)?;
        }
        let failure = self.failure.map(|error| error.into_value(py));
        pieces
            .replay
            .bind(py)
            .call1((messages, failure, door.receive(py)?))
    }
}
