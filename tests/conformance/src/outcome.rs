use std::fmt;

/// What a program made of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Output(String),
    Refusal(String),
    /// It broke down, which is never right.
    Panic(String),
}

/// How two outcomes differ; shrinking keeps to one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Difference {
    /// Both have an output, not the same one.
    Output,
    /// We refuse, the original does not.
    OnlyOursRefuses,
    /// The original refuses, we do not.
    OnlyTheirsRefuses,
    /// Both refuse, for different reasons.
    Message,
    /// We broke down.
    Panic,
}

/// Parts of a message shorter than this are punctuation rather than a reason.
const SHORTEST_REASON: usize = 6;

/// The annotation in which the original notes who refers to a resource.
const REFERRERS: &str = "internal.config.kubernetes.io/refBy:";

/// How ours differs from theirs.
pub fn difference(ours: &Outcome, theirs: &Outcome) -> Option<Difference> {
    match (ours, theirs) {
        (Outcome::Panic(_), _) => Some(Difference::Panic),
        (Outcome::Output(a), Outcome::Output(b)) => (a != b).then_some(Difference::Output),
        (Outcome::Output(_), _) => Some(Difference::OnlyTheirsRefuses),
        (Outcome::Refusal(_), Outcome::Output(_)) => Some(Difference::OnlyOursRefuses),
        (Outcome::Refusal(_), Outcome::Panic(_)) => None,
        (Outcome::Refusal(a), Outcome::Refusal(b)) => {
            (!a.to_lowercase().contains(&reason(b))).then_some(Difference::Message)
        }
    }
}

/// The part of a message that says what is wrong: the end of its chain.
pub(crate) fn reason(message: &str) -> String {
    // Who refers to a resource is a note of the original's own, which messages show and nothing depends on.
    let message = without_referrers(message);
    // What comes then are the addresses of nodes in memory.
    let message = message.split_once("nodes unequal").map_or(&*message, |(before, _)| before);
    let last = message.trim().lines().last().unwrap_or_default();
    let part = last.split(": ").filter(|part| part.trim().len() >= SHORTEST_REASON).last().unwrap_or(last);
    // That line is one of a text that nobody sees.
    let part = part.split_once("already defined at line").map_or(part, |(before, _)| before);
    // The original goes through vars in any order.
    let part = if part.ends_with("already encountered") { "already encountered" } else { part };
    part.trim().to_lowercase()
}

fn without_referrers(message: &str) -> String {
    let (first, rest) = match message.split_once(REFERRERS) {
        Some((first, rest)) => (first, rest),
        None => return message.to_owned(),
    };
    format!("{}{}", first.trim_end(), without_referrers(&rest[end_of_ids(rest)..]))
}

/// Where ids end that are separated by commas; they hold brackets themselves (`[noVer]`).
fn end_of_ids(text: &str) -> usize {
    let mut open = 0_usize;
    for (at, char) in text.char_indices() {
        match char {
            '[' => open += 1,
            ']' if open > 0 => open -= 1,
            ' ' | ']' | '}' => return at,
            _ => {}
        }
    }
    text.len()
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Output(text) => f.write_str(text),
            Outcome::Refusal(message) => writeln!(f, "refused: {message}"),
            Outcome::Panic(message) => writeln!(f, "panic: {message}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_equal_when_the_reason_is() {
        let refusal = |text: &str| Outcome::Refusal(text.to_owned());
        for (ours, theirs, expected) in [
            ("a: no such file", "b: c: no such file", None),
            ("a: No such FILE: here", "no such file", None),
            ("a: something else", "no such file", Some(Difference::Message)),
            ("missing name {map[a:b]}", "missing name {map[a:b internal.config.kubernetes.io/refBy:X/y.z]}", None),
            (
                "missing name {map[a:b]}}",
                "missing name {map[a:b internal.config.kubernetes.io/refBy:X.[noVer].[noGrp]/y.[noNs],X.[noVer]/y.z]}}",
                None,
            ),
        ] {
            assert_eq!(difference(&refusal(ours), &refusal(theirs)), expected, "{ours} / {theirs}");
        }
        assert_eq!(difference(&refusal("x"), &Outcome::Panic("y".into())), None);
        assert_eq!(difference(&Outcome::Panic("x".into()), &refusal("x")), Some(Difference::Panic));
    }
}
