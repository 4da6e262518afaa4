//! Which files of a source belong to its artifact: `.sourceignore` rules.
//!
//! The rules are Flux's: the version control files are always left out; when nobody gives a pattern, so are images,
//! archives and the files of CI systems; `.sourceignore` files speak about their own directory and below, in the
//! order in which a depth-first walk in name order meets them; `spec.ignore` comes last; and the last pattern that
//! matches a path wins. The syntax is gitignore's with three differences, which come from the matcher that Flux uses:
//!
//! - every path is judged by itself, so `!dir/file` takes a file back although `dir/` is excluded;
//! - a component such as `a**` inside a pattern with a slash matches nothing, and so does `**` alone at the end without
//!   a name before it;
//! - a class is negated by `[^…]` only, and a malformed pattern matches nothing.

mod glob;
mod pattern;

use pattern::Pattern;

/// The name of the file that holds the patterns of a directory.
pub const IGNORE_FILE: &str = ".sourceignore";

/// Left out whatever else is said, unless a pattern takes it back.
const VERSION_CONTROL: &[&str] = &[".git/", ".gitignore", ".gitmodules", ".gitattributes"];

/// Left out when no pattern is given.
const DEFAULTS: &[&str] = &[
    "*.jpg",
    "*.jpeg",
    "*.gif",
    "*.png",
    "*.wmv",
    "*.flv",
    "*.tar.gz",
    "*.zip",
    ".github/",
    ".circleci/",
    ".travis.yml",
    ".gitlab-ci.yml",
    "appveyor.yml",
    ".drone.yml",
    "cloudbuild.yaml",
    "codeship-services.yml",
    "codeship-steps.yml",
    "**/.goreleaser.yml",
    "**/.sops.yaml",
    "**/.flux.yaml",
];

/// The rules of one artifact.
#[derive(Clone, Debug)]
pub struct Rules {
    built_in: Vec<Pattern>,
    files: Vec<Pattern>,
    spec: Vec<Pattern>,
}

impl Rules {
    /// The rules with `spec.ignore`. An absent and an empty text give the same patterns (none); what tells them apart
    /// is only whether the object's status records a change.
    pub fn new(spec_ignore: Option<&str>) -> Rules {
        let spec = spec_ignore.map(|text| read(text, &[])).unwrap_or_default();
        let built_in = VERSION_CONTROL.iter().chain(DEFAULTS).map(|line| Pattern::parse(line, &[])).collect();
        Rules { built_in, files: Vec::new(), spec }
    }

    /// Adds the text of the `.sourceignore` file in `dir` (slash-separated, empty for the root). Later files win over
    /// earlier ones, so they are added parents first, siblings by name.
    pub fn add_file(&mut self, dir: &str, text: &str) {
        let domain: Vec<String> = components(dir).map(str::to_owned).collect();
        self.files.extend(read(text, &domain));
    }

    /// Whether the file or directory at `path` (slash-separated, relative to the root) stays out of the artifact.
    ///
    /// An excluded directory says nothing about its children: ask for each of them.
    pub fn excludes(&self, path: &str, is_dir: bool) -> bool {
        let path: Vec<&str> = components(path).collect();
        let given = self.files.len() + self.spec.len();
        let built_in = if given == 0 { &self.built_in[..] } else { &self.built_in[..VERSION_CONTROL.len()] };
        let patterns = built_in.iter().chain(&self.files).chain(&self.spec);
        patterns.rev().find_map(|pattern| pattern.judge(&path, is_dir)).unwrap_or(false)
    }
}

fn components(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|component| !component.is_empty())
}

fn read(text: &str, domain: &[String]) -> Vec<Pattern> {
    let speaks = |line: &&str| !line.starts_with('#') && !line.trim().is_empty();
    text.lines().filter(speaks).map(|line| Pattern::parse(line, domain)).collect()
}
