//! Executes templates.

mod arg;
mod call;
mod control;
mod eval;
mod field;
mod scope;
mod slot;
#[cfg(test)]
mod tests;

pub(crate) use scope::{Scope, Texts};
pub(crate) use slot::Slot;

use crate::context::{Context, State};
use crate::error::ExecError;
use crate::function::FuncError;
use crate::parse::{Command, DOLLAR, Expr, Index, Name, Template};
use crate::set::Set;
use crate::string::Str;
use crate::value::Value;
use weir_goquote::quote;

/// Errors are boxed, so that the frames of what may fail stay small: they nest deep.
type Executed<T> = Result<T, Box<ExecError>>;

/// What is counted as frames of the stack: see [`MAX_FRAMES`](crate::MAX_FRAMES) for how much each may take.
const LIST: usize = 1;
const PIPELINE: usize = 1;
const CALL: usize = 2;
/// A field or key that is a method, besides its call.
const METHOD: usize = 2;
const RANGE: usize = 1;
/// A template that a function executes, besides its list.
const EXECUTION: usize = 1;

/// Whether the nodes after one are executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

/// The node that errors show: the last one that something was done with.
#[derive(Clone, Copy)]
enum At {
    Template { position: u32, name: Index, pipe: Option<Index> },
    Pipe(Index),
    Command(Command),
    Expr(Expr),
}

/// One execution of a template and those that it executes with `template` actions.
struct Exec<'a, 'o> {
    state: &'a State<'a>,
    scope: &'a Scope<'a>,
    template: &'a Template,
    out: &'o mut Vec<u8>,
    /// Variables, those declared last at the end.
    variables: Vec<(Name, Slot)>,
    /// Where the variables of this template begin.
    base: usize,
    at: At,
    depth: usize,
    /// The stack that is taken by what is being executed.
    frames: usize,
}

/// Executes a template of the set.
pub(crate) fn execute(
    set: &Set,
    name: &Str,
    data: Value,
    state: &State<'_>,
    out: &mut Vec<u8>,
) -> Result<(), ExecError> {
    let scope = Scope { set, outer: None, own: &[] };
    let template = find(&scope, name)?;
    run(&Context { state, scope: &scope, depth: 0, frames: 0 }, template, data, out).map_err(|error| *error)
}

/// Executes a template that a function names.
pub(crate) fn execute_named(context: &Context<'_>, name: &Str, data: Value) -> Result<Str, ExecError> {
    let template = find(context.scope, name)?;
    let context = deeper(context, context.scope)?;
    context.state.spare.output(|out| run(&context, template, data, out)).map_err(|error| *error)
}

/// Executes a text that a function gives.
pub(crate) fn execute_text(context: &Context<'_>, name: &str, text: &Str, data: Value) -> Result<Str, ExecError> {
    let set = context.scope.set;
    let parsed = set.texts.get(set, name, text)?;
    let root = parsed.templates().iter().find(|template| *template.name() == name).expect("a text defines itself");
    let scope = Scope { set, outer: Some(context.scope), own: parsed.templates() };
    let context = deeper(context, &scope)?;
    context.state.spare.output(|out| run(&context, root, data, out)).map_err(|error| *error)
}

fn find<'a>(scope: &'a Scope<'a>, name: &Str) -> Result<&'a Template, ExecError> {
    scope.find(name).ok_or_else(|| {
        let (name, set) = (quote(name), quote(scope.set.name().as_bytes()));
        ExecError::Template(format!("template: no template {name} associated with template {set}"))
    })
}

/// The context of a template that a function executes.
fn deeper<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Result<Context<'a>, ExecError> {
    let limit = context.state.budget.limits.depth;
    if context.depth >= limit {
        return Err(ExecError::Limit(format!("exceeded maximum template depth ({limit})")));
    }
    Ok(Context { state: context.state, scope, depth: context.depth + 1, frames: context.frames + EXECUTION })
}

fn run(context: &Context<'_>, template: &Template, data: Value, out: &mut Vec<u8>) -> Executed<()> {
    let dot = Slot::new(data);
    let mut variables = context.state.spare.variables();
    variables.push((DOLLAR, dot.clone()));
    let mut exec = Exec {
        state: context.state,
        scope: context.scope,
        template,
        out,
        variables,
        base: 0,
        at: At::Expr(Expr::Dot { position: 0 }),
        depth: context.depth,
        frames: context.frames,
    };
    exec.list(&dot, template.root)?;
    context.state.spare.put_variables(exec.variables);
    Ok(())
}

