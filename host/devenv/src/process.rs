//! Long-running programs: one process group each, a log file each, dead when this process is.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{OnceLock, mpsc};

use crate::{Error, Result};

/// How much of a log an error shows, in bytes.
const LOG_TAIL: u64 = 1500;

/// A running program; killed with its whole process group on drop.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `program`, with both outputs in `<logs>/<name>.log`.
    pub(crate) fn start(name: &str, program: &Path, args: &[String], logs: &Path) -> Result<Self> {
        let log = logs.join(format!("{name}.log"));
        let out = File::create(&log).map_err(Error::file("create", &log))?;
        let err = out.try_clone().map_err(Error::file("open", &log))?;
        let mut command = dying_with_parent(program);
        command.args(args).stdin(Stdio::null()).stdout(out).stderr(err).process_group(0);
        let child = spawn(command).map_err(|source| Error::Spawn { program: program.display().to_string(), source })?;
        Ok(Self { name: name.to_owned(), child, log })
    }

    /// An error if the program has ended.
    pub(crate) fn check_running(&mut self) -> Result<()> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => {
                Err(Error::Ended { program: self.name.clone(), status: status.to_string(), log: self.log_tail() })
            }
            Err(source) => Err(Error::Spawn { program: self.name.clone(), source }),
        }
    }

    /// The error for a program that was waited for too long.
    pub(crate) fn not_ready(&self, seconds: u64) -> Error {
        Error::Deadline { program: self.name.clone(), seconds, log: self.log_tail() }
    }

    fn log_tail(&self) -> String {
        let read = || -> std::io::Result<String> {
            let mut file = File::open(&self.log)?;
            let start = file.metadata()?.len().saturating_sub(LOG_TAIL);
            file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
        };
        read().unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            // Fails only when the group is gone already.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::Listen)?;
    Ok(listener.local_addr().map_err(Error::Listen)?.port())
}

/// The first `name` in `PATH`.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| fs::metadata(file).is_ok_and(|m| m.is_file()))
}

fn dying_with_parent(program: &Path) -> Command {
    let Some(setpriv) = find_program("setpriv") else {
        return Command::new(program);
    };
    let mut command = Command::new(setpriv);
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

type Job = (Command, mpsc::Sender<std::io::Result<Child>>);

/// Starts `command` on a thread that lives as long as this process: Linux sends the parent-death signal when the parent
/// *thread* ends, and the worker threads of a test's runtime end with the test.
fn spawn(command: Command) -> std::io::Result<Child> {
    static SPAWNER: OnceLock<mpsc::Sender<Job>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (jobs, queue) = mpsc::channel::<Job>();
        std::thread::spawn(move || {
            for (mut command, reply) in queue {
                let _ = reply.send(command.spawn());
            }
        });
        jobs
    });
    let (reply, answer) = mpsc::channel();
    spawner.send((command, reply)).map_err(std::io::Error::other)?;
    answer.recv().map_err(std::io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_ends_is_reported_with_its_log() {
        let logs = tempfile::tempdir().unwrap();
        let args = ["-c".to_owned(), "echo listen: address already in use; exit 3".to_owned()];
        let mut process = Process::start("shell", Path::new("/bin/sh"), &args, logs.path()).unwrap();
        process.child.wait().unwrap();
        let error = process.check_running().unwrap_err();
        assert!(error.is_port_taken());
        assert_eq!(error.to_string(), "`shell` ended with exit status: 3: listen: address already in use");
    }

    #[test]
    fn the_whole_group_dies_on_drop() {
        let logs = tempfile::tempdir().unwrap();
        let fifo = logs.path().join("held");
        let script = format!("mkfifo {0}; (exec 3<>{0}; echo $BASHPID $$; sleep 600) & echo up; wait", fifo.display());
        let process = Process::start("shell", Path::new("/bin/sh"), &["-c".to_owned(), script], logs.path()).unwrap();
        let group = rustix::process::Pid::from_raw(i32::try_from(process.child.id()).unwrap()).unwrap();
        drop(process);
        // The orphaned sleep is a zombie at most until init reaps it, so ask for the group's members that can still run.
        let running = fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
        let alive = running.filter(|stat| member_of(stat, group)).count();
        assert_eq!(alive, 0);
    }

    fn member_of(stat: &str, group: rustix::process::Pid) -> bool {
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        fields[0] != "Z" && fields[2] == group.as_raw_nonzero().to_string()
    }
}
