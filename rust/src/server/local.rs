//! Values that belong to the event loop's thread, inside Python objects that any thread may drop.
//!
//! A request object that was handed to a `def` endpoint, or a cycle that the garbage collector finds while a
//! worker thread runs, takes `receive` and `send` with it to that thread. Reference counts without atomics
//! must not be touched there, so the value is left for its own thread.

use std::mem::ManuallyDrop;
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

thread_local! {
    static MARK: u8 = const { 0 };
}

/// Tells living threads apart.
fn this_thread() -> usize {
    MARK.with(|mark| std::ptr::from_ref(mark) as usize)
}

/// A value that only the thread that made it touches.
pub struct Local<T: 'static> {
    value: ManuallyDrop<T>,
    owner: usize,
}

// SAFETY: `get` and `drop` touch the value on its own thread alone.
unsafe impl<T> Send for Local<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Local<T> {}

impl<T> Local<T> {
    /// A value of this thread.
    pub fn new(value: T) -> Self {
        Self {
            value: ManuallyDrop::new(value),
            owner: this_thread(),
        }
    }

    /// The value.
    ///
    /// # Errors
    /// Another thread asks for it: an ASGI application must not, as under any server.
    pub fn get(&self) -> PyResult<&T> {
        if self.owner == this_thread() {
            Ok(&self.value)
        } else {
            Err(PyRuntimeError::new_err(
                "ASGI objects may be used on the thread of their event loop only",
            ))
        }
    }
}

impl<T> Drop for Local<T> {
    fn drop(&mut self) {
        // SAFETY: the value is taken once, here, and never used again.
        let value = unsafe { ManuallyDrop::take(&mut self.value) };
        if self.owner == this_thread() {
            drop(value);
        } else {
            let left = Left {
                owner: self.owner,
                value: Box::new(value),
            };
            // A list of values stays whole when a thread panics between its operations.
            LEFT.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(left);
        }
    }
}

trait Anything {}
impl<T> Anything for T {}

/// A value that was dropped on a thread that is not its own.
struct Left {
    owner: usize,
    #[allow(dead_code, reason = "it is kept only to be dropped")]
    value: Box<dyn Anything>,
}

// SAFETY: only the owner takes it from the list.
unsafe impl Send for Left {}

static LEFT: Mutex<Vec<Left>> = Mutex::new(Vec::new());

/// Drops what other threads left for this one.
pub fn drop_left() {
    let here = this_thread();
    let mine: Vec<Left> = LEFT
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .extract_if(.., |left| left.owner == here)
        .collect();
    drop(mine);
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    #[test]
    fn a_value_is_dropped_by_its_own_thread() {
        let value = Rc::new(());
        let local = Local::new(value.clone());
        assert!(local.get().is_ok());
        std::thread::spawn(move || {
            assert!(local.get().is_err());
            drop(local);
        })
        .join()
        .unwrap();
        assert_eq!(Rc::strong_count(&value), 2);
        drop_left();
        assert_eq!(Rc::strong_count(&value), 1);
    }
}
