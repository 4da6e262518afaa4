//! A renderer that asks for what is outside of its tree.

use serde_json::{Value, json};
use weir_plugin::{
    Answer, Answers, Capability, Class, FailureKind, Grants, Input, NoAnswer, PluginFailure, QUESTIONS, Question,
    RenderRequest, Rendered,
};

use crate::kit::{input, load_renderer, render_context};

fn question(kind: &str) -> Question {
    Question { kind: kind.into(), name: "x".into(), body: vec![] }
}

async fn ask(config: Value, answers: Answers) -> Result<Rendered, PluginFailure> {
    let request = RenderRequest { config, answers, ..RenderRequest::default() };
    load_renderer().await.render(&render_context(), request, input().path()).await
}

fn config(kind: &str) -> Value {
    json!({"do": "ask", "of": kind, "name": "x"})
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_come_back_and_answers_are_taken() {
    let failure = ask(config("http"), Answers::default()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Waiting { questions: vec![question("http")] });
    assert_eq!(failure.to_string(), "plugin `guest-renderer` needs what it was not given: http `x`");
    let mut answers = Answers::default();
    let answer = Answer { revision: "sha256:1".into(), content: b"content".to_vec(), directory: None };
    answers.add(question("http"), Ok(answer));
    let rendered = ask(config("http"), answers).await.unwrap();
    assert_eq!(rendered.documents, ["sha256:1 content"]);
    assert_eq!(rendered.inputs, [Input { kind: "http".into(), name: "x".into(), revision: "sha256:1".into() }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_is_read_through_the_tree() {
    let far = tempfile::tempdir().unwrap();
    std::fs::create_dir(far.path().join("d")).unwrap();
    std::fs::write(far.path().join("d/f.yaml"), "kind: Far").unwrap();
    let mut answers = Answers::default();
    let directory = Some(far.path().to_owned());
    answers.add(question("git"), Ok(Answer { revision: "r".into(), content: vec![], directory }));
    assert_eq!(ask(config("git"), answers).await.unwrap().documents, ["r ", "kind: Far"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_an_answer() {
    let mut answers = Answers::default();
    let none = NoAnswer { class: Class::NotFound, reason: "Gone".into(), message: "no such thing".into() };
    answers.add(question("http"), Err(none));
    let failure = ask(config("http"), answers).await.unwrap_err();
    assert_eq!((failure.reason(), failure.to_string()), ("Gone", "no such thing".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_are_bounded_and_need_a_grant() {
    let failure = ask(json!({"do": "ask-for-more", "questions": QUESTIONS + 1}), Answers::default()).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::OutputLimit { what: "questions", .. }), "{failure}");
    let mut cx = render_context();
    cx.grants = Grants::none().with(Capability::Cache);
    let request = RenderRequest { config: config("http"), ..RenderRequest::default() };
    let failure = load_renderer().await.render(&cx, request, input().path()).await.unwrap_err();
    assert_eq!(failure.reason(), "PluginCapabilityDenied");
}
