//! Chart archives: broken ones are refused, and the paths of the others lead nowhere else.

#![no_main]

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;
use weir_helm::{Chart, Helm, load_archive};

fuzz_target!(|data: &[u8]| {
    let _ = load_archive(data, Helm::V3);
    // As the tar in an archive that is sound: random bytes seldom get that far.
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(data).expect("written to memory");
    let bytes = gzip.finish().expect("written to memory");
    if let Ok(loaded) = load_archive(&bytes, Helm::V4) {
        check(&loaded.chart);
    }
});

fn check(chart: &Chart) {
    for file in chart.files().iter().chain(chart.templates()) {
        assert!(!file.path.starts_with('/') && file.path.split('/').all(|part| part != ".."), "{}", file.path);
    }
    chart.dependencies().iter().for_each(check);
}
