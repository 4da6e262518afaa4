//! A repository, and `git http-backend` behind a small loopback web server.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

/// What the server asks for or does besides serving.
#[derive(Clone, Default)]
pub(crate) struct Behaviour {
    /// The value that `Authorization` must have.
    pub(crate) authorization: Option<String>,
    /// A status for every request, e.g. `503 Service Unavailable`.
    pub(crate) status: Option<String>,
    /// Answers requests below the first path with a redirect to the second.
    pub(crate) redirect: Option<(String, String)>,
    /// Speaks as servers did before version 2 of the protocol.
    pub(crate) old_protocol: bool,
}

pub(crate) struct GitServer {
    root: TempDir,
    address: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
}

impl GitServer {
    pub(crate) fn start(behaviour: Behaviour) -> GitServer {
        let root = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (log, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let server = Handler { root: root.path().to_owned(), behaviour, log: log.clone() };
        let stopped = stop.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let server = server.clone();
                std::thread::spawn(move || server.serve(stream));
            }
        });
        GitServer { root, address, log, stop }
    }

    /// A repository named `name`, with `main` as its branch.
    pub(crate) fn repository(&self, name: &str) -> Repository {
        let path = self.root.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        let repository = Repository { path, clock: std::cell::Cell::new(1_700_000_000) };
        repository.git(&["init", "-q", "-b", "main", "."]);
        repository
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn url(&self, name: &str) -> String {
        format!("{}/{name}/.git", self.origin())
    }

    /// The requests so far, e.g. `GET info/refs` and `POST fetch`; asking forgets them.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.log.lock().unwrap())
    }
}

impl Drop for GitServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the listener, so that its thread ends.
        let _ = TcpStream::connect(self.address);
    }
}

pub(crate) struct Repository {
    pub(crate) path: PathBuf,
    clock: std::cell::Cell<i64>,
}

impl Repository {
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let now = self.clock.get();
        self.clock.set(now + 60);
        self.git_at(now, arguments)
    }

    pub(crate) fn git_at(&self, seconds: i64, arguments: &[&str]) -> String {
        self.run(seconds, arguments, "")
    }

    pub(crate) fn git_with_input(&self, arguments: &[&str], input: &str) -> String {
        self.run(self.clock.get(), arguments, input)
    }

    fn run(&self, seconds: i64, arguments: &[&str], input: &str) -> String {
        let date = format!("{seconds} +0000");
        let people = [("AUTHOR", "Ada"), ("COMMITTER", "Bob")];
        let mut command = Command::new("git");
        for (role, name) in people {
            command.env(format!("GIT_{role}_NAME"), name).env(format!("GIT_{role}_EMAIL"), "somebody@example.com");
            command.env(format!("GIT_{role}_DATE"), &date);
        }
        command.args(arguments).current_dir(&self.path).env("HOME", &self.path).env("GIT_CONFIG_NOSYSTEM", "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// Commits everything in the work tree and returns the commit.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A", "-f", "."]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }
}

#[derive(Clone)]
struct Handler {
    root: PathBuf,
    behaviour: Behaviour,
    log: Arc<Mutex<Vec<String>>>,
}

struct Request {
    method: String,
    path: String,
    query: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

impl Handler {
    fn serve(&self, stream: TcpStream) {
        // A client that goes away in the middle is the client's business.
        let _ = self.answer(&stream);
    }

    fn answer(&self, mut stream: &TcpStream) -> io::Result<()> {
        let Some(request) = read_request(stream)? else {
            return Ok(());
        };
        self.log.lock().unwrap().push(describe(&request));
        if let Some(status) = &self.behaviour.status {
            return write!(
                stream,
                "HTTP/1.1 {status}\r\nRetry-After: 7\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        }
        if let Some(expected) = &self.behaviour.authorization
            && request.headers.get("authorization") != Some(expected)
        {
            let status =
                if request.headers.contains_key("authorization") { "403 Forbidden" } else { "401 Unauthorized" };
            return write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
        if let Some((from, to)) = &self.behaviour.redirect
            && let Some(rest) = request.path.strip_prefix(from.as_str())
        {
            let location = format!("{to}{rest}?{}", request.query);
            return write!(
                stream,
                "HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        }
        run_backend(&self.root, &request, self.behaviour.old_protocol, stream)
    }
}

/// `GET info/refs`, or what a command asks for.
fn describe(request: &Request) -> String {
    let body = String::from_utf8_lossy(&request.body);
    let command = body.split("command=").nth(1).and_then(|rest| rest.split_whitespace().next());
    match command {
        Some(command) => format!("POST {command}"),
        None => format!("{} {}", request.method, request.path.split(".git/").last().unwrap_or_default()),
    }
}

fn read_request(stream: &TcpStream) -> io::Result<Option<Request>> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut parts = line.split_whitespace();
    let (Some(method), Some(target)) = (parts.next(), parts.next()) else {
        return Ok(None);
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: HashMap::new(),
        body: Vec::new(),
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        request.headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = request.headers.get("content-length").map_or(0, |value| value.parse().unwrap());
    reader.take(length).read_to_end(&mut request.body)?;
    Ok(Some(request))
}

fn run_backend(root: &Path, request: &Request, old_protocol: bool, mut stream: &TcpStream) -> io::Result<()> {
    let header = |name: &str| request.headers.get(name).cloned().unwrap_or_default();
    let mut child = Command::new("git")
        .args(["-c", "safe.directory=*", "http-backend"])
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_PROTOCOL", if old_protocol { String::new() } else { header("git-protocol") })
        .env("REQUEST_METHOD", &request.method)
        .env("PATH_INFO", &request.path)
        .env("QUERY_STRING", &request.query)
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("REMOTE_ADDR", "127.0.0.1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    child.stdin.take().unwrap().write_all(&request.body)?;
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut status = "200 OK".to_owned();
    let mut headers = String::new();
    loop {
        let mut line = String::new();
        output.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some(("Status", value)) => status = value.to_owned(),
            Some((name, value)) => headers.push_str(&format!("{name}: {value}\r\n")),
            None => break,
        }
    }
    write!(stream, "HTTP/1.1 {status}\r\n{headers}Connection: close\r\n\r\n")?;
    io::copy(&mut output, &mut stream)?;
    child.wait()?;
    Ok(())
}
