use super::super::check_short_way;
use super::*;

const MANIFEST: &str = r#"# About this.
apiVersion: apps/v1
kind: Deployment   # what it is
metadata:
  name: "web"
  annotations:
    {}
  labels: {app: web}
spec:
  replicas: 3
  empty:
  paths: [/a, 'b c', "d", -1, 0x1, null, 1.5e3]
  none: []
  template:
    spec:
      containers:
      - name: web
        image: example.com/web:1.0@sha256:0
        args:
          - --listen=:8080
          - 'it''s'
          - "a \"b\" \\ \n"
          -
          - - nested
            - twice
          -   wide: 1
              deep: ~
        script: |
          #!/bin/sh
            echo "a: b" # no comment

          exit 0
        kept: |+
          a

        stripped: |-  # text
            é ünd
      - name: "other": x
---
- a
-  b: c
   d: e
---
# nothing
"#;

fn taken(text: &str) {
    assert!(check_short_way(text), "the short way gave up on {text:?}");
}

#[test]
fn what_is_common_is_read_the_short_way() {
    let manifest = MANIFEST.replace("  labels: {app: web}\n", "").replace("\"other\": x", "other");
    taken(&manifest.replace(", -1", ""));
    for text in [
        "a: 1",
        "---\na: 1\n",
        "--- # first\n\n  a:\n    - b\n  c: d\n",
        "a:\n- b\n- c\nd: |\n  x",
        "a:\n  b\nc:\n  'd'\n",
        "\"a b\": 'c'\n'd' : e#f\ng: h: \n".split("g:").next().unwrap(),
        "a: b c # d\n# e\n \n",
        "a: |\n\n  b\n c: d\n".split(" c").next().unwrap(),
        "- - a\n  - b\n- c:\n  - d\n  e:\n",
        "word\n",
        "[a, b]\n",
    ] {
        taken(text);
    }
}

#[test]
fn fields_are_read_where_the_others_are_certain() {
    let read = |text: &str| {
        check_short_way(text);
        only_fields(text, |name| name == "a").map(|node| crate::to_string(&node))
    };
    let both = "---\na: {}\nb:\n- c: 'd'\n  1x: [e, 1]\n  g: +.5\na:\n  f: .inf\n";
    assert_eq!(read(both).as_deref(), Some("a: {}\na:\n  f: .inf\n"));
    // What is wanted is for the caller to check.
    assert_eq!(read("a:\n  ~: .nan\n").as_deref(), Some("a:\n  ~: .nan\n"));
    check_short_way("ab:\n  ~: .nan\n");
    for text in ["b: .inf\n", "b:\n  1: c\n", "b:\n  ~: c\n", "1: b\n", "<<: {}\n", "- a\n", "a\n", "", "a: b\n- c\n"] {
        assert_eq!(read(text), None, "{text:?}");
    }
}

#[test]
fn odd_texts_are_left_to_the_long_way() {
    for text in [
        "a: b\n  c\n",
        "a: *x\n",
        "a: &x b\n",
        "a: !t b\n",
        "a: {b: c}\n",
        "? a\n: b\n",
        "a: 'b\n  c'\n",
        "a:\tb\n",
        "a: >\n  b\n",
        "a: |2\n    b\n",
        "%YAML 1.1\n---\na: b\n",
        "a: b\n...\n",
        "a: b\r\n",
        "\u{feff}a: b\n",
        "a: b\u{85}c: d\n",
        "a: |\n\n\n    b\n",
    ] {
        let is_short = check_short_way(text);
        assert!(!is_short || text.contains("|\n\n\n"), "{text:?}");
    }
}

#[test]
fn depth_is_left_to_the_long_way() {
    let nested = |depth: usize| format!("{}a", "- ".repeat(depth));
    taken(&nested(MAX_DEPTH / 2));
    assert!(!check_short_way(&nested(MAX_DEPTH / 2 + 2)));
    let fields = |depth: usize| (0..depth).map(|at| format!("{}a:\n", " ".repeat(at))).collect::<String>();
    taken(&fields(MAX_DEPTH / 2));
    assert!(!check_short_way(&fields(MAX_DEPTH)));
}

/// Pieces that change what a text means.
const PIECES: [&str; 48] = [
    "\n", "\n  ", "\n- ", "\n  - ", ": ", ":", " #", "#", "- ", "-", "---\n", "...\n", "'", "\"", "\\", "|", "|-\n",
    "|+", ">", "{}", "[]", "[", "]", "{", "}", ", ", "?", "? ", "&a ", "*a", "!", "%", "@", "`", "~", "<<", "\t", " ",
    "    ", "\r\n", "é", "\u{85}", "\u{2028}", "\u{feff}", "''", "\\n", "null", "a: b\n",
];

#[test]
fn both_ways_read_the_same() {
    let mut random = 1u64;
    let mut below = |limit: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % limit.max(1)
    };
    let parts: Vec<&str> = MANIFEST.split_inclusive('\n').collect();
    let mut short = 0;
    for _ in 0..40_000 {
        let first = below(parts.len());
        let mut text = parts[first..(first + 1 + below(12)).min(parts.len())].concat();
        for _ in 0..below(4) {
            let at = (0..=below(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            match below(3) {
                0 => text.insert_str(at, PIECES[below(PIECES.len())]),
                1 => text.truncate(at),
                _ if at < text.len() => drop(text.remove(at)),
                _ => {}
            }
        }
        short += usize::from(check_short_way(&text));
    }
    assert!((4_000..36_000).contains(&short), "{short} of the texts were read the short way");
}
