//! URLs as Go's `net/url` takes them apart and puts them together.

use std::net::Ipv6Addr;

use super::text::lossy;
use super::unicode::chars;

/// A part of a URL, each with its own rules of what is escaped.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Part {
    Path,
    Host,
    Zone,
    User,
    Fragment,
}

/// A URL in parts, unescaped where Go keeps them so.
#[derive(Default)]
pub(crate) struct Url {
    pub(crate) scheme: Vec<u8>,
    pub(crate) opaque: Vec<u8>,
    pub(crate) user: Option<User>,
    pub(crate) host: Vec<u8>,
    pub(crate) path: Vec<u8>,
    pub(crate) query: Vec<u8>,
    pub(crate) fragment: Vec<u8>,
}

/// User and, if there is a colon, password.
pub(crate) struct User {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

impl User {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = escape(&self.name, Part::User);
        if let Some(password) = &self.password {
            out.push(b':');
            out.extend(escape(password, Part::User));
        }
        out
    }
}

impl Url {
    /// Reads a URL. The error is that of `url.Parse`; `quote` is `strconv.Quote`.
    pub(crate) fn parse(text: &[u8], quote: fn(&[u8]) -> String) -> Result<Url, String> {
        let (before, fragment) = cut(text, b'#');
        let failed = |text: &[u8], message: String| format!("parse {}: {message}", quote(text));
        let mut url = Url::without_fragment(before, quote).map_err(|message| failed(before, message))?;
        url.fragment = unescape(fragment.unwrap_or_default(), Part::Fragment, quote).map_err(|m| failed(text, m))?;
        Ok(url)
    }

    fn without_fragment(text: &[u8], quote: fn(&[u8]) -> String) -> Result<Url, String> {
        if text.iter().any(|b| *b < b' ' || *b == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        if text == b"*" {
            return Ok(Url { path: text.to_vec(), ..Url::default() });
        }
        let (scheme, rest) = scheme(text)?;
        let mut url = Url { scheme: scheme.to_ascii_lowercase(), ..Url::default() };
        let (mut rest, query) = cut(rest, b'?');
        url.query = query.unwrap_or_default().to_vec();
        if !rest.starts_with(b"/") {
            if !url.scheme.is_empty() {
                url.opaque = rest.to_vec();
                return Ok(url);
            }
            if cut(rest, b'/').0.contains(&b':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        if rest.starts_with(b"//") && (!url.scheme.is_empty() || !rest.starts_with(b"///")) {
            let after = &rest[2..];
            let end = after.iter().position(|b| *b == b'/').unwrap_or(after.len());
            (url.user, url.host) = authority(&url.scheme, &after[..end], quote)?;
            rest = &after[end..];
        }
        url.path = unescape(rest, Part::Path, quote)?;
        Ok(url)
    }

    /// The host without its port and brackets.
    pub(crate) fn hostname(&self) -> &[u8] {
        let mut host = self.host.as_slice();
        if let Some(colon) = host.iter().rposition(|b| *b == b':')
            && is_optional_port(&host[colon..])
        {
            host = &host[..colon];
        }
        host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]")).unwrap_or(host)
    }

    /// Puts the parts together as `URL.String` does.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.scheme.is_empty() {
            out.extend_from_slice(&self.scheme);
            out.push(b':');
        }
        if self.opaque.is_empty() {
            self.write_place(&mut out);
        } else {
            out.extend_from_slice(&self.opaque);
        }
        if !self.query.is_empty() {
            out.push(b'?');
            out.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            out.extend(escape(&self.fragment, Part::Fragment));
        }
        out
    }

    fn write_place(&self, out: &mut Vec<u8>) {
        if !self.host.is_empty() || self.user.is_some() || (!self.scheme.is_empty() && !self.path.is_empty()) {
            out.extend_from_slice(b"//");
        }
        if let Some(user) = &self.user {
            out.extend(user.to_bytes());
            out.push(b'@');
        }
        out.extend(escape(&self.host, Part::Host));
        let path = if self.path == b"*" { self.path.clone() } else { escape(&self.path, Part::Path) };
        if !path.is_empty() && path[0] != b'/' && !self.host.is_empty() {
            out.push(b'/');
        }
        // A colon in the first segment would read as a scheme.
        if out.is_empty() && cut(&path, b'/').0.contains(&b':') {
            out.extend_from_slice(b"./");
        }
        out.extend(path);
    }
}

/// Reads `user:password` as it stands before the `@` of a URL.
pub(crate) fn parse_user(text: &[u8], quote: fn(&[u8]) -> String) -> Result<Option<User>, String> {
    let url = [b"proto://", text, b"@host"].concat();
    Ok(Url::parse(&url, quote)?.user)
}

fn cut(text: &[u8], mark: u8) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(mark, text) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

fn scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Ok((&[], text))
}

type Authority = (Option<User>, Vec<u8>);

fn authority(scheme: &[u8], text: &[u8], quote: fn(&[u8]) -> String) -> Result<Authority, String> {
    let Some(at) = text.iter().rposition(|b| *b == b'@') else {
        return Ok((None, host(scheme, text, quote)?));
    };
    let host = host(scheme, &text[at + 1..], quote)?;
    let user = &text[..at];
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    if !chars(user).all(allowed) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let (name, password) = cut(user, b':');
    let name = unescape(name, Part::User, quote)?;
    let password = password.map(|password| unescape(password, Part::User, quote)).transpose()?;
    Ok((Some(User { name, password }), host))
}

