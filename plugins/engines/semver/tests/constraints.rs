//! Versions and constraints as tables.

use std::cmp::Ordering;

use weir_semver::{Constraint, InvalidConstraint, MAX_CONSTRAINT_GROUPS, MAX_CONSTRAINT_LEN, MAX_VERSION_LEN, Version};

fn version(text: &str) -> Version {
    Version::parse(text).unwrap_or_else(|_| panic!("{text} is a version"))
}

#[test]
fn constraints_match() {
    let check = |constraint: &str, inside: &[&str], outside: &[&str]| {
        let parsed = Constraint::parse(constraint).unwrap_or_else(|error| panic!("{constraint}: {error}"));
        for (texts, expected) in [(inside, true), (outside, false)] {
            for text in texts {
                assert_eq!(parsed.matches(&version(text)), expected, "{constraint} on {text}");
            }
        }
    };
    check("*", &["0.0.0", "9.9.9"], &["1.0.0-rc.1"]);
    check("1", &["1.0.0", "1.9.3"], &["2.0.0", "0.9.0"]);
    check("1.2.x", &["1.2.0", "1.2.9"], &["1.3.0"]);
    check("=1.2", &["1.2.7"], &["1.3.0"]);
    check("1.2.3", &["1.2.3", "v1.2.3+build"], &["1.2.4"]);
    check("!=1.2.3", &["1.2.4"], &["1.2.3"]);
    check("!=1.2", &["1.3.0"], &["1.2.9"]);
    check("!=1", &["2.0.0"], &["1.5.0"]);
    check(">1", &["2.0.0"], &["1.9.0"]);
    check(">1.1", &["1.2.0"], &["1.1.9"]);
    check("<=1", &["1.9.9", "0.1.0"], &["2.0.0"]);
    check("<=1.2", &["1.2.9"], &["1.3.0"]);
    check("<2.0", &["1.9.9"], &["2.0.0"]);
    check(">=1.0 <2.0", &["1.0.0", "1.9.0"], &["2.0.0", "0.9.0", "1.5.0-rc.1"]);
    check(">=1.0, <2.0 || 3.x", &["1.1.0", "3.4.5"], &["2.5.0"]);
    check("=>1.0 =<1.5.0", &["1.5.0"], &["1.5.1"]);
    check("1.2 - 1.4.5", &["1.2.0", "1.4.5"], &["1.4.6", "1.1.9"]);
    check("~1.2.3", &["1.2.9"], &["1.3.0", "1.2.2"]);
    check("~>1", &["1.9.0"], &["2.0.0"]);
    check("^1.2.3", &["1.9.0"], &["2.0.0", "1.2.2"]);
    check("^0.2.3", &["0.2.9"], &["0.3.0"]);
    check("^0.0.3", &["0.0.3"], &["0.0.4"]);
    check("^0", &["0.9.9"], &["1.0.0"]);
    check("^v1", &["1.0.0"], &["2.0.0"]);
}

#[test]
fn prereleases_count_only_when_the_group_names_one() {
    let check = |constraint: &str, text: &str, expected: bool| {
        let parsed = Constraint::parse(constraint).expect("valid");
        assert_eq!(parsed.matches(&version(text)), expected, "{constraint} on {text}");
    };
    check(">=1.0.0", "2.0.0-rc.1", false);
    check(">=1.0.0-0", "2.0.0-rc.1", true);
    check(">=1.0.0-0 <3", "2.0.0-rc.1", true);
    check(">=1.0.0 || >=9.0.0-0", "2.0.0-rc.1", false);
    check("~1.2.0-alpha", "1.2.0-beta", true);
    check("1.2.3-rc.1", "1.2.3", false);
}

#[test]
fn ranges_in_messages_are_two_comparisons() {
    for (text, shown) in [
        ("1.0 - 2.0 x y", ">= 1.0, <= 2.0 x y"),
        ("foo", "foo"),
        ("a1 -  v2.x-rc b", "a>= 1, <= v2.x-rc b"),
        ("1 - 2 - 3", ">= 1, <= 2 - 3"),
        (">=1 || 1 - 2 z 3 - 4", ">= 1, <= 2 z>= 3, <= 4 "),
        (">=1 - 2", ">=>= 1, <= 2 "),
        ("1 2.0 - 3.0", "1>= 2.0, <= 3.0 "),
    ] {
        let error = Constraint::parse(text).expect_err(text);
        assert_eq!(error.to_string(), format!("improper constraint: {shown:?}"), "{text}");
    }
}

#[test]
fn precedence() {
    let ascending =
        ["0.9.0", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0", "1.0.10"];
    for pair in ascending.windows(2) {
        assert_eq!(version(pair[0]).precedence(&version(pair[1])), Ordering::Less, "{pair:?}");
        assert_eq!(version(pair[1]).precedence(&version(pair[0])), Ordering::Greater, "{pair:?}");
    }
    assert_eq!(version("1.0.0+a").precedence(&version("v01.0+b")), Ordering::Equal);
}

#[test]
fn tags_have_three_parts() {
    let check = |text: &str, expected: bool| assert_eq!(Version::parse_tag(text).is_ok(), expected, "{text}");
    for good in ["1.2.3", "v1.2.3", "v2025.02.03-rc.1", "1.0.0+a.b", "1.2-rc.1"] {
        check(good, true);
    }
    for bad in [
        "v1.2",
        "latest",
        "",
        "1.2.3.4",
        "V1.2.3",
        "1.2.3-",
        "1.2.3-01",
        "1.2.3-a..b",
        "a.b.c",
        "99999999999999999999.0.0",
    ] {
        check(bad, false);
    }
    check(&format!("1.0.0-{}", "a".repeat(MAX_VERSION_LEN - 6)), true);
    check(&format!("1.0.0-{}", "a".repeat(MAX_VERSION_LEN)), false);
}

#[test]
fn what_is_no_constraint() {
    for bad in ["", " ", "1.2.3.4", ">=", ">1<2", "a", "1 -2", "1,", "1||", "!1", "==1"] {
        assert_eq!(Constraint::parse(bad).err(), bad_part(bad), "{bad}");
    }
    for bad in ["1x", "1.0.0-01", "99999999999999999999"] {
        assert_eq!(Constraint::parse(bad).err(), Some(InvalidConstraint::Version), "{bad}");
    }
    // The form of the whole is looked at first.
    assert_eq!(Constraint::parse("1x y").err(), bad_part("1x y"));
    assert_eq!(
        bad_part("\u{200b}'\"").map(|error| error.to_string()),
        Some("improper constraint: \"\\u200b'\\\"\"".into())
    );
    let long = format!(">={}1", " ".repeat(MAX_CONSTRAINT_LEN));
    assert_eq!(Constraint::parse(&long).err(), Some(InvalidConstraint::TooLong));
    let many = ["1"; MAX_CONSTRAINT_GROUPS + 1].join("||");
    assert_eq!(Constraint::parse(&many).err(), Some(InvalidConstraint::TooManyGroups));
}

fn bad_part(text: &str) -> Option<InvalidConstraint> {
    let part = text.split("||").last().unwrap_or(text);
    Some(InvalidConstraint::Improper(part.to_owned()))
}
