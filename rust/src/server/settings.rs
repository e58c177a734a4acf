//! What the Python side decides about a server.

use std::time::Duration;

use pyo3::prelude::*;

use crate::http1::Limits;

/// Settings that never change while a server runs.
#[derive(Debug)]
pub struct Settings {
    /// What a request may weigh.
    pub limits: Limits,
    /// How long a connection may be idle between requests.
    pub keep_alive: Duration,
    /// How long a head may take from its first byte.
    pub head_deadline: Duration,
    /// How long the peer may take none of a response.
    pub write_deadline: Duration,
    /// How many requests may be under way; more are answered with 503.
    pub concurrency: usize,
    /// What a WebSocket message may weigh, in bytes.
    pub message_bytes: usize,
    /// Whether WebSocket messages may be compressed.
    pub deflate: bool,
    /// The prefix that a proxy took off the path.
    pub root_path: String,
    /// Fields of every response but the date, as `name: value` lines.
    pub server_fields: Vec<u8>,
    /// Whether responses carry a date.
    pub date: bool,
}

impl FromPyObject<'_, '_> for Settings {
    type Error = PyErr;

    /// Reads the attributes of a `fastapi.server.config.NativeSettings`; times are in seconds.
    fn extract(settings: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let seconds = |name: &str| -> PyResult<Duration> {
            let value: f64 = settings.getattr(name)?.extract()?;
            Duration::try_from_secs_f64(value).map_err(|error| {
                pyo3::exceptions::PyValueError::new_err(format!("{name}: {error}"))
            })
        };
        let mut server_fields = Vec::new();
        for field in settings.getattr("headers")?.try_iter()? {
            let (name, value): (Vec<u8>, Vec<u8>) = field?.extract()?;
            for part in [&name[..], b": ", &value[..], b"\r\n"] {
                server_fields.extend_from_slice(part);
            }
        }
        Ok(Self {
            limits: Limits {
                head_bytes: settings.getattr("limit_head_bytes")?.extract()?,
                header_count: settings.getattr("limit_header_count")?.extract()?,
                body_bytes: settings
                    .getattr("limit_body_bytes")?
                    .extract::<Option<u64>>()?
                    .unwrap_or(u64::MAX),
            },
            keep_alive: seconds("timeout_keep_alive")?,
            head_deadline: seconds("timeout_head")?,
            write_deadline: seconds("timeout_write")?,
            concurrency: settings
                .getattr("limit_concurrency")?
                .extract::<Option<usize>>()?
                .unwrap_or(usize::MAX),
            message_bytes: settings.getattr("ws_max_size")?.extract()?,
            deflate: settings.getattr("ws_per_message_deflate")?.extract()?,
            root_path: settings.getattr("root_path")?.extract()?,
            server_fields,
            date: settings.getattr("date_header")?.extract()?,
        })
    }
}
