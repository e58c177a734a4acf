//! The plan of a route, as `fastapi.plan.lowering` works it out.

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use pyo3::{PyTraverseError, PyVisit};

use super::body_params::BodyParams;
use super::form::FormPieces;
use super::handlers::Handlers;
use super::held::Senders;
use super::passage::Threads;
use super::rendition::Rendition;
use super::shape::Shape;
use crate::params::boundary::{JsonValidator, ParamFields};
use crate::serialization::writer::door::ResponseWriter;
use crate::utils::stock::{Part, Stock};

/// Objects that plans take from Python: `fastapi.plan.stock.Pieces`.
#[derive(FromPyObject)]
pub struct Pieces {
    /// What must be as shipped
    #[pyo3(attribute("parts"), from_py_with = stock)]
    pub stock: Stock,
    pub request: Py<PyAny>,
    pub response: Py<PyAny>,
    pub blank_response: Py<PyAny>,
    pub background_tasks: Py<PyAny>,
    pub security_scopes: Py<PyAny>,
    pub exit_stack: Py<PyAny>,
    pub threads: Threads,
    pub handlers: Handlers,
    pub run_in_threadpool: Py<PyAny>,
    pub file_response: Py<PyAny>,
    pub with_files: Py<PyAny>,
    pub request_body_to_args: Py<PyAny>,
    pub validate_value: Py<PyAny>,
    pub absent: Py<PyAny>,
    pub located: Py<PyAny>,
    /// `None`: forms are left to Starlette
    pub form: Option<FormPieces>,
    pub jsonable_encoder: Py<PyAny>,
    pub json_loads: Py<PyAny>,
    pub is_json_content_type: Py<PyAny>,
    #[pyo3(attribute("response_call"), from_py_with = Senders::new)]
    pub senders: Senders,
    /// Makes a response whose body has been written
    pub written_response: Py<PyAny>,
    pub streaming_response: Py<PyAny>,
    pub stream: Py<PyAny>,
    pub recover: Py<PyAny>,
    pub recover_outside: Py<PyAny>,
    pub replay: Py<PyAny>,
    pub enter_generator: Py<PyAny>,
    pub leave: Py<PyAny>,
    pub unwind: Py<PyAny>,
    pub did_not_stop: Py<PyAny>,
    pub no_response: Py<PyAny>,
    pub fastapi_error: Py<PyAny>,
    pub response_not_awaited: Py<PyAny>,
}

/// Takes owners, names and shipped values.
pub fn stock(parts: &Bound<'_, PyAny>) -> PyResult<Stock> {
    parts.extract::<Vec<Part<'_>>>().map(Stock::new)
}

/// [`Pieces`], shared by the plans of all routes.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct PlanPieces(pub Arc<Pieces>);

#[pymethods]
impl PlanPieces {
    #[new]
    fn new(pieces: Pieces) -> Self {
        Self(Arc::new(pieces))
    }
}

const KINDS: [Kind; 6] = [
    Kind::Async,
    Kind::Thread,
    Kind::Inline,
    Kind::AsyncGenerator,
    Kind::Generator,
    Kind::InlineGenerator,
];

/// How a callable is run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Called and awaited
    Async,
    /// Called in a worker thread
    Thread,
    /// Called on the loop, as its author wishes
    Inline,
    /// Run up to its `yield`, and from there later
    AsyncGenerator,
    /// The same in a worker thread
    Generator,
    /// The same on the loop
    InlineGenerator,
}

impl Kind {
    /// As `fastapi.plan.model.Kind` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Async => "async",
            Self::Thread => "thread",
            Self::Inline => "inline",
            Self::AsyncGenerator => "async generator",
            Self::Generator => "generator",
            Self::InlineGenerator => "inline generator",
        }
    }
}

/// What the body is read as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// Nobody takes it
    Nothing,
    /// JSON or, of another content type, bytes
    Json,
    Form,
}

