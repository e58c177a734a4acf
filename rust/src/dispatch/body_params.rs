//! The arguments of a step that are taken from the body.
//!
//! Slow twin: `fastapi.dependencies.body.request_body_to_args`.

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use pyo3::{PyTraverseError, PyVisit};

use super::body::Body;
use super::coroutine::wait_for;
use super::door::Door;
use super::execution::Execution;
use super::form::Form;
use super::plan::Pieces;
use super::steps::merge;
use crate::params::boundary::{
    FormFields, Found, Model, ModelDescription, Param, Repeated, Taken, Validator, fresh,
};

/// The body parameters of one dependant: see `fastapi.plan.body.BodyParams`.
pub struct BodyParams {
    fields: Vec<Py<PyAny>>,
    listed: Py<PyList>,
    kind: Kind,
}

enum Kind {
    /// The only one is the body
    Whole(JsonParam),
    /// Each is a key of an object
    Each(Vec<JsonParam>),
    /// Each is a field of a form
    Form(Py<FormFields>),
    /// The only one is a form
    FormModel(Model),
    /// All is left to the slow twin
    Left,
}

struct JsonParam {
    name: Py<PyString>,
    key: Py<PyString>,
    validator: Option<Validator>,
    default: Option<Py<PyAny>>,
}

impl JsonParam {
    fn new(py: Python<'_>, param: Param) -> PyResult<Self> {
        let validator = param.validator.map(|given| Validator::new(given.bind(py)));
        Ok(Self {
            name: param.name,
            key: PyString::new(py, &param.key).unbind(),
            validator: validator.transpose()?,
            default: param.default.map(|(default,)| default),
        })
    }
}

impl BodyParams {
    /// Takes a description.
    pub fn read(source: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = source.py();
        let kind: String = source.getattr("kind")?.extract()?;
        let params = || -> PyResult<Vec<JsonParam>> {
            let params: Vec<Param> = source.getattr("params")?.extract()?;
            params
                .into_iter()
                .map(|param| JsonParam::new(py, param))
                .collect()
        };
        let kind = match kind.as_str() {
            "whole" => params()?.pop().map_or(Kind::Left, Kind::Whole),
            "each" => Kind::Each(params()?),
            "form" => Kind::Form(source.getattr("form")?.extract()?),
            "form model" => {
                let model: ModelDescription = source.getattr("model")?.extract()?;
                Kind::FormModel(Model::new(py, model)?)
            }
            "left" => Kind::Left,
            _ => return Err(PyValueError::new_err(kind)),
        };
        let listed = source.getattr("fields")?.cast_into::<PyList>()?;
        Ok(Self {
            fields: listed.iter().map(Bound::unbind).collect(),
            listed: listed.unbind(),
            kind,
        })
    }

    /// Shows the collector what it holds.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.listed)?;
        self.fields.iter().try_for_each(|field| visit.call(field))?;
        let params = match &self.kind {
            Kind::Whole(param) => std::slice::from_ref(param),
            Kind::Each(params) => params,
            Kind::Form(fields) => return visit.call(fields),
            Kind::FormModel(model) => return model.validator.traverse(visit),
            Kind::Left => &[],
        };
        let validators = params.iter().filter_map(|param| param.validator.as_ref());
        validators
            .into_iter()
            .try_for_each(|validator| validator.traverse(visit))
    }

    /// Takes the arguments from the body. `false`: nothing has been done, and the slow twin has to.
    fn take(&self, to: &mut Outcome<'_, '_>, body: Option<&Body>) -> PyResult<bool> {
        match (&self.kind, body) {
            (Kind::Whole(param), Some(Body::Valid { value, .. })) => {
                to.values.set_item(&param.name, value)?;
                Ok(true)
            }
            (Kind::Whole(param), Some(Body::Slowly(value) | Body::Value { value, .. })) => {
                let py = to.py();
                let loc = || (intern!(py, "body"),).into_pyobject(py);
                self.json(to, 0, param, Some(value.bind(py).clone()), loc)?;
                Ok(true)
            }
            (Kind::Each(params), Some(Body::Slowly(value) | Body::Value { value, .. })) => {
                self.each(to, params, value)
            }
            (Kind::Form(fields), Some(Body::Form(form))) => self.form(to, fields.get(), form),
            (Kind::FormModel(model), Some(Body::Form(form))) => self.form_model(to, model, form),
            _ => Ok(false),
        }
    }

    fn each(
        &self,
        to: &mut Outcome<'_, '_>,
        params: &[JsonParam],
        body: &Py<PyAny>,
    ) -> PyResult<bool> {
        let py = to.py();
        let body = body.bind(py);
        let object = body.cast_exact::<PyDict>().ok();
        // Lists, texts and numbers have no keys at all.
        if object.is_none() && !body.is_none() {
            return Ok(false);
        }
        for (at, param) in params.iter().enumerate() {
            let value = match object {
                Some(object) => object.get_item(&param.key)?,
                None => None,
            };
            let loc = || (intern!(py, "body"), &param.key).into_pyobject(py);
            self.json(to, at, param, value, loc)?;
        }
        Ok(true)
    }

    /// Validates a value from JSON; `null` counts as none.
    fn json<'py>(
        &self,
        to: &mut Outcome<'_, 'py>,
        at: usize,
        param: &JsonParam,
        value: Option<Bound<'py, PyAny>>,
        loc: impl FnOnce() -> PyResult<Bound<'py, PyTuple>>,
    ) -> PyResult<()> {
        let py = to.py();
        let name = &param.name;
        let value = value.filter(|value| !value.is_none());
        match (value, &param.validator, &param.default) {
            (None, _, Some(default)) => to.values.set_item(name, fresh(default.bind(py))?),
            (None, _, None) => to.absent(name, self.fields.get(at), loc()?, false),
            (Some(value), Some(validator), _) => match validator.run(&value)? {
                Taken::Value(value) => to.values.set_item(name, value),
                Taken::Refused(error) => to.refused(error, loc()?),
                Taken::Left => Ok(()),
            },
            (Some(value), None, _) => to.validated(name, self.fields.get(at), value, loc()?),
        }
    }

    fn form(&self, to: &mut Outcome<'_, '_>, fields: &FormFields, form: &Form) -> PyResult<bool> {
        let py = to.py();
        if !fields.is_certain(&form.entries) {
            return Ok(false);
        }
        for at in 0..fields.count() {
            let Some((name, key)) = fields.names(at) else {
                continue;
            };
            let loc = || (intern!(py, "body"), key).into_pyobject(py);
            match fields.take(py, at, &form.entries)? {
                Found::Taken(Taken::Value(value)) | Found::Absent(Taken::Value(value)) => {
                    to.values.set_item(name, value)?;
                }
                Found::Taken(Taken::Refused(error)) | Found::Absent(Taken::Refused(error)) => {
                    to.refused(error, loc()?)?;
                }
                Found::Arrived(value) => to.validated(name, self.fields.get(at), value, loc()?)?,
                Found::Absent(Taken::Left) | Found::Taken(Taken::Left) => {
                    to.absent(name, self.fields.get(at), loc()?, true)?;
                }
            }
        }
        Ok(true)
    }

    fn form_model(&self, to: &mut Outcome<'_, '_>, model: &Model, form: &Form) -> PyResult<bool> {
        let py = to.py();
        let Some(input) = model.input(py, &form.entries, Repeated::Last)? else {
            return Ok(false);
        };
        match model.validator.run(input.as_any())? {
            Taken::Value(value) => to.values.set_item(&model.name, value)?,
            Taken::Refused(error) => {
                to.refused(error, (intern!(py, "body"),).into_pyobject(py)?)?
            }
            Taken::Left => return Ok(false),
        }
        Ok(true)
    }
}

