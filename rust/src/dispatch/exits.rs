//! Leaving what generators have left open.

use pyo3::intern;
use pyo3::prelude::*;

use super::coroutine::wait_for;
use super::plan::Pieces;

/// Leaves an exit stack. `None`: it has swallowed the exception.
pub async fn leave<T>(
    pieces: &Pieces,
    stack: Option<Py<PyAny>>,
    outcome: PyResult<T>,
) -> PyResult<Option<T>> {
    let Some(stack) = stack else {
        return outcome.map(Some);
    };
    if Python::attach(|py| is_empty(stack.bind(py))) {
        return outcome.map(Some);
    }
    match outcome {
        Ok(value) => {
            wait_for(|py| {
                let none = py.None();
                stack
                    .bind(py)
                    .call_method1(intern!(py, "__aexit__"), (&none, &none, &none))
            })
            .await?;
            Ok(Some(value))
        }
        Err(error) => {
            wait_for(|py| pieces.unwind.bind(py).call1((stack, error.into_value(py)))).await?;
            Ok(None)
        }
    }
}

/// Whether nothing has been left on an exit stack: then leaving it does nothing.
fn is_empty(stack: &Bound<'_, PyAny>) -> bool {
    stack
        .getattr(intern!(stack.py(), "_exit_callbacks"))
        .and_then(|callbacks| callbacks.len())
        .is_ok_and(|length| length == 0)
}
