//! What a commit says about itself.

use bstr::BStr;
use gix_hash::{Kind as Hash, ObjectId};
use gix_object::{CommitRef, Kind};
use weir_sdk::Result;

use crate::failure::git;
use crate::pack::Objects;

/// Flux shows this many characters of a subject.
const SUBJECT_CHARS: usize = 50;

/// A commit, as far as anybody wants to know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Commit {
    pub(crate) tree: ObjectId,
    /// The first line, shortened as Flux does.
    pub(crate) subject: String,
    pub(crate) author: Signature,
    pub(crate) committer: Signature,
}

/// Who and when.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Signature {
    /// `name <email>`.
    pub(crate) who: String,
    /// Seconds since 1970.
    pub(crate) seconds: i64,
}

impl Commit {
    pub(crate) fn read(objects: &mut Objects, id: &ObjectId) -> Result<Commit> {
        let data = objects.metadata(id, Kind::Commit)?;
        Commit::parse(&data).map_err(|error| git(format!("the commit {id} is damaged: {error}")))
    }

    fn parse(data: &[u8]) -> gix_error::Result<Commit> {
        let commit = CommitRef::from_bytes(data, Hash::Sha1)?;
        let (author, committer) = (commit.author()?, commit.committer()?);
        Ok(Commit {
            tree: commit.tree(),
            subject: shorten(&String::from_utf8_lossy(commit.message)),
            author: Signature::new(author.name, author.email, author.seconds()),
            committer: Signature::new(committer.name, committer.email, committer.seconds()),
        })
    }
}

impl Signature {
    fn new(name: &BStr, email: &BStr, seconds: i64) -> Signature {
        Signature { who: format!("{name} <{email}>"), seconds }
    }
}

fn shorten(message: &str) -> String {
    let subject = message.split('\n').next().unwrap_or_default();
    match subject.char_indices().nth(SUBJECT_CHARS) {
        Some((end, _)) => format!("{}...", &subject[..end]),
        None => subject.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_shortened() {
        assert_eq!(shorten("add x\n\nlong text"), "add x");
        assert_eq!(shorten(&"ü".repeat(50)), "ü".repeat(50));
        assert_eq!(shorten(&"ü".repeat(51)), format!("{}...", "ü".repeat(50)));
        assert_eq!(shorten(""), "");
    }

    #[test]
    fn a_commit_is_read() {
        let text = b"tree 0123456789012345678901234567890123456789\nauthor A U Thor <a@b.c> 1700000000 +0100\n\
            committer C <c@d.e> 1700000001 +0000\n\nsubject\n";
        let commit = Commit::parse(text).unwrap();
        assert_eq!(commit.subject, "subject");
        assert_eq!(commit.author, Signature { who: "A U Thor <a@b.c>".to_owned(), seconds: 1_700_000_000 });
        assert_eq!(commit.committer.seconds, 1_700_000_001);
        assert!(Commit::parse(b"tree x").is_err());
    }
}
