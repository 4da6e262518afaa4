//! Finding the commit, with as few requests as there can be.

use std::path::Path;

use gix_hash::ObjectId;
use weir_sdk::Result;
use weir_semver::{Constraint, Version};

use crate::commit::Commit;
use crate::failure::{cloning, empty, git};
use crate::pack::Objects;
use crate::reference::Reference;
use crate::remote::{Depth, Remote, RemoteRef};

const TAGS: &str = "refs/tags/";

/// The most tags of equal precedence whose commits are compared.
pub(crate) const MAX_TIES: usize = 32;

/// A commit, and the tag that a constraint chose.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Found {
    pub(crate) commit: ObjectId,
    pub(crate) tag: Option<String>,
}

/// Asks the server where the reference leads.
pub(crate) fn find(remote: &mut Remote, reference: &Reference, url: &str, scratch: &Path) -> Result<Found> {
    if let Reference::Semver { text, constraint } = reference {
        return highest_tag(remote, text, constraint, url, scratch);
    }
    let Some(name) = reference.full_name() else {
        return Err(git("nothing to check out"));
    };
    let refs = remote.refs(std::slice::from_ref(&name)).map_err(cloning(url))?;
    match refs.into_iter().find(|found| found.name == name) {
        Some(found) => Ok(Found { commit: found.commit, tag: None }),
        None => Err(missing(remote, reference, &name, url)?),
    }
}

/// Why a reference is not there: the repository is empty, or just without it.
fn missing(remote: &mut Remote, reference: &Reference, name: &str, url: &str) -> Result<weir_sdk::Error> {
    let everything = remote.refs(&[]).map_err(cloning(url))?;
    Ok(match reference {
        _ if everything.is_empty() => empty(),
        Reference::Name(full) => git(format!("unable to resolve ref '{full}' to a specific commit")),
        Reference::Semver { text, .. } => git(format!("no match found for semver: {text}")),
        _ => cloning(url)(git(format!("couldn't find remote ref \"{name}\""))),
    })
}

fn highest_tag(remote: &mut Remote, text: &str, constraint: &Constraint, url: &str, scratch: &Path) -> Result<Found> {
    let refs = remote.refs(&[TAGS.to_owned()]).map_err(cloning(url))?;
    let mut best = best_tags(refs, constraint);
    if best.is_empty() {
        let reference = Reference::Semver { text: text.to_owned(), constraint: constraint.clone() };
        return Err(missing(remote, &reference, text, url)?);
    }
    let tie = best.windows(2).any(|pair| pair[0].commit != pair[1].commit);
    if tie {
        best = vec![newest(remote, best, url, scratch)?];
    }
    // Without a tie all names are equal: the last one is taken, as a stable sort would.
    let Some(chosen) = best.pop() else {
        return Err(git(format!("no match found for semver: {text}")));
    };
    let tag = chosen.name.strip_prefix(TAGS).unwrap_or(&chosen.name).to_owned();
    Ok(Found { commit: chosen.commit, tag: Some(tag) })
}

/// The tags that fit and that no other tag that fits is higher than.
fn best_tags(refs: Vec<RemoteRef>, constraint: &Constraint) -> Vec<RemoteRef> {
    let mut best: Vec<(Version, RemoteRef)> = Vec::new();
    for found in refs {
        let Some(version) = found.name.strip_prefix(TAGS).and_then(|tag| Version::parse_tag(tag).ok()) else {
            continue;
        };
        if !constraint.matches(&version) {
            continue;
        }
        match best.first().map(|(highest, _)| version.precedence(highest)) {
            Some(std::cmp::Ordering::Less) => continue,
            Some(std::cmp::Ordering::Greater) => best.clear(),
            _ => {}
        }
        best.push((version, found));
    }
    best.into_iter().map(|(_, found)| found).collect()
}

/// Among tags of equal precedence the commit that was committed last counts.
fn newest(remote: &mut Remote, tags: Vec<RemoteRef>, url: &str, scratch: &Path) -> Result<RemoteRef> {
    if tags.len() > MAX_TIES {
        return Err(git(format!("more than {MAX_TIES} tags have the same precedence")));
    }
    let mut newest: Option<(i64, RemoteRef)> = None;
    for tag in tags {
        let mut objects = remote
            .pack(tag.commit, Depth::Commit, |pack| Ok(Objects::receive(pack, scratch)?))
            .map_err(cloning(url))?;
        let seconds = Commit::read(&mut objects, &tag.commit)?.committer.seconds;
        if newest.as_ref().is_none_or(|(latest, _)| seconds >= *latest) {
            newest = Some((seconds, tag));
        }
    }
    newest.map(|(_, tag)| tag).ok_or_else(|| git("no tag left to choose from"))
}

/// Fails unless `commit` is in the history of the branch. The names of commits are all that is fetched for it, where the
/// server can leave the rest out.
pub(crate) fn check_in_branch(
    remote: &mut Remote,
    commit: ObjectId,
    branch: &Found,
    url: &str,
    scratch: &Path,
) -> Result<()> {
    if branch.commit == commit {
        return Ok(());
    }
    let objects = remote
        .pack(branch.commit, Depth::History, |pack| Ok(Objects::receive(pack, scratch)?))
        .map_err(cloning(url))?;
    match objects.find(&commit) {
        Ok(_) => Ok(()),
        Err(_) => Err(git(format!("unable to resolve commit object for '{commit}': object not found"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_chosen_by_precedence() {
        let check = |constraint: &str, tags: &[&str], expected: &[&str]| {
            let commit = ObjectId::null(gix_hash::Kind::Sha1);
            let refs = tags.iter().map(|tag| RemoteRef { name: format!("{TAGS}{tag}"), commit }).collect();
            let best = best_tags(refs, &Constraint::parse(constraint).unwrap());
            let names: Vec<&str> = best.iter().filter_map(|found| found.name.strip_prefix(TAGS)).collect();
            assert_eq!(names, expected, "{constraint}");
        };
        let tags =
            ["v1.2", "latest", "v1.0.0", "1.9.0", "v1.10.0", "2.0.0-rc.1", "2.0.0-rc.2+a", "2.0.0-rc.2+b", "a/9.9.9"];
        check(">=1.0 <2.0", &tags, &["v1.10.0"]);
        check(">=1.0.0", &tags, &["v1.10.0"]);
        check(">=1.0.0-0", &tags, &["2.0.0-rc.2+a", "2.0.0-rc.2+b"]);
        check(">=3", &tags, &[]);
        check("1.0.x", &["1.0.0+a", "v1.0.0+b", "1.0"], &["1.0.0+a", "v1.0.0+b"]);
    }
}
