//! The door from Python: core schemas and requests in, objects out.

mod extractor;
mod schema;
pub mod source;
mod value;

pub use extractor::{ParamFields, compile_params};
