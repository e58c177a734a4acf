//! `Refusal`: the answer to a request that no route takes, without raising an exception and handling it.
//!
//! Slow twins: `Router.not_found` and `Route.handle` of Starlette, whose exceptions
//! `fastapi.exception_handlers.http_exception_handler` answers.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PySet, PyString};

use super::chain::Chain;
use super::door::Door;
use super::entry::Past;
use super::execution::recover_outside;
use super::head::{Head, WrittenHead};
use super::plan::stock;
use crate::routing::matched::Matched;
use crate::routing::peek::Peeked;
use crate::utils::stock::Stock;

/// What refuses requests, as shipped: `fastapi.plan.front.Refusals`.
#[derive(FromPyObject)]
pub struct Refusals {
    /// What must be as shipped
    #[pyo3(attribute("parts"), from_py_with = stock)]
    stock: Stock,
    /// `Router.not_found`
    not_found: Py<PyAny>,
    /// Starlette's `HTTPException`
    http_error: Py<PyAny>,
    on_http_error: Py<PyAny>,
}

/// See the module.
pub struct Refusal {
    past: Past,
    status: u16,
    allow: Option<Py<PyBytes>>,
    /// The first route that would take another method, and whether Starlette's router puts it into the scope
    matched: Option<(Matched, bool)>,
}

impl Refusals {
    /// The answer; `None`: it has to be asked for, because somebody may see the exception.
    pub fn answer(
        &self,
        chain: &Chain,
        app: Option<&Bound<'_, PyAny>>,
        peeked: Peeked,
        py: Python<'_>,
    ) -> PyResult<Option<Refusal>> {
        if !self.stock.holds(py) {
            return Ok(None);
        }
        let (status, allow, matched) = match peeked {
            Peeked::Unsure | Peeked::Taken(..) => return Ok(None),
            Peeked::OtherMethod(matched, methods) => match allow(methods.bind(py))? {
                Some(allow) => (
                    405,
                    Some(allow),
                    Some((matched, chain.table.get().sets_route())),
                ),
                None => return Ok(None),
            },
            Peeked::Nothing if self.ends_plainly(chain, py)? => (404, None, None),
            Peeked::OtherSlash if self.ends_plainly(chain, py)? && !redirects(chain, py)? => {
                (404, None, None)
            }
            Peeked::Nothing | Peeked::OtherSlash => return Ok(None),
        };
        if !self.is_stock_handler(chain, status, py)? {
            return Ok(None);
        }
        let past = Past::of(chain, app, py);
        Ok(Some(Refusal {
            past,
            status,
            allow,
            matched,
        }))
    }

    /// Whether the router's default is its own method.
    fn ends_plainly(&self, chain: &Chain, py: Python<'_>) -> PyResult<bool> {
        let router = chain.router.bind(py);
        let default = router.getattr(intern!(py, "default"))?;
        let function = default.getattr(intern!(py, "__func__"));
        Ok(function.is_ok_and(|function| function.is(&self.not_found))
            && default.getattr(intern!(py, "__self__"))?.is(router))
    }

    fn is_stock_handler(&self, chain: &Chain, status: u16, py: Python<'_>) -> PyResult<bool> {
        let exceptions = chain.exceptions.bind(py);
        let by_status = exceptions.getattr(intern!(py, "_status_handlers"))?;
        let by_class = exceptions.getattr(intern!(py, "_exception_handlers"))?;
        let (Ok(by_status), Ok(by_class)) = (
            by_status.cast_into_exact::<PyDict>(),
            by_class.cast_into_exact::<PyDict>(),
        ) else {
            return Ok(false);
        };
        let handler = by_class.get_item(&self.http_error)?;
        Ok(
            handler.is_some_and(|handler| handler.is(&self.on_http_error))
                && !by_status.contains(status)?,
        )
    }
}

impl Refusal {
    /// Status and `allow`, and the body.
    pub fn response(&self, py: Python<'_>) -> (WrittenHead, Py<PyBytes>) {
        let body: &[u8] = match self.status {
            405 => b"{\"detail\":\"Method Not Allowed\"}",
            _ => b"{\"detail\":\"Not Found\"}",
        };
        let head = WrittenHead {
            allow: self.allow.as_ref().map(|allow| allow.clone_ref(py)),
            ..WrittenHead::json(self.status)
        };
        (head, PyBytes::new(py, body).unbind())
    }

    /// Puts into a scope what everything on the way would have put there.
    pub fn fill(&self, scope: &Bound<'_, PyDict>) -> PyResult<()> {
        self.past.fill(scope)?;
        match &self.matched {
            Some((matched, sets_route)) => matched.enter(scope, *sets_route),
            None => Ok(()),
        }
    }

    /// Answers a request, whose scope has been filled.
    pub async fn serve<D: Door>(self, mut door: D, recover: Py<PyAny>) -> PyResult<()> {
        let (head, body) = Python::attach(|py| self.response(py));
        match door.respond(Head::Written(head), body, true).await {
            Ok(()) => Ok(()),
            Err(error) => recover_outside(&door, &recover, &self.past.outermost, error).await,
        }
    }
}

/// Whether the router tries another slash at the end of a path.
fn redirects(chain: &Chain, py: Python<'_>) -> PyResult<bool> {
    let redirects = chain
        .router
        .bind(py)
        .getattr(intern!(py, "redirect_slashes"))?;
    Ok(!redirects.is(PyBool::new(py, false)))
}

/// The methods of a route, as Starlette joins them.
fn allow(methods: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyBytes>>> {
    let Ok(methods) = methods.cast_exact::<PySet>() else {
        return Ok(None);
    };
    let mut allow = String::new();
    for method in methods.iter() {
        match method.cast_into_exact::<PyString>() {
            Ok(method) if method.to_str().is_ok_and(str::is_ascii) => {
                if !allow.is_empty() {
                    allow.push_str(", ");
                }
                allow.push_str(method.to_str()?);
            }
            _ => return Ok(None),
        }
    }
    Ok(Some(PyBytes::new(methods.py(), allow.as_bytes()).unbind()))
}
