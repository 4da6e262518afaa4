//! Slices, maps and structs.

use std::rc::Rc;

use super::{Printer, Verb, holds_bytes};
use crate::go_type::{GoType, Kind};
use crate::value::{List, Map, Object, Value};

impl Printer<'_> {
    pub(super) fn list(&mut self, list: &List, verb: Verb, depth: usize) {
        if matches!(verb, 's' | 'q' | 'x' | 'X')
            && holds_bytes(list)
            && let Some(bytes) = list.as_bytes()
        {
            self.string(&bytes, verb);
            return;
        }
        if self.flags.sharp_v {
            self.write(list.go_type().to_string().as_bytes());
            if list.is_nil() {
                return self.write(b"(nil)");
            }
        }
        let (open, separator, close) = self.marks();
        self.write(open);
        for (index, item) in list.items().iter().enumerate() {
            if self.is_full() {
                return;
            }
            if index > 0 {
                self.write(separator);
            }
            self.element(item, list.elem(), verb, depth);
        }
        self.write(close);
    }

    pub(super) fn map(&mut self, map: &Map, verb: Verb, depth: usize) {
        if self.flags.sharp_v {
            self.write(map.go_type().to_string().as_bytes());
            if map.is_nil() {
                return self.write(b"(nil)");
            }
        } else {
            self.write(b"map");
        }
        let (open, separator, close) = self.marks();
        self.write(open);
        for (index, (key, item)) in map.entries().iter().enumerate() {
            if self.is_full() {
                return;
            }
            if index > 0 {
                self.write(separator);
            }
            self.value(&Value::String(key.clone()), verb, depth + 1);
            self.write(b":");
            self.element(item, map.elem(), verb, depth);
        }
        self.write(close);
    }

    fn marks(&self) -> (&'static [u8], &'static [u8], &'static [u8]) {
        if self.flags.sharp_v { (b"{", b", ", b"}") } else { (b"[", b" ", b"]") }
    }

    /// An item of a slice or map whose elements are declared to be of one type.
    fn element(&mut self, item: &Value, declared: GoType, verb: Verb, depth: usize) {
        match item {
            Value::Nil if self.flags.sharp_v => {
                let text = format!("{declared}(nil)");
                self.write(text.as_bytes());
            }
            item => self.value(item, verb, depth + 1),
        }
    }

    /// An object under its verb; false when it has no such verb.
    pub(super) fn object(&mut self, object: &Rc<dyn Object>, verb: Verb, depth: usize) -> bool {
        let takes_text = matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') && !self.flags.sharp_v && !self.is_erroring;
        if takes_text && let Some(text) = object.display() {
            return self.string(&text, verb);
        }
        let go_type = object.go_type();
        if go_type.kind == Kind::Pointer {
            if object.is_nil() {
                self.nil_pointer(go_type.name);
                return true;
            }
            if depth > 0 {
                self.hexadecimal(Rc::as_ptr(object).cast::<()>().addr() as u64, true);
                return true;
            }
            self.write(b"&");
        }
        self.structure(object, verb, depth);
        true
    }

    /// A struct, or what a pointer points to.
    pub(super) fn structure(&mut self, object: &Rc<dyn Object>, verb: Verb, depth: usize) {
        let go_type = object.go_type();
        if self.flags.sharp_v {
            self.write(go_type.name.trim_start_matches('*').as_bytes());
        }
        self.write(b"{");
        for (index, (name, field)) in object.fields().iter().enumerate() {
            if index > 0 {
                self.write(if self.flags.sharp_v { b", " } else { b" " });
            }
            if self.flags.plus_v || self.flags.sharp_v {
                self.write(name.as_bytes());
                self.write(b":");
            }
            self.value(field, verb, depth + 1);
        }
        self.write(b"}");
    }

    fn nil_pointer(&mut self, name: &str) {
        if self.flags.sharp_v {
            let text = format!("({name})(nil)");
            self.write(text.as_bytes());
        } else {
            self.pad(b"<nil>");
        }
    }
}
