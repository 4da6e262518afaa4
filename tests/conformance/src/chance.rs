//! What an original leaves to chance, by its own showing: asked again, it says something else.

use crate::outcome::{Difference, Outcome, difference};

/// Whether ours, which differs from the first of several answers of the original, differs only in what the answers do not
/// agree on: where they are alike, ours must be like them.
pub(crate) fn is_by_chance(found: Difference, ours: &Outcome, answers: &[Outcome]) -> bool {
    if answers.iter().any(|answer| difference(ours, answer).is_none()) {
        return true;
    }
    let is_about_texts = matches!(found, Difference::Output | Difference::Message);
    is_about_texts && all_of_one_kind(ours, answers).is_some_and(|(ours, answers)| agrees_where_steady(ours, &answers))
}

/// The texts, if all are outputs or all are refusals.
fn all_of_one_kind<'a>(ours: &'a Outcome, answers: &'a [Outcome]) -> Option<(&'a str, Vec<&'a str>)> {
    let text = |answer: &'a Outcome| match (ours, answer) {
        (Outcome::Output(_), Outcome::Output(text)) | (Outcome::Refusal(_), Outcome::Refusal(text)) => Some(&**text),
        _ => None,
    };
    Some((text(ours)?, answers.iter().map(text).collect::<Option<_>>()?))
}

/// Whether the answers differ from each other, and ours has the words that all of them have at the same place.
fn agrees_where_steady(ours: &str, answers: &[&str]) -> bool {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (ours, answers) = (words(ours), answers.iter().map(|answer| words(answer)).collect::<Vec<_>>());
    let Some((first, others)) = answers.split_first() else { return false };
    if others.iter().any(|other| other.len() != first.len()) {
        // Nothing is at the same place.
        return true;
    }
    let is_steady = |at: usize| others.iter().all(|other| other[at] == first[at]);
    let steady: Vec<usize> = (0..first.len()).filter(|at| is_steady(*at)).collect();
    steady.len() < first.len() && ours.len() == first.len() && steady.iter().all(|at| ours[*at] == first[*at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excused(ours: &str, answers: &[&str]) -> bool {
        let refusal = |text: &&str| Outcome::Refusal((*text).to_owned());
        is_by_chance(Difference::Message, &refusal(&ours), &answers.iter().map(refusal).collect::<Vec<_>>())
    }

    #[test]
    fn chance_is_what_the_original_itself_says_differently() {
        for (ours, answers, expected) in [
            // It never says anything else, so ours is wrong.
            ("keys are [a b c]", &["keys are [c b a]", "keys are [c b a]"][..], false),
            ("keys are [a b c]", &["keys are [c b a]", "keys are [b a c]"], true),
            // What is beside the chance must be right.
            ("keys were [a b c]", &["keys are [c b a]", "keys are [b a c]"], false),
            ("keys are [a b c d]", &["keys are [c b a]", "keys are [b a c]"], false),
            ("the first is long", &["the first is short", "the second is"], true),
            ("the second message", &["the first message", "the second message"], true),
        ] {
            assert_eq!(excused(ours, answers), expected, "{ours}");
        }
    }

    #[test]
    fn whether_it_refuses_at_all_is_never_chance() {
        let answers = [Outcome::Output("a".to_owned()), Outcome::Output("b".to_owned())];
        assert!(!is_by_chance(Difference::OnlyOursRefuses, &Outcome::Refusal("no".to_owned()), &answers));
    }
}
