//! Ignore rules of any text over any path end in reasonable time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_sourceignore::Rules;

fuzz_target!(|texts: (String, String, String)| {
    let (spec, file, path) = texts;
    let mut rules = Rules::new(Some(&spec));
    rules.add_file("a", &file);
    let _decided = rules.excludes(&path, false);
});