/// Parameters from path, query, headers and cookies.
pub struct Params {
    /// `ParamExtractor`, which asks the reference path for what is left
    pub extractor: Py<PyAny>,
    /// The compiled fields
    pub fields: Py<ParamFields>,
    /// Whether some place is left to it as a whole
    pub has_more: bool,
}

/// Names of parameters that receive objects of the request itself.
pub struct Injected {
    pub connection: Option<Py<PyString>>,
    pub request: Option<Py<PyString>>,
    pub background_tasks: Option<Py<PyString>>,
    pub response: Option<Py<PyString>>,
    pub security_scopes: Option<(Py<PyString>, Py<PyAny>)>,
}

/// One callable: see `fastapi.plan.model.Step`.
pub struct Step {
    pub call: Py<PyAny>,
    pub kind: Kind,
    pub exits_with_function: bool,
    pub first: usize,
    pub arguments: Vec<(Py<PyString>, usize)>,
    pub slot: usize,
    pub use_cache: bool,
    pub params: Option<Params>,
    pub body_params: Option<BodyParams>,
    pub injected: Injected,
    shapes: Vec<Shape>,
}

impl Step {
    fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.call)?;
        if let Some(params) = &self.body_params {
            params.traverse(visit)?;
        }
        if let Some(params) = &self.params {
            visit.call(&params.extractor)?;
            visit.call(&params.fields)?;
        }
        if let Some((_, scopes)) = &self.injected.security_scopes {
            visit.call(scopes)?;
        }
        self.shapes
            .iter()
            .try_for_each(|shape| shape.traverse(visit))
    }

    fn read(source: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = source.py();
        let dependant = source.getattr("dependant")?;
        let kind: String = source.getattr("kind")?.extract()?;
        let named = |attribute: &str| -> PyResult<Option<Py<PyString>>> {
            // An empty name is none, as it is for the reference path.
            let name: Option<Bound<'_, PyString>> = dependant.getattr(attribute)?.extract()?;
            Ok(name
                .filter(|name| name.len().is_ok_and(|length| length > 0))
                .map(Bound::unbind))
        };
        let security_scopes = match named("security_scopes_param_name")? {
            Some(name) => Some((name, dependant.getattr("oauth_scopes")?.unbind())),
            None => None,
        };
        let extractor = source.getattr("extractor")?;
        let params = match extractor.is_none() {
            true => None,
            false => Some(Params {
                fields: extractor.getattr("_native")?.extract()?,
                has_more: extractor.getattr("has_more")?.is_truthy()?,
                extractor: extractor.unbind(),
            }),
        };
        let body_params = source.getattr("body_params")?;
        let body_params = match body_params.is_none() {
            true => None,
            false => Some(BodyParams::read(&body_params)?),
        };
        Ok(Self {
            call: dependant.getattr("call")?.unbind(),
            kind: KINDS
                .into_iter()
                .find(|known| known.name() == kind)
                .ok_or_else(|| PyValueError::new_err(kind))?,
            exits_with_function: source.getattr("exits")?.eq(intern!(py, "function"))?,
            first: source.getattr("first")?.extract()?,
            arguments: source.getattr("arguments")?.extract()?,
            slot: source.getattr("slot")?.extract()?,
            use_cache: source.getattr("use_cache")?.extract()?,
            params,
            body_params,
            injected: Injected {
                connection: named("http_connection_param_name")?,
                request: named("request_param_name")?,
                background_tasks: named("background_tasks_param_name")?,
                response: named("response_param_name")?,
                security_scopes,
            },
            shapes: match source.getattr("declared")? {
                declared if declared.is(&dependant) => vec![Shape::of(&dependant)?],
                declared => vec![Shape::of(&declared)?, Shape::of(&dependant)?],
            },
        })
    }
}

