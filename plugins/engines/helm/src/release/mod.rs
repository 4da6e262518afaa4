//! What a rendered chart is made of.

mod head;
mod order;
mod print;
mod sort;
mod split;

pub(crate) use print::{print, show_only};
pub(crate) use sort::{Sorted, sort};
pub(crate) use split::split;

/// A document that is applied as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The template it comes from, with the chart in front: `podinfo/templates/service.yaml`.
    pub path: String,
    /// The document, without the space around it.
    pub content: String,
    /// As the document says it; may be empty.
    pub api_version: String,
    /// As the document says it; may be empty.
    pub kind: String,
}

/// A document that is applied at certain moments of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Name of the object.
    pub name: String,
    /// Kind of the object.
    pub kind: String,
    /// The template it comes from.
    pub path: String,
    /// The document, without the space around it.
    pub manifest: String,
    /// When it is applied.
    pub events: Vec<HookEvent>,
    /// The lighter come first.
    pub weight: i64,
    /// The words of `helm.sh/hook-delete-policy`, in lower case.
    pub delete_policies: Vec<String>,
    /// The words of `helm.sh/hook-output-log-policy`, in lower case.
    pub output_log_policies: Vec<String>,
}

/// When a hook is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookEvent {
    PreInstall,
    PostInstall,
    PreDelete,
    PostDelete,
    PreUpgrade,
    PostUpgrade,
    PreRollback,
    PostRollback,
    Test,
}

impl HookEvent {
    /// Reads an event in any case; `test-success` is Helm 2's word for a test.
    fn parse(text: &str) -> Option<HookEvent> {
        Some(match text.to_lowercase().as_str() {
            "pre-install" => HookEvent::PreInstall,
            "post-install" => HookEvent::PostInstall,
            "pre-delete" => HookEvent::PreDelete,
            "post-delete" => HookEvent::PostDelete,
            "pre-upgrade" => HookEvent::PreUpgrade,
            "post-upgrade" => HookEvent::PostUpgrade,
            "pre-rollback" => HookEvent::PreRollback,
            "post-rollback" => HookEvent::PostRollback,
            "test" | "test-success" => HookEvent::Test,
            _ => return None,
        })
    }

    /// As the annotation has it.
    pub fn as_str(self) -> &'static str {
        match self {
            HookEvent::PreInstall => "pre-install",
            HookEvent::PostInstall => "post-install",
            HookEvent::PreDelete => "pre-delete",
            HookEvent::PostDelete => "post-delete",
            HookEvent::PreUpgrade => "pre-upgrade",
            HookEvent::PostUpgrade => "post-upgrade",
            HookEvent::PreRollback => "pre-rollback",
            HookEvent::PostRollback => "post-rollback",
            HookEvent::Test => "test",
        }
    }
}
