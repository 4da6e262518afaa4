//! Charts in memory for tests.
#![allow(dead_code, reason = "every test binary uses its own part")]

use weir_gotmpl::Str;
use weir_helm::{Helm, Host, KubeVersion, Loaded, Options, Release, Rendered, Result, World, load_folder, read_values};

/// The files of a chart.
pub(crate) struct Chart {
    files: Vec<(String, Str)>,
}

impl Chart {
    pub(crate) fn new(name: &str) -> Chart {
        let chart = Chart { files: Vec::new() };
        chart.file("Chart.yaml", &format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n"))
    }

    /// Adds or replaces a file.
    pub(crate) fn file(mut self, path: &str, content: &str) -> Chart {
        self.files.retain(|(known, _)| known != path);
        self.files.push((path.to_owned(), content.into()));
        self
    }

    pub(crate) fn files(&self) -> Vec<(String, Str)> {
        self.files.clone()
    }
}

/// A clock that stands, and bytes that look random and are always the same.
#[derive(Default)]
pub(crate) struct Still(std::cell::Cell<u64>);

impl World for Still {
    fn now(&self) -> (i64, u32) {
        (1_700_000_000, 0)
    }

    fn random(&self, buffer: &mut [u8]) {
        for byte in buffer {
            let next = self.0.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            self.0.set(next);
            *byte = next.to_be_bytes()[0];
        }
    }
}

pub(crate) fn options(helm: Helm) -> Options {
    let mut options = Options::new(helm, Release::new("rel", "ns"));
    options.capabilities.kube_version = KubeVersion::parse("1.31.0", helm).expect("a version");
    options
}

pub(crate) fn render(chart: &Chart, values: &str, helm: Helm) -> Result<Rendered> {
    render_with(chart, values, |options| options.helm = helm)
}

pub(crate) fn render_with(chart: &Chart, values: &str, change: impl FnOnce(&mut Options)) -> Result<Rendered> {
    let mut options = options(Helm::V3);
    change(&mut options);
    let loaded = load_folder(chart.files(), options.helm)?;
    let values = read_values(values.as_bytes(), options.helm).expect("values");
    let rendered = |loaded: &Loaded| weir_helm::render(&loaded.chart, &values, &options, &Host::new(Still::default()));
    let first = rendered(&loaded);
    assert_eq!(
        format!("{:?}", rendered(&kept(&loaded))),
        format!("{first:?}"),
        "a chart that was kept renders as it did"
    );
    first
}

/// The chart as the next process has it.
pub(crate) fn kept(loaded: &Loaded) -> Loaded {
    Loaded::from_bytes(loaded.to_bytes().expect("a chart can be kept").leak()).expect("what was kept can be read")
}
