//! Renders a chart from disk and prints it, for profiling: `template [-n N] FOLDER [VALUES...]` loads and renders it N times.

use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use weir_helm::{Helm, Host, KubeVersion, Options, Printing, Release, ValuesFlags, World};

#[path = "../tests/common/disk.rs"]
mod disk;

struct Clock;

impl World for Clock {
    fn now(&self) -> (i64, u32) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (now.as_secs().try_into().unwrap_or_default(), now.subsec_nanos())
    }

    fn random(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    let mut times = 1;
    if arguments.next_if(|argument| argument == "-n").is_some() {
        times = arguments.next().context("-n takes a number")?.parse()?;
    }
    let folder = arguments.next().context("which chart?")?;
    let mut flags = ValuesFlags::default();
    for path in arguments {
        let text = std::fs::read(&path).with_context(|| format!("cannot read {path}"))?;
        flags.files.push((path, text));
    }
    let helm = Helm::V3;
    let files = disk::files(Path::new(&folder))?;
    let started = Instant::now();
    let mut loaded = weir_helm::load_folder(files.clone(), helm)?;
    for _ in 1..times {
        loaded = weir_helm::load_folder(files.clone(), helm)?;
    }
    let load = started.elapsed() / times;
    let mut options = Options::new(helm, Release::new("rel", "ns"));
    options.capabilities.kube_version = KubeVersion::parse("1.31.0", helm)?;
    let values = flags.merge(helm, &|path| Err(format!("open {path}: not read here")))?;
    let mut printed = String::new();
    let started = Instant::now();
    for _ in 0..times {
        let host = Host::new(Clock);
        let rendered = weir_helm::render(&loaded.chart, &values, &options, &host)?;
        printed = rendered.print(&Printing { include_crds: true, ..Printing::default() }, helm)?;
    }
    let render = started.elapsed() / times;
    use std::io::Write as _;
    std::io::stdout().write_all(printed.as_bytes())?;
    writeln!(std::io::stderr(), "loaded in {load:?}, rendered in {render:?}")?;
    Ok(())
}
