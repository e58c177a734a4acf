//! A file as the body of a response: from the page cache to the socket by the kernel, where it can.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use super::stream::Stream;
use crate::http1;

/// How much is read at once where the kernel does not send.
const PIECE: usize = 64 * 1024;
/// The most that a connection sends of a file before others have their turn: what is not in the page cache is
/// read from the disk while the event loop waits.
pub const TURN: usize = 256 * 1024;

/// An open file, from which the rest of a body is to be sent.
#[derive(Debug)]
pub struct FileBody {
    file: File,
    /// Whether the kernel may send it.
    by_kernel: bool,
}

impl FileBody {
    /// Opens a file.
    ///
    /// # Errors
    /// It cannot be opened, or is none: a pipe would have no end, and block.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
        let file = options.open(path)?;
        if file.metadata()?.is_dir() {
            return Err(io::Error::from_raw_os_error(libc::EISDIR));
        }
        Ok(Self {
            file,
            by_kernel: true,
        })
    }

    /// Sends up to `most` bytes more of it: at once, or into `out` where bytes have to pass through here. Returns
    /// how much, which is nothing once the file or what the response may carry is at its end.
    ///
    /// # Errors
    /// Of the file, of the socket, or `WouldBlock`.
    pub fn send(
        &mut self,
        engine: &mut http1::Connection,
        stream: &mut Stream,
        out: &mut Vec<u8>,
        most: usize,
    ) -> io::Result<usize> {
        let most = engine.room().map_or(most, |room| {
            usize::try_from(room).unwrap_or(usize::MAX).min(most)
        });
        if self.by_kernel && engine.room().is_some() {
            match stream.send_file(&self.file, most) {
                Ok(sent) => {
                    engine.sent(sent as u64);
                    return Ok(sent);
                }
                // Not this file system, or not through this layer.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput
                    ) =>
                {
                    self.by_kernel = false;
                }
                Err(error) => return Err(error),
            }
        }
        let mut piece = vec![0; most.min(PIECE)];
        let length = self.file.read(&mut piece)?;
        engine
            .send_data(&piece[..length], out)
            .map_err(io::Error::other)?;
        Ok(length)
    }
}
