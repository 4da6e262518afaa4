//! Builds a directory of the disk and prints it, as `kustomize build DIR` does.

use std::path::PathBuf;
use std::process::ExitCode;

use weir_kustomize::{BuildOptions, FileSystem, build};

struct DiskFs {
    root: PathBuf,
}

impl FileSystem for DiskFs {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(self.root.join(path)).ok()
    }

    fn is_dir(&self, path: &str) -> bool {
        self.root.join(path).is_dir()
    }

    fn list(&self, path: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.root.join(path)).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]
fn main() -> ExitCode {
    let root = std::env::current_dir().expect("a program has a working directory");
    let dir = std::env::args().nth(1).unwrap_or_default();
    let options = BuildOptions { display_root: root.display().to_string(), ..BuildOptions::default() };
    let resources = build(&DiskFs { root }, &dir, &options);
    let documents =
        resources.and_then(|resources| resources.iter().map(|r| r.to_yaml()).collect::<Result<Vec<_>, _>>());
    match documents {
        Ok(documents) => {
            print!("{}", documents.join("---\n"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("Error: {}", error.chain());
            ExitCode::FAILURE
        }
    }
}
