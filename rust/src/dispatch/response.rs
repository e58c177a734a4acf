//! From what an endpoint returned to what is sent.

use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyInt, PyList};

use super::coroutine::wait_for;
use super::door::Door;
use super::execution::Execution;
use super::head::{Head, WrittenHead};
use super::passage::in_thread;
use super::plan::Pieces;
use super::rendition::{Rendered, Rendition};
use crate::threads::job::Call;

/// A response that can be sent.
pub enum Answer {
    /// What the response class would send
    Written {
        head: WrittenHead,
        body: Py<PyBytes>,
        background: Option<Py<PyAny>>,
    },
    /// A response object, which sends itself
    Response(Py<PyAny>),
}

impl Answer {
    /// Makes a response of what the endpoint returned.
    pub async fn new<D: Door>(execution: &mut Execution<D>, result: Py<PyAny>) -> PyResult<Self> {
        let (is_response, plan) = Python::attach(|py| {
            let plan = execution.plan.clone_ref(py);
            let result = result.bind(py);
            if !result.is_instance(execution.pieces.response.bind(py))? {
                return Ok((false, plan));
            }
            if result.getattr(intern!(py, "background"))?.is_none() {
                result.setattr(intern!(py, "background"), &execution.background_tasks)?;
            }
            PyResult::Ok((true, plan))
        })?;
        if is_response {
            return Ok(Self::Response(result));
        }
        let plan = plan.get();
        let Some(field) = &plan.response_field else {
            return Python::attach(|py| {
                if let Some(rendition) = plan.rendition(py)
                    && let Some(status) = status(execution, py)?
                    && let Some(body) = rendition.of_result(result.bind(py))
                {
                    return Self::written(execution, rendition, status, body);
                }
                let content = execution.pieces.jsonable_encoder.call1(py, (result,))?;
                Self::of_content(execution, content.into_bound(py))
            });
        };
        let is_valid = plan.writer.as_ref().is_some_and(|writer| {
            Python::attach(|py| writer.get().accepts_unvalidated(result.bind(py)))
        });
        let value = match is_valid {
            true => result,
            false => validate(execution, field, result).await?,
        };
        Python::attach(|py| {
            if let Some(rendition) = plan.rendition(py)
                && let Some(status) = status(execution, py)?
                && let Some(writer) = &plan.writer
                && let Some(body) = rendition.of_value(writer.get(), value.bind(py))
            {
                return Self::written(execution, rendition, status, body);
            }
            let content = field.bind(py).call_method(
                intern!(py, "serialize"),
                (value,),
                Some(plan.serialization.bind(py)),
            )?;
            Self::of_content(execution, content)
        })
    }

    /// Makes a response of plain data.
    fn of_content<D: Door>(execution: &Execution<D>, content: Bound<'_, PyAny>) -> PyResult<Self> {
        let py = content.py();
        let operation = &execution.plan().operation;
        if let Some(rendition) = execution.plan().rendition(py)
            && let Some(status) = status(execution, py)?
        {
            if let Some(body) = rendition.of_content(&content) {
                return Self::written(execution, rendition, status, body);
            }
            if rendition.is_own() {
                let tasks = execution.background_tasks.as_ref();
                return match rendition.render(&content, status, tasks)? {
                    Rendered::Body(body) => Self::written(execution, rendition, status, body),
                    Rendered::Response(response) => operation
                        .call_method1(
                            py,
                            intern!(py, "completed"),
                            (response, &execution.injected_response),
                        )
                        .map(Self::Response),
                };
            }
        }
        operation
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
    }

    /// What the response class would send. Slow twin: `RouteOperation.response`.
    fn written<D: Door>(
        execution: &Execution<D>,
        rendition: &Arc<Rendition>,
        status: u16,
        body: Bound<'_, PyBytes>,
    ) -> PyResult<Self> {
        let py = body.py();
        let more = match &execution.injected_response {
            Some(response) => {
                let headers = response.bind(py).getattr(intern!(py, "headers"))?;
                let raw = headers.getattr(intern!(py, "raw"))?;
                // What is set after this comes too late.
                Some(py.get_type::<PyList>().call1((raw,))?.unbind())
            }
            None => None,
        };
        Ok(Self::Written {
            head: WrittenHead {
                status,
                rendition: Some(rendition.clone()),
                allow: None,
                more,
            },
            body: body.unbind(),
            background: execution
                .background_tasks
                .as_ref()
                .map(|tasks| tasks.clone_ref(py)),
        })
    }

    /// The response as an object, for those who want to look at it.
    pub fn object(self, py: Python<'_>, pieces: &Pieces) -> PyResult<Py<PyAny>> {
        match self {
            Self::Response(response) => Ok(response),
            Self::Written {
                head,
                body,
                background,
            } => {
                let class = head.rendition.as_ref().map(|rendition| &rendition.cls);
                let content_type = head.content_type().map(|value| PyBytes::new(py, value));
                let more = &head.more;
                let given = (body, head.status, background, more, class, content_type);
                pieces.written_response.call1(py, given)
            }
        }
    }

