//! Remote bases: repositories, fetched by the plugin that serves GitRepository.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use weir_plugin::{
    Answer, CallContext, Class, Limits, NoAnswer, Origin, Plugin, PluginFailure, Question, Resolution, SourceRequest,
};

use super::{Asker, Found, GIT, Outside, refused};

const GIT_FAILED: &str = "GitOperationFailed";
/// Everything, also what Flux leaves out of its artifacts.
const IGNORE_NOTHING: &str = "!*";
/// How the plugin says that a reference is not there.
const NO_REFERENCE: [&str; 2] = ["couldn't find remote ref", "unable to resolve ref"];

/// The body of a question.
#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Wanted {
    #[serde(rename = "ref")]
    reference: String,
    timeout_seconds: f64,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { reference: String::new(), timeout_seconds: 27.0 }
    }
}

impl Outside {
    pub(super) async fn repository(&self, asker: &Asker<'_>, question: &Question) -> Result<Found, NoAnswer> {
        self.check_remote(asker, &question.name)?;
        let wanted: Wanted = serde_json::from_slice(&question.body)
            .map_err(|error| failed(format!("cannot read what is wanted of {}: {error}", question.name)))?;
        let declared = url(&question.name);
        if declared.starts_with("file:") {
            return Err(refused(Class::Unsupported, format!("repositories on a disk are not served: {declared}")));
        }
        let address = self.0.mirrors.rewrite(&declared);
        let timeout = Duration::try_from_secs_f64(wanted.timeout_seconds).unwrap_or(asker.left()).min(asker.left());
        let mut cx = asker.call_other(Limits { cpu: Some(timeout), ..Limits::source().with_wall(timeout) });
        cx.allowed.extend(Origin::of(&address));
        let plugin = self.git_plugin().await?;
        let (request, found) = resolve(plugin, &cx, &declared, &address, &wanted.reference).await?;
        let directory = TempDir::new().map_err(|error| failed(error.to_string()))?;
        let revision = found.revision.clone();
        let fetched = plugin.fetch(&cx, request, found, directory.path()).await;
        fetched.map_err(|failure| failed(failure.to_string()))?;
        let answer = Answer { revision, content: Vec::new(), directory: Some(directory.path().to_owned()) };
        Ok(Found { answer, directory: Some(directory), ..Found::default() })
    }

    async fn git_plugin(&self) -> Result<&Plugin, NoAnswer> {
        let load = || async {
            let reference = GIT.parse().map_err(|error| failed(format!("{error}")))?;
            self.load_from_sources(&reference).await.map_err(failed)
        };
        self.0.git.get_or_try_init(load).await
    }
}

/// Tries what the reference can mean, as `git fetch` does.
async fn resolve(
    plugin: &Plugin,
    cx: &CallContext,
    declared: &str,
    address: &str,
    reference: &str,
) -> Result<(SourceRequest, Resolution), NoAnswer> {
    for meaning in meanings(reference) {
        let spec = json!({"url": declared, "ref": meaning, "ignore": IGNORE_NOTHING});
        let request = SourceRequest { config: json!({"url": address, "spec": spec}), ..SourceRequest::default() };
        match plugin.resolve(cx, request.clone()).await {
            Ok(found) => return Ok((request, found)),
            Err(failure) if is_no_reference(&failure) => {}
            Err(failure) => return Err(failed(failure.to_string())),
        }
    }
    Err(failed(format!("unable to clone '{declared}': couldn't find remote ref {reference}")))
}

fn is_no_reference(failure: &PluginFailure) -> bool {
    let message = failure.to_string();
    NO_REFERENCE.iter().any(|text| message.contains(text))
}

/// `ref` of a GitRepository, most likely first.
fn meanings(reference: &str) -> Vec<Value> {
    let is_commit = reference.len() == 40 && reference.bytes().all(|digit| digit.is_ascii_hexdigit());
    match reference {
        "" => vec![json!({"name": "HEAD"})],
        _ if is_commit => vec![json!({"commit": reference})],
        "HEAD" => vec![json!({"name": reference})],
        _ if reference.starts_with("refs/") => vec![json!({"name": reference})],
        _ => {
            vec![json!({"tag": reference}), json!({"branch": reference}), json!({"name": format!("refs/{reference}")})]
        }
    }
}

/// `user@host:path` as a URL; what is one stays as it is.
fn url(repository: &str) -> String {
    if repository.contains("://") {
        return repository.to_owned();
    }
    match repository.split_once(':') {
        Some((host, path)) => format!("ssh://{host}/{}", path.trim_start_matches('/')),
        None => format!("ssh://{repository}"),
    }
}

fn failed(message: String) -> NoAnswer {
    NoAnswer { class: Class::Transient, reason: GIT_FAILED.to_owned(), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_mean_what_git_takes_them_for() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(meanings(""), [json!({"name": "HEAD"})]);
        assert_eq!(meanings(commit), [json!({"commit": commit})]);
        assert_eq!(meanings("refs/heads/x"), [json!({"name": "refs/heads/x"})]);
        assert_eq!(meanings("v1"), [json!({"tag": "v1"}), json!({"branch": "v1"}), json!({"name": "refs/v1"})]);
    }

    #[test]
    fn every_spelling_becomes_a_url() {
        for (given, expected) in [
            ("git@github.com:org/repo", "ssh://git@github.com/org/repo"),
            ("github.com:org/repo.git", "ssh://github.com/org/repo.git"),
            ("https://github.com/org/repo", "https://github.com/org/repo"),
            ("ssh://me@host:22/a/b", "ssh://me@host:22/a/b"),
        ] {
            assert_eq!(url(given), expected);
        }
    }
}
