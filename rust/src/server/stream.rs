//! Sockets, TCP or Unix, as bytes in and out.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

use mio::event::Source;
use mio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use mio::{Interest, Registry, Token};

/// A socket that accepts connections.
#[derive(Debug)]
pub enum Listener {
    /// IPv4 or IPv6.
    Tcp(TcpListener),
    /// A path in the file system.
    Unix(UnixListener),
}

/// A connection.
#[derive(Debug)]
pub enum Stream {
    /// IPv4 or IPv6.
    Tcp(TcpStream),
    /// A path in the file system.
    Unix(UnixStream),
}

impl Listener {
    /// Takes over a listening socket, which must be its caller's own and non-blocking.
    ///
    /// # Safety
    /// `fd` is open and nobody else closes it.
    pub unsafe fn from_fd(fd: RawFd, unix: bool) -> Self {
        // SAFETY: the caller hands over an open descriptor that nobody else closes.
        let owned = unsafe { OwnedFd::from_raw_fd(fd) };
        if unix {
            Self::Unix(UnixListener::from_std(owned.into()))
        } else {
            Self::Tcp(TcpListener::from_std(owned.into()))
        }
    }

    /// Accepts one connection; the peer's address where there is one.
    pub fn accept(
        &self,
    ) -> io::Result<(
        Stream,
        Option<std::net::SocketAddr>,
        Option<std::net::SocketAddr>,
    )> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept()?;
                // A response is written whole: waiting for more to send would only delay it. It can fail only
                // where the peer is gone already, which reading will tell.
                let _ = stream.set_nodelay(true);
                let local = stream.local_addr().ok();
                Ok((Stream::Tcp(stream), Some(peer), local))
            }
            Self::Unix(listener) => Ok((Stream::Unix(listener.accept()?.0), None, None)),
        }
    }

    fn source(&mut self) -> &mut dyn Source {
        match self {
            Self::Tcp(listener) => listener,
            Self::Unix(listener) => listener,
        }
    }

    /// Asks to hear of connections.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(self.source(), token, Interest::READABLE)
    }

    /// Asks to hear of them no more.
    pub fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        registry.deregister(self.source())
    }
}

impl Stream {
    fn source(&mut self) -> &mut dyn Source {
        match self {
            Self::Tcp(stream) => stream,
            Self::Unix(stream) => stream,
        }
    }

    /// Asks to hear when bytes can be read or written.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(
            self.source(),
            token,
            Interest::READABLE | Interest::WRITABLE,
        )
    }

    /// Asks to hear no more.
    pub fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        registry.deregister(self.source())
    }

    /// Says that nothing more will be written.
    pub fn shut(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.shutdown(Shutdown::Write),
            Self::Unix(stream) => stream.shutdown(Shutdown::Write),
        }
    }

    /// Whether a layer between the socket and the connection may hold bytes to read.
    pub fn is_layered(&self) -> bool {
        false
    }

    /// Whether bytes were taken that the socket has not taken yet.
    pub fn has_output(&self) -> bool {
        false
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            Self::Unix(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            Self::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
