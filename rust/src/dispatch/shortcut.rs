//! `Shortcut`: in front of a middleware that is known.

use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};

use crate::utils::stock::{Part, Stock};

/// Serves requests in place of a middleware, as long as everything that it goes past is as shipped.
///
/// Slow twin: the middleware itself, `app`.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct Shortcut {
    app: Py<PyAny>,
    way: Py<PyAny>,
    stock: Stock,
}

#[pymethods]
impl Shortcut {
    #[new]
    fn new(app: Py<PyAny>, way: Py<PyAny>, parts: Vec<Part<'_>>) -> Self {
        let stock = Stock::new(parts);
        Self { app, way, stock }
    }

    /// The middleware.
    #[getter]
    fn app(&self, py: Python<'_>) -> Py<PyAny> {
        self.app.clone_ref(py)
    }

    fn __call__(
        &self,
        scope: &Bound<'_, PyAny>,
        receive: &Bound<'_, PyAny>,
        send: &Bound<'_, PyAny>,
    ) -> PyResult<Py<PyAny>> {
        let py = scope.py();
        if !self.stock.holds(py) {
            return self.app.call1(py, (scope, receive, send));
        }
        let served = self.way.call1(py, (&self.app, scope, receive, send))?;
        match served.is_none(py) {
            true => self.app.call1(py, (scope, receive, send)),
            false => Ok(served),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.app)?;
        visit.call(&self.way)
    }
}
