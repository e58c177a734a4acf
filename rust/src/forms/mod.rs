//! The bodies of HTML forms, `urlencoded` and `multipart`, as pure engines: bytes in, fields out.
//!
//! They accept only what every release of python-multipart and every reader of Starlette's takes for the same
//! form, whatever the pieces in which it arrives, and say `None` of anything else.
//!
//! Slow twin: `starlette.formparsers`.

pub mod enctype;
pub mod multipart;
pub mod part;
pub mod urlencoded;

/// Fields of one form, by `Request.form`'s default.
pub const MAX_FIELDS: usize = 1000;

/// Files of one form, by `Request.form`'s default.
pub const MAX_FILES: usize = 1000;

/// Bytes of one field that is not a file, by `Request.form`'s default.
pub const MAX_FIELD_SIZE: usize = 1024 * 1024;
