use super::super::cursor::MAX_BLANKS;
use super::super::{parse_first_as, parse_first_commented};
use crate::{Node, Rules};

fn said(node: Option<&Node>) -> String {
    crate::to_string(node.unwrap_or(&Node::null())).trim_end().to_owned()
}

/// What both readers of the newer port make of a text.
fn read(text: &str) -> String {
    let plain = parse_first_as(text, Rules::Yaml12).map(|node| said(node.as_ref()));
    let commented = parse_first_commented(text).map(|read| said(read.as_ref().map(|(node, _)| node)));
    assert_eq!(plain, commented, "{text:?}");
    plain.unwrap_or_else(|error| error.to_string())
}

fn read_as_before(text: &str) -> String {
    match parse_first_as(text, Rules::Yaml11) {
        Ok(node) => said(node.as_ref()),
        Err(error) => error.said_by(Rules::Yaml11),
    }
}

const NO_TOKEN: &str = "yaml: line 2: found character that cannot start any token";

#[test]
fn tabs_may_stand_before_a_comment_that_follows_another_one() {
    for (text, expected) in [
        ("# a\n\t# b\nk: v\n", "k: v"),
        ("#\n#\n\t#", "null"),
        ("# a\n\n \t \n\t# b\nk: v\n", "k: v"),
        ("# a\r\n\t# b\r\n\r\n\t# c\r\nk: v\n", "k: v"),
        ("a:\n  # x\n\t# y\n  b: c\n", "a:\n  b: c"),
        ("- # x\n\t# y\n  b\n", "- b"),
        ("--- # x\n\t# y\nb\n", "b"),
        ("k: |\n  v\n# x\n\t# y\nl: w\n", "k: |\n  v\nl: w"),
    ] {
        assert_eq!(read(text), expected, "{text:?}");
        assert!(read_as_before(text).contains("cannot start any token"), "{text:?}");
    }
}

#[test]
fn tabs_stand_before_no_other_comment() {
    for (text, expected) in [
        ("\t# b\nk: v", "yaml: found character that cannot start any token"),
        ("k: v\n\t# b\nl: w", "yaml: line 2: found a tab character that violates indentation"),
        // What stands behind something on its line does not count.
        ("k: v # x\n\t# b\nl: w", NO_TOKEN),
        ("# x\n\tk: v", NO_TOKEN),
        // A line may end with other characters, which are longer.
        ("# x\u{85}\t# y\nk: v", NO_TOKEN),
        ("k: v\u{85}# x\n\t# y\nl: w", "k: v\nl: w"),
    ] {
        assert_eq!(read(text), expected, "{text:?}");
    }
}

#[test]
fn tabs_may_stand_before_a_comment_behind_something() {
    for (text, expected) in [("?\t# x\n  a\n: b\n", "a: b"), ("? a\n:\t# x\n  b\n", "a: b")] {
        assert_eq!(read(text), expected, "{text:?}");
        assert!(read_as_before(text).contains("cannot start any token"), "{text:?}");
    }
    assert_eq!(read("-\t# x\n  a\n"), "yaml: found character that cannot start any token");
}

#[test]
fn comments_are_looked_for_so_far() {
    let after = |tabs: usize| format!("#\n{}#\nk: v", "\t".repeat(tabs));
    // The break that ends the first one counts.
    assert_eq!(read(&after(MAX_BLANKS - 2)), "k: v");
    assert_eq!(read(&after(MAX_BLANKS - 1)), NO_TOKEN);
    let behind = |tabs: usize| format!("?{}#\n  k\n: v", "\t".repeat(tabs));
    assert_eq!(read(&behind(MAX_BLANKS - 1)), "k: v");
    assert_eq!(read(&behind(MAX_BLANKS)), "yaml: found character that cannot start any token");
}

const PIECES: [&str; 32] = [
    "#", "# a", "#b\n", "\t", "\t", " ", "  ", "\n", "\n", "\n\n", "\r", "\r\n", "\u{85}", "k: v", "k:", "l: w\n",
    "- ", "-", "---", "\n---\n", "...", "'x'", "\"y", "|", ">-\n", "{", "}", "[", "]", ",", ": ", "? ",
];

#[test]
fn comments_change_nothing_of_what_is_read() {
    let mut random = 1u64;
    let mut below = |limit: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % limit
    };
    for _ in 0..20_000 {
        read(&(0..below(14)).map(|_| PIECES[below(PIECES.len())]).collect::<String>());
    }
}
