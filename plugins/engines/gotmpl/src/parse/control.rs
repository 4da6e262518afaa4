//! Actions that are keywords.

use super::node::{Branch, Index, Node, Run};
use super::token::{Kind, Token};
use super::{Item, Parsed, Parser};
use crate::limits::MAX_NESTING;
use crate::string::Str;

/// The control structures.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    If,
    With,
    Range,
}

impl Control {
    fn context(self) -> &'static str {
        match self {
            Self::If => "if",
            Self::With => "with",
            Self::Range => "range",
        }
    }
}

impl Parser<'_> {
    pub(super) fn text_or_action(&mut self) -> Parsed<Item> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node::Text(token.span))),
            Kind::LeftDelim => {
                self.action = Some(token.span);
                let item = self.action();
                self.action = None;
                item
            }
            _ => self.unexpected(token, "input"),
        }
    }

    fn action(&mut self) -> Parsed<Item> {
        let token = self.next_non_space();
        let node = match token.kind {
            Kind::Block => self.block()?,
            Kind::Break => self.leave(Node::Break, "{{break}}")?,
            Kind::Continue => self.leave(Node::Continue, "{{continue}}")?,
            Kind::Else => return self.else_item(),
            Kind::End => {
                self.expect(&[Kind::RightDelim], "end")?;
                return Ok(Item::End);
            }
            Kind::If => self.control(Control::If)?,
            Kind::Range => self.control(Control::Range)?,
            Kind::With => self.control(Control::With)?,
            Kind::Template => self.template()?,
            _ => {
                self.back(token);
                Node::Action(self.pipeline("command", Kind::RightDelim)?)
            }
        };
        Ok(Item::Node(node))
    }

    fn leave(&mut self, node: Node, context: &str) -> Parsed<Node> {
        self.expect(&[Kind::RightDelim], context)?;
        if self.ranges == 0 {
            return self.error(format!("{context} outside {{{{range}}}}"));
        }
        Ok(node)
    }

    fn else_item(&mut self) -> Parsed<Item> {
        if !matches!(self.peek_non_space().kind, Kind::If | Kind::With) {
            self.expect(&[Kind::RightDelim], "else")?;
        }
        Ok(Item::Else)
    }

    /// Nodes up to `end` or `else`, which is returned.
    fn list(&mut self) -> Parsed<(Run, Item)> {
        let mut nodes = Vec::new();
        while self.peek_non_space().kind != Kind::Eof {
            match self.text_or_action()? {
                Item::Node(node) => nodes.push(node),
                end => return Ok((self.add_nodes(&nodes), end)),
            }
        }
        self.error("unexpected EOF")
    }

    /// The body of a template that ends with `end`.
    fn body(&mut self) -> Parsed<(Run, Item)> {
        let variables = std::mem::replace(&mut self.variables, vec![super::DOLLAR]);
        let ranges = std::mem::take(&mut self.ranges);
        let parsed = self.nested(Self::list)?;
        self.variables = variables;
        self.ranges = ranges;
        Ok(parsed)
    }

    /// Goes one control structure deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == MAX_NESTING {
            return self.error("max nesting depth exceeded");
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn control(&mut self, control: Control) -> Parsed<Node> {
        self.nested(|parser| {
            let declared = parser.variables.len();
            let branch = parser.branch(control)?;
            parser.variables.truncate(declared);
            let index = parser.unit.branches.push(branch);
            Ok(match control {
                Control::If => Node::If(index),
                Control::With => Node::With(index),
                Control::Range => Node::Range(index),
            })
        })
    }

    fn branch(&mut self, control: Control) -> Parsed<Branch> {
        let pipe = self.pipeline(control.context(), Kind::RightDelim)?;
        let is_range = usize::from(control == Control::Range);
        self.ranges += is_range;
        let (list, end) = self.list()?;
        self.ranges -= is_range;
        let else_list = match end {
            Item::Else => Some(self.else_list(control)?),
            _ => None,
        };
        Ok(Branch { pipe, list, else_list })
    }

    /// What follows `else`. An `if` or `with` there shares the `end` of what it belongs to.
    fn else_list(&mut self, control: Control) -> Parsed<Run> {
        let same = match control {
            Control::If => Some(Kind::If),
            Control::With => Some(Kind::With),
            Control::Range => None,
        };
        if same == Some(self.peek().kind) {
            self.next();
            let node = self.control(control)?;
            return Ok(self.add_nodes(&[node]));
        }
        match self.list()? {
            (list, Item::End) => Ok(list),
            (_, end) => self.error(format!("expected end; found {end}")),
        }
    }

    /// `{{define "name"}} ... {{end}}`, of which the keyword is past.
    pub(super) fn definition(&mut self) -> Parsed<()> {
        const CONTEXT: &str = "define clause";
        let token = self.expect(&[Kind::String, Kind::RawString], CONTEXT)?;
        let name = self.unquote(token)?;
        self.expect(&[Kind::RightDelim], CONTEXT)?;
        match self.body()? {
            (root, Item::End) => self.define(name, root),
            (_, end) => self.error(format!("unexpected {end} in {CONTEXT}")),
        }
    }

    /// `{{block "name" pipeline}} ... {{end}}`: a definition that is executed where it stands.
    fn block(&mut self) -> Parsed<Node> {
        const CONTEXT: &str = "block clause";
        let (token, name) = self.template_name(CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, Kind::RightDelim)?;
        let action = self.action.take();
        let delim = self.last;
        let (root, end) = self.body()?;
        self.action = action;
        if !matches!(end, Item::End) {
            // Go is at the line of the block here.
            self.last = delim;
            return self.error(format!("unexpected {end} in {CONTEXT}"));
        }
        self.define(name.clone(), root)?;
        Ok(self.template_node(token, name, Some(pipe)))
    }

    fn template(&mut self) -> Parsed<Node> {
        const CONTEXT: &str = "template clause";
        let (token, name) = self.template_name(CONTEXT)?;
        let next = self.next_non_space();
        if next.kind == Kind::RightDelim {
            return Ok(self.template_node(token, name, None));
        }
        self.back(next);
        let pipe = self.pipeline(CONTEXT, Kind::RightDelim)?;
        Ok(self.template_node(token, name, Some(pipe)))
    }

    fn template_name(&mut self, context: &str) -> Parsed<(Token, Str)> {
        let token = self.expect(&[Kind::String, Kind::RawString], context)?;
        Ok((token, self.unquote(token)?))
    }

    fn template_node(&mut self, token: Token, name: Str, pipe: Option<Index>) -> Node {
        let name = self.add_string(token.span, name);
        Node::Template { position: token.span.start, name, pipe }
    }
}
