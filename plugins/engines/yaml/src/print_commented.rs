//! Prints a tree with its comments where go-yaml v3 prints them: that depends on what was written before, so the printer
//! remembers which comments wait for their place.

use crate::comments::{Comments, DocumentComments};
use crate::node::{Kind, Node, Style};
use crate::print_node::{is_simple_key, scalar_text, to_string};
use crate::scalar::{is_at_line_start, is_break};

const INDENT: isize = 2;

/// Prints a document as [`crate::to_string`] does, with comments where they were.
pub fn to_string_commented(node: &Node, comments: &DocumentComments) -> String {
    if !has_simple_keys(node) {
        return to_string(node);
    }
    let mut printer = Printer::default();
    printer.document(node, comments);
    if !is_at_line_start(&printer.out) {
        printer.out.push('\n');
    }
    printer.out
}

/// Other keys are written in a way that leaves no place for comments.
fn has_simple_keys(node: &Node) -> bool {
    match &node.kind {
        Kind::Scalar(_) => true,
        Kind::Sequence(items) => items.iter().all(has_simple_keys),
        Kind::Mapping(fields) => fields.iter().all(|(key, value)| is_simple(key) && has_simple_keys(value)),
    }
}

fn is_simple(key: &Node) -> bool {
    key.is_scalar() && is_simple_key(key)
}

fn is_flow(node: &Node) -> bool {
    node.style == Style::Flow || (node.items().is_empty() && node.fields().is_empty())
}

struct Printer {
    out: String,
    indent: isize,
    /// Whether the last thing written separates words.
    is_space: bool,
    /// Whether only indentation was written on this line.
    is_indentation: bool,
    /// Where a comment stood at the end of something: what is not further in stands apart from it.
    foot_indent: Option<isize>,
    flow_level: usize,
    head: String,
    line: String,
    foot: String,
    /// After the field before.
    tail: String,
    key_line: String,
}

impl Default for Printer {
    fn default() -> Printer {
        let text = String::new;
        Printer {
            out: text(),
            indent: -1,
            is_space: true,
            is_indentation: true,
            foot_indent: None,
            flow_level: 0,
            head: text(),
            line: text(),
            foot: text(),
            tail: text(),
            key_line: text(),
        }
    }
}

/// What surrounds a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Item,
    Value,
}

fn load(pending: &mut String, comment: &str) {
    if !comment.is_empty() {
        comment.clone_into(pending);
    }
}

impl Printer {
    fn document(&mut self, node: &Node, comments: &DocumentComments) {
        load(&mut self.head, &comments.head);
        if !self.head.is_empty() {
            self.write_head();
            self.new_line();
        }
        self.begin(node, &comments.root);
        self.write_head();
        self.node(node, &comments.root, Place::Root);
        load(&mut self.foot, &comments.foot);
        self.foot_indent = Some(0);
        self.write_foot();
        self.foot_indent = None;
        self.write_indent();
    }

    /// Takes up the comments that are known when a node begins: all of a scalar, of a collection what stands before it.
    fn begin(&mut self, node: &Node, comments: &Comments) {
        load(&mut self.head, &comments.head);
        if node.is_scalar() {
            self.end(comments);
        }
    }

    fn end(&mut self, comments: &Comments) {
        load(&mut self.line, &comments.line);
        load(&mut self.foot, &comments.foot);
    }

    fn node(&mut self, node: &Node, comments: &Comments, place: Place) {
        match &node.kind {
            Kind::Scalar(_) => {
                self.scalar(node, false);
                self.write_line_and_foot();
            }
            Kind::Sequence(items) if self.flow_level > 0 || is_flow(node) => self.flow_items(items, comments, place),
            Kind::Mapping(fields) if self.flow_level > 0 || is_flow(node) => self.flow_fields(fields, comments, place),
            Kind::Sequence(items) => {
                self.write_line_and_foot();
                self.items(items, comments, place);
            }
            Kind::Mapping(fields) => {
                self.write_line_and_foot();
                self.fields(fields, comments, place);
            }
        }
    }

