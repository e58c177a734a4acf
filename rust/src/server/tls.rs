//! TLS by rustls: certificates, and the layer between a socket and its connection.

use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection};

/// What all connections of a server share.
pub type Config = Arc<ServerConfig>;

/// Reads PEM: a chain, its unencrypted key, and whom to trust for client certificates, which `required`
/// makes more than an offer.
///
/// # Errors
/// A text that names what is wrong with which part.
pub fn config(
    chain: &[u8],
    key: &[u8],
    clients: Option<&[u8]>,
    required: bool,
) -> Result<Config, String> {
    let provider = Arc::new(ring::default_provider());
    let certificates = certificates(chain, "certificate chain")?;
    let key = PrivateKeyDer::from_pem_slice(key)
        .map_err(|error| format!("the private key cannot be read (is it encrypted?): {error}"))?;
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let mut roots = RootCertStore::empty();
            for certificate in self::certificates(clients, "client CA")? {
                roots
                    .add(certificate)
                    .map_err(|error| format!("the client CA cannot be used: {error}"))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = if required {
                verifier
            } else {
                verifier.allow_unauthenticated()
            };
            let verifier = verifier
                .build()
                .map_err(|error| format!("the client CA cannot be used: {error}"))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder
        .with_single_cert(certificates, key)
        .map_err(|error| format!("the certificate chain or its key cannot be used: {error}"))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn certificates(pem: &[u8], name: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| format!("the {name} cannot be read: {error}"))?;
    if certificates.is_empty() {
        return Err(format!("the {name} has no certificate"));
    }
    Ok(certificates)
}

/// One connection's layer.
#[derive(Debug)]
pub struct Layer(ServerConnection);

impl Layer {
    /// A layer before its handshake.
    pub fn new(config: &Config) -> io::Result<Self> {
        ServerConnection::new(config.clone())
            .map(Self)
            .map_err(io::Error::other)
    }

    /// Whether encrypted bytes wait for the socket.
    pub fn has_output(&self) -> bool {
        self.0.wants_write()
    }

    /// Writes encrypted bytes as far as the socket takes them.
    pub fn drain(&mut self, socket: &mut impl Write) -> io::Result<()> {
        while self.0.wants_write() {
            self.0.write_tls(socket)?;
        }
        Ok(())
    }

    /// Reads plain bytes.
    pub fn read(
        &mut self,
        socket: &mut (impl Read + Write),
        buffer: &mut [u8],
    ) -> io::Result<usize> {
        loop {
            match self.0.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
            }
            if self.0.read_tls(socket)? == 0 {
                return Ok(0);
            }
            let processed = self.0.process_new_packets();
            // The handshake's answer, or the alert. What the socket does not take now is written later.
            match self.drain(socket) {
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                _ => {}
            }
            processed.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
    }

    /// Takes plain bytes, and writes them as far as the socket takes them.
    pub fn write(&mut self, socket: &mut impl Write, bytes: &[u8]) -> io::Result<usize> {
        self.drain(socket)?;
        let length = self.0.writer().write(bytes)?;
        match self.drain(socket) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            // Its buffer is full until the handshake is done.
            _ if length == 0 => Err(io::ErrorKind::WouldBlock.into()),
            _ => Ok(length),
        }
    }

    /// Tells the peer that nothing more will come.
    pub fn close(&mut self, socket: &mut impl Write) {
        self.0.send_close_notify();
        // It is a courtesy: a peer that does not take it sees the socket close.
        let _ = self.drain(socket);
    }
}
