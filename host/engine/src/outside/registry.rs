//! Charts in registries: the tags of a repository, and the archive behind one. Nobody logs in: whoever may name a repository
//! in a kustomization is not who may use the operator's credentials.
//!
//! Plugins come through `oci-client` ([`weir_package::Registry`]), charts do not: the operator chose whom the former come
//! from, anybody who writes a kustomization the latter. So each connection, also after a redirect and for a token, is made
//! by [`get_with`], which looks at the address that a name stands for and at the size while it reads. `oci-client` makes its
//! own connections, to any address, reads manifests, tokens and lists of tags whatever their size, and does not follow
//! lists that go on at a `Link`.

use std::time::Duration;

use serde::Deserialize;
use url::Url;
use weir_core::Mirrors;
use weir_package::{Digest, is_loopback};
use weir_plugin::{Answer, Class, GetError, NoAnswer, Response, Tls, get_with};

use super::{Asker, Found, HTTP_WALL, Outside};

const REGISTRY_FAILED: &str = "RegistryFailed";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The layer that is the chart: as Helm writes it, and as it did before there was a type for it.
const ARCHIVES: [&str; 2] = ["application/vnd.cncf.helm.chart.content.v1.tar+gzip", "application/tar+gzip"];
/// Lists of tags that are followed for one repository.
const MAX_TAG_PAGES: usize = 100;

const UNAUTHORIZED: u16 = 401;
const NOT_FOUND: u16 = 404;

#[derive(Deserialize)]
struct Tags {
    tags: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    media_type: String,
    digest: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Token {
    token: String,
    access_token: String,
}

/// A repository that is being read.
struct Reader<'a> {
    asker: &'a Asker<'a>,
    /// As kustomizations name it.
    declared: &'a str,
    /// Where it really is: `http://HOST/v2/REPOSITORY`.
    url: Url,
    authorization: Option<String>,
}

impl Outside {
    /// All tags of `oci://HOST/REPOSITORY`, as a JSON list.
    pub(super) async fn tags(&self, asker: &Asker<'_>, repository: &str) -> Result<Found, NoAnswer> {
        self.check_remote(asker, repository)?;
        self.reader(asker, repository)?.tags().await.map(found)
    }

    /// The archive of the chart at `oci://HOST/REPOSITORY:TAG`.
    pub(super) async fn archive(&self, asker: &Asker<'_>, reference: &str) -> Result<Found, NoAnswer> {
        self.check_remote(asker, reference)?;
        let named = reference.rsplit_once(':').filter(|(_, tag)| !tag.is_empty() && !tag.contains('/'));
        let (repository, tag) =
            named.ok_or_else(|| failed(format!("no tag in the reference of a chart: {reference}")))?;
        self.reader(asker, repository)?.archive(tag).await.map(found)
    }

    fn reader<'a>(&self, asker: &'a Asker<'a>, declared: &'a str) -> Result<Reader<'a>, NoAnswer> {
        Reader::new(asker, declared, &self.0.mirrors)
    }
}

