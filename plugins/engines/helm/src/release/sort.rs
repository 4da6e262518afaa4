//! Sorts what the templates printed into manifests and hooks.

use crate::error::{Error, Result};
use crate::release::head::Head;
use crate::release::{Hook, HookEvent, Manifest, order, split};
use crate::{Helm, decode, go_path};

const HOOK: &str = "helm.sh/hook";
const HOOK_WEIGHT: &str = "helm.sh/hook-weight";
const HOOK_DELETE_POLICY: &str = "helm.sh/hook-delete-policy";
const HOOK_OUTPUT_LOG_POLICY: &str = "helm.sh/hook-output-log-policy";

/// Manifests and hooks in install order.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    pub(crate) manifests: Vec<Manifest>,
    pub(crate) hooks: Vec<Hook>,
    pub(crate) warnings: Vec<String>,
}

/// Cuts the rendered files (which come in the order of their paths) into documents and sorts them.
///
/// # Errors
/// A document that is not YAML, or not an object with string annotations.
pub(crate) fn sort<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>, helm: Helm) -> Result<Sorted> {
    let mut sorted = Sorted::default();
    for (path, content) in files {
        if go_path::base(path).starts_with('_') {
            continue;
        }
        let unreadable = |error: String| Error::manifest(format!("YAML parse error on {path}: {error}"));
        let content = match std::str::from_utf8(content) {
            Ok(content) => content,
            Err(_) => return decode::parse(content).map(|_| sorted).map_err(unreadable),
        };
        if content.trim().is_empty() {
            continue;
        }
        for document in split::split(content, helm) {
            let head = Head::read(document, helm).map_err(unreadable)?;
            sorted.add(path, document, head);
        }
    }
    sorted.manifests.sort_by_cached_key(|manifest| order::key(&manifest.kind, helm));
    sorted.hooks.sort_by_cached_key(|hook| order::key(&hook.kind, helm));
    Ok(sorted)
}

impl Sorted {
    fn add(&mut self, path: &str, document: &str, head: Head) {
        let Some(hook) = head.annotation(HOOK) else {
            self.manifests.push(Manifest {
                path: path.to_owned(),
                content: document.to_owned(),
                api_version: head.api_version,
                kind: head.kind,
            });
            return;
        };
        let words = |annotation: &str| {
            let words = head.annotation(annotation).map(|text| text.split(','));
            words.into_iter().flatten().map(|word| word.trim().to_lowercase()).collect()
        };
        let Some(events) = hook.split(',').map(|event| HookEvent::parse(event.trim())).collect() else {
            self.warnings.push(format!(
                "manifest_sorter.go:199: info: skipping unknown hook: {}",
                weir_gotmpl::quote(hook.as_bytes())
            ));
            return;
        };
        self.hooks.push(Hook {
            path: path.to_owned(),
            manifest: document.to_owned(),
            events,
            weight: head.annotation(HOOK_WEIGHT).and_then(|weight| weight.parse().ok()).unwrap_or_default(),
            delete_policies: words(HOOK_DELETE_POLICY),
            output_log_policies: words(HOOK_OUTPUT_LOG_POLICY),
            kind: head.kind,
            name: head.name,
        });
    }
}
