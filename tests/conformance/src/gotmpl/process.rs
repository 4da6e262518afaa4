//! Go in a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use weir_gotmpl::MissingKey;

use super::{Answer, Case};

/// What the program answers when it does not answer in time.
pub(super) const TIMEOUT: &str = "timeout";

/// Go's `text/template`, which answers one case after another.
pub struct Go {
    program: PathBuf,
    process: Process,
}

struct Process {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct Line {
    output: Option<String>,
    error: Option<String>,
}

impl Go {
    /// Starts the compiled program.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(program: &Path) -> Result<Self> {
        Ok(Self { program: program.to_owned(), process: Process::start(program)? })
    }

    /// What Go makes of some cases.
    ///
    /// # Errors
    /// The process is gone or says something else.
    pub fn ask(&mut self, cases: &[Case]) -> Result<Vec<Answer>> {
        cases.iter().map(|case| self.ask_one(case)).collect()
    }

    pub(crate) fn ask_one(&mut self, case: &Case) -> Result<Answer> {
        let missing_key = match case.missing_key {
            MissingKey::Default => "default",
            MissingKey::Zero => "zero",
            MissingKey::Error => "error",
        };
        let question =
            json!({"template": case.template, "data": case.data.to_json(), "missingkey": missing_key}).to_string();
        let mut line = self.process.ask(&question)?;
        if line.is_empty() {
            // It ended because of the case before, or because of this one: an exhausted stack ends Go.
            self.process = Process::start(&self.program)?;
            line = self.process.ask(&question)?;
        }
        if line.is_empty() {
            self.process = Process::start(&self.program)?;
            return Ok(Err(TIMEOUT.into()));
        }
        match serde_json::from_str(&line).with_context(|| format!("no answer: {question}"))? {
            Line { output: Some(output), .. } => Ok(Ok(STANDARD.decode(output)?)),
            Line { error: Some(error), .. } => Ok(Err(STANDARD.decode(error)?)),
            _ => bail!("an empty answer: {question}"),
        }
    }
}

impl Process {
    fn start(program: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command
            .env("GOMAXPROCS", "2")
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().with_context(|| format!("failed to start: {}", program.display()))?;
        let questions = child.stdin.take().context("the input is piped")?;
        let answers = BufReader::new(child.stdout.take().context("the output is piped")?);
        Ok(Self { child, questions, answers })
    }

    /// The answer to a question; nothing when the process has ended.
    fn ask(&mut self, question: &str) -> Result<String> {
        let mut line = String::new();
        let written = self.questions.write_all(question.as_bytes()).and_then(|()| self.questions.write_all(b"\n"));
        if written.is_ok() {
            self.answers.read_line(&mut line)?;
        }
        Ok(line)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