impl<'a> Reader<'a> {
    fn new(asker: &'a Asker<'a>, declared: &'a str, mirrors: &Mirrors) -> Result<Reader<'a>, NoAnswer> {
        let no_repository = || failed(format!("not a repository, want `oci://host/repository`: {declared}"));
        let rest = declared.strip_prefix("oci://").ok_or_else(no_repository)?;
        // A mirror may be declared for `oci://` or for `https://`, which is what a registry speaks.
        let spellings = [declared.to_owned(), format!("https://{rest}")];
        let mirrored = spellings.iter().map(|url| (url, mirrors.rewrite(url))).find(|(url, to)| *url != to);
        let address = mirrored.map_or_else(|| declared.to_owned(), |(_, to)| to);
        let (scheme, rest) = address.split_once("://").ok_or_else(no_repository)?;
        let (host, repository) =
            rest.split_once('/').filter(|(_, repository)| !repository.is_empty()).ok_or_else(no_repository)?;
        let scheme = if scheme == "http" || is_loopback(host) { "http" } else { "https" };
        let url = Url::parse(&format!("{scheme}://{host}/v2/{}", repository.trim_end_matches('/')));
        Ok(Reader { asker, declared, url: url.map_err(|_| no_repository())?, authorization: None })
    }
}

impl Reader<'_> {
    async fn tags(&mut self) -> Result<Vec<u8>, NoAnswer> {
        let mut url = self.below("/tags/list")?;
        let mut all = Vec::new();
        for _ in 0..MAX_TAG_PAGES {
            let page = self.get(&url, "application/json").await?;
            let Tags { tags } = self.read(&page)?;
            all.extend(tags.unwrap_or_default());
            match page.header("link").and_then(next_page) {
                Some(next) => url = url.join(next).map_err(|_| self.failed("more tags are at no URL"))?,
                None => return serde_json::to_vec(&all).map_err(|error| self.failed(error)),
            }
        }
        Err(self.failed(format!("more than {MAX_TAG_PAGES} lists of tags")))
    }

    async fn archive(&mut self, tag: &str) -> Result<Vec<u8>, NoAnswer> {
        let manifest = self.get(&self.below(&format!("/manifests/{tag}"))?, MANIFEST).await?;
        let Manifest { layers } = self.read(&manifest)?;
        let layer = layers.into_iter().find(|layer| ARCHIVES.contains(&layer.media_type.as_str()));
        let layer = layer.ok_or_else(|| self.failed(format!("there is no chart at the tag {tag}")))?;
        let content = self.get(&self.below(&format!("/blobs/{}", layer.digest))?, "*/*").await?.content;
        let digest = Digest::of(&content).to_string();
        if digest != layer.digest {
            let why = format!("the chart at the tag {tag} has the digest {digest}, not {}", layer.digest);
            return Err(self.failed(why));
        }
        Ok(content)
    }

    fn below(&self, path: &str) -> Result<Url, NoAnswer> {
        Url::parse(&format!("{}{path}", self.url)).map_err(|error| self.failed(error))
    }

    /// A successful answer; a token is fetched when the registry wants one, which anybody gets for what is public.
    async fn get(&mut self, url: &Url, accept: &str) -> Result<Response, NoAnswer> {
        let mut response = self.send(url, accept).await?;
        if response.status == UNAUTHORIZED && self.authorization.is_none() {
            self.authorization = Some(self.token(&response).await?);
            response = self.send(url, accept).await?;
        }
        match response.status {
            200..=299 => Ok(response),
            NOT_FOUND => Err(self.failed("not found")),
            status => Err(self.failed(format!("the registry answers with status code {status}"))),
        }
    }

    async fn send(&self, url: &Url, accept: &str) -> Result<Response, NoAnswer> {
        let mut headers = vec![("accept", accept)];
        headers.extend(self.authorization.as_deref().map(|token| ("authorization", token)));
        get_with(url.as_str(), &headers, &Tls::default(), self.wall())
            .await
            .map_err(|error: GetError| self.failed(error))
    }

    async fn token(&self, refused: &Response) -> Result<String, NoAnswer> {
        let challenge = refused.header("www-authenticate").and_then(Challenge::parse);
        let challenge = challenge.ok_or_else(|| self.failed("access was denied, and nobody logs in here"))?;
        let mut url = Url::parse(challenge.realm).map_err(|_| self.failed("tokens are at no URL"))?;
        let repository = self.url.path().trim_start_matches("/v2/");
        let scope = challenge.scope.map_or_else(|| format!("repository:{repository}:pull"), str::to_owned);
        url.query_pairs_mut().append_pair("scope", &scope);
        if let Some(service) = challenge.service {
            url.query_pairs_mut().append_pair("service", service);
        }
        let response = get_with(url.as_str(), &[], &Tls::default(), self.wall()).await;
        let response = response.map_err(|error| self.failed(error))?;
        if !(200..=299).contains(&response.status) {
            return Err(self.failed("access was denied, and nobody logs in here"));
        }
        let Token { token, access_token } = self.read(&response)?;
        Ok(format!("Bearer {}", if token.is_empty() { access_token } else { token }))
    }