/// The plan of a route: see `fastapi.plan.model.RoutePlan`.
///
/// A Python object, so that the collector sees through it: endpoints refer to their application.
#[pyclass(frozen, module = "fastapi._fastapi_rust", name = "_Plan")]
pub struct Plan {
    pub operation: Py<PyAny>,
    pub steps: Vec<Step>,
    pub slots: usize,
    /// Whether the user's code can look at the scope
    pub is_open: bool,
    pub reads: Reads,
    /// Validates the whole body as soon as it has been read
    pub json_validator: Option<JsonValidator>,
    pub embed_body_fields: bool,
    /// Whether the response is validated in a worker thread
    pub validates_in_thread: bool,
    /// What the response class writes; `None`: only the class knows
    rendition: Option<Arc<Rendition>>,
    pub status_code: Option<Py<PyAny>>,
    /// The field of the response model
    pub response_field: Option<Py<PyAny>>,
    /// The options of its `serialize`
    pub serialization: Py<PyDict>,
    pub writer: Option<Py<ResponseWriter>>,
    /// What each dependency is, and what runs in its place
    overrides: Option<Vec<(Py<PyAny>, Py<PyAny>)>>,
}

impl Plan {
    /// Reads what `lower` returned.
    pub fn read(source: &Bound<'_, PyAny>) -> PyResult<Self> {
        let operation = source.getattr("operation")?;
        let steps: Vec<Bound<'_, PyAny>> = source.getattr("steps")?.extract()?;
        let steps: Vec<Step> = steps.iter().map(Step::read).collect::<PyResult<_>>()?;
        let flag = |name: &str| operation.getattr(name)?.is_truthy();
        Ok(Self {
            steps,
            slots: source.getattr("slots")?.extract()?,
            is_open: source.getattr("is_open")?.extract()?,
            reads: match source.getattr("reads")?.extract::<String>()?.as_str() {
                "nothing" => Reads::Nothing,
                "json" => Reads::Json,
                _ => Reads::Form,
            },
            json_validator: match source.getattr("json_validator")? {
                validator if validator.is_none() => None,
                validator => Some(JsonValidator::new(&validator)?),
            },
            embed_body_fields: flag("embed_body_fields")?,
            validates_in_thread: flag("validates_in_thread")?,
            rendition: match source.getattr("rendition")? {
                known if known.is_none() => None,
                known => Some(Arc::new(known.extract()?)),
            },
            status_code: operation.getattr("status_code")?.extract()?,
            response_field: operation.getattr("response_field")?.extract()?,
            serialization: operation
                .getattr("serialization")?
                .cast_into::<PyDict>()?
                .unbind(),
            writer: source.getattr("writer")?.extract()?,
            overrides: source.getattr("overrides")?.extract()?,
            operation: operation.unbind(),
        })
    }

    /// What the response class writes, as long as it is as it was.
    pub fn rendition(&self, py: Python<'_>) -> Option<&Arc<Rendition>> {
        let rendition = self.rendition.as_ref()?;
        rendition.holds(py).then_some(rendition)
    }

    /// Whether the dependants are what they were.
    pub fn is_fresh(&self, py: Python<'_>) -> bool {
        self.steps
            .iter()
            .flat_map(|step| &step.shapes)
            .all(|shape| shape.holds(py))
    }

    /// Whether these overrides put the same in the place of each dependency as those it was lowered with.
    pub fn stands_for(&self, overrides: Option<&Bound<'_, PyDict>>) -> PyResult<bool> {
        let (Some(overrides), Some(known)) = (overrides, &self.overrides) else {
            return Ok(overrides.is_none() && self.overrides.is_none());
        };
        for (declared, stand_in) in known {
            let found = overrides.get_item(declared)?;
            let is_known = match &found {
                Some(found) => found.is(stand_in),
                None => declared.is(stand_in),
            };
            if !is_known {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[pymethods]
impl Plan {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.operation)?;
        visit.call(&self.status_code)?;
        visit.call(&self.response_field)?;
        visit.call(&self.serialization)?;
        visit.call(&self.writer)?;
        if let Some(validator) = &self.json_validator {
            validator.traverse(&visit)?;
        }
        if let Some(rendition) = &self.rendition {
            rendition.traverse(&visit)?;
        }
        for (declared, stand_in) in self.overrides.iter().flatten() {
            visit.call(declared)?;
            visit.call(stand_in)?;
        }
        self.steps.iter().try_for_each(|step| step.traverse(&visit))
    }
}
