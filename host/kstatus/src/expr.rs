//! Health by CEL: `healthCheckExprs`, and `readyExpr` of dependencies.

use std::{fmt, sync::Arc};

use cel::{Context, Program, Value as Cel};
use serde_json::Value;
use thiserror::Error;

use crate::{Health, Status, conditions};

/// An expression that cannot be used, or an evaluation that failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExprError {
    /// It does not parse.
    #[error("failed to parse the expression `{expression}`: {message}")]
    Parse {
        /// The expression.
        expression: String,
        /// The parser's words.
        message: String,
    },
    /// It failed on an object.
    #[error("failed to evaluate the expression `{expression}`: {message}")]
    Evaluate {
        /// The expression.
        expression: String,
        /// The evaluator's words.
        message: String,
    },
    /// Its result is no boolean.
    #[error("the expression `{expression}` must be a boolean")]
    NotBoolean {
        /// The expression.
        expression: String,
    },
}

/// One compiled expression.
struct Expr {
    text: String,
    program: Program,
}

impl Expr {
    fn compile(text: &str) -> Result<Self, ExprError> {
        let error = |e: &dyn fmt::Display| ExprError::Parse { expression: text.into(), message: e.to_string() };
        Ok(Self { text: text.into(), program: Program::compile(text).map_err(|e| error(&e))? })
    }

    fn holds<'a>(&self, variables: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Result<bool, ExprError> {
        let mut context = Context::default();
        let error =
            |e: &dyn fmt::Display| ExprError::Evaluate { expression: self.text.clone(), message: e.to_string() };
        for (name, value) in variables {
            context.add_variable(name, value).map_err(|e| error(&e))?;
        }
        match self.program.execute(&context).map_err(|e| error(&e))? {
            Cel::Bool(holds) => Ok(holds),
            _ => Err(ExprError::NotBoolean { expression: self.text.clone() }),
        }
    }
}

/// What healthy means for a kind.
pub struct HealthExpr {
    group: String,
    kind: Option<String>,
    in_progress: Option<Expr>,
    failed: Option<Expr>,
    current: Expr,
}

impl HealthExpr {
    /// Compiles the expressions of one entry of `healthCheckExprs`; without a kind it holds for the whole group.
    ///
    /// # Errors
    /// When one of them does not parse.
    pub fn compile(
        api_version: &str,
        kind: Option<&str>,
        current: &str,
        in_progress: Option<&str>,
        failed: Option<&str>,
    ) -> Result<Self, ExprError> {
        Ok(Self {
            group: group_of(api_version).into(),
            kind: kind.map(str::to_owned),
            in_progress: in_progress.map(Expr::compile).transpose()?,
            failed: failed.map(Expr::compile).transpose()?,
            current: Expr::compile(current)?,
        })
    }

    /// Whether it speaks of this kind.
    pub fn matches(&self, group: &str, kind: &str) -> bool {
        self.group == group && self.kind.as_deref().is_none_or(|k| k == kind)
    }

    /// The object's health. Flux's order: a generation that was not observed is in progress; then `inProgress`,
    /// `failed`, `current`; when none holds, in progress. An evaluation that fails leaves the status unknown.
    pub fn health(&self, object: &Value) -> Health {
        if conditions::is_behind(object) {
            return Health::in_progress("the current generation was not observed yet");
        }
        self.decide(object).unwrap_or_else(|e| Health::new(Status::Unknown, e.to_string()))
    }

    fn decide(&self, object: &Value) -> Result<Health, ExprError> {
        let cases = [
            (self.in_progress.as_ref(), Status::InProgress),
            (self.failed.as_ref(), Status::Failed),
            (Some(&self.current), Status::Current),
        ];
        for (expr, status) in cases {
            let Some(expr) = expr else { continue };
            if expr.holds(fields(object))? {
                return Ok(Health::new(status, format!("`{}` is true", expr.text)));
            }
        }
        Ok(Health::in_progress(format!("`{}` is false", self.current.text)))
    }
}