    /// Sends the response and runs its background tasks.
    pub async fn send<D: Door>(self, execution: &mut Execution<D>) -> PyResult<()> {
        match self {
            Self::Written {
                head,
                body,
                background,
            } => {
                let is_last =
                    background.is_none() && Python::attach(|py| execution.ends_with_response(py));
                let head = Head::Written(head);
                execution.door.respond(head, body, is_last).await?;
                if let Some(background) = background {
                    wait_for(|py| background.bind(py).call0()).await?;
                }
            }
            Self::Response(response) => {
                if give(execution, &response).await? || stream(execution, &response).await? {
                    return Ok(());
                }
                // A class of the user's own is called with the scope.
                Python::attach(|py| execution.open(py))?;
                wait_for(|py| {
                    let door = &execution.door;
                    let (response, pieces) = (response.bind(py), &execution.pieces);
                    let (scope, send) = (door.scope(py)?, door.send(py)?);
                    if response.get_type().is(&pieces.file_response) {
                        let past = pieces
                            .with_files
                            .bind(py)
                            .call1((response, &scope, &send))?;
                        if let Ok((scope, send)) = past.extract::<(Bound<'_, PyAny>, _)>() {
                            let send: Bound<'_, PyAny> = send;
                            return response.call1((scope, door.receive(py)?, send));
                        }
                    }
                    response.call1((scope, door.receive(py)?, send))
                })
                .await?;
            }
        }
        Ok(())
    }
}

/// Sends what a response holds if that is all that its class does.
async fn give<D: Door>(execution: &mut Execution<D>, response: &Py<PyAny>) -> PyResult<bool> {
    let found = Python::attach(|py| {
        let (response, pieces) = (response.bind(py), &execution.pieces);
        let Some((head, body)) = pieces.senders.held(response) else {
            return Ok(None);
        };
        let has_background = !response.getattr(intern!(py, "background"))?.is_none();
        let is_last = !has_background && execution.ends_with_response(py);
        PyResult::Ok(Some((head, body, is_last)))
    })?;
    let Some((head, body, is_last)) = found else {
        return Ok(false);
    };
    execution.door.respond(head, body, is_last).await?;
    run_background(response).await?;
    Ok(true)
}

/// Runs the background tasks of a response that has been sent.
async fn run_background(response: &Py<PyAny>) -> PyResult<()> {
    let background = Python::attach(|py| {
        let background = response.bind(py).getattr(intern!(py, "background"))?;
        PyResult::Ok((!background.is_none()).then(|| background.unbind()))
    })?;
    match background {
        Some(background) => wait_for(|py| background.bind(py).call0()).await.map(drop),
        None => Ok(()),
    }
}

/// Streams a response if its class is as shipped and the door does it by itself.
async fn stream<D: Door>(execution: &Execution<D>, response: &Py<PyAny>) -> PyResult<bool> {
    let left = Python::attach(|py| {
        let (response, pieces) = (response.bind(py), &execution.pieces);
        if !response.get_type().is(&pieces.streaming_response) {
            return Ok(None);
        }
        let own = response
            .getattr(intern!(py, "__dict__"))?
            .cast_into::<PyDict>()?;
        if own.contains(intern!(py, "stream_response"))?
            || own.contains(intern!(py, "listen_for_disconnect"))?
        {
            return Ok(None);
        }
        match execution.door.stream(response)? {
            Some(run) => pieces.stream.call1(py, (run,)).map(Some),
            None => Ok(None),
        }
    })?;
    let Some(left) = left else {
        return Ok(false);
    };
    if !Python::attach(|py| left.is_none(py)) {
        wait_for(|py| {
            let receive = execution.door.receive(py)?;
            left.bind(py)
                .call_method1(intern!(py, "finish"), (receive,))
        })
        .await?;
    }
    run_background(response).await?;
    Ok(true)
}

/// Validates what the endpoint returned: for a `def` endpoint in a worker thread.
async fn validate<D: Door>(
    execution: &mut Execution<D>,
    field: &Py<PyAny>,
    result: Py<PyAny>,
) -> PyResult<Py<PyAny>> {
    let call = Python::attach(|py| {
        let validate = field.bind(py).getattr(intern!(py, "validate"))?;
        let options = PyDict::new(py);
        options.set_item(intern!(py, "loc"), (intern!(py, "response"),))?;
        let arguments = (&result, PyDict::new(py)).into_pyobject(py)?;
        PyResult::Ok(Call::new(validate, arguments, options))
    })?;
    let outcome = match execution.plan().validates_in_thread {
        true => Box::pin(in_thread(&execution.pieces, call)).await?,
        false => Python::attach(|py| call.run(py).map(Bound::unbind))?,
    };
    Python::attach(|py| {
        let (value, errors): (Py<PyAny>, Bound<'_, PyAny>) = outcome.extract(py)?;
        if !errors.is_truthy()? {
            return Ok(value);
        }
        let request = execution.request(py)?;
        let refusal = execution
            .plan()
            .operation
            .bind(py)
            .call_method1(intern!(py, "response_refusal"), (request, errors, result))?;
        Err(PyErr::from_value(refusal))
    })
}

/// The status code of the response, if it is one with an ordinary body.
fn status<D: Door>(execution: &Execution<D>, py: Python<'_>) -> PyResult<Option<u16>> {
    let injected = match &execution.injected_response {
        Some(response) => response.bind(py).getattr(intern!(py, "status_code"))?,
        None => py.None().into_bound(py),
    };
    let mut code = Some(injected.clone());
    if !injected.is_truthy()? {
        let declared = execution.plan().status_code.as_ref();
        code = declared.map(|code| code.bind(py).clone());
        if !code.as_ref().map_or(Ok(false), |code| code.is_truthy())? {
            code = None;
        }
    }
    let status = match code {
        None if injected.is_none() => 200,
        None => return Ok(None),
        Some(code) => match code.cast_exact::<PyInt>().map(|code| code.extract()) {
            Ok(Ok(status)) => status,
            _ => return Ok(None),
        },
    };
    Ok((status >= 200 && !matches!(status, 204 | 205 | 304)).then_some(status))
}