    fn read<T: for<'d> Deserialize<'d>>(&self, response: &Response) -> Result<T, NoAnswer> {
        serde_json::from_slice(&response.content).map_err(|error| self.failed(error))
    }

    fn wall(&self) -> Duration {
        self.asker.left().min(HTTP_WALL)
    }

    fn failed(&self, why: impl std::fmt::Display) -> NoAnswer {
        failed(format!("{}: {why}", self.declared))
    }
}

fn found(content: Vec<u8>) -> Found {
    let revision = Digest::of(&content).to_string();
    Found { answer: Answer { revision, content, directory: None }, ..Found::default() }
}

fn failed(message: String) -> NoAnswer {
    NoAnswer { class: Class::Transient, reason: REGISTRY_FAILED.to_owned(), message }
}

/// The URL of the next page in a `Link` header.
fn next_page(link: &str) -> Option<&str> {
    link.split(',').find_map(|link| {
        let (url, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        parameters.split(';').any(|one| matches!(one.trim(), "rel=next" | "rel=\"next\"")).then_some(url)
    })
}

/// Where tokens are, by a `WWW-Authenticate` header.
#[derive(Debug, PartialEq, Eq)]
struct Challenge<'a> {
    realm: &'a str,
    service: Option<&'a str>,
    scope: Option<&'a str>,
}

