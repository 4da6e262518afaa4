//! Questions of a renderer: answered from what is at hand, else kept for whoever runs it.

use crate::failure::FailureKind;
use crate::inputs::{Answer, Answers, Input, Question};
use crate::limits::{QUESTION_BYTES, QUESTIONS};

/// The questions of one call.
#[derive(Default)]
pub(crate) struct Asked {
    answers: Answers,
    /// What cannot be answered yet, in order, each once.
    open: Vec<Question>,
    used: Vec<Input>,
    questions: usize,
    bytes: usize,
}

/// What the renderer is told, and the name of its directory in the tree.
pub(crate) type Told = (Answer, Option<String>);

impl Asked {
    pub(crate) fn new(answers: Answers) -> Self {
        Self { answers, ..Self::default() }
    }

    /// Nothing, as long as there is no answer.
    pub(crate) fn ask(&mut self, question: Question) -> Result<Option<Told>, FailureKind> {
        self.count(&question)?;
        let Some(answer) = self.answers.get(&question) else {
            if !self.open.contains(&question) {
                self.open.push(question);
            }
            return Ok(None);
        };
        let answer = answer.clone().map_err(|none| FailureKind::Guest {
            class: none.class,
            reason: none.reason,
            message: none.message,
            retry_after: None,
            details: None,
        })?;
        let Question { kind, name, .. } = question.clone();
        let input = Input { kind, name, revision: answer.revision.clone() };
        if !self.used.contains(&input) {
            self.used.push(input);
        }
        let mount = answer.directory.as_ref().map(|_| question.mount());
        Ok(Some((answer, mount)))
    }

    fn count(&mut self, question: &Question) -> Result<(), FailureKind> {
        self.questions += 1;
        self.bytes += question.name.len() + question.body.len();
        if self.questions > QUESTIONS {
            return Err(FailureKind::OutputLimit { what: "questions", limit: QUESTIONS as u64 });
        }
        if self.bytes > QUESTION_BYTES {
            return Err(FailureKind::OutputLimit { what: "bytes of questions", limit: QUESTION_BYTES as u64 });
        }
        Ok(())
    }

    /// What has to be found before the render can come to an end, and what it used.
    pub(crate) fn into_parts(self) -> (Vec<Question>, Vec<Input>) {
        (self.open, self.used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Class;
    use crate::inputs::NoAnswer;

    fn question(name: &str) -> Question {
        Question { kind: "http".into(), name: name.into(), body: vec![] }
    }

    #[test]
    fn what_is_known_is_told_and_the_rest_is_kept() {
        let mut answers = Answers::default();
        let known = Answer { revision: "sha256:1".into(), content: b"x".to_vec(), directory: Some("/tmp".into()) };
        answers.add(question("known"), Ok(known.clone()));
        let none = NoAnswer { class: Class::NotFound, reason: "Gone".into(), message: "no".into() };
        answers.add(question("gone"), Err(none));
        let mut asked = Asked::new(answers);
        let (answer, mount) = asked.ask(question("known")).unwrap().unwrap();
        assert_eq!((answer, mount), (known, Some(question("known").mount())));
        assert!(matches!(asked.ask(question("gone")), Err(FailureKind::Guest { class: Class::NotFound, .. })));
        for _ in 0..2 {
            assert_eq!(asked.ask(question("new")), Ok(None));
            assert!(asked.ask(question("known")).unwrap().is_some());
        }
        let (open, used) = asked.into_parts();
        assert_eq!(open, [question("new")]);
        assert_eq!(used, [Input { kind: "http".into(), name: "known".into(), revision: "sha256:1".into() }]);
    }

    #[test]
    fn questions_are_bounded() {
        let mut asked = Asked::default();
        (0..QUESTIONS).for_each(|number| assert!(asked.ask(question(&number.to_string())).is_ok()));
        assert_eq!(
            asked.ask(question("more")),
            Err(FailureKind::OutputLimit { what: "questions", limit: QUESTIONS as u64 })
        );
        let body = vec![0; QUESTION_BYTES + 1];
        let long = Asked::default().ask(Question { body, ..question("x") });
        assert!(matches!(long, Err(FailureKind::OutputLimit { what: "bytes of questions", .. })));
    }
}
