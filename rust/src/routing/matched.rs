//! A route whose expression matches, and what it adds to the scope.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyFloat, PyString};

use super::matcher::Span;
use super::snapshot::Manner;

/// More digits are left to Python's `int`, which refuses to read very many.
const U64_DIGITS: usize = 18;

/// A route that matches as Starlette's do.
///
/// Slow twins: `starlette.routing.Route.matches` and `WebSocketRoute.matches`.
pub struct Matched {
    /// The route
    pub route: Py<PyAny>,
    /// Its endpoint
    pub endpoint: Py<PyAny>,
    /// The parameters in the path, converted
    pub path_params: Py<PyDict>,
    puts_route: bool,
}

impl Matched {
    /// Converts the captures of a route's expression, after the parameters that there are already.
    pub fn new<'py>(
        route: &Bound<'py, PyAny>,
        endpoint: Py<PyAny>,
        convertors: impl FnOnce() -> PyResult<Bound<'py, PyAny>>,
        manner: &Manner,
        captures: &Captures<'_>,
        outer: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Self> {
        let py = route.py();
        let path_params = match outer {
            None => PyDict::new(py),
            Some(params) => match params.cast_exact::<PyDict>() {
                Ok(params) => params.copy()?,
                Err(_) => py.get_type::<PyDict>().call1((params,))?.cast_into()?,
            },
        };
        if !captures.spans.is_empty() {
            captures.convert(&convertors()?, &manner.names, &path_params)?;
        }
        Ok(Self {
            endpoint,
            path_params: path_params.unbind(),
            puts_route: manner.puts_route,
            route: route.clone().unbind(),
        })
    }

    /// Updates the scope. Starlette's router puts the route itself there since 1.0 (`sets_route`).
    pub fn enter(&self, scope: &Bound<'_, PyDict>, sets_route: bool) -> PyResult<()> {
        let py = scope.py();
        let route = intern!(py, "route");
        if sets_route {
            scope.set_item(route, &self.route)?;
        }
        scope.set_item(intern!(py, "endpoint"), &self.endpoint)?;
        scope.set_item(intern!(py, "path_params"), &self.path_params)?;
        if self.puts_route {
            scope.set_item(route, &self.route)?;
        }
        Ok(())
    }
}

/// A pattern's captures in a path.
pub struct Captures<'a> {
    /// The path below the root path
    pub path: &'a str,
    /// Where each parameter stands in it
    pub spans: &'a [Span],
}

impl Captures<'_> {
    /// Adds the converted parameters, with the convertors that the route has now.
    fn convert(
        &self,
        convertors: &Bound<'_, PyAny>,
        names: &[Py<PyString>],
        path_params: &Bound<'_, PyDict>,
    ) -> PyResult<()> {
        let py = convertors.py();
        for (name, span) in names.iter().zip(self.spans) {
            let text = self.path.get(span.start..span.end).unwrap_or_default();
            let name = name.bind(py);
            path_params.set_item(name, convert(&convertors.get_item(name)?, text)?)?;
        }
        Ok(())
    }
}

/// Whether a route takes a method.
pub fn takes_method<'py>(
    route: &Bound<'py, PyAny>,
    method: impl FnOnce() -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<bool> {
    let methods = route.getattr(intern!(route.py(), "methods"))?;
    Ok(!methods.is_truthy()? || methods.contains(method()?)?)
}

/// Whether converting runs no code but Starlette's.
pub fn converts_plainly(route: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = route.py();
    let convertors = route.getattr(intern!(py, "param_convertors"))?;
    let Ok(convertors) = convertors.cast_exact::<PyDict>() else {
        return Ok(false);
    };
    if convertors.is_empty() {
        return Ok(true);
    }
    let plain = Convertors::of(py)?;
    Ok(convertors.iter().all(|(_, convertor)| {
        let class = convertor.get_type();
        class.is(&plain.string)
            || class.is(&plain.path)
            || class.is(&plain.integer)
            || class.is(&plain.float)
    }))
}

/// Slow twin: the convertor's `convert`, which is called for all but Starlette's plain ones.
fn convert<'py>(convertor: &Bound<'py, PyAny>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    let py = convertor.py();
    let plain = Convertors::of(py)?;
    let class = convertor.get_type();
    if class.is(&plain.string) || class.is(&plain.path) {
        return Ok(PyString::new(py, text).into_any());
    }
    if class.is(&plain.integer)
        && text.len() <= U64_DIGITS
        && is_decimal(text)
        && let Ok(value) = text.parse::<u64>()
    {
        return Ok(value.into_pyobject(py)?.into_any());
    }
    if class.is(&plain.float)
        && is_decimal(text)
        && let Ok(value) = text.parse::<f64>()
    {
        return Ok(PyFloat::new(py, value).into_any());
    }
    convertor.call_method1(intern!(py, "convert"), (text,))
}

/// Digits and dots alone: no sign, exponent or name that Rust and Python might read differently.
fn is_decimal(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte == b'.' || byte.is_ascii_digit())
}

/// The convertors that Starlette has.
struct Convertors {
    string: Py<PyAny>,
    path: Py<PyAny>,
    integer: Py<PyAny>,
    float: Py<PyAny>,
}

impl Convertors {
    fn of(py: Python<'_>) -> PyResult<&'static Self> {
        static CONVERTORS: PyOnceLock<Convertors> = PyOnceLock::new();
        CONVERTORS.get_or_try_init(py, || {
            let convertors = py.import("starlette.convertors")?;
            let convertor = |name| convertors.getattr(name).map(Bound::unbind);
            Ok(Self {
                string: convertor("StringConvertor")?,
                path: convertor("PathConvertor")?,
                integer: convertor("IntegerConvertor")?,
                float: convertor("FloatConvertor")?,
            })
        })
    }
}
