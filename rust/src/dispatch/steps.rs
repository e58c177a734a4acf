//! The steps of a plan: arguments gathered, callables run.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use super::body;
use super::body_params;
use super::coroutine::wait_for;
use super::door::Door;
use super::execution::Execution;
use super::exits::enter;
use super::handlers;
use super::passage::in_thread;
use super::plan::{Kind, Params, Reads, Step};
use super::response::Answer;
use crate::params::boundary::listed;
use crate::threads::job::{Call, unstopped};

impl<D: Door> Execution<D> {
    /// Takes parameters from path, query, headers and cookies.
    fn params(
        &mut self,
        params: &Params,
        values: &Bound<'_, PyDict>,
        errors: &mut Vec<Py<PyAny>>,
    ) -> PyResult<()> {
        let py = values.py();
        let kept = match &self.request {
            Some(request) => {
                let kept = request.bind(py).getattr(intern!(py, "__dict__"))?;
                Some(kept.cast_into::<PyDict>()?)
            }
            None => None,
        };
        let fields = params.fields.get();
        let left = self.door.extract(fields, kept.as_ref(), values)?;
        if left.is_empty() && !params.has_more {
            return Ok(());
        }
        let needs_request = params.has_more || left.iter().any(|field| field.needs_request());
        let request = match needs_request {
            true => Some(self.request(py)?),
            false => None,
        };
        let taken = params.extractor.bind(py).call_method1(
            intern!(py, "_complete"),
            (request, values, listed(py, left)?),
        )?;
        merge(taken, values, errors)
    }

    /// The arguments of a step, but for those from the body.
    fn arguments<'py>(
        &mut self,
        py: Python<'py>,
        step: &Step,
        results: &[Option<Py<PyAny>>],
        errors: &mut Vec<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let values = PyDict::new(py);
        for (name, number) in &step.arguments {
            if let Some(Some(result)) = results.get(*number) {
                values.set_item(name, result)?;
            }
        }
        if let Some(params) = &step.params {
            self.params(params, &values, errors)?;
        }
        Ok(values)
    }

    /// Adds the arguments that are objects of the request itself.
    pub fn inject(&mut self, values: &Bound<'_, PyDict>, step: &Step) -> PyResult<()> {
        let py = values.py();
        let injected = &step.injected;
        if let Some(name) = &injected.connection {
            values.set_item(name, self.request(py)?)?;
        }
        if let Some(name) = &injected.request {
            values.set_item(name, self.request(py)?)?;
        }
        if let Some(name) = &injected.background_tasks {
            if self.background_tasks.is_none() {
                self.background_tasks = Some(self.pieces.background_tasks.call0(py)?);
            }
            values.set_item(name, &self.background_tasks)?;
        }
        if let Some(name) = &injected.response {
            if self.injected_response.is_none() {
                self.injected_response = Some(self.pieces.blank_response.call0(py)?);
            }
            values.set_item(name, &self.injected_response)?;
        }
        if let Some((name, scopes)) = &injected.security_scopes {
            values.set_item(name, self.pieces.security_scopes.call1(py, (scopes,))?)?;
        }
        Ok(())
    }
}

/// Takes values and errors apart.
pub fn merge(
    taken: Bound<'_, PyAny>,
    values: &Bound<'_, PyDict>,
    errors: &mut Vec<Py<PyAny>>,
) -> PyResult<()> {
    let (accepted, refused): (Bound<'_, PyDict>, Bound<'_, PyList>) = taken.extract()?;
    values.update(accepted.as_mapping())?;
    errors.extend(refused.iter().map(Bound::unbind));
    Ok(())
}

/// Runs the steps and makes the response.
pub async fn answer<D: Door>(execution: &mut Execution<D>) -> PyResult<Answer> {
    let plan = Python::attach(|py| execution.plan.clone_ref(py));
    let plan = plan.get();
    if plan.reads != Reads::Nothing {
        Box::pin(body::read(execution)).await?;
    }
    let mut results: Vec<Option<Py<PyAny>>> = Vec::with_capacity(plan.steps.len());
    let mut kept: Vec<Option<Py<PyAny>>> = (0..plan.slots).map(|_| None).collect();
    // How many errors there were before each step: a step runs if there are no more since its first one.
    let mut before: Vec<usize> = Vec::with_capacity(plan.steps.len());
    let mut errors: Vec<Py<PyAny>> = Vec::new();
    let last = plan.steps.len().saturating_sub(1);
    for (number, step) in plan.steps.iter().enumerate() {
        before.push(errors.len());
        let values = Python::attach(|py| {
            execution
                .arguments(py, step, &results, &mut errors)
                .map(Bound::unbind)
        })?;
        if let Some(params) = &step.body_params {
            body_params::take(execution, params, &values, &mut errors).await?;
        }
        if before
            .get(step.first)
            .is_none_or(|before| errors.len() > *before)
        {
            results.push(None);
            continue;
        }
        let known = match kept.get(step.slot) {
            Some(Some(known)) if step.use_cache => Some(Python::attach(|py| known.clone_ref(py))),
            _ => None,
        };
        let result = match known {
            Some(known) => known,
            None => run(execution, step, values).await?,
        };
        // The endpoint is nobody's dependency.
        if number < last
            && let Some(place @ None) = kept.get_mut(step.slot)
        {
            *place = Some(Python::attach(|py| result.clone_ref(py)));
        }
        results.push(Some(result));
    }
    match results.pop() {
        Some(Some(result)) => Answer::new(execution, result).await,
        _ => Python::attach(|py| {
            let errors = PyList::new(py, errors)?;
            match handlers::of_refusal(py, execution, &errors)? {
                Some(answer) => Ok(answer),
                None => Err(refusal(execution, errors)),
            }
        }),
    }
}

/// The exception for a request that is not valid.
fn refusal<D: Door>(execution: &mut Execution<D>, errors: Bound<'_, PyList>) -> PyErr {
    let py = errors.py();
    let refusal = execution.request(py).and_then(|request| {
        let body = execution
            .body
            .as_ref()
            .map(|body| body.object(py, &execution.pieces));
        let body = body.transpose()?;
        execution
            .plan()
            .operation
            .bind(py)
            .call_method1(intern!(py, "refusal"), (request, errors, body))
    });
    refusal.map_or_else(|error| error, PyErr::from_value)
}

/// Runs one step.
async fn run<D: Door>(
    execution: &mut Execution<D>,
    step: &Step,
    values: Py<PyDict>,
) -> PyResult<Py<PyAny>> {
    match step.kind {
        Kind::Async => {
            wait_for(|py| {
                let values = values.bind(py);
                execution.inject(values, step)?;
                match values.is_empty() {
                    true => step.call.bind(py).call0(),
                    false => step.call.bind(py).call(PyTuple::empty(py), Some(values)),
                }
            })
            .await
        }
        Kind::Inline => Python::attach(|py| {
            let values = values.bind(py);
            execution.inject(values, step)?;
            let result = step.call.call(py, PyTuple::empty(py), Some(values));
            result.map_err(|error| unstopped(py, error))
        }),
        Kind::Thread => {
            let call = Python::attach(|py| {
                execution.inject(values.bind(py), step)?;
                PyResult::Ok(Call::new(
                    step.call.bind(py).clone(),
                    PyTuple::empty(py),
                    values.into_bound(py),
                ))
            })?;
            Box::pin(in_thread(&execution.pieces, call)).await
        }
        Kind::AsyncGenerator | Kind::Generator | Kind::InlineGenerator => {
            Box::pin(enter(execution, step, values)).await
        }
    }
}
