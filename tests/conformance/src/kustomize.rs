//! `kustomize build`, ours and theirs.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Result, anyhow};
use weir_kustomize::{BuildOptions, LoadRestrictions, build};

use crate::report::{Compared, Report};
use crate::{Case, Difference, Oracle, Outcome, shrink};

/// What stands in messages for the directory that holds the case.
const SHOWN_ROOT: &str = "{ROOT}";
/// The program knows its version from its linker.
const LINKER_FLAGS: &str = "-s -w -X sigs.k8s.io/kustomize/api/provenance.version=v5.8.2";

/// The original's program.
///
/// # Errors
/// There is no Go, or it cannot compile the program.
pub fn compile_oracle() -> Result<PathBuf> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracle/kustomize");
    crate::go::compile("kustomize", &sources, LINKER_FLAGS)
}

/// What the engine makes of a case.
pub fn ours(case: &Case) -> Outcome {
    ours_with(case, LoadRestrictions::RootOnly)
}

fn ours_with(case: &Case, restrictions: LoadRestrictions) -> Outcome {
    let result = catch_unwind(AssertUnwindSafe(|| {
        let options = BuildOptions { display_root: SHOWN_ROOT.into(), restrictions, ..BuildOptions::default() };
        let resources = build(&case.file_system(), &case.dir, &options)?;
        resources.iter().map(|resource| resource.to_yaml()).collect::<Result<Vec<_>, _>>()
    }));
    match result {
        Ok(Ok(documents)) => Outcome::Output(documents.join("---\n")),
        Ok(Err(error)) => Outcome::Refusal(error.chain()),
        Err(thrown) => Outcome::Panic(
            thrown
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| thrown.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                .unwrap_or_default(),
        ),
    }
}

/// Gives a case to both.
///
/// # Errors
/// The oracle broke down.
pub fn compare(oracle: &mut Oracle, case: &Case) -> Result<Compared> {
    oracle.ask(case)?;
    let ours = ours(case);
    Ok(Compared { ours, theirs: oracle.answer()? })
}

/// Gives both a case that was read from a folder: a large one is not sent for each of its directories.
///
/// # Errors
/// The oracle broke down.
pub fn compare_in(oracle: &mut Oracle, folder: &Path, case: &Case, restrictions: LoadRestrictions) -> Result<Compared> {
    oracle.ask_in(folder, case, restrictions == LoadRestrictions::None)?;
    let ours = ours_with(case, restrictions);
    Ok(Compared { ours, theirs: oracle.answer()? })
}

/// A generated case that differs, as small as it could be made.
#[derive(Debug)]
pub struct Failure {
    pub seed: u64,
    pub difference: Difference,
    pub case: Case,
    pub compared: Compared,
}

/// What makes a case of a seed.
pub type Generate = fn(u64) -> Case;

/// Compares a generated case for every seed, on all processors; `stop_after` so many failures.
///
/// # Errors
/// An oracle cannot be started or broke down.
pub fn run(generate: Generate, seeds: Range<u64>, stop_after: usize) -> Result<Report<Failure>> {
    let program = compile_oracle()?;
    let run = Run { generate, next: AtomicU64::new(seeds.start), end: seeds.end, stop_after, report: Mutex::default() };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(|| run.work(&program))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|_| Err(anyhow!("a worker panicked"))))
    })?;
    let mut report = run.report.into_inner().unwrap_or_default();
    report.failures.sort_by_key(|failure| failure.seed);
    Ok(report)
}

struct Run {
    generate: Generate,
    next: AtomicU64,
    end: u64,
    stop_after: usize,
    report: Mutex<Report<Failure>>,
}

impl Run {
    fn work(&self, program: &Path) -> Result<()> {
        let mut oracle = Oracle::start(program)?;
        loop {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.end || self.with_report(|report| report.failures.len()) >= self.stop_after {
                return Ok(());
            }
            let case = (self.generate)(seed);
            let compared = compare(&mut oracle, &case)?;
            match compared.difference() {
                None => self.with_report(|report| report.add(&compared.theirs)),
                Some(difference) => {
                    let failure = smallest(&mut oracle, seed, case, difference, &compared)?;
                    self.with_report(|report| report.failures.push(failure));
                }
            }
        }
    }

    fn with_report<T>(&self, action: impl FnOnce(&mut Report<Failure>) -> T) -> T {
        action(&mut self.report.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Shrinks a case that differs. What differs stays the same on the way, or it would end at another difference.
fn smallest(oracle: &mut Oracle, seed: u64, case: Case, difference: Difference, first: &Compared) -> Result<Failure> {
    let kept = first.reasons();
    let mut fails = |case: &Case| {
        let compared = compare(oracle, case);
        compared.is_ok_and(|compared| compared.difference() == Some(difference) && compared.reasons() == kept)
    };
    let case = shrink(case, &mut fails);
    let compared = compare(oracle, &case)?;
    Ok(Failure { seed, difference, case, compared })
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "##### seed {}: {:?}", self.seed, self.difference)?;
        write!(f, "{}----- ours\n{}----- theirs\n{}", self.case, self.compared.ours, self.compared.theirs)
    }
}
