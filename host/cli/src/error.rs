//! From an error to what the user reads and the shell sees.

use std::io::Write;
use std::process::ExitCode;

/// Prints the error with its causes, then hints on lines of their own. Any failure is exit code 1, as Flux's own CLI; wrong
/// usage is clap's 2.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{}", text(error));
    ExitCode::FAILURE
}

fn text(error: &anyhow::Error) -> String {
    let mut hints: Vec<String> = Vec::new();
    let mut causes: Vec<String> = Vec::new();
    for cause in error.chain() {
        let whole = cause.to_string();
        let (hint, message): (Vec<&str>, Vec<&str>) = whole.lines().partition(|line| line.starts_with("hint: "));
        let message = message.join("\n");
        // Some libraries repeat their source in their own text.
        if !causes.last().is_some_and(|last| last.contains(&message)) {
            causes.push(message);
        }
        hints.extend(hint.into_iter().map(str::to_owned));
    }
    hints.extend(error.chain().find_map(|cause| cause.downcast_ref()).and_then(hint_for));
    let lines = std::iter::once(format!("error: {}", causes.join(": "))).chain(hints);
    lines.collect::<Vec<_>>().join("\n")
}

fn hint_for(error: &kube::Error) -> Option<String> {
    let hint = match error {
        kube::Error::Api(status) if status.code == 403 => {
            "your user may not do this; ask for the access right named above"
        }
        kube::Error::Api(status) if status.code == 401 => {
            "the credentials of the kubeconfig are not accepted; sign in again"
        }
        kube::Error::HyperError(_) | kube::Error::Service(_) => {
            "is the cluster up? `weir dev up` starts one on this machine"
        }
        _ => return None,
    };
    Some(format!("hint: {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn hints_stand_below_the_causes() {
        let error = anyhow!("no such file\nhint: look elsewhere").context("failed to read: a.yaml");
        assert_eq!(text(&error), "error: failed to read: a.yaml: no such file\nhint: look elsewhere");
    }

    #[test]
    fn a_repeated_cause_is_said_once() {
        let error = anyhow!("refused").context("failed to connect: refused");
        assert_eq!(text(&error), "error: failed to connect: refused");
    }
}
