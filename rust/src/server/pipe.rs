//! A connection whose socket the event loop keeps: bytes come and go through an asyncio transport.

use std::cell::{Cell, RefCell};
use std::io::{self, Read, Write};

use pyo3::exceptions::PyOSError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::connection::IN_HIGH_WATER;

/// The most bytes that wait here for the transport.
const ROOM: usize = 256 * 1024;

/// What has come and what is to go. It behaves as a non-blocking socket would.
#[derive(Debug)]
pub struct Pipe {
    transport: Py<PyAny>,
    input: RefCell<Vec<u8>>,
    /// Whether nothing more will come.
    ended: Cell<bool>,
    output: RefCell<Vec<u8>>,
    /// Whether nothing more will go.
    shut: Cell<bool>,
    /// Whether the transport has not sent all that it was given.
    full: Cell<bool>,
    /// Whether the transport was told to read no more for now.
    paused: Cell<bool>,
    /// Whether the transport is closed.
    lost: Cell<bool>,
}

impl Pipe {
    /// The ends of a transport that has just been made.
    pub fn new(transport: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = transport.py();
        // It then says whenever it keeps bytes back.
        transport.call_method1(intern!(py, "set_write_buffer_limits"), (0,))?;
        Ok(Self {
            transport: transport.clone().unbind(),
            input: RefCell::default(),
            ended: Cell::new(false),
            output: RefCell::default(),
            shut: Cell::new(false),
            full: Cell::new(false),
            paused: Cell::new(false),
            lost: Cell::new(false),
        })
    }

    /// Takes what has come.
    pub fn feed(&self, bytes: &[u8]) {
        self.input.borrow_mut().extend_from_slice(bytes);
    }

    /// Nothing more will come.
    pub fn end(&self) {
        self.ended.set(true);
    }

    /// The transport is closed.
    pub fn lose(&self) {
        self.ended.set(true);
        self.lost.set(true);
    }

    /// Whether the transport keeps bytes back.
    pub fn set_full(&self, full: bool) {
        self.full.set(full);
    }

    /// Whether it could take more than it has been given.
    pub fn has_room(&self) -> bool {
        !self.full.get() && !self.lost.get()
    }

    /// Whether not all has gone.
    pub fn has_output(&self) -> bool {
        !self.output.borrow().is_empty() || (self.full.get() && !self.lost.get())
    }

    /// Nothing will be written after what is written.
    pub fn shut(&self) {
        self.shut.set(true);
    }

    /// Hands the transport what is written, and has it read as long as that is taken.
    pub fn deliver(&self, py: Python<'_>) {
        if self.lost.get() {
            return;
        }
        if let Err(error) = self.hand_over(py) {
            // The peer may be gone already, which `connection_lost` will tell.
            if !error.is_instance_of::<PyOSError>(py) {
                error.write_unraisable(py, None);
            }
            self.end_transport(py, intern!(py, "abort"));
        }
    }

    fn hand_over(&self, py: Python<'_>) -> PyResult<()> {
        let transport = self.transport.bind(py);
        let output = self.output.take();
        if !output.is_empty() {
            transport.call_method1(intern!(py, "write"), (PyBytes::new(py, &output),))?;
        }
        if self.shut.replace(false) {
            transport.call_method0(intern!(py, "write_eof"))?;
        }
        let much = self.input.borrow().len() > IN_HIGH_WATER;
        if much != self.paused.get() && !self.ended.get() {
            self.paused.set(much);
            transport.call_method0(match much {
                true => intern!(py, "pause_reading"),
                false => intern!(py, "resume_reading"),
            })?;
        }
        Ok(())
    }

    /// Closes the transport: at once, if it keeps bytes back that nobody takes.
    pub fn close(&self, py: Python<'_>) {
        if self.full.get() {
            self.end_transport(py, intern!(py, "abort"));
        } else {
            self.deliver(py);
            self.end_transport(py, intern!(py, "close"));
        }
    }

    fn end_transport(&self, py: Python<'_>, how: &Bound<'_, PyString>) {
        if let Err(error) = self.transport.call_method0(py, how) {
            error.write_unraisable(py, None);
        }
        self.lose();
    }
}

impl Read for &Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut input = self.input.borrow_mut();
        if input.is_empty() && !self.ended.get() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let length = input.len().min(buffer.len());
        buffer[..length].copy_from_slice(&input[..length]);
        input.drain(..length);
        Ok(length)
    }
}

impl Write for &Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut output = self.output.borrow_mut();
        let length = bytes.len().min(ROOM.saturating_sub(output.len()));
        if self.lost.get() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if self.full.get() || length == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        output.extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
