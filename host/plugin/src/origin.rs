//! Origins: where requests may go.

use std::fmt;
use std::net::IpAddr;

use url::Url;

/// `scheme://host:port`, or with a host of the form `*.example.com` for everything below a domain.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of a URL; nothing for URLs without a host or with a scheme that is not HTTP.
    pub fn of(url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let port = url.port_or_known_default()?;
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        Some(Self { scheme: url.scheme().to_owned(), host: normal(url.host_str()?), port })
    }

    pub(crate) fn from_parts(scheme: &str, host: &str, port: Option<u16>) -> Option<Self> {
        Self::of(&port.map_or_else(|| format!("{scheme}://{host}"), |port| format!("{scheme}://{host}:{port}")))
    }

    /// Whether a request to `other` is covered by this grant.
    pub fn covers(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.port == other.port && self.covers_host(&other.host)
    }

    fn covers_host(&self, host: &str) -> bool {
        match self.host.strip_prefix("*.") {
            Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
            None => self.host == host,
        }
    }

    /// A grant for a whole domain says nothing about the addresses behind it: only public ones are meant.
    pub(crate) fn is_wildcard(&self) -> bool {
        self.host.starts_with("*.")
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.scheme == "https"
    }
}

fn normal(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}:{}", self.scheme, self.host, self.port)
    }
}

/// Whether a connection may be made to an address that a granted origin resolves to.
pub(crate) fn address_allowed(address: IpAddr, wildcard: bool) -> bool {
    let address = address.to_canonical();
    if never(address) {
        return false;
    }
    !wildcard || !(address.is_loopback() || private(address))
}

/// Link-local addresses hold the metadata services of clouds; nothing else here is a server.
fn never(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local() || v4.is_multicast() || v4.is_broadcast() || v4.is_unspecified(),
        IpAddr::V6(v6) => v6.is_unicast_link_local() || v6.is_multicast() || v6.is_unspecified(),
    }
}

fn private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || (v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64),
        IpAddr::V6(v6) => v6.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(grant: &str, url: &str, covered: bool) {
        let (grant, other) = (Origin::of(grant).unwrap(), Origin::of(url).unwrap());
        assert_eq!(grant.covers(&other), covered, "{grant} {other}");
    }

    #[test]
    fn grants_cover_exactly_what_they_say() {
        check("https://github.com/a/b", "https://GITHUB.com:443/c", true);
        check("https://github.com", "http://github.com", false);
        check("https://github.com", "https://github.com:8443", false);
        check("https://github.com", "https://github.com.evil.example", false);
        check("https://github.com", "https://user@github.com", true);
        check("https://*.example.com", "https://a.example.com", true);
        check("https://*.example.com", "https://a.b.example.com", true);
        check("https://*.example.com", "https://example.com", false);
        check("https://*.example.com", "https://badexample.com", false);
        check("http://127.0.0.1:8080", "http://127.1:8080", true);
        check("http://[::1]:80", "http://[0:0::1]", true);
    }

    #[test]
    fn only_http_has_an_origin() {
        for url in ["ssh://git@github.com/a", "file:///etc/passwd", "github.com", "", "https://"] {
            assert_eq!(Origin::of(url), None, "{url}");
        }
    }

    #[test]
    fn addresses_are_checked() {
        for (address, exact, wildcard) in [
            ("93.184.216.34", true, true),
            ("10.0.0.1", true, false),
            ("100.64.0.1", true, false),
            ("127.0.0.1", true, false),
            ("::1", true, false),
            ("::ffff:127.0.0.1", true, false),
            ("fd00::1", true, false),
            ("169.254.169.254", false, false),
            ("::ffff:169.254.169.254", false, false),
            ("fe80::1", false, false),
            ("224.0.0.1", false, false),
            ("0.0.0.0", false, false),
        ] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(
                (address_allowed(address, false), address_allowed(address, true)),
                (exact, wildcard),
                "{address}"
            );
        }
    }
}
