//! Values files and `--set` flags, laid over each other in Helm's order.

use weir_gotmpl::{Map, Str, Value};

use crate::Helm;
use crate::error::{Error, Result};
use crate::values::strvals::{self, Reading};
use crate::values::{json, literal, read, tables};

/// One flag that sets values, with the text given to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Set {
    /// `--set a.b=1,c=x`
    Typed(String),
    /// `--set-string a.b=1`
    Text(String),
    /// `--set-file a=path`
    File(String),
    /// `--set-json 'a=[1]'`
    Json(String),
    /// `--set-literal a=b,c`
    Literal(String),
}

/// Values as `helm template` is given them.
#[derive(Debug, Clone, Default)]
pub struct ValuesFlags {
    /// Names and texts of the files of `-f`, in their order.
    pub files: Vec<(String, Vec<u8>)>,
    /// The other flags. Their order counts within a kind only: first JSON, then typed, texts, files and literals.
    pub sets: Vec<Set>,
}

impl ValuesFlags {
    /// Lays all of it over each other. `read` gives the content of a file that `--set-file` names.
    ///
    /// # Errors
    /// In Helm's words.
    pub fn merge(&self, helm: Helm, read: &dyn Fn(&str) -> std::result::Result<Str, String>) -> Result<Map> {
        let mut values = Map::new();
        for (name, text) in &self.files {
            let next = read::read_values(text, helm);
            let next = next.map_err(|error| Error::values(format!("failed to parse {name}: {error}")))?;
            values = tables::overlay(&values, &next);
        }
        let sets = |kind: fn(&Set) -> Option<&str>| self.sets.iter().filter_map(kind);
        for text in sets(|set| if let Set::Json(text) = set { Some(text) } else { None }) {
            values = set_json(values, text, helm)?;
        }
        let parse = |text: &str, reading: &Reading<'_>, flag: &str| {
            strvals::parse(text, &values, reading, helm).map_err(|error| failed(flag, &error))
        };
        for text in sets(|set| if let Set::Typed(text) = set { Some(text) } else { None }) {
            parse(text, &Reading::Typed, "--set")?;
        }
        for text in sets(|set| if let Set::Text(text) = set { Some(text) } else { None }) {
            parse(text, &Reading::Text, "--set-string")?;
        }
        for text in sets(|set| if let Set::File(text) = set { Some(text) } else { None }) {
            parse(text, &Reading::File(read), "--set-file")?;
        }
        for text in sets(|set| if let Set::Literal(text) = set { Some(text) } else { None }) {
            literal::parse(text, &values, helm).map_err(|error| failed("--set-literal", &error))?;
        }
        Ok(values)
    }
}

fn failed(flag: &str, error: &str) -> Error {
    Error::values(format!("failed parsing {flag} data: {error}"))
}

