//! Parsed templates as bytes, for whoever renders the same text again in another process.

use std::rc::Rc;

use super::{ParsedText, Run, Template, Unit};
use crate::function::Functions;
use crate::string::Str;

/// The tables, the names of the functions in the order of their table, and the templates with where they begin.
type Stored<U, N> = (U, Vec<N>, Vec<(Str, Run)>);

impl ParsedText {
    /// What [`from_bytes`](Self::from_bytes) reads; nothing if a table cannot be kept.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        let unit = &self.0.first()?.unit;
        let functions = unit.functions.iter().map(|function| function.name).collect();
        let templates = self.0.iter().map(|template| (template.name.clone(), template.root)).collect();
        let stored: Stored<&Unit, &str> = (unit, functions, templates);
        postcard::to_allocvec(&stored).ok()
    }

    /// What was parsed from `text` before, with functions that have the same names as these.
    ///
    /// Nothing if the bytes are not those of a parsed template, or if a function is not there. The bytes have to be the
    /// ones that this version of the crate made of the same text: what they say of it is believed.
    pub fn from_bytes(bytes: &[u8], text: Str, functions: &Functions) -> Option<Self> {
        let (mut unit, names, templates): Stored<Unit, &str> = postcard::from_bytes(bytes).ok()?;
        unit.functions = names.into_iter().map(|name| functions.get(name)).collect::<Option<_>>()?;
        unit.text = text;
        let unit = Rc::new(unit);
        let template = |(name, root)| Rc::new(Template { name, unit: Rc::clone(&unit), root });
        Some(Self(templates.into_iter().map(template).collect()))
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
        let bytes = parsed.to_bytes().unwrap();
        let back = ParsedText::from_bytes(&bytes, TEXT.into(), &functions).unwrap();
        let done = run(&back, functions.clone());
        assert_eq!(done, run(&parsed, functions));
        assert!(done.0.starts_with("[1][three]"), "{}", done.0);
        assert!(done.1.contains("t:3:"), "errors say where: {}", done.1);
    }

    #[test]
    fn what_does_not_fit_is_nothing() {
        let functions = Functions::new(&[BUILTINS]);
        let bytes = ParsedText::parse("t", TEXT, &functions).unwrap().to_bytes().unwrap();
        let mut fewer = functions.clone();
        fewer.remove("printf");
        assert!(ParsedText::from_bytes(&bytes, TEXT.into(), &fewer).is_none());
        for bytes in [&bytes[..bytes.len() - 1], &[][..], &[255; 40][..]] {
            assert!(ParsedText::from_bytes(bytes, TEXT.into(), &functions).is_none());
        }
    }
}
