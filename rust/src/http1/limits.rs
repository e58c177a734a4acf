//! How much a client may send.

/// Sizes in bytes, and counts.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Request line and header fields together, with their line ends.
    pub head_bytes: usize,
    /// Header fields.
    pub header_count: usize,
    /// Body, after the chunked coding is taken off.
    pub body_bytes: u64,
}

impl Default for Limits {
    /// 64 KiB and 128 fields, as common servers allow; bodies without a limit, as under uvicorn.
    fn default() -> Self {
        Self {
            head_bytes: 64 * 1024,
            header_count: 128,
            body_bytes: u64::MAX,
        }
    }
}