fn set_json(values: Map, text: &str, helm: Helm) -> Result<Map> {
    if helm == Helm::V4 && text.trim_start().starts_with('{') {
        let object = serde_json::from_str::<serde_json::Value>(text.trim());
        return match object.map(json::from_json) {
            Ok(Value::Map(object)) => Ok(tables::overlay(&values, &object)),
            _ => Err(Error::values(format!("failed parsing --set-json data JSON: {text}"))),
        };
    }
    let failed = |_| Error::values(format!("failed parsing --set-json data {text}"));
    strvals::parse(text, &values, &Reading::Json, helm).map_err(failed)?;
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(sets: &[Set], helm: Helm) -> String {
        let flags = ValuesFlags { files: Vec::new(), sets: sets.to_vec() };
        let read = |name: &str| Ok(Str::from(format!("content of {name}")));
        flags.merge(helm, &read).map_or_else(|error| error.to_string(), |map| Value::Map(map).display().to_string())
    }

    fn typed(text: &str) -> String {
        merged(&[Set::Typed(text.to_owned())], Helm::V3)
    }

    #[test]
    fn values_are_set() {
        for (text, expected) in [
            ("a=1,b=x,c=true,d=null,e=", "map[a:1 b:x c:true d:<nil> e:]"),
            ("a.b.c=1,a.d=2", "map[a:map[b:map[c:1] d:2]]"),
            ("a[1]=x,a[0].b=y,c[0][1]=z", "map[a:[map[b:y] x] c:[[<nil> z]]]"),
            ("a={1,x,true},b=2", "map[a:[1 x true] b:2]"),
            ("a\\.b=c\\,d", "map[a.b:c,d]"),
            ("a=007,b=-5,c=0,d=1.5", "map[a:007 b:-5 c:0 d:1.5]"),
            ("", "map[]"),
            ("a[1]=true,a[0].b=", "map[a:[map[b:] true]]"),
            ("a[0][1]=1,a[0][0].b=", "map[a:[[map[b:] 1]]]"),
            ("a={", "failed parsing --set data: list must terminate with '}'"),
            ("a", "failed parsing --set data: key \"a\" has no value"),
            ("a,b=1", "failed parsing --set data: key \"a\" has no value (cannot end with ,)"),
            ("a.=1", "failed parsing --set data: key map \"a\" has no value"),
            ("a[x]=1", "failed parsing --set data: error parsing index: strconv.Atoi: parsing \"x\": invalid syntax"),
            ("a[-1]=1", "failed parsing --set data: negative -1 index not allowed"),
            (
                "a[65537]=1",
                "failed parsing --set data: index of 65537 is greater than maximum supported index of 65536",
            ),
            ("a[0]b=1", "failed parsing --set data: unexpected data at end of array index: ['b']"),
            (
                "a=1,a.b=2",
                "failed parsing --set data: unable to parse key: interface conversion: interface {} is int64, not map[string]interface {}",
            ),
        ] {
            assert_eq!(typed(text), expected, "{text}");
        }
    }

    #[test]
    fn kinds_of_flags() {
        let sets = [
            Set::Literal("a=1,b=2".into()),
            Set::File("f=x.txt".into()),
            Set::Text("s=1,t=true".into()),
            Set::Typed("s=5,n=1".into()),
            Set::Json("j={\"a\":[1,2.5]},k=3,l= ,m=true".into()),
        ];
        let expected = "map[a:1,b=2 f:content of x.txt j:map[a:[1 2.5]] k:3 l:<nil> m:true n:1 s:1 t:true]";
        assert_eq!(merged(&sets, Helm::V3), expected);
    }

    #[test]
    fn a_whole_object_can_be_set_in_helm_4() {
        let set = [Set::Json("{\"a\":{\"b\":1}}".into())];
        assert_eq!(merged(&set, Helm::V4), "map[a:map[b:1]]");
        assert_eq!(merged(&set, Helm::V3), "failed parsing --set-json data {\"a\":{\"b\":1}}");
    }

    #[test]
    fn an_index_that_does_not_end() {
        for (text, expected4) in
            [("a=1,b[0=2", "map[a:1]"), ("b[", "map[]"), ("b.c[=1", "map[]"), ("b[0][1=2", "map[b:[]]")]
        {
            let expected3 = "failed parsing --set data: error parsing index: EOF";
            assert_eq!(typed(text), expected3, "{text}");
            assert_eq!(merged(&[Set::Typed(text.to_owned())], Helm::V4), expected4, "{text}");
        }
        assert_eq!(merged(&[Set::Literal("a[".to_owned())], Helm::V4), "map[]");
    }

    #[test]
    fn nesting_is_bounded() {
        let error = typed(&(".a".repeat(40) + "=1"));
        assert!(error.contains("greater than maximum supported nested level of 30"), "{error}");
        let error = typed(&format!("a{}=1", "[0]".repeat(5000)));
        assert!(error.contains("lists are nested deeper than 1000 levels"), "{error}");
    }
}
