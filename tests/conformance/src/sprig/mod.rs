//! Calls of Sprig's and Helm's functions by `weir-sprig` and by the originals: results, their types, and errors.

mod generate;
mod texts;
mod tomls;

use std::path::{Path, PathBuf};

use anyhow::Result;
use weir_gotmpl::{BUILTINS, Functions, Limits, Set, State};
use weir_sprig::{Effects, FUNCTIONS, World};

use crate::gotmpl::{Answer, Case, Go, Mismatch};

pub use generate::functions;

/// Compiles Go's side.
///
/// # Errors
/// There is no Go, or the modules cannot be had.
pub fn compile_oracle() -> Result<PathBuf> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracle/sprig");
    crate::go::compile("sprig", &sources, "")
}

/// The case that a seed makes; it calls `function`, or any.
pub fn generate(seed: u64, function: Option<&str>) -> Case {
    generate::case(seed, function)
}

/// A world without surprises.
struct Fixed;

impl World for Fixed {
    fn now(&self) -> (i64, u32) {
        (1_700_000_000, 0)
    }

    fn random(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

/// What we make of a case.
pub fn ours(case: &Case) -> Answer {
    let mut set = Set::new("t", Functions::new(&[BUILTINS, FUNCTIONS]), case.missing_key);
    set.parse("t", case.template.as_str()).map_err(|error| error.to_string().into_bytes())?;
    let effects = Effects::new(Fixed);
    let state = State::new(Limits::default()).with(&effects);
    let mut out = Vec::new();
    match set.execute("t", case.data.to_value(), &state, &mut out) {
        Ok(()) => Ok(out),
        Err(error) => Err(error.to_string().into_bytes()),
    }
}

/// Compares the cases of some seeds, and makes those small that differ.
///
/// # Errors
/// Go's side is gone.
pub fn compare(go: &mut Go, seeds: impl Iterator<Item = u64>, function: Option<&str>) -> Result<Vec<Mismatch>> {
    let mut mismatches = Vec::new();
    for seed in seeds {
        let case = generate(seed, function);
        let theirs = go.ask_one(&case)?;
        if differs(&ours(&case), &theirs) {
            let mut fails = |case: &Case| go.ask_one(case).is_ok_and(|theirs| differs(&ours(case), &theirs));
            let case = crate::gotmpl::shrink(case, &mut fails);
            let (ours, theirs) = (ours(&case), go.ask_one(&case)?);
            mismatches.push(Mismatch { seed, case, ours, theirs });
        }
    }
    Ok(mismatches)
}

/// Whether two answers are not the same. What Go did not answer in time counts as the same.
fn differs(ours: &Answer, theirs: &Answer) -> bool {
    match (ours, theirs) {
        (_, Err(error)) if error == b"timeout" => false,
        (Err(ours), Err(theirs)) => String::from_utf8_lossy(ours) != String::from_utf8_lossy(theirs),
        _ => ours != theirs,
    }
}

/// A world of this moment.
struct Real;

impl World for Real {
    fn now(&self) -> (i64, u32) {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        (since.as_secs().cast_signed(), since.subsec_nanos())
    }

    fn random(&self, buffer: &mut [u8]) {
        rand::RngCore::fill_bytes(&mut rand::rng(), buffer);
    }
}

/// What we make of a template with real time and randomness.
///
/// # Errors
/// That of the template.
pub fn render(template: &str) -> Result<String> {
    let mut set = Set::new("t", Functions::new(&[BUILTINS, FUNCTIONS]), weir_gotmpl::MissingKey::Default);
    set.parse("t", template)?;
    let effects = Effects::new(Real);
    let mut out = Vec::new();
    set.execute("t", weir_gotmpl::Value::Nil, &State::new(Limits::default()).with(&effects), &mut out)?;
    Ok(String::from_utf8(out)?)
}
