//! Parsed templates as bytes, for whoever renders the same text again in another process.

use std::rc::Rc;

use super::node::Run;
use super::{ParsedText, Template, Unit};
use crate::function::Functions;
use crate::kept::{Kept, Reader, Writer};
use crate::string::Str;

impl Kept for Run {
    fn write(&self, to: &mut Writer) {
        (self.first, self.count).write(to);
    }

    fn read(from: &mut Reader) -> Option<Self> {
        let (first, count) = Kept::read(from)?;
        Some(Self { first, count })
    }
}

impl Unit {
    fn write(&self, to: &mut Writer) {
        self.functions.fingerprint().write(to);
        self.name.write(to);
        self.nodes.write(to);
        self.branches.write(to);
        self.pipes.write(to);
        self.commands.write(to);
        self.exprs.write(to);
        self.idents.write(to);
        self.names.write(to);
        self.numbers.write(to);
        self.strings.write(to);
        self.calls.write(to);
    }

    fn read(from: &mut Reader, text: Str, functions: &Functions) -> Option<Self> {
        if u64::read(from)? != functions.fingerprint() {
            return None;
        }
        Some(Self {
            name: Kept::read(from)?,
            text,
            functions: functions.clone(),
            nodes: Kept::read(from)?,
            branches: Kept::read(from)?,
            pipes: Kept::read(from)?,
            commands: Kept::read(from)?,
            exprs: Kept::read(from)?,
            idents: Kept::read(from)?,
            names: Kept::read(from)?,
            numbers: Kept::read(from)?,
            strings: Kept::read(from)?,
            calls: Kept::read(from)?,
        })
    }
}

impl ParsedText {
    /// Writes what [`read`](Self::read) reads.
    pub fn write(&self, to: &mut Writer) {
        let Some(template) = self.0.first() else { return to.refuse() };
        template.unit.write(to);
        to.count(self.0.len());
        self.0.iter().for_each(|template| (template.name.clone(), template.root).write(to));
    }

    /// What was parsed from `text` before, with the same functions.
    ///
    /// Nothing if the bytes are not those of a parsed template, or if the functions are others. The bytes have to be the
    /// ones that this version of the crate made of the same text: what they say of it is believed.
    pub fn read(bytes: &'static [u8], text: Str, functions: &Functions) -> Option<Self> {
        let from = &mut Reader::new(bytes);
        let unit = Rc::new(Unit::read(from, text, functions)?);
        let count = from.count()?;
        let mut templates = Vec::with_capacity(count);
        for _ in 0..count {
            let (name, root) = Kept::read(from)?;
            templates.push(Rc::new(Template { name, unit: Rc::clone(&unit), root }));
        }
        from.is_empty().then(|| Self(templates.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtins::BUILTINS;
    use crate::{MissingKey, Set, State, Value};

    const TEXT: &str = r#"{{- define "a" }}[{{ . }}]{{ end -}}
{{ $x := 1.5 }}{{ range $i, $e := .list }}{{ if eq $i 1 }}{{ continue }}{{ end }}{{ template "a" (printf "%v" $e) }}
{{- else }}none{{ end }}{{ with .none }}{{ else }}{{ $x | print "\u00e9" 'c' 2i nil }}{{ end }}{{ .list.bad }}"#;

    fn bytes_of(parsed: &ParsedText) -> &'static [u8] {
        let mut writer = Writer::default();
        parsed.write(&mut writer);
        writer.finish().unwrap().leak()
    }

    fn run(parsed: &ParsedText, functions: Functions) -> (String, String) {
        let mut set = Set::new("t", functions, MissingKey::Default);
        set.add(parsed);
        let list = Value::from(vec![Value::int(1), Value::int(2), Value::string("three")]);
        let data: crate::Map = [("list", list)].into_iter().collect();
        let mut out = Vec::new();
        let error = set.execute("t", data.into(), &State::default(), &mut out).unwrap_err();
        (String::from_utf8(out).unwrap(), error.to_string())
    }

    #[test]
    fn what_was_kept_does_the_same() {
        let functions = Functions::new(&[BUILTINS]);
        let parsed = ParsedText::parse("t", TEXT, &functions).unwrap();
        let bytes = bytes_of(&parsed);
        let back = ParsedText::read(bytes, TEXT.into(), &functions).unwrap();
        let done = run(&back, functions.clone());
        assert_eq!(done, run(&parsed, functions));
        assert!(done.0.starts_with("[1][three]"), "{}", done.0);
        assert!(done.1.contains("t:3:"), "errors say where: {}", done.1);
    }

    #[test]
    fn what_does_not_fit_is_nothing() {
        let functions = Functions::new(&[BUILTINS]);
        let bytes = bytes_of(&ParsedText::parse("t", TEXT, &functions).unwrap());
        let mut fewer = functions.clone();
        fewer.remove("printf");
        assert!(ParsedText::read(bytes, TEXT.into(), &fewer).is_none());
        assert!(ParsedText::read(bytes, TEXT.into(), &Functions::new(&[BUILTINS, BUILTINS])).is_none());
        for end in 0..bytes.len() {
            assert!(ParsedText::read(&bytes[..end], TEXT.into(), &functions).is_none(), "cut after {end}");
        }
        assert!(ParsedText::read(&[255; 40], TEXT.into(), &functions).is_none());
    }

    /// Whatever single byte is another one, nothing panics.
    #[test]
    fn what_was_changed_is_something_else() {
        let functions = Functions::new(&[BUILTINS]);
        let bytes = bytes_of(&ParsedText::parse("t", TEXT, &functions).unwrap());
        for at in 0..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[at] ^= 0x41;
            if let Some(parsed) = ParsedText::read(changed.leak(), TEXT.into(), &functions) {
                let mut set = Set::new("t", functions.clone(), MissingKey::Default);
                set.add(&parsed);
                let limits = crate::Limits { steps: 10_000, ..crate::Limits::default() };
                // What it does then is not said; it ends.
                let _ = set.execute("t", Value::Nil, &State::new(limits), &mut Vec::new());
            }
        }
    }
}
