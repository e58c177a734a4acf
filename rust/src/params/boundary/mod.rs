//! The door from Python: core schemas and requests in, objects out.

mod extractor;
mod form;
mod group;
mod model;
mod schema;
pub mod source;
mod validator;
mod value;

pub use extractor::{Left, ParamFields, compile_params, listed};
pub use form::{Entry, FormFields, Found, compile_form};
pub use group::{Param, fresh};
pub use model::{Description as ModelDescription, Given, Model, Repeated};
pub use validator::{JsonValidator, Taken, Validator};
