//! What a proxy in front says of the client, believed only from peers that are trusted.
//!
//! The answers are those of uvicorn's `ProxyHeadersMiddleware`, which reads addresses with Python's `ipaddress`.

use std::collections::HashSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::scope::Scheme;

/// An address as `ipaddress` has it: that of IPv6 with the scope after its `%`.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Address {
    V4(u32),
    V6(u128, Vec<u8>),
}

impl Address {
    fn parse(text: &[u8]) -> Option<Self> {
        if let Some(address) = parse::<Ipv4Addr>(text) {
            return Some(Self::V4(address.to_bits()));
        }
        let mut parts = text.splitn(2, |&byte| byte == b'%');
        let address = parse::<Ipv6Addr>(parts.next()?)?;
        let scope = match parts.next() {
            None => &[][..],
            Some(scope) if scope.is_empty() || scope.iter().any(|byte| b"%/".contains(byte)) => {
                return None;
            }
            Some(scope) => scope,
        };
        Some(Self::V6(address.to_bits(), scope.to_vec()))
    }
}

fn parse<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Addresses that have the bits under a mask in common.
#[derive(Debug)]
enum Network {
    V4(u32, u32),
    V6(u128, u128),
}

impl Network {
    fn parse(first: &str, mask: &str) -> Option<Self> {
        match (
            Address::parse(first.as_bytes())?,
            Address::parse(mask.as_bytes())?,
        ) {
            (Address::V4(first), Address::V4(mask)) => Some(Self::V4(first, mask)),
            (Address::V6(first, _), Address::V6(mask, _)) => Some(Self::V6(first, mask)),
            _ => None,
        }
    }

    fn contains(&self, address: &Address) -> bool {
        match (self, address) {
            (Self::V4(first, mask), Address::V4(address)) => address & mask == *first,
            (Self::V6(first, mask), Address::V6(address, _)) => address & mask == *first,
            _ => false,
        }
    }
}

/// The peers whose word is taken.
#[derive(Debug)]
pub struct TrustList {
    everyone: bool,
    addresses: HashSet<Address>,
    networks: Vec<Network>,
    /// Names that are no address, in Latin-1.
    literals: HashSet<Vec<u8>>,
}

/// What a trusted peer says of a request.
#[derive(Debug, Default)]
pub struct Told<'h> {
    /// The host of the client, in Latin-1.
    pub client: Option<&'h [u8]>,
    /// How the client spoke to the first proxy.
    pub scheme: Option<Scheme>,
}

impl TrustList {
    /// Whether a host is trusted. Who has none, as on a Unix socket, is so only where everyone is.
    pub fn contains(&self, host: Option<&[u8]>) -> bool {
        if self.everyone {
            return true;
        }
        let Some(host) = host else { return false };
        match Address::parse(host) {
            Some(address) => {
                self.addresses.contains(&address)
                    || self
                        .networks
                        .iter()
                        .any(|network| network.contains(&address))
            }
            None => !host.is_empty() && self.literals.contains(host),
        }
    }

    /// Reads the fields of a request whose peer is trusted. Of a field that comes several times the last counts.
    pub fn told<'h>(&self, fields: impl Iterator<Item = (&'h [u8], &'h [u8])>) -> Told<'h> {
        let (mut proto, mut hosts) = (None, None);
        for (name, value) in fields {
            match name {
                b"x-forwarded-proto" => proto = Some(value),
                b"x-forwarded-for" => hosts = Some(value),
                _ => {}
            }
        }
        Told {
            client: hosts
                .map(|hosts| self.client(hosts))
                .filter(|client| !client.is_empty()),
            scheme: proto.and_then(|proto| Scheme::parse(strip(proto))),
        }
    }

    /// The nearest host of a list that is not itself a trusted proxy; else the farthest.
    ///
    /// Each proxy appends the peer it saw, so the list is trustworthy from its end only as far as the proxies are.
    fn client<'h>(&self, hosts: &'h [u8]) -> &'h [u8] {
        let mut hosts = hosts.split(|&byte| byte == b',').map(strip);
        let farthest = hosts.next().unwrap_or_default();
        if self.everyone {
            return farthest;
        }
        hosts
            .rfind(|host| !self.contains(Some(host)))
            .unwrap_or(farthest)
    }
}

impl FromPyObject<'_, '_> for TrustList {
    type Error = PyErr;

    /// Reads `fastapi.server.trust.TrustList`.
    fn extract(list: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let unreadable =
            |text: &str| PyValueError::new_err(format!("{text} is no address in the trust list"));
        let addresses: Vec<String> = list.getattr("addresses")?.extract()?;
        let networks: Vec<(String, String)> = list.getattr("networks")?.extract()?;
        let literals: Vec<Vec<u8>> = list.getattr("literals")?.extract()?;
        Ok(Self {
            everyone: list.getattr("everyone")?.extract()?,
            addresses: addresses
                .iter()
                .map(|text| Address::parse(text.as_bytes()).ok_or_else(|| unreadable(text)))
                .collect::<PyResult<_>>()?,
            networks: networks
                .iter()
                .map(|(first, mask)| Network::parse(first, mask).ok_or_else(|| unreadable(first)))
                .collect::<PyResult<_>>()?,
            literals: literals.into_iter().collect(),
        })
    }
}

/// Without the characters at both ends that Python's `str.strip` takes off, of those in Latin-1.
fn strip(mut text: &[u8]) -> &[u8] {
    let is_space = |byte: u8| matches!(byte, b'\t'..=b'\r' | 0x1c..=b' ' | 0x85 | 0xa0);
    while let [first, rest @ ..] = text
        && is_space(*first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_space(*last)
    {
        text = rest;
    }
    text
}
