//! IP addresses as Go's `net.ParseIP` reads them.

use std::net::IpAddr;

/// The bytes of an address in a certificate: four for IPv4, also where it was written as IPv6.
pub(crate) fn parse(text: &str) -> Option<Vec<u8>> {
    Some(match text.parse::<IpAddr>().ok()? {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => address.octets().to_vec(),
            None => address.octets().to_vec(),
        },
    })
}
