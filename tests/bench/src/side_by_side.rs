//! The same work three times: the original in process, our engine natively, the plugin in its sandbox.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use weir_plugin::{CallContext, RenderRequest, Rendered};

use crate::{
    originals::{Original, Task},
    report::{Comparison, median, say},
    sandbox::Sandbox,
    usage::{take, take_sync},
};

/// One input.
pub(crate) struct Case {
    pub(crate) what: String,
    /// Holds the tree that the plugin sees.
    pub(crate) root: PathBuf,
    /// What is rendered, relative to the root.
    pub(crate) path: String,
    /// Runs of the original and of ours.
    pub(crate) times: (usize, usize),
    /// What the sandbox is to take at most.
    pub(crate) aim: Option<Duration>,
}

/// How a kind of input is rendered, and what its output looks like as one text.
pub(crate) trait Renderer {
    /// Natively. What it makes ready once is not timed: neither is it for the original.
    fn native(&self, case: &Case) -> Result<impl FnMut() -> Result<String>>;
    /// The call of the plugin.
    fn request(&self, case: &Case) -> (CallContext, RenderRequest);
    /// What the plugin made, as the original prints it.
    fn text(&self, rendered: &Rendered) -> Result<String>;
}

/// Measures all sides. What they print has to be equal wherever it depends on the input alone.
pub(crate) async fn compare(
    case: &Case,
    renderer: &impl Renderer,
    sandbox: &Sandbox,
    original: Option<&Original>,
) -> Result<Comparison> {
    let mut native = renderer.native(case)?;
    let rendered = call(case, renderer, sandbox).await?.1;
    let text = renderer.text(&rendered)?;
    let check = Check { case, exact: rendered.hermetic, text: &text };
    check.equals("the native engine", &native()?)?;
    let theirs = original.map(|original| theirs(case, original, &check)).transpose()?;
    drop((text, rendered));
    let ours = take_sync(case.times.1, || native().map(drop)).await?;
    let sandboxed = take(case.times.1, async || Ok(call(case, renderer, sandbox).await?.0)).await?;
    Ok(Comparison {
        what: case.what.clone(),
        native: Some((ours.wall, ours.cpu, ours.peak)),
        sandboxed: (sandboxed.wall, sandboxed.cpu, sandboxed.peak),
        aim: case.aim,
        ..theirs.unwrap_or_default()
    })
}

async fn call(case: &Case, renderer: &impl Renderer, sandbox: &Sandbox) -> Result<(Duration, Rendered)> {
    let (context, request) = renderer.request(case);
    let started = Instant::now();
    let rendered = sandbox.render(&context, request, &case.root).await?;
    Ok((started.elapsed(), rendered))
}

fn theirs(case: &Case, original: &Original, check: &Check<'_>) -> Result<Comparison> {
    let output = tempfile::NamedTempFile::new()?;
    say(&format!("the original renders {}, {} times", case.what, case.times.0));
    let task = Task { folder: case.root.join(&case.path), times: case.times.0, output: output.path().to_owned() };
    let figures = original.run(&task)?;
    check.equals("the original", &fs::read_to_string(output.path())?)?;
    let wall = figures.wall();
    let warm = if wall.len() > 1 { wall[1..].to_vec() } else { wall };
    Ok(Comparison {
        original: Some((median(warm), figures.cpu(), figures.peak)),
        allocated: Some(figures.allocated),
        ..Comparison::default()
    })
}

/// What the plugin printed, against which the others are held.
struct Check<'a> {
    case: &'a Case,
    /// Whether every run prints the same.
    exact: bool,
    text: &'a str,
}

impl Check<'_> {
    fn equals(&self, who: &str, text: &str) -> Result<()> {
        let same = match self.exact {
            true => text == self.text,
            false => text.lines().count() == self.text.lines().count(),
        };
        if !same {
            let folder = keep(self.text, text)?;
            ensure!(same, "{who} prints something else than the plugin: {}: see {}", self.case.what, folder.display());
        }
        Ok(())
    }
}

/// Both texts, for whoever looks into a difference.
fn keep(plugin: &str, other: &str) -> Result<PathBuf> {
    let folder = tempfile::tempdir()?.keep();
    let write = |name: &str, text: &str| fs::write(Path::new(&folder).join(name), text);
    write("plugin.yaml", plugin)?;
    write("other.yaml", other)?;
    Ok(folder)
}