impl<'a> Challenge<'a> {
    fn parse(header: &'a str) -> Option<Self> {
        let (scheme, parameters) = header.trim().split_once(' ')?;
        let parameter = |name: &str| {
            let found = parameters.match_indices(name).find(|(at, _)| {
                let before = parameters[..*at].trim_end();
                before.is_empty() || before.ends_with(',')
            });
            let rest = parameters[found?.0 + name.len()..].trim_start().strip_prefix('=')?.trim_start();
            Some(rest.strip_prefix('"')?.split('"').next().unwrap_or_default())
        };
        scheme.eq_ignore_ascii_case("bearer").then_some(())?;
        Some(Challenge { realm: parameter("realm")?, service: parameter("service"), scope: parameter("scope") })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::path::Path;
    use std::thread;
    use std::time::Instant;

    use serde_json::json;
    use weir_plugin::{CallContext, Limits};

    use super::*;

    /// A registry that wants a token for `org/web` and serves it in two pages; what it has no answer for is not found.
    fn registry() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let name = host.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = [0; 4096];
                let read = stream.read(&mut request).unwrap_or_default();
                let head = String::from_utf8_lossy(&request[..read]).into_owned();
                let (status, header, body) = answer(&name, &head);
                let length = body.len();
                // A client that has enough hangs up.
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{header}\r\n{body}"
                );
            }
        });
        host
    }

    fn answer(host: &str, head: &str) -> (u16, String, String) {
        let path = head.split(' ').nth(1).unwrap_or_default();
        let manifest = |digest: &str, media_type: &str| {
            let config = json!({"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": "sha256:x"});
            let layers =
                json!([{"mediaType": "text/plain", "digest": "sha256:y"}, {"mediaType": media_type, "digest": digest}]);
            (200, String::new(), json!({"config": config, "layers": layers}).to_string())
        };
        let digest = Digest::of(b"packed").to_string();
        if path.starts_with("/token?") {
            let is_asked_for = path.contains("scope=repository%3Aorg%2Fweb%3Apull") && path.contains("service=here");
            return (if is_asked_for { 200 } else { 403 }, String::new(), json!({"token": "let-me-in"}).to_string());
        }
        if path.starts_with("/v2/org/") && !head.contains("Bearer let-me-in") {
            let challenge = format!(
                "www-authenticate: Bearer realm=\"http://{host}/token\",service=\"here\",scope=\"repository:org/web:pull\"\r\n"
            );
            return (401, challenge, String::new());
        }
        match path.strip_prefix("/v2/org/web").unwrap_or_default() {
            "/tags/list" => {
                let link = "link: </v2/org/web/tags/list?last=1>; rel=\"next\"\r\n".to_owned();
                (200, link, json!({"tags": ["1.0.0"]}).to_string())
            }
            "/tags/list?last=1" => (200, String::new(), json!({"tags": ["2.0.0"]}).to_string()),
            "/manifests/1.0.0" if head.contains(MANIFEST) => manifest(&digest, ARCHIVES[0]),
            "/manifests/old" => manifest(&digest, ARCHIVES[1]),
            "/manifests/image" => manifest(&digest, "application/vnd.oci.image.layer.v1.tar+gzip"),
            "/manifests/other" => manifest("sha256:abc", ARCHIVES[0]),
            "/blobs/sha256:abc" => (200, String::new(), "packed".to_owned()),
            blob if blob == format!("/blobs/{digest}") => (200, String::new(), "packed".to_owned()),
            _ => (404, String::new(), String::new()),
        }
    }

    #[tokio::test]
    async fn tags_and_charts_come_from_a_registry_that_wants_tokens() {
        let host = registry();
        let cx = CallContext::new("tests".to_owned(), Limits::renderer());
        let deadline = Instant::now() + Duration::from_secs(60);
        let asker = Asker { cx: &cx, input: Path::new(""), identity: None, depth: 0, deadline };
        let mirrors = Mirrors::new(vec![format!("oci://registry.example.com/=http://{host}/").parse().unwrap()]);
        let repository = "oci://registry.example.com/org/web";
        let reader = || Reader::new(&asker, repository, &mirrors).unwrap();
        assert_eq!(reader().tags().await.unwrap(), br#"["1.0.0","2.0.0"]"#);
        assert_eq!(reader().archive("1.0.0").await.unwrap(), b"packed");
        assert_eq!(reader().archive("old").await.unwrap(), b"packed");
        for (tag, expected) in [
            ("image", "there is no chart at the tag image"),
            ("other", "the chart at the tag other has the digest"),
            ("gone", "not found"),
        ] {
            let error = reader().archive(tag).await.unwrap_err().message;
            assert!(error.starts_with(&format!("{repository}: {expected}")), "{error}");
        }
        let denied = format!("oci://{host}/org/db");
        let error = Reader::new(&asker, &denied, &Mirrors::default()).unwrap().tags().await.unwrap_err();
        assert!(error.message.ends_with("not found"), "{}", error.message);
        for wrong in ["https://x/y", "oci://host", "oci://host/"] {
            assert!(Reader::new(&asker, wrong, &Mirrors::default()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn pages_are_followed() {
        let next = "</v2/a/tags/list?last=x&n=2>; rel=\"next\"";
        assert_eq!(next_page(next), Some("/v2/a/tags/list?last=x&n=2"));
        assert_eq!(next_page(&format!("</first>; rel=first, {next}")), Some("/v2/a/tags/list?last=x&n=2"));
        assert_eq!(next_page("</v2/a>; rel=\"prev\""), None);
        assert_eq!(next_page("x"), None);
    }

    #[test]
    fn challenges_say_where_tokens_are() {
        let header =
            "Bearer realm=\"https://auth.example.com/token\",service=\"registry\", scope=\"repository:a/b:pull,push\"";
        let expected = Challenge {
            realm: "https://auth.example.com/token",
            service: Some("registry"),
            scope: Some("repository:a/b:pull,push"),
        };
        assert_eq!(Challenge::parse(header), Some(expected));
        let short = Challenge { realm: "r", service: None, scope: None };
        assert_eq!(Challenge::parse("bearer x=\"realm=\", realm = \"r\""), Some(short));
        assert_eq!(Challenge::parse("Basic realm=\"x\""), None);
        assert_eq!(Challenge::parse("Bearer"), None);
    }
}
