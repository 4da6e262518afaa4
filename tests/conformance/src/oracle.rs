//! Original programs in processes of their own, which answer one case after another.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::case::Question;
use crate::{Case, Outcome};

/// A running original.
pub struct Oracle {
    program: PathBuf,
    process: Process,
}

struct Process {
    child: Child,
    questions: BufWriter<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Answer {
    output: String,
    error: String,
}

impl Oracle {
    /// Starts a compiled program.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn start(program: &Path) -> Result<Oracle> {
        Ok(Oracle { program: program.to_owned(), process: Process::start(program)? })
    }

    /// Gives it a case; [`Oracle::answer`] must follow.
    ///
    /// # Errors
    /// The process is gone.
    pub fn ask(&mut self, case: &Case) -> Result<()> {
        self.send(&case.question())
    }

    /// Gives it a case that [`Case::read`] got from a folder, by the folder's absolute path. Where it is
    /// unrestricted, kustomizations may name files above their directory.
    ///
    /// # Errors
    /// The process is gone.
    pub fn ask_in(&mut self, folder: &Path, case: &Case, unrestricted: bool) -> Result<()> {
        self.send(&case.question_in(folder, unrestricted))
    }

    fn send(&mut self, question: &Question<'_>) -> Result<()> {
        serde_json::to_writer(&mut self.process.questions, question)?;
        self.process.questions.write_all(b"\n")?;
        Ok(self.process.questions.flush()?)
    }

    /// What it makes of the case.
    ///
    /// # Errors
    /// The process says something else, or a new one cannot be started for one that broke down.
    pub fn answer(&mut self) -> Result<Outcome> {
        let mut line = String::new();
        self.process.answers.read_line(&mut line)?;
        if line.is_empty() {
            // Go cannot recover from an exhausted stack.
            self.process = Process::start(&self.program)?;
            return Ok(Outcome::Panic("the program ended".to_owned()));
        }
        let answer: Answer = serde_json::from_str(&line).context("the oracle speaks another language")?;
        Ok(match answer.error.strip_prefix("panic: ") {
            Some(message) => Outcome::Panic(message.to_owned()),
            None if answer.error.is_empty() => Outcome::Output(answer.output),
            None => Outcome::Refusal(answer.error),
        })
    }
}

impl Process {
    fn start(program: &Path) -> Result<Process> {
        let mut command = Command::new(program);
        // One processor each: there is one oracle for each processor.
        command.env("GOMAXPROCS", "1").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().with_context(|| format!("failed to start: {}", program.display()))?;
        let questions = BufWriter::new(child.stdin.take().context("the input is piped")?);
        let answers = BufReader::new(child.stdout.take().context("the output is piped")?);
        Ok(Process { child, questions, answers })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
