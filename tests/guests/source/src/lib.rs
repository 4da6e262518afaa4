//! A source that does what its parameters say, however bad.

use std::fs;
use std::io::{Read, Write};

use serde_json::json;
use weir_sdk::{
    Error, Info, Report, Resolution, Result, Scheme, Source, SourceContext, SourceRequest, SshCommand,
};

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Params {
    /// Writes a small tree.
    Tree,
    /// Writes what a URL returns to `/out/body`.
    Get {
        url: String,
        /// Origin and scheme of the credential.
        attach: Option<(String, String)>,
        header: Option<(String, String)>,
    },
    /// Sends a body in pieces.
    Post { url: String, pieces: u32 },
    Bytes { mib: u32, below: String },
    Files { count: u32 },
    Link { target: String },
    Escape { path: String },
    Reveal { binding: String, key: String },
    /// Writes everything it can learn about a secret.
    Peek { binding: String },
    Ssh,
    Cache,
    State { bytes: u32 },
}

pub struct Guest;

impl Source for Guest {
    type Config = Params;

    fn info() -> Info {
        weir_sdk::info!()
            .needs("http", json!({ "origins": ["url"] }), "fetches what it is told to")
            .needs("secret-use", json!({}), "private repositories")
            .can_use("secret-reveal", json!({}), "to see whether it is let")
            .can_use("ssh", json!({}), "to see whether it is served")
            .can_use("cache", json!({}), "keeps things")
    }

    fn resolve(_cx: &SourceContext, request: &SourceRequest<Params>) -> Result<Resolution> {
        if let Some(previous) = &request.previous {
            return Ok(Resolution::unchanged(previous));
        }
        let state = match request.config {
            Params::State { bytes } => vec![0; bytes as usize],
            _ => b"state".to_vec(),
        };
        Ok(Resolution::new("main@sha1:0").with_state(state))
    }

    fn fetch(cx: &SourceContext, request: &SourceRequest<Params>, what: &Resolution) -> Result<Report> {
        let out = cx.output();
        match &request.config {
            Params::Tree => {
                fs::create_dir_all(out.join("a/b"))?;
                fs::write(out.join("a/b/c.yaml"), &what.revision)?;
                fs::write(cx.scratch().join("pack"), &what.state)?;
            }
            Params::Get { url, attach, header } => return get(cx, url, attach.as_ref(), header.as_ref()),
            Params::Post { url, pieces } => return post(cx, url, *pieces),
            Params::Bytes { mib, below } => {
                let mut file = fs::File::create(format!("{below}/big"))?;
                let chunk = vec![b'x'; 1 << 20];
                (0..*mib).try_for_each(|_| file.write_all(&chunk))?;
            }
            Params::Files { count } => {
                (0..*count).try_for_each(|number| fs::write(out.join(number.to_string()), ""))?;
            }
            Params::Link { target } => cx.symlink(target, &out.join("link"))?,
            Params::Escape { path } => {
                let tries = [fs::write(out.join(path), "x"), fs::write(path, "x")];
                if tries.iter().all(std::result::Result::is_err) {
                    return Err(Error::terminal("Contained", format!("nothing written to {path}")));
                }
            }
            Params::Reveal { binding, key } => {
                let secret = cx.secrets().lookup(binding).ok_or_else(|| Error::unauthorized("NoSecret", "none"))?;
                fs::write(out.join("secret"), secret.reveal(key)?)?;
            }
            Params::Peek { binding } => {
                let secret = cx.secrets().lookup(binding).ok_or_else(|| Error::unauthorized("NoSecret", "none"))?;
                let matches = secret.matches("password", b"hunter2-hunter2")?;
                fs::write(out.join("seen"), format!("{:?} {matches}", secret.keys()))?;
            }
            Params::Ssh => {
                let secret = cx.secrets().lookup("secretRef").ok_or_else(|| Error::unauthorized("NoSecret", "none"))?;
                let command = SshCommand { host: "git.example".into(), port: 22, user: "git".into(), command: "x".into() };
                cx.tunnel().ssh(&command, &secret)?;
            }
            Params::Cache => {
                let digest = cx.cache().put(b"kept")?;
                let found = cx.cache().get(&digest)?.unwrap_or_default();
                fs::write(out.join("cached"), found)?;
            }
            Params::State { .. } => {}
        }
        Ok(Report::default())
    }
}

fn get(
    cx: &SourceContext,
    url: &str,
    attach: Option<&(String, String)>,
    header: Option<&(String, String)>,
) -> Result<Report> {
    if let (Some((origin, scheme)), Some(secret)) = (attach, cx.secrets().lookup("secretRef")) {
        secret.attach_http(origin, if scheme == "bearer" { Scheme::Bearer } else { Scheme::Basic })?;
    }
    let mut request = cx.http().get(url)?;
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let mut response = request.send()?.ok()?;
    let mut body = Vec::new();
    response.read_to_end(&mut body)?;
    fs::write(cx.output().join("body"), &body)?;
    Ok(Report { bytes_in: body.len() as u64, ..Report::default() })
}

fn post(cx: &SourceContext, url: &str, pieces: u32) -> Result<Report> {
    let mut upload = cx.http().post(url)?.open()?;
    for _ in 0..pieces {
        upload.write_all(&[b'p'; 100_000])?;
    }
    let body = upload.finish()?.ok()?.bytes(1 << 20)?;
    fs::write(cx.output().join("body"), &body)?;
    Ok(Report::default())
}

weir_sdk::register!(source: Guest);
