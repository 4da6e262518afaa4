//! What `helm template` prints.

use std::fmt::Write as _;

use crate::error::{Error, Result};
use crate::release::split::split;
use crate::release::{Hook, Manifest};
use crate::render::Crd;
use crate::{Helm, go_path};

/// The manifests, and then the hooks.
pub(crate) fn print<'a>(crds: &[Crd], manifests: &[Manifest], hooks: impl Iterator<Item = &'a Hook>) -> String {
    let mut out = String::new();
    for crd in crds {
        document(&mut out, &crd.path, &crd.content);
    }
    for manifest in manifests {
        document(&mut out, &manifest.path, &manifest.content);
    }
    let trimmed = out.trim_end().len();
    out.truncate(trimmed);
    let start = out.len() - out.trim_start().len();
    out.drain(..start);
    out.push('\n');
    for hook in hooks {
        document(&mut out, &hook.path, &hook.manifest);
    }
    out
}

fn document(out: &mut String, path: &str, content: &str) {
    let written = write!(out, "---\n# Source: {path}\n{content}\n");
    debug_assert!(written.is_ok(), "a string takes everything");
}

/// Of what [`print`] gave, the documents of the templates that match one of the patterns.
///
/// # Errors
/// A pattern that matches no template.
pub(crate) fn show_only(printed: &str, patterns: &[String], helm: Helm) -> Result<String> {
    let documents = split(printed, helm);
    let mut out = String::new();
    for pattern in patterns {
        let before = out.len();
        for document in &documents {
            if source(document).is_some_and(|path| go_path::matches(pattern, path) == Ok(true)) {
                let written = writeln!(out, "---\n{document}");
                debug_assert!(written.is_ok(), "a string takes everything");
            }
        }
        if out.len() == before {
            return Err(Error::options(format!("could not find template {pattern} in chart")));
        }
    }
    Ok(out)
}

/// The template that a document names in its `# Source:` comment, without the chart.
fn source(document: &str) -> Option<&str> {
    document.match_indices("# Source: ").find_map(|(at, mark)| {
        let line = document[at + mark.len()..].split('\n').next().unwrap_or_default();
        let (chart, path) = line.split_once('/')?;
        (!chart.is_empty() && !path.is_empty()).then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(path: &str, content: &str) -> Manifest {
        Manifest { path: path.into(), content: content.into(), api_version: String::new(), kind: String::new() }
    }

    #[test]
    fn documents_name_their_source() {
        let crds = [Crd { path: "c/crds/a.yaml".into(), content: "crd: 1\n\n".into() }];
        let text = print(&crds, &[manifest("c/templates/a.yaml", "a: 1")], std::iter::empty());
        assert_eq!(text, "---\n# Source: c/crds/a.yaml\ncrd: 1\n\n\n---\n# Source: c/templates/a.yaml\na: 1\n");
        assert_eq!(print(&[], &[], std::iter::empty()), "\n");
    }

    #[test]
    fn some_templates_can_be_shown() {
        let manifests = [manifest("c/templates/a.yaml", "a: 1"), manifest("c/templates/sub/b.yaml", "b: 1")];
        let printed = print(&[], &manifests, std::iter::empty());
        let show = |pattern: &str| show_only(&printed, &[pattern.to_owned()], Helm::V3);
        assert_eq!(show("templates/*.yaml").unwrap(), "---\n# Source: c/templates/a.yaml\na: 1\n");
        assert_eq!(show("templates/*/*").unwrap(), "---\n# Source: c/templates/sub/b.yaml\nb: 1\n");
        assert_eq!(show("templates/x").unwrap_err().to_string(), "could not find template templates/x in chart");
    }
}