    fn write_line_and_foot(&mut self) {
        self.write_line();
        self.write_foot();
    }

    /// Goes further in; gives the indentation to go back to.
    fn indent_more(&mut self, in_flow: bool, place: Place, is_compact: bool) -> isize {
        let before = self.indent;
        self.indent = match place {
            _ if before < 0 => {
                if in_flow {
                    INDENT
                } else {
                    0
                }
            }
            Place::Item => before + INDENT,
            _ => INDENT * ((before + INDENT) / INDENT) - if is_compact { INDENT } else { 0 },
        };
        before
    }

    fn items(&mut self, items: &[Node], comments: &Comments, place: Place) {
        let is_compact = place == Place::Value && (self.is_line_start() || !self.is_indentation);
        let before = self.indent_more(false, place, is_compact);
        for (at, item) in items.iter().enumerate() {
            let own = comments.part(at);
            self.begin(item, own);
            self.write_head();
            self.write_indent();
            self.indicator("-", true, false, true);
            self.node(item, own, Place::Item);
        }
        self.end(comments);
        self.indent = before;
    }

    fn fields(&mut self, fields: &[(Node, Node)], comments: &Comments, place: Place) {
        let before = self.indent_more(false, place, false);
        let mut tail = "";
        for (at, (key, value)) in fields.iter().enumerate() {
            let [of_key, of_value] = [2 * at, 2 * at + 1].map(|part| comments.part(part));
            tail = self.begin_key(of_key, tail);
            self.write_head();
            self.write_indent();
            if !self.line.is_empty() {
                self.key_line = std::mem::take(&mut self.line);
            }
            self.scalar(key, true);
            self.begin(value, of_value);
            self.indicator(":", false, false, false);
            self.write_key_line(value);
            self.node(value, of_value, Place::Value);
        }
        load(&mut self.tail, tail);
        self.end(comments);
        self.write_head();
        self.indent = before;
    }

