//! What goes to standard error while something is going on: one line a step, marked as Flux's own CLI marks it.

use std::io::Write;

/// Something is being done.
pub(crate) fn action(text: &str) {
    mark("►", text);
}

/// Something is waited for.
pub(crate) fn waiting(text: &str) {
    mark("◎", text);
}

/// Something has been done.
pub(crate) fn done(text: &str) {
    mark("✔", text);
}

/// Something is not as it should be.
pub(crate) fn failed(text: &str) {
    mark("✗", text);
}

fn mark(glyph: &str, text: &str) {
    // Nobody reads a closed terminal.
    let _ = writeln!(std::io::stderr(), "{glyph} {text}");
}