impl<'a> Exec<'a, '_> {
    /// Fails at the current node.
    #[cold]
    #[inline(never)]
    fn fail<T>(&self, message: impl AsRef<str>) -> Executed<T> {
        Err(Box::new(ExecError::Template(self.located(message.as_ref()))))
    }

    /// Fails because a limit is reached.
    #[cold]
    #[inline(never)]
    fn fail_limit<T>(&self, message: impl AsRef<str>) -> Executed<T> {
        Err(Box::new(ExecError::Limit(self.located(message.as_ref()))))
    }

    #[cold]
    #[inline(never)]
    fn located(&self, message: &str) -> String {
        let unit = &self.template.unit;
        let mut node = Vec::new();
        let position = match self.at {
            At::Template { position, name, pipe } => {
                unit.write_template(&mut node, name, pipe);
                position
            }
            At::Pipe(pipe) => {
                unit.write_pipe(&mut node, pipe);
                unit.pipe(pipe).position
            }
            At::Command(command) => {
                unit.write_command(&mut node, command);
                command.position
            }
            At::Expr(expr) => {
                unit.write_expr(&mut node, expr);
                match expr {
                    Expr::Dot { position }
                    | Expr::Nil { position }
                    | Expr::Bool { position, .. }
                    | Expr::Number { position, .. }
                    | Expr::String { position, .. }
                    | Expr::Field { position, .. }
                    | Expr::Variable { position, .. }
                    | Expr::Function { position, .. }
                    | Expr::Chain { position, .. } => position,
                    Expr::Pipe(pipe) => unit.pipe(pipe).position,
                }
            }
        };
        let (line, column) = unit.place(position);
        let name = quote(self.template.name());
        let node = String::from_utf8_lossy(&node);
        format!("template: {}:{line}:{column}: executing {name} at <{node}>: {message}", unit.name)
    }

    /// Counts a step, or ends the execution.
    fn step(&self) -> Executed<()> {
        self.state.budget.step().or_else(|error| self.fail_limit(error.to_string()))
    }

    fn charge(&self, bytes: usize) -> Executed<()> {
        self.state.budget.charge(bytes).or_else(|error| self.fail_limit(error.to_string()))
    }

    fn write(&mut self, text: &[u8]) -> Executed<()> {
        self.charge(text.len())?;
        self.out.extend_from_slice(text);
        Ok(())
    }

    /// Fails as a function failed.
    #[cold]
    #[inline(never)]
    fn fail_call<T>(&self, name: &str, error: FuncError) -> Executed<T> {
        match error {
            FuncError::Message(message) => self.fail(format!("error calling {name}: {message}")),
            FuncError::Limit(message) => self.fail_limit(format!("error calling {name}: {message}")),
            // The template that the function executed says where, unless it was not even begun.
            FuncError::InnerLimit(message) if message.starts_with("template: ") => {
                Err(Box::new(ExecError::Limit(message)))
            }
            FuncError::InnerLimit(message) => self.fail_limit(format!("error calling {name}: {message}")),
        }
    }

    fn context(&self) -> Context<'a> {
        Context { state: self.state, scope: self.scope, depth: self.depth, frames: self.frames }
    }

    /// Counts what is being executed inside something; when that is done, `frames` is so much less again.
    fn enter(&mut self, frames: usize) -> Executed<()> {
        self.frames += frames;
        let limit = self.state.budget.limits.frames;
        if self.frames > limit {
            return self.fail_limit(format!(
                "templates, control structures and calls inside each other take more than {limit} frames"
            ));
        }
        Ok(())
    }

    fn push(&mut self, name: Name, value: Slot) {
        self.variables.push((name, value));
    }

    /// Gives a value to the variable that was declared last under a name.
    fn set_variable(&mut self, name: Name, value: Slot) -> Executed<()> {
        let variables = self.variables[self.base..].iter_mut().rev();
        match variables.into_iter().find(|(declared, _)| *declared == name) {
            Some((_, variable)) => *variable = value,
            None => return self.undefined(name),
        }
        Ok(())
    }

    fn variable(&self, name: Name) -> Executed<&Slot> {
        let variables = &self.variables[self.base..];
        match variables.iter().rev().find(|(declared, _)| *declared == name) {
            Some((_, variable)) => Ok(variable),
            None => self.undefined(name),
        }
    }

    #[cold]
    #[inline(never)]
    fn undefined<T>(&self, name: Name) -> Executed<T> {
        self.fail(format!("undefined variable: {}", String::from_utf8_lossy(self.template.unit.name_of(name))))
    }
}
