//! Kustomizations of all sizes.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result, anyhow};
use serde_json::json;
use weir_kustomize::{BuildOptions, FileSystem, Resource, build};
use weir_plugin::{CallContext, Limits, RenderRequest, Rendered};

use crate::{
    kustomizations::Shape,
    originals::Original,
    report::Report,
    sandbox::{Sandbox, TENANT},
    side_by_side::{Case, Renderer, compare},
};

/// Resources, runs of the original and runs of ours: enough for all to be warm.
const SIZES: [(usize, usize, usize); 4] = [(1, 100, 2000), (100, 10, 50), (1000, 2, 10), (5000, 1, 5)];
/// What the sandbox is to take at most with so many resources.
const AIMS: [(usize, Duration); 3] =
    [(1, Duration::from_micros(500)), (100, Duration::from_millis(8)), (1000, Duration::from_millis(90))];

/// Directories, and files in each, of a large repository.
const REPOSITORY: (usize, usize) = (300, 100);

/// Measures sizes up to `largest`, and the smallest in a large repository.
pub(crate) async fn measure(report: &mut Report, largest: usize) -> Result<()> {
    let sandbox = Sandbox::load(report, "kustomize").await?;
    let original = Original::find("kustomize");
    for shape in [Shape::Flat, Shape::Overlays] {
        for (count, theirs, ours) in SIZES.into_iter().filter(|(count, ..)| *count <= largest) {
            let folder = tempfile::tempdir()?;
            let case = Case {
                what: format!("{count} resources, {}", shape.name()),
                path: shape.write(folder.path(), count)?.to_owned(),
                root: folder.path().to_owned(),
                times: (theirs, ours),
                aim: AIMS.iter().find(|(size, _)| *size == count).map(|(_, time)| *time),
            };
            report.compare(compare(&case, &Kustomize, &sandbox, original.as_ref()).await?);
        }
    }
    let repository = tempfile::tempdir()?;
    let (directories, files) = REPOSITORY;
    fill(&repository.path().join("others"), directories, files)?;
    let (_, theirs, ours) = SIZES[0];
    let case = Case {
        what: format!("1 resources, {}, beside {} files", Shape::Overlays.name(), directories * files),
        path: Shape::Overlays.write(repository.path(), 1)?.to_owned(),
        root: repository.path().to_owned(),
        times: (theirs, ours),
        aim: None,
    };
    report.compare(compare(&case, &Kustomize, &sandbox, original.as_ref()).await?);
    Ok(())
}

fn fill(root: &Path, directories: usize, files: usize) -> Result<()> {
    for directory in 0..directories {
        let directory = root.join(directory.to_string());
        fs::create_dir_all(&directory)?;
        for file in 0..files {
            fs::write(directory.join(format!("{file}.yaml")), "a: 1\n")?;
        }
    }
    Ok(())
}

struct Kustomize;

impl Renderer for Kustomize {
    fn native(&self, case: &Case) -> Result<impl FnMut() -> Result<String>> {
        let disk = Disk(&case.root);
        Ok(move || {
            let built = build(&disk, &case.path, &BuildOptions::default());
            let resources = built.map_err(|error| anyhow!(error.chain())).context("the native engine failed")?;
            let texts = resources.iter().map(Resource::to_yaml).collect::<Result<Vec<_>, _>>()?;
            Ok(texts.join("---\n"))
        })
    }

    fn request(&self, case: &Case) -> (CallContext, RenderRequest) {
        let request = RenderRequest { config: json!({}), path: case.path.clone(), ..RenderRequest::default() };
        (CallContext::new(TENANT, Limits::renderer()), request)
    }

    fn text(&self, rendered: &Rendered) -> Result<String> {
        Ok(rendered.documents.join("---\n"))
    }
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
