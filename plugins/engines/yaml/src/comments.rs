use crate::node::{Kind, Node};

/// The comments of a tree, in a tree of the same shape: the parts of a sequence are its items, those of a mapping its
/// keys and values by turns. Go's newer port attaches them so, and prints them where they were, more or less.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comments {
    /// Before the node.
    pub(crate) head: String,
    /// Behind it, on its line.
    pub(crate) line: String,
    /// After it.
    pub(crate) foot: String,
    pub(crate) parts: Vec<Comments>,
}

/// The comments of a document: its own, and those of its root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentComments {
    pub(crate) head: String,
    pub(crate) foot: String,
    pub(crate) root: Comments,
}

impl DocumentComments {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.head.is_empty() && self.foot.is_empty() && self.root.is_empty()
    }

    /// Whether a comment behind something has several lines. Behind a block of text all but the first become text when they
    /// are printed and read again, as with Go.
    pub fn has_lines_behind(&self) -> bool {
        self.root.has_lines_behind()
    }

    /// The paths of keys with a comment behind them, by names; items of lists have none.
    pub fn commented_keys<'n>(&self, root: &'n Node) -> Vec<Vec<&'n str>> {
        let mut found = Vec::new();
        self.root.collect_keys(root, &mut Vec::new(), &mut found);
        found
    }

    /// The same for each item of the list in a field of the root.
    pub fn commented_keys_of_items<'n>(&self, root: &'n Node, field: &str) -> Vec<Vec<Vec<&'n str>>> {
        let Some(at) = root.fields().iter().position(|(key, _)| key.text() == field) else { return Vec::new() };
        let items = root.fields()[at].1.items().iter().enumerate();
        let keys = |(number, item)| {
            let mut found = Vec::new();
            self.root.part(2 * at + 1).part(number).collect_keys(item, &mut Vec::new(), &mut found);
            found
        };
        items.map(keys).collect()
    }

    /// After something changed the tree: forgets the comments of collections that others took the place of.
    pub fn follow(&mut self, before: &Node, after: &Node) {
        self.root.follow(before, after);
    }
}

/// Of what has none.
static NONE: Comments = Comments { head: String::new(), line: String::new(), foot: String::new(), parts: Vec::new() };

impl Comments {
    /// Those of a part.
    pub(crate) fn part(&self, at: usize) -> &Comments {
        self.parts.get(at).unwrap_or(&NONE)
    }

    /// Moves what stands after values to their keys, where the printer looks for it.
    pub(crate) fn settle_pairs(&mut self, is_block: bool) {
        let parts = &mut self.parts;
        for at in (0..parts.len().saturating_sub(1)).step_by(2) {
            if is_block && at >= 2 && !parts[at].foot.is_empty() {
                // It stood after the value before, which was indented more.
                parts[at - 2].foot = std::mem::take(&mut parts[at].foot);
            }
            if parts[at].foot.is_empty() {
                parts[at].foot = std::mem::take(&mut parts[at + 1].foot);
            }
        }
        if is_block && !self.foot.is_empty() && parts.len() > 1 {
            let last = parts.len() - 2;
            parts[last].foot = std::mem::take(&mut self.foot);
        }
    }

    /// Whether there is no comment anywhere.
    pub(crate) fn is_empty(&self) -> bool {
        self.head.is_empty()
            && self.line.is_empty()
            && self.foot.is_empty()
            && self.parts.iter().all(Comments::is_empty)
    }

    fn has_lines_behind(&self) -> bool {
        self.line.contains('\n') || self.parts.iter().any(Comments::has_lines_behind)
    }

    fn collect_keys<'n>(&self, node: &'n Node, path: &mut Vec<&'n str>, found: &mut Vec<Vec<&'n str>>) {
        for (at, item) in node.items().iter().enumerate() {
            self.part(at).collect_keys(item, path, found);
        }
        for (at, (key, value)) in node.fields().iter().enumerate() {
            path.push(key.text());
            if !self.part(2 * at).line.is_empty() {
                found.push(path.clone());
            }
            self.part(2 * at + 1).collect_keys(value, path, found);
            path.pop();
        }
    }

    /// Forgets those of what something else took the place of. Additions stand behind what was there.
    fn follow(&mut self, before: &Node, after: &Node) {
        match (&before.kind, &after.kind) {
            (Kind::Scalar(_), Kind::Scalar(_)) => {}
            (Kind::Sequence(old), Kind::Sequence(new)) if old.len() <= new.len() => {
                self.parts.iter_mut().zip(old.iter().zip(new)).for_each(|(part, (old, new))| part.follow(old, new));
            }
            (Kind::Mapping(old), Kind::Mapping(new))
                if old.len() <= new.len() && old.iter().zip(new).all(|((old, _), (new, _))| old == new) =>
            {
                let values = self.parts.iter_mut().skip(1).step_by(2);
                values.zip(old.iter().zip(new)).for_each(|(part, ((_, old), (_, new)))| part.follow(old, new));
            }
            _ => *self = Comments::default(),
        }
    }
}
