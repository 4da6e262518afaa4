//! A renderer that does what its parameters say, however bad.

use std::collections::HashMap;
use std::fs;
use std::hint::black_box;
use std::net::ToSocketAddrs;
use std::time::{Duration, SystemTime};

use weir_sdk::function::LIST_FILE;
use weir_sdk::{Diagnostic, Error, Info, RenderContext, RenderRequest, Renderer, Result, Severity, Summary};

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Params {
    /// Emits every file of the tree, in one crossing per batch.
    Emit,
    /// Emits every file of the tree, read one by one below `/in`.
    EmitFiles,
    Loop,
    Sleep,
    Grow,
    Recurse,
    Panic,
    Flood { documents: u32, bytes: u32 },
    Log { lines: u32 },
    Fail { reason: String, message: String },
    /// Tries paths that lead out of the input tree.
    Escape { path: String },
    Write,
    Clock,
    Random,
    /// Fills a hash table, whose seed is random.
    Hash,
    /// Looks up a name.
    Lookup { name: String },
    Environment,
    /// Asks for something outside of the tree and emits what it gets, its files as well. As a function it hands on its list.
    Ask { of: String, name: String },
    /// Emits what was kept under a key, then keeps `data` there; asks for something outside of the tree first, if told to.
    Keep { data: String, ask: bool },
    /// Asks for something else each time that it is called.
    AskForMore { questions: u32 },
}

pub struct Guest;

impl Renderer for Guest {
    type Config = Params;

    fn info() -> Info {
        let info = weir_sdk::info!().can_use("inputs", serde_json::json!({}), "asks on command").pure();
        let info = info.can_use("dns", serde_json::json!({}), "looks up names");
        info.can_use("cache", serde_json::json!({}), "keeps things on command")
    }

    fn render(cx: &RenderContext, request: &RenderRequest<Params>) -> Result<Summary> {
        match &request.config {
            Params::Emit => emit(cx),
            Params::EmitFiles => emit_files(cx),
            Params::Loop => forever(),
            Params::Sleep => {
                std::thread::sleep(Duration::from_secs(3600));
                Ok(Summary::default())
            }
            Params::Grow => grow(),
            Params::Recurse => Ok(Summary::new(recurse(1) as u32)),
            Params::Panic => panic!("this plugin is broken"),
            Params::Flood { documents, bytes } => flood(cx, *documents, *bytes),
            Params::Log { lines } => {
                (0..*lines).for_each(|number| cx.log().info(&format!("line {number}")));
                Ok(Summary::default())
            }
            Params::Fail { reason, message } => Err(Error::terminal(reason, message)),
            Params::Escape { path } => escape(cx, path),
            Params::Write => Ok(fs::write(cx.input().join("new"), "x").map(|()| Summary::default())?),
            Params::Clock => {
                let times = format!("{:?} {:?}", cx.clock().now(), SystemTime::now());
                cx.documents().emit(times)?;
                Ok(Summary::new(1))
            }
            Params::Ask { of, name } => ask(cx, of, name),
            Params::Keep { data, ask } => keep(cx, data, *ask),
            Params::AskForMore { questions } => ask_for_more(cx, *questions),
            Params::Random => {
                cx.documents().emit(format!("{:?}", cx.random().bytes(16)))?;
                Ok(Summary::new(1))
            }
            Params::Hash => {
                let table: HashMap<u32, u32> = (0..100).map(|number| (number, number)).collect();
                cx.documents().emit(format!("{:?}", table.keys().collect::<Vec<_>>()))?;
                Ok(Summary::new(1))
            }
            Params::Lookup { name } => {
                let found = (name.as_str(), 80).to_socket_addrs();
                let found = found.map_err(|error| Error::terminal("Lookup", error.to_string()))?;
                cx.documents().emit(found.map(|one| one.ip().to_string()).collect::<Vec<_>>().join(" "))?;
                Ok(Summary::new(1))
            }
            Params::Environment => {
                let all = format!("{:?} {:?}", std::env::vars().collect::<Vec<_>>(), std::env::args().collect::<Vec<_>>());
                cx.documents().emit(all)?;
                Ok(Summary::new(1))
            }
        }
    }
}

