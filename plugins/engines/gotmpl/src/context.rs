//! What a function sees of the execution that calls it.

use std::any::Any;
use std::cell::RefCell;

use crate::error::ExecError;
use crate::exec::{self, Scope, Slot};
use crate::function::FuncError;
use crate::limits::{Budget, Limits};
use crate::parse::Name;
use crate::string::Str;
use crate::value::Value;

/// What the embedder gives to functions, and what is used of the limits. One rendering of many templates uses one state,
/// so that the limits hold for all of it.
pub struct State<'a> {
    parts: Vec<&'a dyn Any>,
    pub(crate) budget: Budget,
    pub(crate) spare: Spare,
}

/// What calls used and the next ones use again, so that it need not be allocated for each.
#[derive(Default)]
pub(crate) struct Spare {
    arguments: RefCell<Vec<Vec<Value>>>,
    variables: RefCell<Vec<Vec<(Name, Slot)>>>,
    outputs: RefCell<Vec<Vec<u8>>>,
}

/// An output that grew longer than this is not held on to.
const MAX_SPARE_BYTES: usize = 64 << 10;

impl Spare {
    /// An empty list.
    pub(crate) fn arguments(&self) -> Vec<Value> {
        self.arguments.borrow_mut().pop().unwrap_or_default()
    }

    pub(crate) fn put_arguments(&self, mut arguments: Vec<Value>) {
        arguments.clear();
        self.arguments.borrow_mut().push(arguments);
    }

    /// As [`arguments`](Self::arguments).
    pub(crate) fn variables(&self) -> Vec<(Name, Slot)> {
        self.variables.borrow_mut().pop().unwrap_or_default()
    }

    pub(crate) fn put_variables(&self, mut variables: Vec<(Name, Slot)>) {
        variables.clear();
        self.variables.borrow_mut().push(variables);
    }

    /// What is written to an empty buffer.
    pub(crate) fn output<E>(&self, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<Str, E> {
        let mut output = self.outputs.borrow_mut().pop().unwrap_or_default();
        let text = write(&mut output).map(|()| Str::from(output.as_slice()));
        if output.capacity() <= MAX_SPARE_BYTES {
            output.clear();
            self.outputs.borrow_mut().push(output);
        }
        text
    }
}

impl<'a> State<'a> {
    pub fn new(limits: Limits) -> Self {
        Self { parts: Vec::new(), budget: Budget::new(limits), spare: Spare::default() }
    }

    /// Adds a part that functions find by its type: a clock, files, counters. What they change lies in cells.
    #[must_use]
    pub fn with<T: 'static>(mut self, part: &'a T) -> Self {
        self.parts.push(part);
        self
    }

    fn get<T: 'static>(&self) -> Option<&'a T> {
        self.parts.iter().find_map(|part| part.downcast_ref())
    }
}

impl Default for State<'_> {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

/// What a function sees of the execution that calls it.
pub struct Context<'a> {
    pub(crate) state: &'a State<'a>,
    pub(crate) scope: &'a Scope<'a>,
    /// Templates that are being executed around the call.
    pub(crate) depth: usize,
    /// The stack that is taken by what is being executed around the call.
    pub(crate) frames: usize,
}

impl<'a> Context<'a> {
    /// The part of the state that has this type.
    pub fn state<T: 'static>(&self) -> Option<&'a T> {
        self.state.get()
    }

    /// Executes a template of the set, as `ExecuteTemplate` does into a buffer.
    pub fn execute(&mut self, name: &Str, data: Value) -> Result<Str, ExecError> {
        exec::execute_named(self, name, data)
    }

    /// Parses a text as a template called `name` and executes it, as Helm's `tpl` does in a clone of the set: it sees all
    /// templates, and what it defines is seen only by itself and what it executes. A text is parsed once.
    pub fn execute_text(&mut self, name: &str, text: &Str, data: Value) -> Result<Str, ExecError> {
        exec::execute_text(self, name, text, data)
    }

    /// Counts bytes that a function is about to produce, so that it fails before it allocates them. What a function
    /// returns as a string is counted anyway.
    pub fn charge(&self, bytes: usize) -> Result<(), FuncError> {
        self.state.budget.charge(bytes)
    }

    /// Counts one step of a loop inside a function.
    pub fn step(&self) -> Result<(), FuncError> {
        self.state.budget.step()
    }

    pub fn limits(&self) -> Limits {
        self.state.budget.limits
    }
}
