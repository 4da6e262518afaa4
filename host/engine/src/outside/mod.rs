//! What a render takes from outside of its tree: remote files, remote bases, functions and charts, as far as the operator
//! allows them.
//!
//! A renderer asks and ends; its questions are answered here, and it renders again with the answers. So nothing waits in a
//! sandbox for the network, and what went into a render besides its tree is known: [`Rendered::inputs`].

mod charts;
mod functions;
mod git;
mod registry;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use std::path::Path;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use weir_core::Mirrors;
use weir_package::{Reference, Sources};
use weir_plugin::{
    Answer, Answers, CallContext, Class, FailureKind, GetError, Input, NoAnswer, Plugin, PluginFailure, PluginHost,
    Question, RenderRequest, Rendered, Tls,
};

use functions::Loaded;
pub use functions::MAX_FUNCTION_DEPTH;

/// Questions of one render, those of its functions not counted.
pub const MAX_ANSWERS: usize = 256;
/// Answers that are looked for at the same time.
const AT_ONCE: usize = 8;
/// The longest that a single file may take.
const HTTP_WALL: Duration = Duration::from_secs(60);

/// The name of the plugin that fetches repositories.
const GIT: &str = "git";
/// The reason of an answer that a server gave with a status of its own.
const HTTP_STATUS: &str = "HTTPStatus";
const HTTP_FAILED: &str = "HTTPFailed";
const NOT_ALLOWED: &str = "NotAllowed";

/// What the operator allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Remote files, bases and charts (the opposite of Flux's `--no-remote-bases`).
    pub remote_bases: bool,
    /// References of functions; one that ends in `*` allows all that begin like it.
    pub functions: Vec<String>,
    /// The plugin that renders the charts of kustomizations (kustomize's `--enable-helm`); none are rendered without.
    pub charts: Option<Reference>,
}

/// Answers the questions of renderers. Clones share it.
#[derive(Clone)]
pub struct Outside(Arc<Parts>);

struct Parts {
    host: PluginHost,
    sources: Sources,
    git: OnceCell<Plugin>,
    helm: OnceCell<Plugin>,
    functions: Loaded,
    mirrors: Mirrors,
    rules: Rules,
}

/// Answers so far, and what has to stay until the render is over.
#[derive(Default)]
struct Gathered {
    answers: Answers,
    count: usize,
    directories: Vec<TempDir>,
    /// What functions took.
    inputs: Vec<Input>,
    /// A chart read the time or took randomness.
    not_hermetic: bool,
}

/// An answer, and what belongs to it.
#[derive(Default)]
struct Found {
    answer: Answer,
    directory: Option<TempDir>,
    inputs: Vec<Input>,
    not_hermetic: bool,
}

/// Who asks: the call, its tree and what that is, how deep in functions, and until when.
struct Asker<'a> {
    cx: &'a CallContext,
    input: &'a Path,
    identity: Option<String>,
    depth: usize,
    deadline: Instant,
}

impl Asker<'_> {
    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

impl Outside {
    /// `git` is loaded from `sources` when it is needed and not given.
    pub fn new(host: PluginHost, sources: Sources, git: Option<Plugin>, mirrors: Mirrors, rules: Rules) -> Self {
        let git = OnceCell::new_with(git);
        let (helm, functions) = (OnceCell::new(), Loaded::default());
        Self(Arc::new(Parts { host, sources, git, helm, functions, mirrors, rules }))
    }

    /// What the operator allows.
    pub fn rules(&self) -> &Rules {
        &self.0.rules
    }

    /// Renders until no question is open. The call's wall-clock time is that of everything together.
    pub async fn render(
        &self,
        plugin: &Plugin,
        cx: &CallContext,
        request: RenderRequest,
        input: &Path,
    ) -> Result<Rendered, PluginFailure> {
        self.render_at(0, plugin, cx, request, input).await
    }

