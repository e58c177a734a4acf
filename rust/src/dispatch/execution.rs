//! One request on its way through a plan.

use std::sync::Arc;

use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;

use super::body::Body;
use super::coroutine::{Await, wait_for};
use super::door::Door;
use super::exits::{Exits, leave};
use super::handlers;
use super::plan::{Pieces, Plan, Step};
use super::steps::answer;

/// What belongs to one request. Everything is made when it is first asked for.
pub struct Execution<D> {
    pub door: D,
    pub plan: Py<Plan>,
    pub pieces: Arc<Pieces>,
    /// The request object, one for all who ask
    pub request: Option<Py<PyAny>>,
    /// The response for dependencies to write on
    pub injected_response: Option<Py<PyAny>>,
    pub background_tasks: Option<Py<PyAny>>,
    pub request_exits: Exits,
    pub function_exits: Exits,
    is_open: bool,
    /// The exception handlers that the scope has had from the beginning, if middleware put them there
    pub handlers: Option<Py<PyAny>>,
    /// What the middleware around the route would do, where the route is served without it
    outside: Option<Outside>,
    pub body: Option<Body>,
    /// A form with files, to be closed where the middleware outside would do so
    uploads: Option<Py<PyAny>>,
}

/// What is left of middleware that is not called.
pub struct Outside {
    /// The outermost, for exceptions: Starlette's `ServerErrorMiddleware` or `ExceptionMiddleware`
    pub middleware: Py<PyAny>,
    /// Starlette's `ExceptionMiddleware`
    pub exceptions: Py<PyAny>,
    /// Of `AsyncExitStackMiddleware`, once somebody can see it
    pub stack: Option<Py<PyAny>>,
}

impl<D: Door> Execution<D> {
    /// Begins a request. `outside` is left to us if nobody but the plan can look at the scope.
    pub fn new(
        py: Python<'_>,
        door: D,
        plan: Py<Plan>,
        pieces: Arc<Pieces>,
        outside: Option<Outside>,
    ) -> PyResult<Self> {
        let is_seen = outside.is_none();
        let mut execution = Self {
            door,
            request: None,
            injected_response: None,
            background_tasks: None,
            request_exits: Exits::default(),
            function_exits: Exits::default(),
            is_open: false,
            handlers: None,
            outside,
            body: None,
            uploads: None,
            plan,
            pieces,
        };
        if is_seen {
            let scope = execution.door.scope(py)?;
            let handlers = scope.get_item(intern!(py, "starlette.exception_handlers"))?;
            execution.handlers = handlers.map(Bound::unbind);
        }
        let plan = execution.plan.get();
        if is_seen || plan.is_open {
            execution.open(py)?;
        }
        Ok(execution)
    }

    /// Goes on with a request that a handler of the user's has been given, and whose exit stacks that one leaves.
    pub fn of_request(
        door: D,
        plan: Py<Plan>,
        pieces: Arc<Pieces>,
        request: Py<PyAny>,
        [request_stack, function_stack]: [Py<PyAny>; 2],
    ) -> Self {
        Self {
            door,
            request: Some(request),
            injected_response: None,
            background_tasks: None,
            request_exits: Exits::left_elsewhere(request_stack),
            function_exits: Exits::left_elsewhere(function_stack),
            is_open: true,
            handlers: None,
            outside: None,
            body: None,
            uploads: None,
            plan,
            pieces,
        }
    }

    /// What is executed.
    pub fn plan(&self) -> &Plan {
        self.plan.get()
    }

    /// Makes the exit stacks and puts them into the scope, before the user's code can look at it.
    pub fn open(&mut self, py: Python<'_>) -> PyResult<()> {
        if std::mem::replace(&mut self.is_open, true) {
            return Ok(());
        }
        let class = self.pieces.exit_stack.bind(py);
        let scope = self.door.scope(py)?;
        if let Some(outside) = &mut self.outside {
            let stack = class.call0()?;
            scope.set_item(intern!(py, "fastapi_middleware_astack"), &stack)?;
            if let Some(form) = self.uploads.take() {
                close_with(&stack, form.bind(py))?;
            }
            outside.stack = Some(stack.unbind());
        }
        let (outer, inner) = (class.call0()?, class.call0()?);
        scope.set_item(intern!(py, "fastapi_inner_astack"), &outer)?;
        scope.set_item(intern!(py, "fastapi_function_astack"), &inner)?;
        self.request_exits.open(outer);
        self.function_exits.open(inner);
        Ok(())
    }

    /// Where a generator is left.
    pub fn exits(&mut self, step: &Step) -> &mut Exits {
        match step.exits_with_function {
            true => &mut self.function_exits,
            false => &mut self.request_exits,
        }
    }

    /// The `ExceptionMiddleware`, if it is not called.
    pub fn exceptions(&self) -> Option<&Py<PyAny>> {
        self.outside.as_ref().map(|outside| &outside.exceptions)
    }

    /// Whether nothing is left to be done once a response has been sent.
    pub fn ends_with_response(&self, py: Python<'_>) -> bool {
        let outside = self.outside.as_ref();
        let stack = outside.and_then(|outside| outside.stack.as_ref());
        self.uploads.is_none()
            && self.request_exits.are_empty(py)
            && stack.is_none_or(|stack| Exits::on(stack.clone_ref(py)).are_empty(py))
    }

