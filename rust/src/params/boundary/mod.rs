//! The door from Python: core schemas and requests in, objects out.

mod extractor;
mod schema;
pub mod source;
mod value;

pub use extractor::{Left, ParamFields, compile_params, listed};
