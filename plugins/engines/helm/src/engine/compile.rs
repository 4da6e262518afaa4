//! Parses the templates of a chart and its enabled sub-charts.

use std::rc::Rc;

use weir_gotmpl::{BUILTINS, Functions, MissingKey, Set, kept};

use crate::Helm;
use crate::chart::tree::{Id, Tree};
use crate::chart::{Chart, File, Identity};
use crate::engine::{errors, functions};
use crate::error::Result;
use crate::go_path;

/// A template in the order of rendering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// `app/charts/redis/templates/service.yaml`
    pub(crate) name: String,
    pub(crate) chart: Id,
    file: usize,
    /// Folders that it lies in.
    depth: usize,
}

/// What the parsed templates depend on besides the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mode {
    pub(crate) helm: Helm,
    pub(crate) strict: bool,
    pub(crate) dns: bool,
}

kept!(Mode { helm, strict, dns });

/// Parsed templates, for one choice of enabled charts.
pub(crate) struct Compiled {
    mode: Mode,
    entries: Vec<Entry>,
    charts: Vec<Identity>,
    pub(crate) set: Set,
}

impl Compiled {
    /// The templates in the order in which they are rendered: those that lie deepest first.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

/// Parses all templates, unless the root chart still holds them from a rendering with the same charts enabled.
///
/// # Errors
/// A text that is no template.
pub(crate) fn compile(tree: &Tree, mode: Mode) -> Result<Rc<Compiled>> {
    let (entries, charts) = entries(tree);
    let cache = tree.chart(Tree::ROOT).compiled();
    if let Some(compiled) = &*cache.borrow() {
        let same_charts = compiled.charts.iter().zip(&charts).all(|(a, b)| *a == b.identity());
        if compiled.mode == mode && compiled.entries == entries && same_charts {
            return Ok(compiled.clone());
        }
    }
    let missing_key = if mode.strict { MissingKey::Error } else { MissingKey::Zero };
    let mut set = Set::new(functions::ROOT, table(mode), missing_key);
    for (entry, chart) in entries.iter().zip(&charts) {
        let parsed = chart.parsed(entry.file, &entry.name, mode, set.functions());
        set.add(&parsed.map_err(|error| errors::parse_error(&entry.name, &error.message))?);
    }
    let charts = charts.iter().map(Chart::identity).collect();
    let compiled = Rc::new(Compiled { mode, entries, charts, set });
    cache.replace(Some(compiled.clone()));
    Ok(compiled)
}

fn table(mode: Mode) -> Functions {
    let mut tables = vec![BUILTINS, weir_sprig::FUNCTIONS, functions::FUNCTIONS];
    if mode.helm == Helm::V4 {
        tables.push(weir_sprig::HELM_4_FUNCTIONS);
    }
    if !mode.dns {
        tables.push(functions::NO_DNS);
    }
    Functions::new(&tables)
}

/// All templates in the order of rendering, and the chart of each. Of two with the same name, the later one counts.
fn entries(tree: &Tree) -> (Vec<Entry>, Vec<Chart>) {
    let mut entries = Vec::new();
    collect(tree, Tree::ROOT, &mut entries);
    entries.reverse();
    entries.sort_by(|a, b| (b.depth, &b.name).cmp(&(a.depth, &a.name)));
    entries.dedup_by(|later, first| later.name == first.name);
    let charts = entries.iter().map(|entry| tree.chart(entry.chart).clone()).collect();
    (entries, charts)
}

fn collect(tree: &Tree, id: Id, entries: &mut Vec<Entry>) {
    for child in tree.children(id) {
        collect(tree, *child, entries);
    }
    let chart = tree.chart(id);
    let path = tree.path(id);
    let is_library = chart.metadata().is_library();
    let counts = |file: &File| !is_library || go_path::base(&file.path).starts_with('_');
    for (index, file) in chart.templates().iter().enumerate().filter(|(_, file)| counts(file)) {
        let name = go_path::clean([&path, "/", &*file.path].concat());
        let depth = name.bytes().filter(|byte| *byte == b'/').count();
        entries.push(Entry { name, chart: id, file: index, depth });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_that_was_compiled_goes_with_its_last_holder() {
        let files = [("Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n"), ("templates/a.yaml", "kind: A\n")];
        let files = files.map(|(path, text)| (path.to_owned(), text.into()));
        let loaded = crate::load_folder(files, Helm::V4).unwrap();
        let identity = loaded.chart.identity();
        let tree = Tree::new(&loaded.chart).unwrap();
        let mode = Mode { helm: Helm::V4, strict: false, dns: false };
        let compiled = compile(&tree, mode).unwrap();
        assert!(Rc::ptr_eq(&compiled, &compile(&tree, mode).unwrap()));
        drop((compiled, tree));
        assert!(!identity.is_gone());
        drop(loaded);
        assert!(identity.is_gone());
    }
}
