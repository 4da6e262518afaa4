//! Where the repository is and how we are let in.

use url::Url;
use weir_sdk::{Error, Result, Scheme, Secret, SourceContext};

use crate::config::Config;
use crate::failure::{AUTHENTICATION_FAILED, INVALID_PROVIDER, URL_INVALID, unsupported};

/// The field of the spec that names the credentials.
const SECRET: &str = "secretRef";
const BEARER_TOKEN: &str = "bearerToken";
const USERNAME: &str = "username";
const PASSWORD: &str = "password";
const GITHUB_APP_ID: &str = "githubAppID";

/// An address without credentials in it.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(crate) url: Url,
    /// From the user part of the URL, if there is no secret.
    pub(crate) authorization: Option<String>,
}

impl Access {
    /// Reads the address and lets the host attach the credentials.
    pub(crate) fn new(cx: &SourceContext, config: &Config) -> Result<Access> {
        let mut url = parse(&config.url)?;
        let user = (!url.username().is_empty()).then(|| {
            (
                decode(url.username()),
                decode(url.password().unwrap_or_default()),
            )
        });
        // Both only fail for URLs that have no host, which `parse` refuses.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let scheme = match &config.spec.secret_ref {
            Some(secret) => attach(cx, &url, &secret.name)?,
            None => None,
        };
        match (scheme, user) {
            (Some(Scheme::Bearer), Some(_)) => Err(Error::terminal(
                AUTHENTICATION_FAILED,
                "basic auth and bearer token cannot be set at the same time",
            )),
            (None, Some((user, password))) => Ok(Access {
                url,
                authorization: Some(basic(&user, &password)),
            }),
            _ => Ok(Access {
                url,
                authorization: None,
            }),
        }
    }
}

fn parse(text: &str) -> Result<Url> {
    let url = Url::parse(text)
        .map_err(|error| Error::terminal(URL_INVALID, format!("invalid URL: {error}")))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        "ssh" => Err(unsupported(
            "Git over SSH is not supported\nhint: map the address to an HTTP one with `--mirror ssh://git@host=https://host`",
        )),
        other => Err(Error::terminal(
            URL_INVALID,
            format!("the scheme of the URL is not supported: `{other}`"),
        )),
    }
}

fn attach(cx: &SourceContext, url: &Url, name: &str) -> Result<Option<Scheme>> {
    let Some(secret) = cx.secrets().lookup(SECRET) else {
        return Err(Error::unauthorized(
            AUTHENTICATION_FAILED,
            format!("failed to get secret: `{name}` not found"),
        ));
    };
    let Some(scheme) = scheme_of(&secret)? else {
        return Ok(None);
    };
    secret.attach_http(&url.origin().ascii_serialization(), scheme)?;
    Ok(Some(scheme))
}

/// A bearer token wins over a password. A secret may as well hold nothing but certificates, which the host uses.
fn scheme_of(secret: &Secret) -> Result<Option<Scheme>> {
    if secret.has(GITHUB_APP_ID) {
        let message = "secretRef has github app data but provider is not set to github";
        return Err(Error::terminal(INVALID_PROVIDER, message));
    }
    match (
        secret.has(BEARER_TOKEN),
        secret.has(USERNAME),
        secret.has(PASSWORD),
    ) {
        (true, _, _) => Ok(Some(Scheme::Bearer)),
        (_, true, true) => Ok(Some(Scheme::Basic)),
        (_, false, false) => Ok(None),
        (_, has_username, _) => {
            let missing = if has_username { PASSWORD } else { USERNAME };
            Err(Error::unauthorized(
                AUTHENTICATION_FAILED,
                format!("the secret has no key `{missing}`"),
            ))
        }
    }
}

fn decode(text: &str) -> String {
    // The parser of forms also decodes `+`, which stands for itself here.
    let form = format!("x={}", text.replace('+', "%2B"));
    let mut pairs = url::form_urlencoded::parse(form.as_bytes());
    pairs
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn basic(user: &str, password: &str) -> String {
    use base64::Engine as _;
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"))
    )
}

#[cfg(test)]
mod tests {
    use weir_sdk::Class;

    use super::*;

    #[test]
    fn addresses() {
        let check = |text: &str, class: Option<Class>| {
            assert_eq!(
                parse(text).err().map(|error| error.class()),
                class,
                "{text}"
            );
        };
        check("https://example.com/a.git", None);
        check("http://user:p%40ss@127.0.0.1:80/a", None);
        check("ssh://git@example.com/a", Some(Class::Unsupported));
        check("file:///etc", Some(Class::Terminal));
        check("git@example.com:a/b", Some(Class::Terminal));
        check("", Some(Class::Terminal));
    }

    #[test]
    fn the_user_part_is_decoded() {
        assert_eq!(decode("p%40s+s%2Bx"), "p@s+s+x");
        assert_eq!(basic("user", "pass"), "Basic dXNlcjpwYXNz");
    }
}
