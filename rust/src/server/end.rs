//! The end of what a peer sends.
//!
//! It may still be reading. As under uvicorn, a request that needs nothing more than a step is answered, and what is
//! written already goes out; an application that is still at work is told that its peer is gone.

use std::rc::Rc;

use pyo3::intern;
use pyo3::prelude::*;

use super::connection::Phase;
use super::core::Core;
use super::local::Local;

/// An end that was read.
#[pyclass(frozen, module = "fastapi._fastapi_rust", name = "_End")]
struct End(Local<(Rc<Core>, usize)>);

#[pymethods]
impl End {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        let (core, key) = self.0.get()?;
        // Another connection may have its key by now.
        if core.with(*key, |connection| connection.ended) == Some(true) {
            conclude(core, py, *key);
        }
        Ok(())
    }
}

/// Acts on the end: at once, or when the tasks that were made before have taken their first step.
pub fn hear(core: &Rc<Core>, py: Python<'_>, key: usize) -> PyResult<()> {
    let is_busy = core.with(key, |connection| {
        connection.ended = true;
        connection.phase == Phase::Open
            && (connection.work.is_some() || connection.engine.buffered() > 0)
    });
    if is_busy == Some(true) {
        let end = Bound::new(py, End(Local::new((core.clone(), key))))?;
        let event_loop = core.event_loop.bind(py);
        event_loop.call_method1(intern!(py, "call_soon"), (end,))?;
    } else {
        conclude(core, py, key);
    }
    Ok(())
}

fn conclude(core: &Core, py: Python<'_>, key: usize) {
    let is_behind = core.with(key, |connection| {
        connection.phase != Phase::Lingering && !connection.is_flushed()
    });
    if is_behind != Some(true) {
        core.close(py, key);
        return;
    }
    let work = core
        .with(key, |connection| connection.work.take())
        .flatten();
    if let Some(work) = work {
        work.disconnect(py);
    }
    core.finish(py, key);
}
