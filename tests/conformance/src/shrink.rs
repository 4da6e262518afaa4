//! Makes a failing case small: files, documents, blocks of lines and ends of lines go as long as it still fails.

use crate::Case;

/// Attempts for one case; each asks the original.
const MAX_ATTEMPTS: usize = 1500;

struct Shrinker<'a> {
    best: Case,
    attempts: usize,
    fails: &'a mut dyn FnMut(&Case) -> bool,
}

/// The smallest case found that still `fails`.
pub fn shrink(case: Case, fails: &mut dyn FnMut(&Case) -> bool) -> Case {
    let mut shrinker = Shrinker { best: case, attempts: 0, fails };
    loop {
        let size = shrinker.size();
        shrinker.drop_files();
        shrinker.drop_lines();
        shrinker.cut_lines();
        if shrinker.size() == size || shrinker.attempts >= MAX_ATTEMPTS {
            return shrinker.best;
        }
    }
}

impl Shrinker<'_> {
    fn size(&self) -> usize {
        self.best.files.iter().map(|(path, content)| path.len() + content.len()).sum()
    }

    fn attempt(&mut self, case: Case) -> bool {
        if self.attempts >= MAX_ATTEMPTS {
            return false;
        }
        self.attempts += 1;
        let failed = (self.fails)(&case);
        if failed {
            self.best = case;
        }
        failed
    }

    fn paths(&self) -> Vec<String> {
        self.best.files.keys().cloned().collect()
    }

    fn drop_files(&mut self) {
        for path in self.paths() {
            let mut smaller = self.best.clone();
            smaller.files.remove(&path);
            self.attempt(smaller);
        }
    }

    fn lines(&self, path: &str) -> Vec<String> {
        let content = self.best.files.get(path).map_or(&[][..], Vec::as_slice);
        // A text that is not UTF-8 stays as it is.
        std::str::from_utf8(content).unwrap_or_default().split_inclusive('\n').map(str::to_owned).collect()
    }

    fn attempt_lines(&mut self, path: &str, lines: &[String]) -> bool {
        let mut smaller = self.best.clone();
        smaller.insert(path, lines.concat());
        self.attempt(smaller)
    }

    /// Drops a line with everything that is indented below it; large blocks first.
    fn drop_lines(&mut self) {
        for path in self.paths() {
            let mut at = 0;
            loop {
                let lines = self.lines(&path);
                if at >= lines.len() {
                    break;
                }
                let candidates = [document_end(&lines, at), block_end(&lines, at), at + 1];
                let dropped = candidates.iter().any(|end| {
                    let rest: Vec<String> = lines[..at].iter().chain(&lines[*end..]).cloned().collect();
                    self.attempt_lines(&path, &rest)
                });
                if !dropped {
                    at += 1;
                }
            }
        }
    }

    /// Drops a word at the end of a line, or shortens its indentation with that of what is below.
    fn cut_lines(&mut self) {
        for path in self.paths() {
            for at in 0..self.lines(&path).len() {
                let mut lines = self.lines(&path);
                let Some((head, _)) = lines.get(at).and_then(|line| line.trim_end().rsplit_once([' ', ',', '/']))
                else {
                    continue;
                };
                if head.trim().is_empty() {
                    continue;
                }
                lines[at] = format!("{head}\n");
                self.attempt_lines(&path, &lines);
            }
        }
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The end of the block that starts at a line.
fn block_end(lines: &[String], at: usize) -> usize {
    let own = indentation(&lines[at]);
    let below = |line: &&String| line.trim().is_empty() || indentation(line) > own;
    at + 1 + lines[at + 1..].iter().take_while(below).count()
}

/// The end of the document that starts at a line, or of the block where none starts.
fn document_end(lines: &[String], at: usize) -> usize {
    if at > 0 && !lines[at].starts_with("---") {
        return block_end(lines, at);
    }
    at + 1 + lines[at + 1..].iter().take_while(|line| !line.starts_with("---")).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_fails_is_left() {
        let mut case = Case::new("");
        case.insert("a", "x: 1\ny:\n  z: 2\n  bad: 3 4\n---\nw: 5\n");
        case.insert("b", "c: d\n");
        let mut fails =
            |case: &Case| case.files.get("a").is_some_and(|text| text.windows(3).any(|part| part == b"bad"));
        let small = shrink(case, &mut fails);
        assert_eq!(small.files.into_iter().collect::<Vec<_>>(), [("a".to_owned(), b"  bad:\n".to_vec())]);
    }
}
