//! The other side: what references it has, and packs from it.

mod wire;

use std::cell::RefCell;
use std::io::{self, BufRead};
use std::ops::ControlFlow;
use std::rc::Rc;

use gix_hash::ObjectId;
use gix_protocol::fetch::{Arguments, Response};
use gix_protocol::handshake::Ref;
use gix_protocol::ls_refs::RefPrefixes;
use gix_protocol::transport::{Protocol, Service};
use gix_protocol::{Command, Handshake, LsRefsCommand};
use gix_transport::client::blocking_io::ExtendedBufRead;
use gix_transport::client::blocking_io::http::Transport;
use gix_utils::progress::Discard;
use weir_sdk::{Result, http};

use crate::access::Access;
use crate::failure::{git, unsupported};
use wire::{Meter, Wire};

/// How we name ourselves in requests that carry a command.
const AGENT: &str = concat!("git/weir-", env!("CARGO_PKG_VERSION"));
/// Sections of a response that are of no use here.
const UNUSED_FEATURES: &[&str] = &["sideband-all", "packfile-uris", "wait-for-done", "ref-in-want", "include-tag"];
/// How much of the server's own words about a failure is kept, in bytes.
const MAX_REMOTE_WORDS: usize = 1024;

/// A reference and the commit that it leads to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RemoteRef {
    pub(crate) name: String,
    pub(crate) commit: ObjectId,
}

/// How much of a history is wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Depth {
    /// One commit with its files.
    Files,
    /// One commit, without files where the server can leave them out.
    Commit,
    /// All commits, without files where the server can leave them out.
    History,
}

/// A repository that answered.
pub(crate) struct Remote {
    transport: Transport<Wire>,
    handshake: Handshake,
    meter: Meter,
}

impl Remote {
    /// Asks what the server can do; servers that know version 2 of the protocol list no references yet.
    pub(crate) fn connect(client: http::Client, access: &Access) -> Result<Remote> {
        let meter = Meter::default();
        let url = gix_url::parse(access.url.as_str()).map_err(|error| git(error.to_string()))?;
        let wire = Wire { client, meter: meter.clone(), redirected: None };
        let mut transport = Transport::new_http(wire, url, Protocol::V2, false);
        let no_identity = |_| Ok(None);
        let handshake =
            gix_protocol::handshake(&mut transport, Service::UploadPack, no_identity, Vec::new(), &mut Discard)
                .map_err(|error| explain(&meter, &error))?;
        let format =
            handshake.capabilities.capability("object-format").and_then(|format| format.value().map(ToOwned::to_owned));
        match format {
            Some(format) if format != "sha1" => {
                Err(unsupported(format!("the repository's object format is not supported: {format}")))
            }
            _ => Ok(Remote { transport, handshake, meter }),
        }
    }

    /// Bytes received so far.
    pub(crate) fn received(&self) -> u64 {
        self.meter.received()
    }

    /// The references whose names start with one of the prefixes; all of them if there is no prefix.
    pub(crate) fn refs(&mut self, prefixes: &[String]) -> Result<Vec<RemoteRef>> {
        let listed = match &self.handshake.refs {
            Some(refs) => refs.clone(),
            None => self.list(prefixes)?,
        };
        let wanted = |name: &str| prefixes.is_empty() || prefixes.iter().any(|prefix| name.starts_with(prefix));
        Ok(listed.into_iter().filter_map(remote_ref).filter(|found| wanted(&found.name)).collect())
    }

    fn list(&mut self, prefixes: &[String]) -> Result<Vec<Ref>> {
        let mut filter = RefPrefixes::new();
        filter.extend(prefixes.iter().map(|prefix| prefix.as_str().into()));
        let filter = (!prefixes.is_empty()).then_some(filter);
        LsRefsCommand::new(filter, &self.handshake.capabilities, ("agent", Some(AGENT.to_owned())))
            .invoke_blocking(&mut self.transport, &mut Discard, false)
            .map_err(|error| explain(&self.meter, &error))
    }

    /// Asks for a pack with `commit` and hands it on as it comes.
    pub(crate) fn pack<T>(
        &mut self,
        commit: ObjectId,
        depth: Depth,
        consume: impl FnOnce(&mut dyn BufRead) -> Result<T>,
    ) -> Result<T> {
        let version = self.handshake.server_protocol_version;
        let mut features = Command::Fetch.default_features(version, &self.handshake.capabilities);
        features.retain(|(name, _)| !UNUSED_FEATURES.contains(name));
        features.push(("agent", Some(AGENT.to_owned())));
        Response::check_required_features(version, &features).map_err(|error| git(error.to_string()))?;
        let mut arguments = Arguments::new(version, features, false);
        if depth != Depth::History {
            if !arguments.can_use_shallow() {
                return Err(git("the server does not support shallow clones"));
            }
            arguments.deepen(1);
        }
        if depth != Depth::Files && arguments.can_use_filter() {
            arguments.filter("tree:0");
        }
        arguments.want(commit);
        let words = Rc::new(RefCell::new(String::new()));
        let outcome = receive(&mut arguments, &mut self.transport, version, &words, consume);
        outcome.map_err(|error| match self.meter.take_failure() {
            Some(failure) => failure,
            None if words.borrow().is_empty() => error,
            None => git(words.borrow().trim().to_owned()),
        })
    }
}

fn receive<T>(
    arguments: &mut Arguments,
    transport: &mut Transport<Wire>,
    version: Protocol,
    words: &Rc<RefCell<String>>,
    consume: impl FnOnce(&mut dyn BufRead) -> Result<T>,
) -> Result<T> {
    let mut reader = arguments.send(transport, true).map_err(|error| git(chain(&error)))?;
    let response =
        Response::from_line_reader(version, &mut reader, true, false).map_err(|error| git(chain_gix(&error)))?;
    if !response.has_pack() {
        return Err(git("the server sent no pack"));
    }
    let words = words.clone();
    reader.set_progress_handler(Some(Box::new(move |is_error, text| {
        let mut words = words.borrow_mut();
        if is_error && words.len() < MAX_REMOTE_WORDS {
            words.push_str(&String::from_utf8_lossy(text));
        }
        ControlFlow::Continue(())
    })));
    let consumed = consume(&mut reader)?;
    // Another request can only follow when this response is read to its end.
    io::copy(&mut reader, &mut io::sink()).map_err(weir_sdk::Error::from)?;
    Ok(consumed)
}

fn remote_ref(found: Ref) -> Option<RemoteRef> {
    let (name, commit) = match found {
        Ref::Peeled { full_ref_name, object, .. }
        | Ref::Direct { full_ref_name, object }
        | Ref::Symbolic { full_ref_name, object, .. } => (full_ref_name, object),
        Ref::Unborn { .. } => return None,
    };
    Some(RemoteRef { name: String::from_utf8(name.into()).ok()?, commit })
}

fn explain(meter: &Meter, error: &gix_error::Error) -> weir_sdk::Error {
    meter.take_failure().unwrap_or_else(|| git(chain_gix(error)))
}

/// An error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn chain_gix(error: &gix_error::Error) -> String {
    error.iter_errors().map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
