//! Values files and `--set` flags: what is read can be laid over defaults, and nothing panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_helm::{Helm, Set, ValuesFlags};

fuzz_target!(|data: &[u8]| {
    let (kind, text) = data.split_first().unwrap_or((&0, data));
    let helm = if kind & 8 == 0 { Helm::V3 } else { Helm::V4 };
    let mut flags = ValuesFlags::default();
    match std::str::from_utf8(text) {
        Ok(text) if kind & 7 != 0 => {
            let text = text.to_owned();
            flags.sets.push(match kind & 7 {
                1 => Set::Typed(text),
                2 => Set::Text(text),
                3 => Set::File(text),
                4 => Set::Json(text),
                _ => Set::Literal(text),
            });
        }
        _ => flags.files.push(("values.yaml".to_owned(), text.to_vec())),
    }
    let _ = flags.merge(helm, &|path| Ok(path.into()));
});
