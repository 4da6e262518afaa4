//! What a render takes from outside of its tree: questions of the renderer, answers of whoever runs it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::Class;

/// Where the directories of answers are in the tree that a renderer sees.
const MOUNTS: &str = ".weir-inputs";
/// Characters of a question's digest in the name of its directory: enough that no two questions of a render share one.
const MOUNT_NAME: usize = 32;

/// Something that a renderer needs and that is not in its tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// `http`, `git`, `function`, `chart`, …; the table is in `wit`.
    pub kind: String,
    /// Which one: a URL or a reference.
    pub name: String,
    /// The rest of the question.
    pub body: Vec<u8>,
}

impl Question {
    /// Where a directory that answers this is in the tree that the renderer sees.
    pub(crate) fn mount(&self) -> String {
        let mut digest = Sha256::new();
        for part in [self.kind.as_bytes(), self.name.as_bytes(), &self.body] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        format!("{MOUNTS}/{}", &hex::encode(digest.finalize())[..MOUNT_NAME])
    }
}

impl std::fmt::Display for Question {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} `{}`", self.kind, self.name)
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What exactly it is: a commit, a digest.
    pub revision: String,
    /// Its bytes.
    pub content: Vec<u8>,
    /// The directory, where it is one; it has to stay until the render is over.
    pub directory: Option<PathBuf>,
}

/// Why there is no answer, for the renderer to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAnswer {
    /// How to go on.
    pub class: Class,
    /// As a condition's reason.
    pub reason: String,
    /// For people.
    pub message: String,
}

/// All that is known when a render begins. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Answers(Arc<HashMap<Question, Result<Answer, NoAnswer>>>);

impl Answers {
    /// One more.
    pub fn add(&mut self, question: Question, answer: Result<Answer, NoAnswer>) {
        Arc::make_mut(&mut self.0).insert(question, answer);
    }

    /// Where a path of the renderer's tree is, if it is in the directory of an answer: the directory, and the rest of the path.
    pub fn locate<'a>(&self, path: &'a str) -> Option<(PathBuf, &'a str)> {
        self.0.iter().find_map(|(question, answer)| {
            let directory = answer.as_ref().ok()?.directory.as_ref()?;
            let rest = path.strip_prefix(&question.mount())?;
            let rest = if rest.is_empty() { rest } else { rest.strip_prefix('/')? };
            Some((directory.clone(), rest))
        })
    }

    /// What is known of a question.
    pub fn get(&self, question: &Question) -> Option<&Result<Answer, NoAnswer>> {
        self.0.get(question)
    }
}

/// One input of a render besides its tree and parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// As of its question.
    pub kind: String,
    /// As of its question.
    pub name: String,
    /// What exactly was taken.
    pub revision: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_has_a_directory_of_its_own() {
        let question = |kind: &str, name: &str| Question { kind: kind.into(), name: name.into(), body: vec![] };
        let mount = question("git", "x").mount();
        assert!(mount.starts_with(".weir-inputs/"), "{mount}");
        assert_eq!(question("git", "x").mount(), mount);
        assert_ne!(question("gi", "tx").mount(), mount);
    }

    #[test]
    fn a_path_in_an_answer_is_found() {
        let question = Question { kind: "git".into(), name: "x".into(), body: vec![] };
        let mount = question.mount();
        let mut answers = Answers::default();
        answers.add(question, Ok(Answer { directory: Some("/far".into()), ..Answer::default() }));
        assert_eq!(answers.locate(&mount), Some(("/far".into(), "")));
        assert_eq!(answers.locate(&format!("{mount}/a/b")), Some(("/far".into(), "a/b")));
        assert_eq!(answers.locate(&format!("{mount}x")), None);
        assert_eq!(answers.locate("a/b"), None);
    }
}
