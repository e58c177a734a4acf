//! TLS by rustls: certificates, and the layer between a socket and its connection.

use std::io::{self, IoSlice, Read, Write};
use std::sync::Arc;

use pkcs8::{EncryptedPrivateKeyInfoRef, SecretDocument};
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{Error, RootCertStore, ServerConfig, ServerConnection};

/// What all connections of a server share.
pub type Config = Arc<ServerConfig>;

/// What a configuration is made from.
pub struct Material<'a> {
    /// The server's certificates, PEM.
    pub chain: &'a [u8],
    /// Its private key, PEM.
    pub key: &'a [u8],
    /// What the key is encrypted with, if it is.
    pub password: Option<&'a [u8]>,
    /// Who signs the certificates of clients, PEM; `None` asks for none.
    pub clients: Option<&'a [u8]>,
    /// Whether a client must have one.
    pub required: bool,
    /// Versions and cipher suites by their numbers on the wire (RFC 8446 §4.2.1, §B.4); `None` takes those
    /// that rustls finds safe.
    pub versions: Option<&'a [u16]>,
    /// See `versions`.
    pub suites: Option<&'a [u16]>,
}

/// What is wrong with which setting.
pub struct Refusal(pub &'static str, pub String);

const CHAIN: &str = "ssl_certfile";
const KEY: &str = "ssl_keyfile";
const CLIENTS: &str = "ssl_ca_certs";

/// Makes a configuration.
///
/// # Errors
/// Names the setting that is wrong.
pub fn config(material: &Material<'_>) -> Result<Config, Refusal> {
    let mut provider = ring::default_provider();
    if let Some(suites) = material.suites {
        provider
            .cipher_suites
            .retain(|suite| suites.contains(&u16::from(suite.suite())));
    }
    let provider = Arc::new(provider);
    let certificates = certificates(material.chain, CHAIN)?;
    let key = private_key(material.key, material.password)?;
    let versions: Vec<_> = rustls::ALL_VERSIONS
        .iter()
        .copied()
        .filter(|version| {
            let number = u16::from(version.version);
            material.versions.is_none_or(|all| all.contains(&number))
        })
        .collect();
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&versions)
        .map_err(|error| Refusal("ssl_ciphers", error.to_string()))?;
    let builder = match material.clients {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let unusable = |error: String| Refusal(CLIENTS, format!("cannot be used: {error}"));
            let mut roots = RootCertStore::empty();
            for certificate in self::certificates(clients, CLIENTS)? {
                roots
                    .add(certificate)
                    .map_err(|error| unusable(error.to_string()))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = if material.required {
                verifier
            } else {
                verifier.allow_unauthenticated()
            };
            let verifier = verifier
                .build()
                .map_err(|error| unusable(error.to_string()))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder
        .with_single_cert(certificates, key)
        .map_err(|error| match error {
            Error::InconsistentKeys(_) => {
                Refusal(KEY, "is not the key of the certificate".to_owned())
            }
            error => Refusal(CHAIN, format!("cannot be used with its key: {error}")),
        })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn certificates(
    pem: &[u8],
    setting: &'static str,
) -> Result<Vec<CertificateDer<'static>>, Refusal> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| Refusal(setting, format!("cannot be read: {error}")))?;
    if certificates.is_empty() {
        return Err(Refusal(setting, "has no certificate".to_owned()));
    }
    Ok(certificates)
}

/// Reads the first key of a file. As with OpenSSL, a password that is not needed is not looked at.
fn private_key(pem: &[u8], password: Option<&[u8]>) -> Result<PrivateKeyDer<'static>, Refusal> {
    let refused = |text: String| Err(Refusal(KEY, text));
    let text = String::from_utf8_lossy(pem);
    if text.contains("Proc-Type: 4,ENCRYPTED") {
        return refused(
            "is encrypted in an outdated form: rewrite it with `openssl pkey -aes256`".to_owned(),
        );
    }
    let Some(encrypted) = between(&text, ENCRYPTED_BEGIN, ENCRYPTED_END) else {
        return PrivateKeyDer::from_pem_slice(pem).map_err(|error| {
            Refusal(
                KEY,
                match error {
                    pem::Error::NoItemsFound => "has no private key".to_owned(),
                    error => format!("cannot be read: {error}"),
                },
            )
        });
    };
    let Some(password) = password else {
        return refused("is encrypted: add --ssl-keyfile-password".to_owned());
    };
    let (_, document) = match SecretDocument::from_pem(encrypted) {
        Ok(document) => document,
        Err(error) => return refused(format!("cannot be read: {error}")),
    };
    let key = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes())
        .and_then(|key| key.decrypt(password));
    match key {
        Ok(key) => Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into()),
        Err(error) => refused(format!(
            "cannot be decrypted with --ssl-keyfile-password: {error}"
        )),
    }
}

const ENCRYPTED_BEGIN: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
const ENCRYPTED_END: &str = "-----END ENCRYPTED PRIVATE KEY-----";

/// The first part of a text from one mark to another, with both.
fn between<'t>(text: &'t str, begin: &str, end: &str) -> Option<&'t str> {
    let part = &text[text.find(begin)?..];
    Some(&part[..part.find(end)? + end.len()])
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
    pub fn write(&mut self, socket: &mut impl Write, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.drain(socket)?;
        let length = self.0.writer().write_vectored(pieces)?;
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
