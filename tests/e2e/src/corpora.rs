//! Real fleets, kept outside of the repository and used unchanged.

use std::path::PathBuf;

/// The folder of the fleet called `name`; `None`, with a line that says so, when the fleets are not on this machine.
#[must_use]
#[expect(clippy::print_stdout, reason = "a test that did nothing must say so")]
pub fn fleet(name: &str) -> Option<PathBuf> {
    let folder = weir_testkit::corpus("demo", name);
    if folder.is_none() {
        println!("skipped: corpora not present");
    }
    folder
}
