//! What a renderer needs from outside of its tree.

use crate::Result;
use crate::backend::Host;

/// What the host found for a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What exactly it is: a commit, a digest.
    pub revision: String,
    /// Its bytes.
    pub content: Vec<u8>,
    /// The directory of [`Tree`](crate::Tree) that holds it, where it is one.
    pub directory: Option<String>,
}

/// Asks for what is outside of the tree. A plugin that uses it asks for the capability `inputs`.
pub struct Inputs<'a>(pub(crate) &'a dyn Host);

impl Inputs<'_> {
    /// The host's answer. `None` means that there is none yet: end the call then, with any error; the host gets what was
    /// asked for and calls again from the start. Asking for several things before ending saves calls.
    ///
    /// # Errors
    /// Why there will be no answer.
    pub fn ask(&self, kind: &str, name: &str, body: &[u8]) -> Result<Option<Answer>> {
        self.0.ask(kind, name, body)
    }
}
