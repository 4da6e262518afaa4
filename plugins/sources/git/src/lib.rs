//! The Git source plugin: smart HTTP, one shallow fetch, bounded memory.
//!
//! `resolve` costs at most one listing of references (nothing for a lone commit, one small request per candidate when tags
//! tie), and `fetch` one pack. The pack goes to scratch space as it comes, and the tree is written object by object.

mod access;
mod commit;
mod config;
mod failure;
mod limits;
mod pack;
mod reference;
mod remote;
mod resolve;
mod tree;

use std::path::{Path, PathBuf};

use serde_json::json;
use weir_sdk::{Info, Report, Resolution, Result, Source, SourceContext, SourceRequest};

use access::Access;
use commit::Commit;
pub use config::{Config, RefSpec, SecretRef, Spec};
use failure::{checking_out, cloning, git};
pub use limits::*;
use pack::Objects;
pub use reference::Reference;
use remote::{Depth, Remote};
use resolve::Found;
use tree::{Listing, Written};

/// Metadata key: the commit's first line, at most 50 characters and `...`.
pub const SUBJECT: &str = "subject";
/// Metadata key: `name <email>` of the author.
pub const AUTHOR: &str = "author";
/// Metadata key: when it was written, in seconds since 1970.
pub const AUTHOR_TIME: &str = "authorTime";
/// Metadata key: `name <email>` of the committer.
pub const COMMITTER: &str = "committer";
/// Metadata key: when it was committed, in seconds since 1970.
pub const COMMITTER_TIME: &str = "committerTime";
/// Metadata key: a JSON list of the paths that are executable, which a guest cannot say with file modes.
pub const EXECUTABLES: &str = "executables";

/// The plugin.
pub struct GitSource;

weir_sdk::register!(source: GitSource);

impl Source for GitSource {
    type Config = Config;

    fn info() -> Info {
        weir_sdk::info!()
            .named("git")
            .needs("http", json!({"origins": ["spec.url"]}), "fetches the repository")
            .can_use("secret-use", json!({"bindings": ["secretRef"]}), "authenticates to the repository")
            .memory_mib(256)
            .timeout_seconds(60)
    }

    fn resolve(cx: &SourceContext, request: &SourceRequest<Config>) -> Result<Resolution> {
        let config = &request.config;
        config.spec.check()?;
        let revision = current_revision(cx, config).map_err(checking_out)?;
        let state = config.spec.content_state();
        match &request.previous {
            Some(previous) if previous.revision == revision && previous.state == state => {
                Ok(Resolution::unchanged(previous))
            }
            _ => Ok(Resolution::new(revision).with_state(state)),
        }
    }

    fn fetch(cx: &SourceContext, request: &SourceRequest<Config>, what: &Resolution) -> Result<Report> {
        let spec = &request.config.spec;
        spec.check()?;
        let mut checkout = check_out(cx, &request.config, &what.revision).map_err(checking_out)?;
        let sparse = spec.sparse_directories();
        let listing = Listing::new(&mut checkout.objects, checkout.commit.tree, &sparse)?;
        listing.check_sparse(&sparse)?;
        let rules = listing.rules(&mut checkout.objects, spec.ignore.as_deref())?;
        let written = listing.write(&mut checkout.objects, &rules, cx.output(), MAX_TREE_BYTES)?;
        Ok(report(&checkout, &written))
    }
}

fn current_revision(cx: &SourceContext, config: &Config) -> Result<String> {
    let reference = config.spec.reference()?;
    let access = Access::new(cx, config)?;
    if let Reference::Commit { id, .. } = &reference {
        return Ok(reference.revision(id, None));
    }
    let url = &config.spec.shown_url();
    let mut remote = Remote::connect(cx.http(), &access).map_err(cloning(url))?;
    let scratch = directory(cx.scratch(), "ties")?;
    let Found { commit, tag } = resolve::find(&mut remote, &reference, url, &scratch)?;
    Ok(reference.revision(&commit, tag.as_deref()))
}

struct Checkout {
    objects: Objects,
    commit: Commit,
    received: u64,
}

fn check_out(cx: &SourceContext, config: &Config, revision: &str) -> Result<Checkout> {
    let url = &config.spec.shown_url();
    let id = reference::commit_of(revision).ok_or_else(|| git(format!("the revision names no commit: {revision}")))?;
    let reference = config.spec.reference()?;
    let access = Access::new(cx, config)?;
    let mut remote = Remote::connect(cx.http(), &access).map_err(cloning(url))?;
    if matches!(&reference, Reference::Commit { branch: Some(_), .. }) {
        let history = directory(cx.scratch(), "history")?;
        let branch = resolve::find(&mut remote, &reference, url, &history)?;
        resolve::check_in_branch(&mut remote, id, &branch, url, &history)?;
        std::fs::remove_dir_all(history)?;
    }
    let scratch = directory(cx.scratch(), "objects")?;
    let receive = |pack: &mut dyn std::io::BufRead| Ok(Objects::receive(pack, &scratch)?);
    let mut objects = remote.pack(id, Depth::Files, receive).map_err(cloning(url))?;
    let commit = Commit::read(&mut objects, &id)?;
    Ok(Checkout { objects, commit, received: remote.received() })
}

fn directory(scratch: &Path, name: &str) -> Result<PathBuf> {
    let path = scratch.join(name);
    std::fs::create_dir_all(&path)?;
    Ok(path)
}

fn report(checkout: &Checkout, written: &Written) -> Report {
    let commit = &checkout.commit;
    let mut metadata = vec![
        (SUBJECT.to_owned(), commit.subject.clone()),
        (AUTHOR.to_owned(), commit.author.who.clone()),
        (AUTHOR_TIME.to_owned(), commit.author.seconds.to_string()),
        (COMMITTER.to_owned(), commit.committer.who.clone()),
        (COMMITTER_TIME.to_owned(), commit.committer.seconds.to_string()),
    ];
    if !written.executables.is_empty() {
        metadata.push((EXECUTABLES.to_owned(), json!(written.executables).to_string()));
    }
    Report { metadata, verified: None, bytes_in: checkout.received }
}
