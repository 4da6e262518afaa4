//! Rules of this code base that the compiler does not know. Each finding is one line: where, what, why.

mod depends;
mod layout;
mod text;

use std::path::Path;

use anyhow::Result;

/// Everything that is against the rules in the repository at `root`.
pub(crate) fn check(root: &Path) -> Result<Vec<String>> {
    let mut findings = layout::check(root)?;
    findings.extend(depends::check(root)?);
    findings.extend(text::check(root)?);
    Ok(findings)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_repository_is_tidy() {
        let findings = super::check(&crate::steps::root()).unwrap();
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }
}
