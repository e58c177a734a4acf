//! The buffer in which a body is written before its size is known.

use std::cell::Cell;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// The most memory that a thread keeps from one body to the next: pages that are given back and taken anew for
/// every large body cost as much as writing it.
const KEPT: usize = 512 * 1024;

thread_local! {
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// What `write` leaves in an empty buffer; `None` if it returns that.
pub(super) fn written(
    py: Python<'_>,
    write: impl FnOnce(&mut Vec<u8>) -> Option<()>,
) -> Option<Bound<'_, PyBytes>> {
    // One body that is written inside another's finds no buffer, and makes one.
    let mut buffer = BUFFER.take();
    let body = write(&mut buffer).map(|()| PyBytes::new(py, &buffer));
    buffer.clear();
    buffer.shrink_to(KEPT);
    BUFFER.set(buffer);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_what_was_written_for_it_alone() {
        Python::attach(|py| {
            let outer = written(py, |out| {
                out.extend_from_slice(b"outer");
                let inner = written(py, |out| {
                    out.extend_from_slice(b"inner");
                    Some(())
                });
                assert_eq!(inner.unwrap().as_bytes(), b"inner");
                Some(())
            });
            assert_eq!(outer.unwrap().as_bytes(), b"outer");
            let half = written(py, |out| {
                out.extend_from_slice(b"half");
                None
            });
            assert!(half.is_none());
            assert_eq!(written(py, |_| Some(())).unwrap().as_bytes(), b"");
        });
    }

    #[test]
    fn a_large_body_leaves_little_memory_behind() {
        Python::attach(|py| {
            let body = written(py, |out| {
                out.resize(4 * KEPT, b'x');
                Some(())
            });
            assert_eq!(body.unwrap().as_bytes().len(), 4 * KEPT);
        });
        let buffer = BUFFER.take();
        assert!(buffer.is_empty() && buffer.capacity() <= KEPT);
    }
}
