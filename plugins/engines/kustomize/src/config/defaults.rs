//! The fields that kustomize knows without configuration. Every build in a sandbox would make them anew, so they are made
//! while compiling.

use std::mem::{forget, replace};

use super::{Config, FieldSpec, FieldSpecs, NameReference, Segment, Shared, TransformerConfig};
use crate::id::Gvk;
use crate::table::{self, Table, Words, find, is_at, part, slice};

/// The fields that kustomize knows without configuration.
pub(crate) fn defaults() -> Config {
    Config(Shared::BuiltIn(&DEFAULTS))
}

static DEFAULTS: TransformerConfig = TransformerConfig {
    name_prefix: section("[namePrefix]"),
    name_suffix: section("[nameSuffix]"),
    namespace: section("[namespace]"),
    common_labels: section("[commonLabels]"),
    labels: NOTHING,
    template_labels: section("[templateLabels]"),
    volume_claim_template_labels: section("[volumeClaimTemplateLabels]"),
    common_annotations: section("[commonAnnotations]"),
    name_reference: Shared::BuiltIn(&NAME_REFERENCE),
    var_reference: section("[varReference]"),
    images: section("[images]"),
    replicas: section("[replicas]"),
};

const TEXT: &str = include_str!("defaults.txt");
const LINES: usize = table::count(TEXT);
const FIELDS_COUNT: usize = table::count_words(&TABLE);
const SEGMENTS_COUNT: usize = count_segments();
const REFERENCES_COUNT: usize = count_references();
static TABLE: Table<LINES> = Table::new(TEXT, ": ");
static PATHS: Words<LINES, FIELDS_COUNT> = Words::new(&TABLE);

/// What the fields of each line belong to; nothing for the heads of sections.
static KINDS: [Gvk; LINES] = kinds();
/// The parts of all paths.
static SEGMENTS: [Segment; SEGMENTS_COUNT] = segments();
static FIELDS: [FieldSpec; FIELDS_COUNT] = fields();
static NAME_REFERENCE: [NameReference; REFERENCES_COUNT] = references();

/// The steps that the table writes with `\/`, in its order.
const ESCAPED: [&str; 4] = [
    "nginx.ingress.kubernetes.io/fastcgi-params-configmap",
    "ingress.kubernetes.io/auth-secret",
    "nginx.ingress.kubernetes.io/auth-secret",
    "nginx.ingress.kubernetes.io/auth-tls-secret",
];

const SECTION: &str = "[";
const REFERENCE: &str = "[nameReference ";

const fn kinds() -> [Gvk; LINES] {
    let mut kinds = [const { Gvk::built_in("", "", "") }; LINES];
    let mut line = 0;
    while line < LINES {
        let key = TABLE.key(line);
        if !is_at(key, 0, SECTION) {
            forget(replace(&mut kinds[line], gvk(key)));
        }
        line += 1;
    }
    kinds
}

/// `GROUP/VERSION/KIND`, each `-` when any will do.
const fn gvk(text: &'static str) -> Gvk {
    let version = find(text, 0, b'/') + 1;
    let kind = find(text, version, b'/') + 1;
    Gvk::built_in(
        known(part(text, 0, version - 1)),
        known(part(text, version, kind - 1)),
        known(part(text, kind, text.len())),
    )
}

