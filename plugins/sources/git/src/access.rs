//! Where the repository is and how we are let in.

use url::Url;
use weir_sdk::{Error, Result, Scheme, Secret, SourceContext};

use crate::config::Config;
use crate::failure::{AUTHENTICATION_FAILED, INVALID_PROVIDER, URL_INVALID, unsupported};

/// The field of the spec that names the credentials.
const SECRET: &str = "secretRef";
/// The binding of credentials that stand in the URL itself: the host takes them out of sight.
const URL: &str = "url";
const BEARER_TOKEN: &str = "bearerToken";
const USERNAME: &str = "username";
const PASSWORD: &str = "password";
const GITHUB_APP_ID: &str = "githubAppID";

/// An address without credentials in it; the host adds them to requests.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(crate) url: Url,
}

impl Access {
    /// Reads the address and lets the host attach the credentials. Those of the secret win over those of the URL.
    pub(crate) fn new(cx: &SourceContext, config: &Config) -> Result<Access> {
        let mut url = parse(&config.url)?;
        let user_in_url = !url.username().is_empty();
        // Both only fail for URLs that have no host, which `parse` refuses.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let from_secret = match &config.spec.secret_ref {
            Some(secret) => attach(cx, &url, &secret.name)?,
            None => None,
        };
        match from_secret {
            Some(Scheme::Bearer) if user_in_url => Err(Error::terminal(
                AUTHENTICATION_FAILED,
                "basic auth and bearer token cannot be set at the same time",
            )),
            None if user_in_url => attach_url(cx, url),
            _ => Ok(Access { url }),
        }
    }
}

fn attach_url(cx: &SourceContext, url: Url) -> Result<Access> {
    let Some(secret) = cx.secrets().lookup(URL) else {
        return Err(unsupported(
            "credentials in the URL are not supported\nhint: put them into a Secret and name it in `spec.secretRef`",
        ));
    };
    secret.attach_http(&url.origin().ascii_serialization(), Scheme::Basic)?;
    Ok(Access { url })
}

fn parse(text: &str) -> Result<Url> {
    let url = Url::parse(text).map_err(|error| Error::terminal(URL_INVALID, format!("invalid URL: {error}")))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        "ssh" => Err(unsupported(
            "Git over SSH is not supported\nhint: map the address to an HTTP one with `--mirror ssh://git@host=https://host`",
        )),
        other => Err(Error::terminal(URL_INVALID, format!("the scheme of the URL is not supported: `{other}`"))),
    }
}

fn attach(cx: &SourceContext, url: &Url, name: &str) -> Result<Option<Scheme>> {
    let Some(secret) = cx.secrets().lookup(SECRET) else {
        return Err(Error::unauthorized(AUTHENTICATION_FAILED, format!("failed to get secret: `{name}` not found")));
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
    match (secret.has(BEARER_TOKEN), secret.has(USERNAME), secret.has(PASSWORD)) {
        (true, _, _) => Ok(Some(Scheme::Bearer)),
        (_, true, true) => Ok(Some(Scheme::Basic)),
        (_, false, false) => Ok(None),
        (_, has_username, _) => {
            let missing = if has_username { PASSWORD } else { USERNAME };
            Err(Error::unauthorized(AUTHENTICATION_FAILED, format!("the secret has no key `{missing}`")))
        }
    }
}

#[cfg(test)]
mod tests {
    use weir_sdk::Class;

    use super::*;

    #[test]
    fn addresses() {
        let check = |text: &str, class: Option<Class>| {
            assert_eq!(parse(text).err().map(|error| error.class()), class, "{text}");
        };
        check("https://example.com/a.git", None);
        check("http://user:p%40ss@127.0.0.1:80/a", None);
        check("ssh://git@example.com/a", Some(Class::Unsupported));
        check("file:///etc", Some(Class::Terminal));
        check("git@example.com:a/b", Some(Class::Terminal));
        check("", Some(Class::Terminal));
    }
}
