//! Functions of Sprig that read what is written in a form of its own: no text brings them down.

#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_gotmpl::{BUILTINS, Functions, Limits, Map, MissingKey, Set, State, Value};
use weir_sprig::{Effects, FUNCTIONS, World};

/// The text, and where it takes two, what is behind the first NUL in it.
const CALLS: [&str; 10] = [
    "{{ .a | fromToml | toToml }}",
    "{{ .a | fromYaml | toYaml }}{{ .a | fromYamlArray | toYaml }}",
    "{{ .a | fromJson | toJson }}{{ .a | fromJsonArray | toPrettyJson }}",
    "{{ regexReplaceAll .a .b \"$1${2}\" }}",
    "{{ semverCompare .a .b }}",
    "{{ (semver .a).Major }}",
    "{{ toDate .a .b }}{{ .a | duration }}",
    "{{ .a | urlParse | urlJoin }}",
    "{{ buildCustomCert (.a | b64enc) (.b | b64enc) }}",
    "{{ genSignedCert \"x\" nil nil 1 (buildCustomCert (.a | b64enc) (.b | b64enc)) }}{{ decryptAES .a .b }}",
];

struct Still;

impl World for Still {
    fn now(&self) -> (i64, u32) {
        (1_700_000_000, 0)
    }

    fn random(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

fuzz_target!(|data: &[u8]| {
    let (call, text) = data.split_first().unwrap_or((&0, data));
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
    let value = |bytes: &[u8]| Value::from(String::from_utf8_lossy(bytes).into_owned());
    let texts = [("a", value(&text[..end])), ("b", value(text.get(end + 1..).unwrap_or_default()))];
    let mut set = Set::new("gotpl", Functions::new(&[BUILTINS, FUNCTIONS]), MissingKey::Default);
    set.parse("t", CALLS[usize::from(*call) % CALLS.len()]).expect("our own template");
    let effects = Effects::new(Still);
    let limits = Limits { steps: 20_000, bytes: 1 << 20, ..Limits::default() };
    let _ = set.execute(
        "t",
        texts.into_iter().collect::<Map>().into(),
        &State::new(limits).with(&effects),
        &mut Vec::new(),
    );
});
