//! Sockets, TCP or Unix, encrypted or not, as bytes in and out.

use std::fs::File;
use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::rc::Rc;

use mio::event::Source;
use mio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use mio::{Interest, Registry, Token};

use super::pipe::Pipe;
use super::tls::{Config, Layer};

/// A socket that accepts connections.
#[derive(Debug)]
pub enum Listener {
    /// IPv4 or IPv6.
    Tcp(TcpListener),
    /// A path in the file system.
    Unix(UnixListener),
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

    /// Accepts one connection; the addresses of the peer and of this side, where there are such.
    pub fn accept(&self) -> io::Result<(Socket, Option<SocketAddr>, Option<SocketAddr>)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept()?;
                // A response is written whole: waiting for more to send would only delay it. It can fail only
                // where the peer is gone already, which reading will tell.
                let _ = stream.set_nodelay(true);
                let local = stream.local_addr().ok();
                Ok((Socket::Tcp(stream), Some(peer), local))
            }
            Self::Unix(listener) => Ok((Socket::Unix(listener.accept()?.0), None, None)),
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

/// A connected socket.
#[derive(Debug)]
pub enum Socket {
    /// IPv4 or IPv6.
    Tcp(TcpStream),
    /// A path in the file system.
    Unix(UnixStream),
    /// Any, kept by the event loop.
    Pipe(Rc<Pipe>),
}

impl Socket {
    /// What can be watched.
    fn source(&mut self) -> Option<&mut dyn Source> {
        match self {
            Self::Tcp(stream) => Some(stream),
            Self::Unix(stream) => Some(stream),
            Self::Pipe(_) => None,
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            Self::Unix(stream) => stream.read(buffer),
            Self::Pipe(pipe) => (&**pipe).read(buffer),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            Self::Unix(stream) => stream.write(bytes),
            Self::Pipe(pipe) => (&**pipe).write(bytes),
        }
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => send(stream, pieces),
            Self::Unix(stream) => send(stream, pieces),
            Self::Pipe(pipe) => (&**pipe).write_vectored(pieces),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// As `writev`, but a peer that is gone is an error, and never a signal that may end the process.
#[cfg(target_os = "linux")]
fn send(socket: &impl std::os::fd::AsRawFd, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
    // SAFETY: zero is a value of every field: no address, no pieces, no ancillary data.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    // An `IoSlice` has the layout of an `iovec`.
    message.msg_iov = pieces.as_ptr().cast_mut().cast();
    message.msg_iovlen = pieces.len() as _;
    // SAFETY: the descriptor is open, and the kernel only reads the pieces, which outlive the call.
    let sent = unsafe { libc::sendmsg(socket.as_raw_fd(), &raw const message, libc::MSG_NOSIGNAL) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// See above: elsewhere the standard library has told the socket to send no signals, where it can.
#[cfg(not(target_os = "linux"))]
fn send<S>(mut socket: &S, pieces: &[IoSlice<'_>]) -> io::Result<usize>
where
    for<'s> &'s S: Write,
{
    socket.write_vectored(pieces)
}

/// A connection.
#[derive(Debug)]
pub struct Stream {
    socket: Socket,
    layer: Option<Box<Layer>>,
}

impl Stream {
    /// A connection, encrypted if there is a configuration for it.
    pub fn new(socket: Socket, tls: Option<&Config>) -> io::Result<Self> {
        let layer = tls.map(Layer::new).transpose()?.map(Box::new);
        Ok(Self { socket, layer })
    }

    /// Asks to hear when bytes can be read or written.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        let interest = Interest::READABLE | Interest::WRITABLE;
        match self.socket.source() {
            Some(source) => registry.register(source, token, interest),
            None => Ok(()),
        }
    }

    /// Asks to hear no more.
    pub fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        match self.socket.source() {
            Some(source) => registry.deregister(source),
            None => Ok(()),
        }
    }

    /// The pipe, if the event loop keeps the socket.
    pub fn pipe(&self) -> Option<Rc<Pipe>> {
        match &self.socket {
            Socket::Pipe(pipe) => Some(pipe.clone()),
            _ => None,
        }
    }

    /// Says that nothing more will be written.
    pub fn shut(&mut self) -> io::Result<()> {
        self.say_goodbye();
        match &self.socket {
            Socket::Tcp(stream) => stream.shutdown(Shutdown::Write),
            Socket::Unix(stream) => stream.shutdown(Shutdown::Write),
            Socket::Pipe(pipe) => {
                pipe.shut();
                Ok(())
            }
        }
    }

    /// Ends the encryption, if there is any, before the socket closes.
    pub fn say_goodbye(&mut self) {
        if let Some(layer) = &mut self.layer {
            layer.close(&mut self.socket);
        }
    }

    /// Has the kernel send up to `most` bytes of a file; returns how many, none at its end.
    ///
    /// # Errors
    /// `Unsupported` where bytes have to pass through here.
    #[cfg(target_os = "linux")]
    pub fn send_file(&mut self, file: &File, most: usize) -> io::Result<usize> {
        use std::os::fd::AsRawFd;

        if self.layer.is_some() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let socket = match &self.socket {
            Socket::Tcp(stream) => stream.as_raw_fd(),
            Socket::Unix(stream) => stream.as_raw_fd(),
            Socket::Pipe(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        // SAFETY: both descriptors are open; without an offset, the kernel moves that of the file.
        let sent = unsafe { libc::sendfile(socket, file.as_raw_fd(), std::ptr::null_mut(), most) };
        usize::try_from(sent).map_err(|_| io::Error::last_os_error())
    }

    /// See above: other systems have other calls, which nobody has tried here.
    #[cfg(not(target_os = "linux"))]
    pub fn send_file(&mut self, _: &File, _: usize) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Whether a short read does not mean that the socket is empty.
    pub fn is_layered(&self) -> bool {
        self.layer.is_some()
    }

    /// Whether the encryption has taken bytes that the socket has not taken yet.
    pub fn has_output(&self) -> bool {
        self.layer.as_ref().is_some_and(|layer| layer.has_output())
    }

    /// Whether all bytes are on their way.
    pub fn is_flushed(&self) -> bool {
        !self.has_output() && !matches!(&self.socket, Socket::Pipe(pipe) if pipe.has_output())
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.layer {
            Some(layer) => layer.read(&mut self.socket, buffer),
            None => self.socket.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.layer {
            Some(layer) => layer.write(&mut self.socket, &[IoSlice::new(bytes)]),
            None => self.socket.write(bytes),
        }
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        match &mut self.layer {
            Some(layer) => layer.write(&mut self.socket, pieces),
            None => self.socket.write_vectored(pieces),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.layer {
            Some(layer) => layer.drain(&mut self.socket),
            None => Ok(()),
        }
    }
}
