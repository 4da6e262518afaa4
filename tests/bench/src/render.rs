//! kustomize three times over the same folders: the original in process, the engine natively, the plugin in its sandbox.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use weir_kustomize::{BuildOptions, FileSystem, build};

use crate::{
    originals::{Original, Task},
    report::{Comparison, Report, median, say},
    sandbox::Sandbox,
    usage::{take, take_sync},
    workload::Shape,
};

/// Resources, runs of the original and runs of ours.
const SIZES: [(usize, usize, usize); 4] = [(1, 50, 200), (100, 10, 50), (1000, 2, 10), (5000, 1, 5)];
/// What the sandbox is to take at most with so many resources.
const AIMS: [(usize, Duration); 3] =
    [(1, Duration::from_micros(500)), (100, Duration::from_millis(8)), (1000, Duration::from_millis(90))];

/// Measures sizes up to `largest`.
pub(crate) async fn measure(report: &mut Report, largest: usize) -> Result<()> {
    let sandbox = Sandbox::load(report, "kustomize").await?;
    let original = Original::find("kustomize");
    for shape in [Shape::Flat, Shape::Overlays] {
        for (count, theirs, ours) in SIZES.into_iter().filter(|(count, ..)| *count <= largest) {
            let case = Case::new(shape, count)?;
            let figures = original.as_ref().map(|original| case.original(original, theirs)).transpose()?;
            report.compare(case.measure(&sandbox, ours, figures).await?);
        }
    }
    Ok(())
}

struct Case {
    folder: tempfile::TempDir,
    path: &'static str,
    shape: Shape,
    count: usize,
}

impl Case {
    fn new(shape: Shape, count: usize) -> Result<Case> {
        let folder = tempfile::tempdir()?;
        let path = shape.write(&folder.path().join("tree"), count)?;
        Ok(Case { folder, path, shape, count })
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("tree")
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("output.yaml")
    }

    fn original(&self, original: &Original, times: usize) -> Result<Comparison> {
        if self.count >= 5000 {
            say(&format!("the original builds {} resources, {}: this takes minutes", self.count, self.shape.name()));
        }
        let task = Task { folder: self.root().join(self.path), times, output: self.output() };
        let figures = original.run(&task)?;
        let wall = figures.wall();
        let warm = if wall.len() > 1 { wall[1..].to_vec() } else { wall };
        Ok(Comparison {
            original: Some((median(warm), figures.cpu(), figures.peak)),
            allocated: Some(figures.allocated),
            ..Comparison::default()
        })
    }

    /// Both sides of ours. What all of them print has to be equal.
    async fn measure(&self, sandbox: &Sandbox, times: usize, theirs: Option<Comparison>) -> Result<Comparison> {
        let root = self.root();
        let expected = theirs.is_some().then(|| fs::read_to_string(self.output())).transpose()?;
        let native = native(&root, self.path)?;
        self.check("the native engine", &native, expected.as_deref())?;
        let (_, documents) = sandbox.render(&root, self.path).await?;
        ensure!(documents == native, "the plugin prints something else than the engine: {self:?}");
        drop((native, documents, expected));
        let native = take_sync(times, || self::native(&root, self.path).map(drop)).await?;
        let sandboxed = take(times, async || Ok(sandbox.render(&root, self.path).await?.0)).await?;
        let aim = AIMS.iter().find(|(count, _)| *count == self.count);
        Ok(Comparison {
            what: format!("{} resources, {}", self.count, self.shape.name()),
            native: Some((native.wall, native.cpu, native.peak)),
            sandboxed: (sandboxed.wall, sandboxed.cpu, sandboxed.peak),
            aim: aim.map(|(_, time)| *time),
            ..theirs.unwrap_or_default()
        })
    }

    fn check(&self, who: &str, documents: &[String], expected: Option<&str>) -> Result<()> {
        ensure!(documents.len() == self.count, "{who} printed {} documents: {self:?}", documents.len());
        let same = expected.is_none_or(|expected| documents.join("---\n") == expected);
        ensure!(same, "{who} prints something else than the original: {self:?}");
        Ok(())
    }
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} resources, {}", self.count, self.shape.name())
    }
}

fn native(root: &Path, path: &str) -> Result<Vec<String>> {
    let built = build(&Disk(root), path, &BuildOptions::default());
    let resources = built.map_err(|error| anyhow::anyhow!(error.chain())).context("the native engine failed")?;
    Ok(resources.iter().map(weir_kustomize::Resource::to_yaml).collect::<Result<_, _>>()?)
}

/// A folder of the real file system.
struct Disk<'a>(&'a Path);

impl FileSystem for Disk<'_> {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.0.join(path)).ok()
    }

    fn is_dir(&self, path: &str) -> bool {
        self.0.join(path).is_dir()
    }

    fn list(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(path)).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }
}