    /// Takes up the comments of a key, and what stood after the field before. What stands after this one comes back.
    fn begin_key<'c>(&mut self, of_key: &'c Comments, tail: &str) -> &'c str {
        load(&mut self.tail, tail);
        load(&mut self.head, &of_key.head);
        load(&mut self.line, &of_key.line);
        &of_key.foot
    }

    /// A comment behind a key goes behind a value on the same line, else before the block that follows.
    fn write_key_line(&mut self, value: &Node) {
        if self.key_line.is_empty() {
            return;
        }
        if value.is_scalar() {
            if self.line.is_empty() {
                self.line = std::mem::take(&mut self.key_line);
            }
        } else if value.style != Style::Flow {
            std::mem::swap(&mut self.line, &mut self.key_line);
            self.write_line();
            std::mem::swap(&mut self.line, &mut self.key_line);
        }
    }

    fn has_comments_behind(&self) -> bool {
        !(self.line.is_empty() && self.foot.is_empty() && self.tail.is_empty())
    }

    fn flow_items(&mut self, items: &[Node], comments: &Comments, place: Place) {
        self.write_line_and_foot();
        self.indicator("[", true, true, false);
        let before = self.indent_more(true, place, false);
        self.flow_level += 1;
        let mut is_separated = true;
        for (at, item) in items.iter().enumerate() {
            let own = comments.part(at);
            self.begin(item, own);
            self.start_in_flow(is_separated);
            is_separated = self.in_flow(item, own);
        }
        self.end(comments);
        self.flow_level -= 1;
        self.indent = before;
        if self.is_line_start() {
            self.write_indent();
        }
        self.indicator("]", false, false, false);
        self.write_line_and_foot();
    }

    fn flow_fields(&mut self, fields: &[(Node, Node)], comments: &Comments, place: Place) {
        self.write_line_and_foot();
        self.indicator("{", true, true, false);
        let before = self.indent_more(true, place, false);
        self.flow_level += 1;
        let (mut is_separated, mut tail) = (true, "");
        for (at, (key, value)) in fields.iter().enumerate() {
            let [of_key, of_value] = [2 * at, 2 * at + 1].map(|part| comments.part(part));
            tail = self.begin_key(of_key, tail);
            self.start_in_flow(is_separated);
            self.scalar(key, true);
            self.begin(value, of_value);
            self.indicator(":", false, false, false);
            is_separated = self.in_flow(value, of_value);
        }
        load(&mut self.tail, tail);
        self.end(comments);
        let is_bare = self.head.is_empty() && self.foot.is_empty() && self.tail.is_empty();
        if !(is_separated || is_bare) {
            self.indicator(",", false, false, false);
        }
        self.write_head();
        self.flow_level -= 1;
        self.indent = before;
        self.indicator("}", false, false, false);
        self.write_line_and_foot();
    }

    fn start_in_flow(&mut self, is_separated: bool) {
        if !is_separated {
            self.indicator(",", false, false, false);
        }
        self.write_head();
        if self.is_line_start() {
            self.write_indent();
        }
    }

    /// Writes a node in brackets; whether the comma after it is written, as it has to be before a comment.
    fn in_flow(&mut self, node: &Node, comments: &Comments) -> bool {
        if !node.is_scalar() {
            self.node(node, comments, Place::Value);
            return false;
        }
        let has_comments = self.has_comments_behind();
        self.scalar(node, false);
        if has_comments {
            self.indicator(",", false, false, false);
        }
        self.write_line_and_foot();
        has_comments
    }

    fn scalar(&mut self, node: &Node, is_key: bool) {
        let indent = usize::try_from(self.indent).unwrap_or(0) + 2;
        let text = scalar_text(node, indent, is_key, self.flow_level > 0);
        if text.is_empty() {
            self.is_indentation = false;
            return;
        }
        if !self.is_space {
            self.out.push(' ');
        }
        let untagged =
            text.strip_prefix('!').and_then(|tagged| tagged.split_once(' ')).map_or(&*text, |(_, rest)| rest);
        // A block of text has its comment behind its first line.
        match text.split_once('\n') {
            Some((first, rest)) if untagged.starts_with(['|', '>']) => {
                self.out.push_str(first);
                self.is_space = false;
                if self.line.is_empty() {
                    self.new_line();
                } else {
                    // More lines of it are as far in as the text.
                    let before = std::mem::replace(&mut self.indent, isize::try_from(indent).unwrap_or(isize::MAX));
                    self.write_line();
                    self.indent = before;
                }
                self.out.push_str(rest);
                self.is_space = true;
            }
            _ => {
                self.out.push_str(&text);
                self.is_space = false;
            }
        }
        self.is_indentation = is_at_line_start(&self.out);
    }

    fn is_line_start(&self) -> bool {
        self.out.is_empty() || is_at_line_start(&self.out)
    }

    fn column(&self) -> isize {
        let characters = self.out.chars().rev().take_while(|c| !is_break(*c)).count();
        isize::try_from(characters).unwrap_or(isize::MAX)
    }

    fn new_line(&mut self) {
        self.out.push('\n');
        self.is_indentation = true;
    }

    fn write_indent(&mut self) {
        let (indent, column) = (self.indent.max(0), self.column());
        let is_done = self.is_indentation && (column < indent || (column == indent && self.is_space));
        if !is_done {
            self.new_line();
        }
        if self.foot_indent == Some(indent) {
            self.new_line();
        }
        for _ in self.column()..indent {
            self.out.push(' ');
        }
        self.is_space = true;
        self.foot_indent = None;
    }

    fn indicator(&mut self, text: &str, needs_space: bool, is_space: bool, is_indentation: bool) {
        if needs_space && !self.is_space {
            self.out.push(' ');
        }
        self.out.push_str(text);
        self.is_space = is_space;
        self.is_indentation &= is_indentation;
    }

    fn write_head(&mut self) {
        if !self.tail.is_empty() {
            self.write_indent();
            let tail = std::mem::take(&mut self.tail);
            self.comment(&tail);
            self.foot_indent = Some(self.indent.max(0));
        }
        if !self.head.is_empty() {
            self.write_indent();
            let head = std::mem::take(&mut self.head);
            self.comment(&head);
        }
    }

    fn write_line(&mut self) {
        if self.line.is_empty() {
            return;
        }
        if !self.is_space {
            self.out.push(' ');
        }
        let line = std::mem::take(&mut self.line);
        self.comment(&line);
    }

    fn write_foot(&mut self) {
        if self.foot.is_empty() {
            return;
        }
        self.write_indent();
        let foot = std::mem::take(&mut self.foot);
        self.comment(&foot);
        self.foot_indent = Some(self.indent.max(0));
    }

    fn comment(&mut self, text: &str) {
        let (mut after_break, mut is_marked) = (false, false);
        for c in text.chars() {
            if is_break(c) {
                self.new_line();
                (after_break, is_marked) = (true, false);
                continue;
            }
            if after_break {
                self.write_indent();
            }
            if !is_marked && c != '#' {
                self.out.push_str("# ");
            }
            is_marked = true;
            self.out.push(c);
            self.is_indentation = false;
            after_break = false;
        }
        if !after_break {
            self.new_line();
        }
        self.is_space = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Style, parse_first_commented};

    fn reprint(text: &str) -> String {
        let (node, comments) = parse_first_commented(text).unwrap().unwrap();
        to_string_commented(&node, &comments)
    }

    #[test]
    fn comments_stay_where_they_are() {
        for text in [
            "# of the document\n\n# before\na: 1 # behind\n# after\n\nb:\n  # inside\n  c: x\n  # at the end\nd: y\n",
            "a: # behind the key\n  b: 1\nl:\n# before an item\n- x # behind\n- - y\n# at the end\n",
            "a: | # of the text\n  x # no comment\nb: [x, y] # behind\nc:\nd: e\n",
            "a: {}\nb: c\n# the last\n",
            "a: !x | # of the text\n  x\nb: !x |\n  y\n",
        ] {
            assert_eq!(reprint(text), text);
        }
    }

    #[test]
    fn places_are_made_regular() {
        for (text, expected) in [
            ("a:   1    # far\n", "a: 1 # far\n"),
            ("a:\n    b: 1\n# less\n    # more\n    c: 2\n", "a:\n  b: 1\n  # less\n  # more\n  c: 2\n"),
            ("l:\n  - # one\n    - x\n", "l:\n- # one\n  - x\n"),
            // With Go, too, the second line becomes text when this is read again.
            ("a\n\n\n\t- # c\n\n:9 b\n\n\n\t- # c\n\n:9 b", "|- # c\n  # c\n  a\n\n  -\n"),
        ] {
            assert_eq!(reprint(text), expected, "{text}");
        }
    }

    #[test]
    fn a_line_separator_at_the_end_of_a_block_ends_the_line() {
        for (text, expected) in [
            ("# c\n>+\n  x\u{2028}", "# c\n>\n  x\u{2028}"),
            ("# c\n- |\n  x\u{2029}\n- y # d\n", "# c\n- |\n  x\u{2029}- y # d\n"),
        ] {
            assert_eq!(reprint(text), expected);
        }
    }

    #[test]
    fn collections_as_keys_have_no_place_for_comments() {
        assert_eq!(reprint("[]: x # c\n"), "[]: x\n");
    }

    /// What a comment behind a key becomes when brackets follow that are not written as such: no YAML, as in the original.
    #[test]
    fn a_comment_before_an_emptied_collection() {
        let (mut node, comments) = parse_first_commented("a: # c\n  b: 1\n").unwrap().unwrap();
        *node.get_mut("a").unwrap() = Node { style: Style::Plain, ..Node::mapping() };
        assert_eq!(to_string_commented(&node, &comments), "a: # c\n{}\n");
    }

    #[test]
    fn comments_go_with_what_is_replaced() {
        let (before, mut comments) = parse_first_commented("a:\n  # of b\n  b: 1\nc: 2 # kept\n").unwrap().unwrap();
        let mut after = before.clone();
        *after.get_mut("a").unwrap() = Node::sequence();
        comments.follow(&before, &after);
        assert_eq!(to_string_commented(&after, &comments), "a: []\nc: 2 # kept\n");
    }
}
