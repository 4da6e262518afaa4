//! A tree of YAML and the many ways to write it down.

use super::dice::Dice;

/// YAML as it will be written: scalars are raw text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Yaml {
    Raw(String),
    Map(Vec<(String, Yaml)>),
    List(Vec<Yaml>),
    /// A block scalar: its head, such as `|-`, and its lines.
    Block(&'static str, Vec<String>),
    Anchored(String, Box<Yaml>),
}

/// A mapping from pairs.
pub(super) fn map<const N: usize>(fields: [(&str, Yaml); N]) -> Yaml {
    Yaml::Map(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

pub(super) fn list<const N: usize>(items: [Yaml; N]) -> Yaml {
    Yaml::List(items.into())
}

/// A scalar of safe text.
pub(super) fn raw(text: impl Into<String>) -> Yaml {
    Yaml::Raw(text.into())
}

/// A text that is quoted, whatever it is.
pub(super) fn quoted(text: &str) -> Yaml {
    Yaml::Raw(format!("{text:?}"))
}

/// A text of several lines.
pub(super) fn text_block(text: &str) -> Yaml {
    Yaml::Block("|", text.lines().map(str::to_owned).collect())
}

impl Yaml {
    pub(super) fn push(&mut self, key: &str, value: Yaml) {
        if let Yaml::Map(fields) = self {
            fields.push((key.to_owned(), value));
        }
    }

    pub(super) fn set(&mut self, key: &str, value: Yaml) {
        if let Yaml::Map(fields) = self {
            match fields.iter_mut().find(|(name, _)| name == key) {
                Some((_, old)) => *old = value,
                None => fields.push((key.to_owned(), value)),
            }
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Yaml> {
        match self {
            Yaml::Map(fields) => fields.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            Yaml::Anchored(_, inner) => inner.get(key),
            _ => None,
        }
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Yaml> {
        match self {
            Yaml::Map(fields) => fields.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Yaml::Raw(text) => text.trim_matches('"'),
            _ => "",
        }
    }
}

/// How one document is written.
pub(super) struct Style {
    step: usize,
    indented_lists: bool,
    /// One in so many collections is written in one line; 0 is none.
    flow: usize,
    /// One in so many lines has a comment; 0 is none.
    comments: usize,
    quotes: bool,
}

impl Style {
    pub(super) fn plain() -> Style {
        Style { step: 2, indented_lists: false, flow: 0, comments: 0, quotes: false }
    }

    pub(super) fn any(dice: &mut Dice) -> Style {
        Style {
            step: if dice.rare(5) { 4 } else { 2 },
            indented_lists: dice.coin(),
            flow: if dice.rare(3) { dice.between(4, 12) } else { 0 },
            comments: if dice.rare(3) { dice.between(3, 20) } else { 0 },
            quotes: dice.rare(4),
        }
    }
}

/// The text of a document, which ends in a line break.
pub(super) fn print(yaml: &Yaml, style: &Style, dice: &mut Dice) -> String {
    let mut printer = Printer { style, dice, out: String::new() };
    printer.document(yaml);
    printer.out
}

struct Printer<'a> {
    style: &'a Style,
    dice: &'a mut Dice,
    out: String,
}

impl Printer<'_> {
    fn document(&mut self, yaml: &Yaml) {
        match yaml {
            Yaml::Map(fields) if !fields.is_empty() => self.map(fields, 0, 0),
            Yaml::List(items) if !items.is_empty() => self.list(items, 0, 0),
            other => {
                let line = flow(other);
                self.out.push_str(&line);
                self.out.push('\n');
            }
        }
    }

    fn pad(&mut self, width: usize) {
        self.out.extend(std::iter::repeat_n(' ', width));
    }

    fn end_line(&mut self) {
        if self.style.comments > 0 && self.dice.rare(self.style.comments) {
            self.out.push_str(" # a comment");
        }
        self.out.push('\n');
    }

    /// `skip` columns of the first line are there already.
    fn map(&mut self, fields: &[(String, Yaml)], indent: usize, mut skip: usize) {
        for (key, value) in fields {
            if self.style.comments > 0 && skip == 0 && self.dice.rare(self.style.comments * 2) {
                self.pad(indent);
                self.out.push_str("# about the next line\n");
            }
            self.pad(indent - skip);
            skip = 0;
            self.out.push_str(key);
            self.out.push(':');
            self.value(value, indent, true);
        }
    }

    fn list(&mut self, items: &[Yaml], indent: usize, mut skip: usize) {
        for item in items {
            self.pad(indent - skip);
            skip = 0;
            self.out.push('-');
            match item {
                Yaml::Map(fields) if !fields.is_empty() && !self.is_flow() => {
                    self.out.push(' ');
                    self.map(fields, indent + 2, indent + 2);
                }
                Yaml::List(inner) if !inner.is_empty() && !self.is_flow() => {
                    self.out.push(' ');
                    self.list(inner, indent + 2, indent + 2);
                }
                other => self.value(other, indent, false),
            }
        }
    }

    fn is_flow(&mut self) -> bool {
        self.style.flow > 0 && self.dice.rare(self.style.flow)
    }

    /// What follows `key:` or `-` on the line and below it.
    fn value(&mut self, value: &Yaml, indent: usize, in_map: bool) {
        let below = indent + self.style.step;
        match value {
            Yaml::Anchored(name, inner) => {
                self.out.push_str(" &");
                self.out.push_str(name);
                self.value(inner, indent, in_map);
            }
            Yaml::Map(fields) if !fields.is_empty() && !self.is_flow() => {
                self.end_line();
                self.map(fields, below, 0);
            }
            Yaml::List(items) if !items.is_empty() && !self.is_flow() => {
                self.end_line();
                let indent = if self.style.indented_lists || !in_map { below } else { indent };
                self.list(items, indent, 0);
            }
            Yaml::Block(head, lines) => {
                self.out.push(' ');
                self.out.push_str(head);
                self.out.push('\n');
                for line in lines {
                    if !line.is_empty() {
                        self.pad(below);
                        self.out.push_str(line);
                    }
                    self.out.push('\n');
                }
            }
            Yaml::Raw(text) if text.is_empty() => self.end_line(),
            Yaml::Raw(text) => {
                self.out.push(' ');
                let is_flag = matches!(text.as_str(), "true" | "false");
                let safe = !is_flag && text.bytes().all(|byte| byte.is_ascii_alphabetic() || b"-./".contains(&byte));
                match self.style.quotes && safe && self.dice.rare(3) {
                    true if self.dice.coin() => self.out.push_str(&format!("\"{text}\"")),
                    true => self.out.push_str(&format!("'{text}'")),
                    false => self.out.push_str(text),
                }
                self.end_line();
            }
            other => {
                let line = flow(other);
                self.out.push(' ');
                self.out.push_str(&line);
                self.end_line();
            }
        }
    }
}

/// In one line.
pub(super) fn flow(yaml: &Yaml) -> String {
    match yaml {
        Yaml::Raw(text) if text.is_empty() => "null".to_owned(),
        Yaml::Raw(text) => flow_scalar(text),
        Yaml::Map(fields) => {
            let fields: Vec<String> = fields.iter().map(|(key, value)| format!("{key}: {}", flow(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        Yaml::List(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Yaml::Block(_, lines) => format!("{:?}", lines.join("\n")),
        Yaml::Anchored(name, inner) => format!("&{name} {}", flow(inner)),
    }
}

fn flow_scalar(text: &str) -> String {
    let quotes = text.starts_with(['"', '\'', '&', '*', '!']);
    if !quotes && text.contains(['{', '}', '[', ']', ',']) { format!("{text:?}") } else { text.to_owned() }
}
