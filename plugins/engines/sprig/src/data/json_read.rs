//! `json.Unmarshal` into an `interface{}`, with Go's texts for what is wrong.

use weir_gotmpl::{Map, Value, quote};

use crate::MAX_VALUE_DEPTH;
use crate::go::unicode::{REPLACEMENT, decode, push};

/// A value, and the first number in it that is no float64; such a number is nil.
pub(crate) struct Read {
    pub(crate) value: Value,
    pub(crate) overflow: Option<String>,
}

pub(crate) fn read(text: &[u8]) -> Result<Read, String> {
    let mut reader = Reader { text, at: 0, overflow: None };
    let value = reader.value(0)?;
    reader.space();
    match reader.peek() {
        Some(_) => Err(reader.invalid("after top-level value")),
        None => Ok(Read { value, overflow: reader.overflow }),
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    overflow: Option<String>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The error at the current byte. At the end of the text Go's scanner sees a space.
    fn invalid(&self, context: &str) -> String {
        let byte = self.peek().unwrap_or(b' ');
        let shown = match byte {
            b'\'' => "\\'".to_owned(),
            b'"' => "\"".to_owned(),
            byte => {
                let quoted = quote(char::from(byte).to_string().as_bytes());
                quoted[1..quoted.len() - 1].to_owned()
            }
        };
        format!("invalid character '{shown}' {context}")
    }

    /// The same, where the end of the text is a matter of its own.
    fn unexpected(&self, context: &str) -> String {
        if self.peek().is_none() { "unexpected end of JSON input".to_owned() } else { self.invalid(context) }
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        self.space();
        if depth > MAX_VALUE_DEPTH {
            return Err(self.invalid("exceeded max depth"));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Value::from(self.string()?)),
            Some(b't') => self.literal("true").map(|()| Value::Bool(true)),
            Some(b'f') => self.literal("false").map(|()| Value::Bool(false)),
            Some(b'n') => self.literal("null").map(|()| Value::Nil),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        let map = Map::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(map.into());
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let key = self.string()?;
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.at += 1;
            map.insert(key, self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(map.into());
                }
                _ => return Err(self.unexpected("after object key:value pair")),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, String> {
        let mut items = Vec::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(items.into());
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(items.into());
                }
                _ => return Err(self.unexpected("after array element")),
            }
        }
    }

    fn literal(&mut self, word: &str) -> Result<(), String> {
        for expected in word.chars() {
            if self.peek().map(char::from) != Some(expected) {
                return Err(self.invalid(&format!("in literal {word} (expecting '{expected}')")));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn digits(&mut self, context: &str) -> Result<(), String> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.invalid(context));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits("in numeric literal")?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        let text = String::from_utf8_lossy(&self.text[start..self.at]);
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::float(number)),
            _ => {
                let message = format!("json: cannot unmarshal number {text} into Go value of type float64");
                self.overflow.get_or_insert(message);
                Ok(Value::Nil)
            }
        }
    }

    fn string(&mut self) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        self.at += 1;
        loop {
            let start = self.at;
            while matches!(self.peek(), Some(b' '..=b'~')) && !matches!(self.peek(), Some(b'"' | b'\\')) {
                self.at += 1;
            }
            out.extend_from_slice(&self.text[start..self.at]);
            match self.peek() {
                None => return Err("unexpected end of JSON input".to_owned()),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => self.escape(&mut out)?,
                Some(byte) if byte < b' ' => return Err(self.invalid("in string literal")),
                Some(_) => {
                    let (c, len) = decode(&self.text[self.at..]).unwrap_or((REPLACEMENT, 1));
                    push(&mut out, c);
                    self.at += len;
                }
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        self.at += 1;
        let simple = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                self.at += 1;
                let c = self.code_point()?;
                push(out, c);
                return Ok(());
            }
            _ => return Err(self.invalid("in string escape code")),
        };
        self.at += 1;
        out.push(simple);
        Ok(())
    }

    /// Four digits, and four more after `\u` if the first were half of a pair.
    fn code_point(&mut self) -> Result<char, String> {
        let first = self.hex4()?;
        if let Some(c) = char::from_u32(first) {
            return Ok(c);
        }
        let before = self.at;
        if self.text[self.at..].starts_with(b"\\u") {
            self.at += 2;
            let second = self.hex4()?;
            if first < 0xdc00 && (0xdc00..0xe000).contains(&second) {
                let combined = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(combined).unwrap_or(REPLACEMENT));
            }
            self.at = before;
        }
        Ok(REPLACEMENT)
    }

    fn hex4(&mut self) -> Result<u32, String> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            value = value * 16 + digit.ok_or_else(|| self.invalid("in \\u hexadecimal character escape"))?;
            self.at += 1;
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_texts_say_what_go_says() {
        for (text, message) in [
            ("", "unexpected end of JSON input"),
            ("{", "unexpected end of JSON input"),
            ("[1", "unexpected end of JSON input"),
            ("tru", "invalid character ' ' in literal true (expecting 'e')"),
            ("1.", "invalid character ' ' after decimal point in numeric literal"),
            ("x", "invalid character 'x' looking for beginning of value"),
            ("{a", "invalid character 'a' looking for beginning of object key string"),
            ("{\"a\" 1", "invalid character '1' after object key"),
            ("{\"a\":1 \"", "invalid character '\"' after object key:value pair"),
            ("[1 '", "invalid character '\\'' after array element"),
            ("1 2", "invalid character '2' after top-level value"),
            ("01", "invalid character '1' after top-level value"),
            ("\"\n\"", "invalid character '\\n' in string literal"),
            ("\"\\x\"", "invalid character 'x' in string escape code"),
            ("\"\\u12", "invalid character ' ' in \\u hexadecimal character escape"),
            ("é", "invalid character 'Ã' looking for beginning of value"),
        ] {
            assert_eq!(read(text.as_bytes()).err().as_deref(), Some(message), "{text}");
        }
    }

    #[test]
    fn texts_become_values() {
        let read = read(br#" {"a": [1, -2.5e1, true, null], "b": "\ud83d\ude00\ud800x\/"} "#).unwrap();
        assert_eq!(format!("{:?}", read.value), "map[string]interface {}(map[a:[1 -25 true <nil>] b:😀\u{fffd}x/])");
        assert!(super::read(b"[1e400]").unwrap().overflow.unwrap().contains("number 1e400"));
    }
}
