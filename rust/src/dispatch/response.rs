//! From what an endpoint returned to what is sent.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyList};

use super::coroutine::wait_for;
use super::door::Door;
use super::execution::Execution;
use crate::serialization::dumps::json_dumps;

/// A response that can be sent.
pub enum Answer {
    /// What `JSONResponse` would send
    Json {
        status: u16,
        headers: Py<PyList>,
        body: Py<PyBytes>,
        background: Option<Py<PyAny>>,
    },
    /// A response object, which sends itself
    Response(Py<PyAny>),
}

impl Answer {
    /// Makes a response of what the endpoint returned.
    pub async fn new<D: Door>(execution: &mut Execution<D>, result: Py<PyAny>) -> PyResult<Self> {
        let is_response = Python::attach(|py| {
            let result = result.bind(py);
            if !result.is_instance(execution.pieces.response.bind(py))? {
                return Ok(false);
            }
            if result.getattr(intern!(py, "background"))?.is_none() {
                result.setattr(intern!(py, "background"), &execution.background_tasks)?;
            }
            PyResult::Ok(true)
        })?;
        if is_response {
            return Ok(Self::Response(result));
        }
        let plan = execution.plan.clone();
        let content = match plan.has_response_field {
            false => Python::attach(|py| execution.pieces.jsonable_encoder.call1(py, (result,)))?,
            true => {
                wait_for(|py| {
                    let request = execution.request(py)?;
                    plan.operation
                        .bind(py)
                        .call_method1(intern!(py, "content"), (request, result))
                })
                .await?
            }
        };
        Python::attach(|py| {
            if plan.makes_json
                && let Some(answer) = Self::json(execution, content.bind(py))?
            {
                return Ok(answer);
            }
            plan.operation
                .call_method1(
                    py,
                    intern!(py, "response"),
                    (
                        content,
                        &execution.injected_response,
                        &execution.background_tasks,
                    ),
                )
                .map(Self::Response)
        })
    }

    /// Writes JSON. Slow twin: `RouteOperation.response`.
    fn json<'py, D: Door>(
        execution: &mut Execution<D>,
        content: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Self>> {
        let py = content.py();
        let injected = execution
            .injected_response
            .as_ref()
            .map(|response| response.bind(py));
        let truthy = |code: Bound<'py, PyAny>| -> PyResult<Option<Bound<'py, PyAny>>> {
            Ok(code.is_truthy()?.then_some(code))
        };
        let on_injected = match injected {
            Some(response) => response.getattr(intern!(py, "status_code"))?,
            None => py.None().into_bound(py),
        };
        let declared = execution.plan.status_code.as_ref();
        let code = match truthy(on_injected.clone())? {
            Some(code) => Some(code),
            None => declared
                .map(|code| truthy(code.bind(py).clone()))
                .transpose()?
                .flatten(),
        };
        let status = match code {
            Some(code) => match code.cast_exact::<PyInt>().map(|code| code.extract::<u16>()) {
                Ok(Ok(status)) => status,
                _ => return Ok(None),
            },
            None if on_injected.is_none() => 200,
            None => return Ok(None),
        };
        // These have no body, or no length.
        if status < 200 || matches!(status, 204 | 205 | 304) {
            return Ok(None);
        }
        let Some(body) = json_dumps(content) else {
            return Ok(None);
        };
        let length = PyBytes::new(py, body.as_bytes().len().to_string().as_bytes());
        let content_type = PyBytes::new(py, b"application/json");
        let headers = PyList::new(
            py,
            [
                (PyBytes::new(py, b"content-length"), length),
                (PyBytes::new(py, b"content-type"), content_type),
            ],
        )?;
        if let Some(response) = injected {
            let more = response
                .getattr(intern!(py, "headers"))?
                .getattr(intern!(py, "raw"))?;
            headers.call_method1(intern!(py, "extend"), (more,))?;
        }
        Ok(Some(Self::Json {
            status,
            headers: headers.unbind(),
            body: body.unbind(),
            background: execution
                .background_tasks
                .as_ref()
                .map(|tasks| tasks.clone_ref(py)),
        }))
    }

    /// Sends the response and runs its background tasks.
    pub async fn send<D: Door>(self, execution: &mut Execution<D>) -> PyResult<()> {
        match self {
            Self::Json {
                status,
                headers,
                body,
                background,
            } => {
                execution.door.respond(status, headers, body).await?;
                if let Some(background) = background {
                    wait_for(|py| background.bind(py).call0()).await?;
                }
            }
            Self::Response(response) => {
                wait_for(|py| {
                    let door = &execution.door;
                    response
                        .bind(py)
                        .call1((door.scope(py)?, door.receive(py)?, door.send(py)?))
                })
                .await?;
            }
        }
        Ok(())
    }
}