fn host(scheme: &[u8], text: &[u8], quote: fn(&[u8]) -> String) -> Result<Vec<u8>, String> {
    match text.iter().rposition(|b| *b == b'[') {
        Some(0) => return literal(text, quote),
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    let first = memchr::memchr(b':', text);
    let strict = matches!(scheme, b"http" | b"https");
    let colon = if strict { first } else { text.iter().rposition(|b| *b == b':') };
    check_port(colon.map_or(&[], |colon| &text[colon..]), quote)?;
    unescape(text, Part::Host, quote)
}

/// An IPv6 address in brackets, with a zone after `%25` and a port.
fn literal(text: &[u8], quote: fn(&[u8]) -> String) -> Result<Vec<u8>, String> {
    let close = text.iter().rposition(|b| *b == b']').ok_or_else(|| "missing ']' in host".to_owned())?;
    let port = &text[close + 1..];
    check_port(port, quote)?;
    let inner = &text[1..close];
    let zone = memchr::memmem::find(inner, b"%25").unwrap_or(inner.len());
    let mut address = unescape(&inner[..zone], Part::Host, quote)?;
    address.extend(unescape(&inner[zone..], Part::Zone, quote)?);
    check_address(&address, quote)?;
    Ok([b"[", address.as_slice(), b"]", port].concat())
}

/// Only the usual ways to be wrong have Go's text; the others say that it is no address.
fn check_address(address: &[u8], quote: fn(&[u8]) -> String) -> Result<(), String> {
    let (ip, zone) = cut(address, b'%');
    let failed = |message: &str| Err(format!("invalid host: ParseAddr({}): {message}", quote(address)));
    if lossy(ip).parse::<Ipv6Addr>().is_ok() {
        return if zone == Some(b"") { failed("zone must be a non-empty string") } else { Ok(()) };
    }
    match address.iter().find(|b| matches!(b, b'.' | b':' | b'%')) {
        None => failed("unable to parse IP"),
        Some(b'%') => failed("missing IPv6 address"),
        Some(b'.') if lossy(address).parse::<std::net::Ipv4Addr>().is_ok() => Err("invalid IP-literal".to_owned()),
        Some(_) => failed("unexpected character"),
    }
}

fn check_port(port: &[u8], quote: fn(&[u8]) -> String) -> Result<(), String> {
    if is_optional_port(port) { Ok(()) } else { Err(format!("invalid port {} after host", quote(port))) }
}

fn is_optional_port(text: &[u8]) -> bool {
    match text {
        [] => true,
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

fn must_escape(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
        return false;
    }
    let free: &[u8] = match part {
        Part::Path => b"$&+,/:;=@",
        Part::User => b"$&+,;=",
        Part::Fragment => b"!$&()*+,/:;=?@",
        Part::Host | Part::Zone => b"!\"$&'()*+,:;<=>[]",
    };
    !free.contains(&byte)
}

fn escape(text: &[u8], part: Part) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        if must_escape(*byte, part) {
            out.extend([b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        } else {
            out.push(*byte);
        }
    }
    out
}

fn unescape(text: &[u8], part: Part, quote: fn(&[u8]) -> String) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    let is_host = matches!(part, Part::Host | Part::Zone);
    while let Some(&byte) = rest.first() {
        if byte != b'%' {
            if is_host && byte < 0x80 && must_escape(byte, part) {
                return Err(format!("invalid character {} in host name", quote(&rest[..1])));
            }
            out.push(byte);
            rest = &rest[1..];
            continue;
        }
        let digits = rest.get(1..3).and_then(|hex| std::str::from_utf8(hex).ok());
        let value = digits.filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let value = value.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let escape = &rest[..rest.len().min(3)];
        let allowed = |value: &u8| match part {
            Part::Host => *value >= 0x80 || escape == b"%25",
            Part::Zone => escape == b"%25" || *value == b' ' || !must_escape(*value, Part::Host),
            _ => true,
        };
        let Some(value) = value.filter(allowed) else {
            return Err(format!("invalid URL escape {}", quote(escape)));
        };
        out.push(value);
        rest = &rest[3..];
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(text: &[u8]) -> String {
        format!("{:?}", lossy(text))
    }

    #[test]
    fn taken_apart_and_put_together() {
        for text in [
            "http://user:pa%20ss@host.example:8080/a/b/c?x=1&y#frag",
            "mailto:someone@example.com",
            "//host/path",
            "http://[::1%25eth0]:80/",
            "a/b:c",
            "*",
        ] {
            assert_eq!(lossy(&Url::parse(text.as_bytes(), quote).unwrap().to_bytes()), text);
        }
        let url = Url::parse(b"HTTPS://u:p@h:1/a b?q#f", quote).unwrap();
        assert_eq!(lossy(&url.to_bytes()), "https://u:p@h:1/a%20b?q#f");
        assert_eq!(url.hostname(), b"h");
    }

    #[test]
    fn wrong_urls_say_why() {
        for (text, message) in [
            (":a", "parse \":a\": missing protocol scheme"),
            ("http://a b/", "parse \"http://a b/\": invalid character \" \" in host name"),
            ("http://h:x/", "parse \"http://h:x/\": invalid port \":x\" after host"),
            ("/%zz", "parse \"/%zz\": invalid URL escape \"%zz\""),
            ("1:2", "parse \"1:2\": first path segment in URL cannot contain colon"),
            ("http://[::1", "parse \"http://[::1\": missing ']' in host"),
        ] {
            assert_eq!(Url::parse(text.as_bytes(), quote).err().as_deref(), Some(message));
        }
    }
}
