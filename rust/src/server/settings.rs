//! What the Python side decides about a server.

use std::time::Duration;

use pyo3::exceptions::{PyAttributeError, PyValueError};
use pyo3::prelude::*;

use super::proxy::TrustList;
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
    /// How many bytes of a body must arrive each second, in the mean of five.
    pub body_rate: u64,
    /// How long the peer may take none of a response.
    pub write_deadline: Duration,
    /// How many requests may be under way; more are answered with 503.
    pub concurrency: usize,
    /// What a WebSocket message may weigh, in bytes.
    pub message_bytes: usize,
    /// How many WebSocket messages may wait for the application before reading pauses.
    pub message_queue: usize,
    /// Whether WebSocket messages may be compressed.
    pub deflate: bool,
    /// How long after a WebSocket's last pong it is asked again whether it is there.
    pub ping_interval: Option<Duration>,
    /// How long it may take to answer.
    pub ping_timeout: Option<Duration>,
    /// The prefix that a proxy took off the path.
    pub root_path: String,
    /// Who is believed about the client, if anyone.
    pub proxies: Option<TrustList>,
    /// Fields of every response but the date, as `name: value` lines.
    pub server_fields: Vec<u8>,
    /// Whether responses carry a date.
    pub date: bool,
}

/// Times are in seconds.
fn duration(name: &str, seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|error| PyValueError::new_err(format!("{name}: {error}")))
}

impl FromPyObject<'_, '_> for Settings {
    type Error = PyErr;

    /// Reads the attributes of a settings object; the newer ones may be missing.
    fn extract(settings: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let get = |name: &str| -> PyResult<Bound<'_, PyAny>> { settings.getattr(name) };
        let newer = |name: &str| -> PyResult<Option<Bound<'_, PyAny>>> {
            match settings.getattr(name) {
                Ok(value) => Ok(Some(value)),
                Err(error) if error.is_instance_of::<PyAttributeError>(settings.py()) => Ok(None),
                Err(error) => Err(error),
            }
        };
        let seconds = |name: &str| duration(name, get(name)?.extract()?);
        let pause = |name: &str| -> PyResult<Option<Duration>> {
            match newer(name)? {
                None => Ok(Some(Duration::from_secs(20))),
                Some(value) => value
                    .extract::<Option<f64>>()?
                    .map(|seconds| duration(name, seconds))
                    .transpose(),
            }
        };
        let mut server_fields = Vec::new();
        for field in get("headers")?.try_iter()? {
            let (name, value): (Vec<u8>, Vec<u8>) = field?.extract()?;
            for part in [&name[..], b": ", &value[..], b"\r\n"] {
                server_fields.extend_from_slice(part);
            }
        }
        Ok(Self {
            limits: Limits {
                head_bytes: get("limit_head_bytes")?.extract()?,
                header_count: get("limit_header_count")?.extract()?,
                body_bytes: get("limit_body_bytes")?
                    .extract::<Option<u64>>()?
                    .unwrap_or(u64::MAX),
            },
            keep_alive: seconds("timeout_keep_alive")?,
            head_deadline: seconds("timeout_head")?,
            body_rate: newer("limit_body_rate")?.map_or(Ok(240), |rate| rate.extract())?,
            write_deadline: seconds("timeout_write")?,
            concurrency: get("limit_concurrency")?
                .extract::<Option<usize>>()?
                .unwrap_or(usize::MAX),
            message_bytes: get("ws_max_size")?.extract()?,
            message_queue: newer("ws_max_queue")?.map_or(Ok(32), |queue| queue.extract())?,
            deflate: get("ws_per_message_deflate")?.extract()?,
            ping_interval: pause("ws_ping_interval")?,
            ping_timeout: pause("ws_ping_timeout")?,
            root_path: get("root_path")?.extract()?,
            proxies: newer("trusted_proxies")?.map_or(Ok(None), |list| list.extract())?,
            server_fields,
            date: get("date_header")?.extract()?,
        })
    }
}
