//! Templates executed by `weir-gotmpl` and by Go: outputs byte by byte, errors letter by letter.

mod generate;
mod process;
mod shrink;
mod text;
mod typed;

use std::path::{Path, PathBuf};

use anyhow::Result;
use weir_gotmpl::{BUILTINS, ExecError, Functions, Limits, MAX_DEPTH, MissingKey, Set, State};

pub use process::Go;
pub(crate) use shrink::shrink;
pub use typed::Typed;

/// A template and what it is executed over.
#[derive(Debug, Clone)]
pub struct Case {
    pub template: String,
    pub data: Typed,
    pub missing_key: MissingKey,
}

/// The output, or the text of the error. Both may be no UTF-8.
pub type Answer = Result<Vec<u8>, Vec<u8>>;

/// A case whose answers are not the same.
#[derive(Debug, Clone)]
pub struct Mismatch {
    pub seed: u64,
    pub case: Case,
    pub ours: Answer,
    pub theirs: Answer,
}

/// Compiles Go's side.
///
/// # Errors
/// There is no Go.
pub fn compile_oracle() -> Result<PathBuf> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracle/gotmpl");
    crate::go::compile("gotmpl", &sources, "-s -w")
}

/// The case that a seed makes.
pub fn generate(seed: u64) -> Case {
    generate::case(seed)
}

/// What we make of a case.
pub fn ours(case: &Case) -> Answer {
    let mut set = Set::new("t", Functions::new(&[BUILTINS]), case.missing_key);
    set.parse("t", case.template.as_str()).map_err(|error| error.to_string().into_bytes())?;
    let mut out = Vec::new();
    // Go's side gives up on such templates as well.
    let state = State::new(Limits { steps: MAX_STEPS, bytes: MAX_BYTES, ..Limits::default() });
    match set.execute("t", case.data.to_value(), &state, &mut out) {
        Ok(()) => Ok(out),
        Err(ExecError::Limit(message)) if !message.contains("template depth") => Err(process::TIMEOUT.into()),
        Err(error) => Err(error.to_string().into_bytes()),
    }
}

/// How many cases Go executes and how many it refuses.
///
/// # Errors
/// Go's side is gone.
pub fn census(go: &mut Go, seeds: impl Iterator<Item = u64>) -> Result<(usize, usize)> {
    let cases: Vec<Case> = seeds.map(generate).collect();
    let answers = go.ask(&cases)?;
    let executed = answers.iter().filter(|answer| answer.is_ok()).count();
    Ok((executed, answers.len() - executed))
}

/// Compares the cases of some seeds, and makes those small that differ.
///
/// # Errors
/// Go's side is gone.
pub fn compare(go: &mut Go, seeds: impl Iterator<Item = u64>) -> Result<Vec<Mismatch>> {
    let mut mismatches = Vec::new();
    let seeds: Vec<u64> = seeds.collect();
    for seeds in seeds.chunks(BATCH) {
        let cases: Vec<Case> = seeds.iter().map(|seed| generate(*seed)).collect();
        let answers = go.ask(&cases)?;
        for ((seed, case), theirs) in seeds.iter().zip(cases).zip(answers) {
            if differs(&ours(&case), &theirs) {
                mismatches.push(shrunk(go, *seed, case)?);
            }
        }
    }
    Ok(mismatches)
}

/// What a case may cost; Go's side has a limit of time.
const MAX_STEPS: u64 = 1_000_000;
const MAX_BYTES: u64 = 10 << 20;
/// Cases that are asked at once.
const BATCH: usize = 200;

fn shrunk(go: &mut Go, seed: u64, case: Case) -> Result<Mismatch> {
    let mut fails = |case: &Case| go.ask_one(case).is_ok_and(|theirs| differs(&ours(case), &theirs));
    let case = shrink::shrink(case, &mut fails);
    let (ours, theirs) = (ours(&case), go.ask_one(&case)?);
    Ok(Mismatch { seed, case, ours, theirs })
}

/// Whether two answers are not the same. What one of the two gives up on is not compared.
fn differs(ours: &Answer, theirs: &Answer) -> bool {
    match (ours, theirs) {
        (Err(error), _) | (_, Err(error)) if error == process::TIMEOUT.as_bytes() => false,
        (Err(ours), Err(theirs)) => comparable(ours) != comparable(theirs),
        _ => ours != theirs,
    }
}

/// An error without what differs on purpose: our errors are UTF-8, and our templates recurse less deep.
fn comparable(error: &[u8]) -> String {
    let error = String::from_utf8_lossy(error);
    error.replace("exceeded maximum template depth (100000)", &format!("exceeded maximum template depth ({MAX_DEPTH})"))
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let show = |answer: &Answer| match answer {
            Ok(output) => format!("output {:?}", String::from_utf8_lossy(output)),
            Err(error) => format!("error {}", String::from_utf8_lossy(error)),
        };
        writeln!(f, "seed {}, missing key {:?}", self.seed, self.case.missing_key)?;
        writeln!(f, "  template: {:?}", self.case.template)?;
        writeln!(f, "  data: {}", self.case.data.to_json())?;
        writeln!(f, "  ours:   {}", show(&self.ours))?;
        write!(f, "  theirs: {}", show(&self.theirs))
    }
}
