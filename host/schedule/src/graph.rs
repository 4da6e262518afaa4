//! Who is woken by whom: a source wakes its users, a dependency its dependants.

use std::collections::HashMap;

use weir_core::{Artifact, ObjectKey, depends};

/// The edges between keys, and the last artifact of each source.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    sources: depends::Graph,
    dependencies: depends::Graph,
    /// Revision and digest.
    artifacts: HashMap<ObjectKey, (String, String)>,
}

impl Graph {
    pub(crate) fn set(
        &mut self,
        key: &ObjectKey,
        sources: impl IntoIterator<Item = ObjectKey>,
        depends_on: impl IntoIterator<Item = ObjectKey>,
    ) {
        self.sources.set(key, sources);
        self.dependencies.set(key, depends_on);
    }

    /// The users of a source to wake for this artifact: none when it is the one known already.
    pub(crate) fn published(&mut self, source: &ObjectKey, artifact: &Artifact) -> Vec<ObjectKey> {
        let new = (artifact.revision.clone(), artifact.digest.clone());
        if self.artifacts.get(source) == Some(&new) {
            return vec![];
        }
        self.artifacts.insert(source.clone(), new);
        self.sources.dependants(source).cloned().collect()
    }

    /// The users of a source whose artifact was lost and is there again: whoever found it missing waits for it.
    pub(crate) fn restored(&mut self, source: &ObjectKey, artifact: &Artifact) -> Vec<ObjectKey> {
        self.unpublished(source);
        self.published(source, artifact)
    }

    /// The next artifact of a source is new, whatever it holds.
    pub(crate) fn unpublished(&mut self, source: &ObjectKey) {
        self.artifacts.remove(source);
    }

    pub(crate) fn dependants(&self, key: &ObjectKey) -> Vec<ObjectKey> {
        self.dependencies.dependants(key).cloned().collect()
    }

    pub(crate) fn cycle(&self, key: &ObjectKey) -> Option<Vec<ObjectKey>> {
        self.dependencies.cycle(key)
    }

    /// Forgets what a key uses and what it published; who uses it stays, because it may come back.
    pub(crate) fn forget(&mut self, key: &ObjectKey) {
        self.set(key, [], []);
        self.artifacts.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kind: &str, name: &str) -> ObjectKey {
        ObjectKey::new(kind, "ns", name)
    }

    fn artifact(revision: &str, digest: &str) -> Artifact {
        Artifact { revision: revision.into(), digest: digest.into(), ..Artifact::default() }
    }

    #[test]
    fn a_source_wakes_its_users_once_per_artifact() {
        let (git, app) = (key("GitRepository", "git"), key("Kustomization", "app"));
        let mut graph = Graph::default();
        graph.set(&app, [git.clone()], []);
        let mut check = |revision, digest, expected: &[&ObjectKey]| {
            assert_eq!(graph.published(&git, &artifact(revision, digest)).iter().collect::<Vec<_>>(), expected);
        };
        check("main@sha1:1", "sha256:a", &[&app]);
        check("main@sha1:1", "sha256:a", &[]);
        check("main@sha1:2", "sha256:a", &[&app]);
        check("main@sha1:2", "sha256:b", &[&app]);
        let again = graph.restored(&git, &artifact("main@sha1:2", "sha256:b"));
        assert_eq!(again, std::slice::from_ref(&app), "lost, and built again");
        graph.forget(&git);
        assert_eq!(
            graph.published(&git, &artifact("main@sha1:2", "sha256:b")),
            std::slice::from_ref(&app),
            "users stay"
        );
        graph.forget(&app);
        assert!(graph.published(&git, &artifact("main@sha1:3", "sha256:c")).is_empty());
    }

    #[test]
    fn a_dependency_knows_its_dependants() {
        let (infra, app) = (key("Kustomization", "infra"), key("Kustomization", "app"));
        let mut graph = Graph::default();
        graph.set(&app, [], [infra.clone()]);
        assert_eq!(graph.dependants(&infra), std::slice::from_ref(&app));
        graph.set(&infra, [], [app.clone()]);
        assert_eq!(graph.cycle(&infra), Some(vec![infra.clone(), app, infra]));
    }
}