fn emit(cx: &RenderContext) -> Result<Summary> {
    let tree = cx.tree();
    let paths: Vec<String> = tree.list("")?.into_iter().filter(|entry| entry.size > 0).map(|entry| entry.path).collect();
    let batch = cx.documents().batch();
    for (path, content) in tree.read_many(&paths)? {
        batch.emit(String::from_utf8_lossy(&content), Some(&path), 0)?;
    }
    cx.documents().diagnose(Diagnostic::new(Severity::Info, "Done", "all files emitted").at("a.yaml"));
    Ok(Summary { documents: batch.finish()?, metadata: vec![("files".to_owned(), paths.len().to_string())] })
}

fn emit_files(cx: &RenderContext) -> Result<Summary> {
    let batch = cx.documents().batch();
    let mut directories = vec![cx.input().to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.is_dir() {
                directories.push(path);
            } else {
                batch.emit(fs::read_to_string(&path)?, None, 0)?;
            }
        }
    }
    Ok(Summary::new(batch.finish()?))
}

fn ask(cx: &RenderContext, kind: &str, name: &str) -> Result<Summary> {
    let body = cx.tree().read(LIST_FILE).unwrap_or_default();
    let Some(answer) = cx.inputs().ask(kind, name, &body)? else {
        return Err(Error::terminal("Waiting", "comes later"));
    };
    let batch = cx.documents().batch();
    batch.emit(format!("{} {}", answer.revision, String::from_utf8_lossy(&answer.content)), None, 0)?;
    if let Some(directory) = &answer.directory {
        let files = cx.tree().list(directory)?.into_iter().filter(|entry| entry.size > 0);
        for file in files {
            batch.emit(String::from_utf8_lossy(&cx.tree().read(&file.path)?), Some(&file.path), 0)?;
        }
    }
    Ok(Summary::new(batch.finish()?))
}

fn keep(cx: &RenderContext, data: &str, ask: bool) -> Result<Summary> {
    if ask {
        cx.inputs().ask("git", "x", b"")?;
    }
    let found = cx.cache().find("key")?;
    cx.cache().keep("key", data.as_bytes())?;
    cx.documents().emit(found.map_or("nothing".to_owned(), |kept| String::from_utf8_lossy(&kept).into_owned()))?;
    Ok(Summary::new(1))
}

fn ask_for_more(cx: &RenderContext, questions: u32) -> Result<Summary> {
    for number in 0..questions {
        cx.inputs().ask("http", &format!("http://127.0.0.1:1/{number}"), b"")?;
    }
    Ok(Summary::default())
}

fn forever() -> ! {
    let mut number = 0_u64;
    loop {
        number = black_box(number.wrapping_add(1));
    }
}

fn grow() -> ! {
    let mut all = Vec::new();
    loop {
        all.push(black_box(vec![1_u8; 1 << 20]));
    }
}

fn recurse(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    if frame[0] == 0 { 0 } else { recurse(depth + 1) + black_box(frame)[1] }
}

fn flood(cx: &RenderContext, documents: u32, bytes: u32) -> Result<Summary> {
    let batch = cx.documents().batch();
    for _ in 0..documents {
        batch.emit("x".repeat(bytes as usize), None, 0)?;
    }
    Ok(Summary::new(batch.finish()?))
}

/// Succeeds if anything at all was read.
fn escape(cx: &RenderContext, path: &str) -> Result<Summary> {
    let inside = cx.input().join(path);
    let tries = [cx.tree().read(path).ok(), fs::read(inside).ok(), fs::read(path).ok()];
    match tries.into_iter().flatten().next() {
        Some(content) => Ok(cx.documents().emit(String::from_utf8_lossy(&content)).map(|()| Summary::new(1))?),
        None => Err(Error::terminal("Contained", format!("nothing to read at {path}"))),
    }
}

weir_sdk::register!(renderer: Guest);