const fn known(text: &'static str) -> &'static str {
    if text.len() == 1 && text.as_bytes()[0] == b'-' { "" } else { text }
}

/// A path, and whether the field is created.
const fn path(word: &'static str) -> (&'static str, bool) {
    if is_at(word, 0, "+") { (part(word, 1, word.len()), true) } else { (word, false) }
}

const fn count_segments() -> usize {
    let (mut count, mut word) = (0, 0);
    while word < FIELDS_COUNT {
        count += steps(PATHS.word(word));
        word += 1;
    }
    count
}

const fn steps(path: &str) -> usize {
    let (mut steps, mut at) = (1, step_end(path, 0));
    while at < path.len() {
        steps += 1;
        at = step_end(path, at + 1);
    }
    steps
}

/// Where a step ends: at a `/` that is not written `\/`.
const fn step_end(path: &str, start: usize) -> usize {
    let mut end = find(path, start, b'/');
    while end < path.len() && end > start && path.as_bytes()[end - 1] == b'\\' {
        end = find(path, end + 1, b'/');
    }
    end
}

const fn segments() -> [Segment; SEGMENTS_COUNT] {
    let mut segments = [const { Segment::built_in("") }; SEGMENTS_COUNT];
    let (mut segment, mut escaped, mut word) = (0, 0, 0);
    while word < FIELDS_COUNT {
        let (path, _) = path(PATHS.word(word));
        let mut start = 0;
        while start < path.len() {
            let end = step_end(path, start);
            let mut name = part(path, start, end);
            if find(name, 0, b'\\') < name.len() {
                name = ESCAPED[escaped];
                escaped += 1;
            }
            forget(replace(&mut segments[segment], Segment::built_in(name)));
            segment += 1;
            start = end + 1;
        }
        word += 1;
    }
    segments
}

const fn fields() -> [FieldSpec; FIELDS_COUNT] {
    let mut fields = [const { FieldSpec::everywhere("", &[]) }; FIELDS_COUNT];
    let (mut segment, mut word, mut line) = (0, 0, 0);
    while line < LINES {
        while word < PATHS.end(line) {
            let (path, create) = path(PATHS.word(word));
            let parts = slice(&SEGMENTS, segment, segment + steps(path));
            segment += steps(path);
            forget(replace(&mut fields[word], FieldSpec::built_in(&KINDS[line], path, create, parts)));
            word += 1;
        }
        line += 1;
    }
    fields
}

const fn count_references() -> usize {
    let (mut count, mut line) = (0, 0);
    while line < LINES {
        if is_at(TABLE.key(line), 0, REFERENCE) {
            count += 1;
        }
        line += 1;
    }
    count
}

const fn references() -> [NameReference; REFERENCES_COUNT] {
    let mut references =
        [const { NameReference { target: Gvk::built_in("", "", ""), fields: NOTHING } }; REFERENCES_COUNT];
    let (mut reference, mut line) = (0, 0);
    while line < LINES {
        let key = TABLE.key(line);
        if is_at(key, 0, REFERENCE) {
            let target = gvk(part(key, REFERENCE.len(), key.len() - 1));
            forget(replace(&mut references[reference], NameReference { target, fields: section_at(line) }));
            reference += 1;
        }
        line += 1;
    }
    references
}

const NOTHING: FieldSpecs = FieldSpecs(Shared::BuiltIn(&[]));

/// The fields of a section. Without such a section this does not compile.
const fn section(head: &str) -> FieldSpecs {
    let mut line = 0;
    while !(TABLE.key(line).len() == head.len() && is_at(TABLE.key(line), 0, head)) {
        line += 1;
    }
    section_at(line)
}

/// The fields of the section that starts at a line.
const fn section_at(line: usize) -> FieldSpecs {
    let mut last = line;
    while last + 1 < LINES && !is_at(TABLE.key(last + 1), 0, SECTION) {
        last += 1;
    }
    FieldSpecs(Shared::BuiltIn(slice(&FIELDS, PATHS.end(line), PATHS.end(last))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::sort_by_kind;

    fn lists() -> [&'static FieldSpecs; 11] {
        let config = &DEFAULTS;
        [
            &config.name_prefix,
            &config.name_suffix,
            &config.namespace,
            &config.common_labels,
            &config.labels,
            &config.template_labels,
            &config.volume_claim_template_labels,
            &config.common_annotations,
            &config.var_reference,
            &config.images,
            &config.replicas,
        ]
    }

    fn references() -> impl Iterator<Item = &'static FieldSpecs> {
        NAME_REFERENCE.iter().map(|reference| &reference.fields)
    }

    #[test]
    fn the_table_is_sorted() {
        for list in lists().into_iter().chain(references()) {
            let mut sorted = FieldSpecs::from(list.to_vec());
            sorted.sort();
            assert_eq!(sorted[..], list[..]);
        }
        let targets = || NAME_REFERENCE.iter().map(|reference| &reference.target);
        let mut sorted: Vec<&Gvk> = targets().collect();
        sort_by_kind(&mut sorted, |target| target);
        assert!(sorted.into_iter().eq(targets()));
    }

    #[test]
    fn no_default_covers_another() {
        // Lists of references are never merged into nothing.
        for list in lists() {
            let mut added = FieldSpecs::default();
            list.iter().for_each(|field| added.add(field).unwrap());
            assert_eq!(added[..], list[..]);
        }
    }

    #[test]
    fn every_line_is_in_a_section() {
        let all = lists().into_iter().chain(references());
        assert_eq!(all.map(|list| list.len()).sum::<usize>(), FIELDS_COUNT);
    }

    #[test]
    fn the_table_is_complete() {
        assert_eq!((DEFAULTS.name_prefix.len(), DEFAULTS.images.len(), DEFAULTS.replicas.len()), (1, 7, 4));
        let config_map = DEFAULTS.name_reference.iter().find(|reference| reference.target.kind == "ConfigMap").unwrap();
        assert!(config_map.fields.iter().any(|field| {
            &*field.path == "spec/template/spec/volumes/configMap/name" && field.gvk.kind == "Deployment"
        }));
        assert!(DEFAULTS.common_labels.iter().all(|field| !field.path.is_empty()));
    }

    #[test]
    fn fields_are_what_they_would_be_without_a_table() {
        for field in &FIELDS {
            let made = FieldSpec::new(field.gvk.clone().into_owned(), field.path.clone(), field.create);
            assert_eq!(*field, made);
        }
    }
}