    /// Leaves a form with files to be closed after everything else.
    pub fn close_later(&mut self, form: Bound<'_, PyAny>) -> PyResult<()> {
        let py = form.py();
        if self.outside.is_some() && !self.is_open {
            self.uploads = Some(form.unbind());
            return Ok(());
        }
        let stack = self
            .door
            .scope(py)?
            .as_any()
            .get_item(intern!(py, "fastapi_middleware_astack"))?;
        close_with(&stack, &form)
    }

    /// The request object.
    pub fn request<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if let Some(request) = &self.request {
            return Ok(request.bind(py).clone());
        }
        let receive = self.door.receive(py)?;
        self.request_with(py, receive)
    }

    /// Makes the request object, or changes the one there is, with a `receive` of its own.
    pub fn request_with<'py>(
        &mut self,
        py: Python<'py>,
        receive: Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if let Some(request) = &self.request {
            let request = request.bind(py).clone();
            request.setattr(intern!(py, "_receive"), receive)?;
            return Ok(request);
        }
        let door = &self.door;
        let request =
            self.pieces
                .request
                .bind(py)
                .call1((door.scope(py)?, receive, door.bare_send(py)?))?;
        if let Some(body) = &self.body {
            body.keep(&request)?;
        }
        self.request = Some(request.clone().unbind());
        Ok(request)
    }
}

fn close_with(stack: &Bound<'_, PyAny>, form: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = stack.py();
    let close = form.getattr(intern!(py, "close"))?;
    stack
        .call_method1(intern!(py, "push_async_callback"), (close,))
        .map(drop)
}

/// Serves a request with all that an application has around its routes.
#[expect(
    clippy::manual_async_fn,
    reason = "an argument of an asynchronous function takes its place in the future twice"
)]
pub fn serve<D: Door>(mut execution: Execution<D>) -> impl Future<Output = PyResult<()>> + Send {
    async move { serve_all(&mut execution).await }
}

async fn serve_all<D: Door>(execution: &mut Execution<D>) -> PyResult<()> {
    let mut outcome = serve_route(execution).await;
    if let Some(form) = execution.uploads.take() {
        let closed = wait_for(|py| form.bind(py).call_method0(intern!(py, "close"))).await;
        outcome = closed.and(outcome);
    }
    let Some(outside) = execution.outside.take() else {
        return outcome;
    };
    if let Some(stack) = outside.stack {
        outcome = leave(&execution.pieces, Exits::on(stack), outcome)
            .await
            .map(Option::unwrap_or_default);
    }
    match outcome {
        Ok(()) => Ok(()),
        Err(error) => {
            let recover = &execution.pieces.recover_outside;
            recover_outside(&execution.door, recover, &outside.middleware, error).await
        }
    }
}

/// Hands an exception that has left a route to the middleware that was gone past.
pub async fn recover_outside<D: Door>(
    door: &D,
    recover: &Py<PyAny>,
    middleware: &Py<PyAny>,
    error: PyErr,
) -> PyResult<()> {
    let recovery = Python::attach(|py| {
        if !error.is_instance_of::<PyException>(py) {
            return Err(error);
        }
        recover
            .bind(py)
            .call1((
                error.into_value(py),
                door.has_started(),
                middleware,
                door.scope(py)?,
                door.receive(py)?,
                door.bare_send(py)?,
            ))
            .and_then(Await::new)
    })?;
    recovery.await.map(drop)
}

/// Serves a request; exceptions go to the application's handlers.
async fn serve_route<D: Door>(execution: &mut Execution<D>) -> PyResult<()> {
    let Err(error) = respond(execution).await else {
        return Ok(());
    };
    if let Some(answer) = Python::attach(|py| handlers::of_error(py, execution, &error))? {
        return Box::pin(answer.send(execution)).await;
    }
    let recovery = Python::attach(|py| {
        if !error.is_instance_of::<PyException>(py) {
            return Err(error);
        }
        execution.open(py)?;
        let request = execution.request(py)?;
        let receive = request.getattr(intern!(py, "receive"))?;
        execution
            .pieces
            .recover
            .bind(py)
            .call1((
                error.into_value(py),
                execution.door.has_started(),
                request,
                receive,
                execution.door.send(py)?,
            ))
            .and_then(Await::new)
    })?;
    recovery.await.map(drop)
}

/// Opens and closes the exit stack of the request around everything else.
async fn respond<D: Door>(execution: &mut Execution<D>) -> PyResult<()> {
    let outcome = converse(execution).await;
    let exits = std::mem::take(&mut execution.request_exits);
    match leave(&execution.pieces, exits, outcome).await? {
        Some(()) => Ok(()),
        None => Err(Python::attach(|py| not_awaited(py, &execution.pieces))),
    }
}

fn not_awaited(py: Python<'_>, pieces: &Pieces) -> PyErr {
    match pieces
        .fastapi_error
        .bind(py)
        .call1((&pieces.response_not_awaited,))
    {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}

/// Answers, leaves the function's exit stack, and sends.
async fn converse<D: Door>(execution: &mut Execution<D>) -> PyResult<()> {
    let outcome = answer(execution).await;
    let exits = std::mem::take(&mut execution.function_exits);
    match leave(&execution.pieces, exits, outcome).await? {
        Some(answer) => answer.send(execution).await,
        None => Python::attach(|py| execution.pieces.no_response.call0(py).map(drop)),
    }
}
