//! Walks over nodes.

use super::{At, Exec, Executed, Flow, LIST, RANGE, Slot};
use crate::go_type::GoType;
use crate::parse::{Branch, DOLLAR, Index, Node, Run};
use crate::print;
use crate::value::Value;
use weir_goquote::quote;

impl<'a> Exec<'a, '_> {
    pub(super) fn list(&mut self, dot: &Slot, list: Run) -> Executed<Flow> {
        self.enter(LIST)?;
        let template = self.template;
        for node in list.indices() {
            self.step()?;
            let flow = match template.unit.node(node) {
                Node::Text(span) => {
                    self.write(template.unit.slice(span))?;
                    continue;
                }
                Node::Action(pipe) => {
                    self.action(dot, pipe)?;
                    continue;
                }
                Node::If(branch) => self.branch(dot, template.unit.branch(branch), false)?,
                Node::With(branch) => self.branch(dot, template.unit.branch(branch), true)?,
                Node::Range(branch) => self.range(dot, template.unit.branch(branch))?,
                Node::Template { position, name, pipe } => {
                    self.call_template(dot, At::Template { position, name, pipe }, name, pipe)?;
                    continue;
                }
                Node::Break => Flow::Break,
                Node::Continue => Flow::Continue,
            };
            if flow != Flow::Next {
                self.frames -= LIST;
                return Ok(flow);
            }
        }
        self.frames -= LIST;
        Ok(Flow::Next)
    }

    #[inline(never)]
    fn action(&mut self, dot: &Slot, pipe: Index) -> Executed<()> {
        let value = self.pipeline(dot, pipe)?;
        // A declaration prints nothing.
        if !self.template.unit.pipe(pipe).names().is_empty() {
            return Ok(());
        }
        let before = self.out.len();
        let cut = match &value.value {
            Value::Nil => return self.write(b"<no value>"),
            Value::String(text) => return self.write(text),
            value => print::print_pointed(self.out, value, self.state.budget.bytes_left()),
        };
        self.charge(self.out.len() - before)?;
        cut.message().map_or(Ok(()), |message| self.fail_limit(message))
    }

    #[inline(never)]
    fn branch(&mut self, dot: &Slot, branch: Branch, is_with: bool) -> Executed<Flow> {
        let mark = self.variables.len();
        let value = self.pipeline(dot, branch.pipe)?;
        let flow = match (value.value.truth(), branch.else_list) {
            (true, _) if is_with => self.list(&value, branch.list),
            (true, _) => self.list(dot, branch.list),
            (false, Some(list)) => self.list(dot, list),
            (false, None) => Ok(Flow::Next),
        };
        self.variables.truncate(mark);
        flow
    }

    #[inline(never)]
    fn range(&mut self, dot: &Slot, branch: Branch) -> Executed<Flow> {
        let mark = self.variables.len();
        let value = self.pipeline(dot, branch.pipe)?;
        self.frames += RANGE;
        let iterated = self.iterate(value, branch)?;
        self.frames -= RANGE;
        let flow = match iterated {
            true => Flow::Next,
            // A `break` after `else` belongs to a loop around by its place, and ends this one, as in Go.
            false => match branch.else_list.map_or(Ok(Flow::Next), |list| self.list(dot, list))? {
                Flow::Break => Flow::Next,
                flow => flow,
            },
        };
        self.variables.truncate(mark);
        Ok(flow)
    }

    /// Executes the body for each item. False when there are none.
    #[inline(never)]
    fn iterate(&mut self, value: Slot, branch: Branch) -> Executed<bool> {
        let index = |index: usize| Slot::new(Value::int(i64::try_from(index).unwrap_or(i64::MAX)));
        match &value.value {
            Value::List(list) => {
                let is_interface = list.elem() == GoType::Interface;
                for (position, item) in list.items().iter().enumerate() {
                    let item = Slot { value: item.clone(), is_interface };
                    if self.iteration(branch, index(position), item)? == Flow::Break {
                        break;
                    }
                }
                Ok(!list.is_empty())
            }
            Value::Map(map) => {
                let is_interface = map.elem() == GoType::Interface;
                let entries = map.entries();
                let is_empty = entries.is_empty();
                for (key, value) in entries {
                    let value = Slot { value, is_interface };
                    if self.iteration(branch, Slot::new(key.into()), value)? == Flow::Break {
                        break;
                    }
                }
                Ok(!is_empty)
            }
            Value::Int(int, count) => {
                self.refuse_two_variables(&value, branch)?;
                self.count(branch, (*count).max(0).unsigned_abs(), |number| Value::Int(*int, number))
            }
            Value::Uint(uint, count) => {
                self.refuse_two_variables(&value, branch)?;
                self.count(branch, *count, |number| Value::Uint(*uint, number.unsigned_abs()))
            }
            Value::Nil => Ok(false),
            other => {
                let mut text = Vec::new();
                print::print_pointed(&mut text, other, u64::MAX);
                self.fail(format!("range can't iterate over {}", String::from_utf8_lossy(&text)))
            }
        }
    }

    fn count(&mut self, branch: Branch, count: u64, number: impl Fn(i64) -> Value) -> Executed<bool> {
        for position in 0..i64::try_from(count).unwrap_or(i64::MAX) {
            if self.iteration(branch, Slot::default(), Slot::new(number(position)))? == Flow::Break {
                break;
            }
        }
        Ok(count > 0)
    }

    fn refuse_two_variables(&self, value: &Slot, branch: Branch) -> Executed<()> {
        if self.template.unit.pipe(branch.pipe).names().len() > 1 {
            return self.fail(format!("can't use {} to iterate over more than one variable", value.value.display()));
        }
        Ok(())
    }

    /// Executes the body of a loop with its variables set.
    fn iteration(&mut self, branch: Branch, index: Slot, item: Slot) -> Executed<Flow> {
        self.step()?;
        let mark = self.variables.len();
        let pipe = self.template.unit.pipe(branch.pipe);
        match (pipe.names(), pipe.is_assign) {
            ([name], true) => self.set_variable(*name, item.clone())?,
            ([first, second], true) => {
                self.set_variable(*first, index)?;
                self.set_variable(*second, item.clone())?;
            }
            // The pipeline has declared them, at the top.
            ([_], false) => self.variables[mark - 1].1 = item.clone(),
            ([_, _], false) => {
                self.variables[mark - 1].1 = item.clone();
                self.variables[mark - 2].1 = index;
            }
            _ => {}
        }
        let flow = self.list(&item, branch.list)?;
        self.variables.truncate(mark);
        Ok(flow)
    }

    #[inline(never)]
    fn call_template(&mut self, dot: &Slot, at: At, name: Index, pipe: Option<Index>) -> Executed<()> {
        self.at = at;
        let name = self.template.unit.string(name);
        let Some(template) = self.scope.find(&name) else {
            return self.fail(format!("template {} not defined", quote(&name)));
        };
        let limit = self.state.budget.limits.depth;
        if self.depth >= limit {
            return self.fail_limit(format!("exceeded maximum template depth ({limit})"));
        }
        let dot = match pipe {
            Some(pipe) => self.pipeline(dot, pipe)?,
            None => Slot::default(),
        };
        // Variables that the pipeline declares stay; the template sees none of them.
        let (outer, base, at) = (self.template, self.base, self.at);
        self.template = template;
        self.base = self.variables.len();
        self.depth += 1;
        self.push(DOLLAR, dot.clone());
        self.list(&dot, template.root)?;
        self.variables.truncate(self.base);
        self.depth -= 1;
        (self.template, self.base, self.at) = (outer, base, at);
        Ok(())
    }
}