/// Where arguments and errors go.
struct Outcome<'a, 'py> {
    pieces: &'a Pieces,
    values: &'a Bound<'py, PyDict>,
    errors: &'a mut Vec<Py<PyAny>>,
}

impl<'py> Outcome<'_, 'py> {
    fn py(&self) -> Python<'py> {
        self.values.py()
    }

    /// Words the error that pydantic has raised.
    fn refused(&mut self, error: Py<PyAny>, loc: Bound<'py, PyTuple>) -> PyResult<()> {
        let located = self.pieces.located.bind(self.py()).call1((error, loc))?;
        self.extend(located)
    }

    /// Lets the field validate a value.
    fn validated(
        &mut self,
        name: &Py<PyString>,
        field: Option<&Py<PyAny>>,
        value: Bound<'py, PyAny>,
        loc: Bound<'py, PyTuple>,
    ) -> PyResult<()> {
        let py = self.py();
        let options = PyDict::new(py);
        options.set_item(intern!(py, "field"), field)?;
        options.set_item(intern!(py, "value"), value)?;
        options.set_item(intern!(py, "values"), PyDict::new(py))?;
        options.set_item(intern!(py, "loc"), loc)?;
        let validate = self.pieces.validate_value.bind(py);
        self.keep(name, validate.call((), Some(&options))?)
    }

    /// Lets Python say what a parameter is when nothing arrives.
    fn absent(
        &mut self,
        name: &Py<PyString>,
        field: Option<&Py<PyAny>>,
        loc: Bound<'py, PyTuple>,
        is_form: bool,
    ) -> PyResult<()> {
        let absent = self.pieces.absent.bind(self.py());
        self.keep(name, absent.call1((field, loc, is_form))?)
    }

    fn keep(&mut self, name: &Py<PyString>, outcome: Bound<'py, PyAny>) -> PyResult<()> {
        let (value, errors): (Bound<'py, PyAny>, Bound<'py, PyAny>) = outcome.extract()?;
        match errors.is_truthy()? {
            true => self.extend(errors),
            false => self.values.set_item(name, value),
        }
    }

    fn extend(&mut self, errors: Bound<'py, PyAny>) -> PyResult<()> {
        let errors = errors.cast_into::<PyList>()?;
        self.errors.extend(errors.iter().map(Bound::unbind));
        Ok(())
    }
}

/// Adds the arguments from the body, or their errors.
pub async fn take<D: Door>(
    execution: &Execution<D>,
    params: &BodyParams,
    values: &Py<PyDict>,
    errors: &mut Vec<Py<PyAny>>,
) -> PyResult<()> {
    let is_done = Python::attach(|py| {
        let mut outcome = Outcome {
            pieces: &execution.pieces,
            values: values.bind(py),
            errors,
        };
        params.take(&mut outcome, execution.body.as_ref())
    })?;
    if is_done {
        return Ok(());
    }
    let taken = wait_for(|py| {
        let body = execution
            .body
            .as_ref()
            .map(|body| body.object(py, &execution.pieces))
            .transpose()?;
        let options = PyDict::new(py);
        options.set_item(intern!(py, "body_fields"), &params.listed)?;
        options.set_item(intern!(py, "received_body"), body)?;
        let embed = execution.plan().embed_body_fields;
        options.set_item(intern!(py, "embed_body_fields"), embed)?;
        let slowly = execution.pieces.request_body_to_args.bind(py);
        slowly.call((), Some(&options))
    })
    .await?;
    Python::attach(|py| merge(taken.into_bound(py), values.bind(py), errors))
}