/// The variables of an expression are the object's top-level fields.
fn fields(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    object.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn group_of(api_version: &str) -> &str {
    api_version.rsplit_once('/').map_or("", |(group, _)| group)
}

impl fmt::Debug for HealthExpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HealthExpr({}/{}: {})", self.group, self.kind.as_deref().unwrap_or("*"), self.current.text)
    }
}

/// All expressions of a Kustomization; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct HealthExprs(Arc<[HealthExpr]>);

impl HealthExprs {
    /// The last entry for a kind wins.
    pub fn new(all: Vec<HealthExpr>) -> Self {
        Self(all.into())
    }

    /// What healthy means for this kind, if anything was said about it.
    pub fn find(&self, group: &str, kind: &str) -> Option<&HealthExpr> {
        self.0.iter().rev().find(|e| e.matches(group, kind))
    }
}

/// `dependsOn[].readyExpr`: is a dependency ready, given both objects.
pub struct ReadyExpr(Expr);

impl ReadyExpr {
    /// Compiles it.
    ///
    /// # Errors
    /// When it does not parse.
    pub fn compile(text: &str) -> Result<Self, ExprError> {
        Expr::compile(text).map(Self)
    }

    /// Evaluates it with the variables `self` and `dep`.
    ///
    /// # Errors
    /// When it fails on these objects, or is no boolean.
    pub fn holds(&self, this: &Value, dependency: &Value) -> Result<bool, ExprError> {
        self.0.holds([("self", this), ("dep", dependency)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn expr() -> HealthExpr {
        let has = |kind: &str, status: &str| {
            format!("status.conditions.filter(e, e.type == '{kind}').all(e, e.status == '{status}')")
        };
        let failed = format!("{} && status.phase == 'Broken'", has("Synced", "False"));
        let current = has("Synced", "True");
        HealthExpr::compile("example.com/v1", Some("Thing"), &current, Some("status.phase == 'Pending'"), Some(&failed))
            .unwrap()
    }

    #[test]
    fn order_is_in_progress_failed_current() {
        for (status, expected) in [
            (json!({"phase": "Pending", "conditions": [{"type": "Synced", "status": "True"}]}), Status::InProgress),
            (json!({"phase": "Broken", "conditions": [{"type": "Synced", "status": "False"}]}), Status::Failed),
            (json!({"phase": "Ok", "conditions": [{"type": "Synced", "status": "True"}]}), Status::Current),
            (json!({"phase": "Ok", "conditions": [{"type": "Synced", "status": "False"}]}), Status::InProgress),
            (json!({"phase": "Ok", "observedGeneration": 1, "conditions": []}), Status::InProgress),
            (json!({}), Status::Unknown),
        ] {
            let object = json!({"kind": "Thing", "metadata": {"generation": 2}, "status": status});
            assert_eq!(expr().health(&object).status, expected, "{object}");
        }
    }

    #[test]
    fn the_last_entry_for_a_kind_wins() {
        let entry = |kind, text: &str| HealthExpr::compile("example.com/v1beta1", kind, text, None, None).unwrap();
        let all = HealthExprs::new(vec![entry(None, "true"), entry(Some("A"), "false")]);
        assert_eq!(all.find("example.com", "A").unwrap().current.text, "false");
        assert_eq!(all.find("example.com", "B").unwrap().current.text, "true");
        assert!(all.find("other", "B").is_none());
    }

    #[test]
    fn ready_expressions_see_both_objects() {
        let expr = ReadyExpr::compile("dep.metadata.labels['v'] == self.metadata.labels['v']").unwrap();
        let object = |v: &str| json!({"metadata": {"labels": {"v": v}}});
        assert_eq!(expr.holds(&object("1"), &object("1")), Ok(true));
        assert_eq!(expr.holds(&object("1"), &object("2")), Ok(false));
        assert!(matches!(expr.holds(&json!({}), &object("2")), Err(ExprError::Evaluate { .. })));
    }

    #[test]
    fn broken_expressions_are_told() {
        assert!(matches!(ReadyExpr::compile("self.("), Err(ExprError::Parse { .. })));
        let number = ReadyExpr::compile("1 + 1").unwrap();
        assert!(matches!(number.holds(&json!({}), &json!({})), Err(ExprError::NotBoolean { .. })));
    }
}
