//! One line of an ignore file.

use crate::glob::{self, Token};

/// A pattern and the directory whose contents it speaks about.
///
/// Unlike in git, a pattern also matches everything below a directory that it matches, and a later `!` pattern can take
/// such a path back, as every path is judged by itself (the rule of the matcher that Flux uses).
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    domain: Vec<String>,
    includes: bool,
    directories_only: bool,
    shape: Shape,
}

#[derive(Clone, Debug)]
enum Shape {
    /// No slash: any component of the path.
    Name(Option<Vec<Token>>),
    /// With a slash: the components from the domain on.
    Path(Vec<Segment>),
}

#[derive(Clone, Debug)]
enum Segment {
    Empty,
    AnyDirectories,
    Name(Option<Vec<Token>>),
}

impl Pattern {
    /// Parses a line that is neither blank nor a comment.
    pub(crate) fn parse(line: &str, domain: &[String]) -> Pattern {
        let (includes, rest) = match line.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let rest = if rest.ends_with("\\ ") { rest } else { rest.trim_end_matches(' ') };
        let (directories_only, rest) = match rest.strip_suffix('/') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let shape = if rest.contains('/') {
            Shape::Path(rest.split('/').map(Segment::parse).collect())
        } else {
            Shape::Name(glob::compile(rest))
        };
        Pattern { domain: domain.to_vec(), includes, directories_only, shape }
    }

    /// `None` when the pattern does not speak about `path`, else whether it excludes it.
    pub(crate) fn judge(&self, path: &[&str], is_dir: bool) -> Option<bool> {
        let below = path.get(self.domain.len()..).filter(|below| !below.is_empty())?;
        if self.domain.iter().zip(path).any(|(a, b)| a != b) {
            return None;
        }
        let matched = match &self.shape {
            Shape::Name(tokens) => self.matches_name(tokens.as_deref()?, below, is_dir),
            Shape::Path(segments) => self.matches_path(segments, below, is_dir),
        };
        matched.then_some(!self.includes)
    }

    fn matches_name(&self, tokens: &[Token], path: &[&str], is_dir: bool) -> bool {
        let first = path.iter().position(|name| glob::matches(tokens, name));
        first.is_some_and(|at| is_dir || !self.directories_only || at + 1 < path.len())
    }

    fn matches_path(&self, segments: &[Segment], mut path: &[&str], is_dir: bool) -> bool {
        let (mut matched, mut anywhere) = (false, false);
        for (at, segment) in segments.iter().enumerate() {
            match segment {
                Segment::Empty => anywhere = false,
                Segment::AnyDirectories if at + 1 == segments.len() => break,
                Segment::AnyDirectories => anywhere = true,
                Segment::Name(tokens) => {
                    let reach = if anywhere { path.len() } else { path.len().min(1) };
                    let Some(tokens) = tokens else { return false };
                    let found = path[..reach].iter().position(|name| glob::matches(tokens, name));
                    let Some(skipped) = found else { return false };
                    path = &path[skipped + 1..];
                    (matched, anywhere) = (true, false);
                }
            }
        }
        matched && (is_dir || !self.directories_only || !path.is_empty())
    }
}

impl Segment {
    fn parse(text: &str) -> Segment {
        match text {
            "" => Segment::Empty,
            "**" => Segment::AnyDirectories,
            // `a**` inside a path matches nothing; only a whole `**` component is special.
            text if text.contains("**") => Segment::Name(None),
            text => Segment::Name(glob::compile(text)),
        }
    }
}