    fn render_at<'a>(
        &'a self,
        depth: usize,
        plugin: &'a Plugin,
        cx: &'a CallContext,
        request: RenderRequest,
        input: &'a Path,
    ) -> BoxFuture<'a, Result<Rendered, PluginFailure>> {
        async move {
            let identity = request.identity.clone();
            let asker = Asker { cx, input, identity, depth, deadline: Instant::now() + cx.limits.wall };
            let mut gathered = Gathered::default();
            let fail = |kind| PluginFailure { plugin: plugin.name().to_owned(), kind };
            loop {
                let request = RenderRequest { answers: gathered.answers.clone(), ..request.clone() };
                match plugin.render(&asker.call(), request, input).await {
                    Ok(mut rendered) => {
                        rendered.inputs.extend(gathered.inputs);
                        rendered.hermetic &= !gathered.not_hermetic;
                        return Ok(rendered);
                    }
                    Err(PluginFailure { kind: FailureKind::Waiting { questions }, .. }) => {
                        gathered.count += questions.len();
                        if gathered.count > MAX_ANSWERS {
                            let limit = MAX_ANSWERS as u64;
                            return Err(fail(FailureKind::OutputLimit { what: "inputs from outside", limit }));
                        }
                        self.gather(&asker, questions, &mut gathered).await;
                        if asker.left().is_zero() {
                            return Err(fail(FailureKind::Timeout { limit: cx.limits.wall }));
                        }
                    }
                    Err(failure) => return Err(failure),
                }
            }
        }
        .boxed()
    }

    async fn gather(&self, asker: &Asker<'_>, questions: Vec<Question>, gathered: &mut Gathered) {
        let known = gathered.answers.clone();
        let found = stream::iter(questions).map(|question| {
            let known = &known;
            async move {
                let found = self.find(asker, &question, known).await;
                (question, found)
            }
        });
        let found: Vec<_> = found.buffered(AT_ONCE).collect().await;
        for (question, found) in found {
            let answer = found.map(|found| {
                gathered.directories.extend(found.directory);
                gathered.inputs.extend(found.inputs);
                gathered.not_hermetic |= found.not_hermetic;
                found.answer
            });
            gathered.answers.add(question, answer);
        }
    }

    async fn find(&self, asker: &Asker<'_>, question: &Question, known: &Answers) -> Result<Found, NoAnswer> {
        match question.kind.as_str() {
            "http" => self.file(asker, &question.name).await,
            "git" => self.repository(asker, question).await,
            "function" => self.function(asker, question).await,
            "chart" => self.chart(asker, question, known).await,
            "tags" => self.tags(asker, &question.name).await,
            "archive" => self.archive(asker, &question.name).await,
            other => Err(refused(Class::Unsupported, format!("nothing of this kind is served: {other}"))),
        }
    }

    /// Fetches and compiles a plugin; else says why that cannot be done, for an answer that has a reason of its own.
    async fn load_from_sources(&self, reference: &Reference) -> Result<Plugin, String> {
        let unusable = |error: &dyn std::error::Error| format!("cannot load {reference}: {}", chain(error));
        let fetched = self.0.sources.resolve(reference).await.map_err(|error| unusable(&error))?;
        let loaded = self.0.host.load(fetched.bytes, Some(fetched.component.as_str())).await;
        loaded.map_err(|error| unusable(&error))
    }

    async fn file(&self, asker: &Asker<'_>, url: &str) -> Result<Found, NoAnswer> {
        self.check_remote(asker, url)?;
        let address = self.0.mirrors.rewrite(url);
        let content = weir_plugin::get(&address, &Tls::default(), asker.left().min(HTTP_WALL)).await;
        let content = content.map_err(|error| NoAnswer {
            class: Class::Transient,
            reason: if matches!(error, GetError::Status(_)) { HTTP_STATUS } else { HTTP_FAILED }.to_owned(),
            message: match error {
                GetError::Status(_) => error.to_string(),
                other => format!("Get \"{url}\": {other}"),
            },
        })?;
        let revision = weir_package::Digest::of(&content).to_string();
        Ok(Found { answer: Answer { revision, content, directory: None }, ..Found::default() })
    }

    /// Functions get nothing from the network, whatever the rules say.
    fn check_remote(&self, asker: &Asker<'_>, url: &str) -> Result<(), NoAnswer> {
        if asker.depth > 0 {
            return Err(refused(Class::Terminal, format!("functions may not fetch anything: {url}")));
        }
        match self.0.rules.remote_bases {
            true => Ok(()),
            false => Err(refused(
                Class::Terminal,
                format!("remote files and bases are not allowed (`--no-remote-bases`): {url}"),
            )),
        }
    }
}

impl Asker<'_> {
    /// The renderer's own limits, but not more time than there is left.
    fn call(&self) -> CallContext {
        let limits = weir_plugin::Limits {
            cpu: Some(self.cx.limits.cpu_budget()),
            ..self.cx.limits.clone().with_wall(self.left())
        };
        CallContext { limits, ..self.cx.clone() }
    }

    /// A call of another plugin on behalf of the same tenant: it gets nothing of what the asker was granted, and ends with it.
    fn call_other(&self, limits: weir_plugin::Limits) -> CallContext {
        let cancellation = self.cx.cancellation.clone();
        CallContext { cancellation, ..CallContext::new(self.cx.tenant.clone(), limits) }
    }
}

fn refused(class: Class, message: String) -> NoAnswer {
    NoAnswer { class, reason: NOT_ALLOWED.to_owned(), message }
}

/// An error and what it comes from.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Whether a render may come out differently although its tree and parameters are the same: a branch moves, a file changes, a
/// chart makes up a password.
pub fn may_move(rendered: &Rendered) -> bool {
    !rendered.hermetic || rendered.inputs.iter().any(|input| !matches!(input.kind.as_str(), "function" | "chart"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_and_charts_are_pinned_and_everything_else_moves() {
        let rendered = |kinds: &[&str], hermetic| {
            let input = |kind: &&str| Input { kind: (*kind).into(), name: "x".into(), revision: "y".into() };
            Rendered { inputs: kinds.iter().map(input).collect(), hermetic, ..Rendered::default() }
        };
        assert!(!may_move(&rendered(&["function", "chart"], true)));
        assert!(may_move(&rendered(&["chart"], false)), "a chart with a random password");
        assert!(may_move(&rendered(&["function", "git"], true)) && may_move(&rendered(&["http"], true)));
    }
}
