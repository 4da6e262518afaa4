//! Against a real registry: Debian's `docker-registry`, with and without a login.

#![allow(clippy::unwrap_used)]

use std::{
    fs,
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use wasm_encoder::Component;
use weir_core::mirror::Mirrors;
use weir_package::{
    Credentials, Digest, Image, Origin, Reference, Registry, ResolveError, Sources, component::embed_info,
    image::OLD_LAYER_MEDIA_TYPE, registry::RegistryError,
};

const DEADLINE: Duration = Duration::from_secs(30);
const USER: &str = "weir";
const PASSWORD: &str = "letmein";
/// Bcrypt of the password.
const HTPASSWD: &str = "weir:$2b$04$abcdefghijklmnopqrstuuPT0cs.zGMMB9aUG3xKmxLeI//6s0m5C\n";

/// Stops when it is dropped.
struct Server {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl Server {
    fn start(with_login: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let path = |name: &str| folder.path().join(name).display().to_string();
        fs::write(path("htpasswd"), HTPASSWD).unwrap();
        let auth = match with_login {
            true => format!("auth:\n  htpasswd:\n    realm: test\n    path: {}\n", path("htpasswd")),
            false => String::new(),
        };
        let config = format!(
            "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:{port}\n{auth}",
            path("data")
        );
        fs::write(path("config.yml"), config).unwrap();
        let mut command = Command::new("docker-registry");
        command.args(["serve", &path("config.yml")]).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("`docker-registry` of Debian is installed");
        let mut server = Self { child, port, folder };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(server.child.try_wait().unwrap().is_none(), "the registry ended");
            assert!(started.elapsed() < DEADLINE, "the registry does not listen");
            thread::yield_now();
        }
        server
    }

    fn reference(&self, rest: &str) -> Reference {
        format!("oci://127.0.0.1:{}/{rest}", self.port).parse().unwrap()
    }

    /// Overwrites what is stored under a digest.
    fn corrupt(&self, digest: &Digest, bytes: &[u8]) {
        let hex = digest.hex();
        let blob = format!("data/docker/registry/v2/blobs/sha256/{}/{hex}/data", &hex[..2]);
        fs::write(self.folder.path().join(blob), bytes).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn image(name: &str) -> Image {
    let info = format!(r#"{{"name":"{name}","version":"1.0.0"}}"#);
    Image::pack(embed_info(&Component::new().finish(), &info).unwrap()).unwrap()
}

fn anonymous() -> Sources {
    Sources::new(Registry::new(Credentials::default(), false))
}

fn registry_error(error: ResolveError) -> RegistryError {
    match error {
        ResolveError::Registry(error) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn plugins_are_pushed_pinned_and_pulled() {
    let server = Server::start(false);
    let (sources, first, second) = (anonymous(), image("first"), image("second"));
    let tag = server.reference("org/plugin:1");
    assert_eq!(sources.push(&tag, first.clone()).await.unwrap(), first.digest());
    let pin = sources.pin(&tag).await.unwrap();
    assert_eq!(pin.digest, first.digest());
    // The tag moves, the pin does not.
    sources.push(&tag, second.clone()).await.unwrap();
    assert_eq!(sources.resolve(&tag).await.unwrap().digest, second.digest());
    let pinned = sources.resolve(&pin.apply(&tag)).await.unwrap();
    assert_eq!((pinned.digest, pinned.bytes.as_slice()), (first.digest(), first.component()));
    assert_eq!(pinned.origin, Origin::Registry(format!("127.0.0.1:{}/org/plugin", server.port)));
}

#[tokio::test]
async fn what_is_not_there_or_not_listening_is_told_apart() {
    let server = Server::start(false);
    for rest in ["no/such:1", &format!("no/such@{}", Digest::of(b"x"))] {
        let error = registry_error(anonymous().resolve(&server.reference(rest)).await.unwrap_err());
        assert!(matches!(error, RegistryError::NotFound(_)), "{error:?}");
    }
    let error = registry_error(anonymous().pin(&server.reference("no/such:1")).await.unwrap_err());
    assert!(matches!(error, RegistryError::NotFound(_)), "{error:?}");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = format!("oci://{closed}/p:1").parse().unwrap();
    let error = registry_error(anonymous().resolve(&nobody).await.unwrap_err());
    assert!(matches!(error, RegistryError::Transport { .. }), "{error:?}");
}

#[tokio::test]
async fn changed_content_is_refused_by_digest() {
    let server = Server::start(false);
    let (sources, image, other) = (anonymous(), image("p"), image("q"));
    let reference = server.reference("p:1");
    sources.push(&reference, image.clone()).await.unwrap();
    server.corrupt(&Digest::of(image.component()), other.component());
    assert!(sources.resolve(&reference).await.is_err());
    server.corrupt(&image.digest(), other.manifest());
    let pinned = Reference { digest: Some(image.digest()), ..reference };
    let error = sources.resolve(&pinned).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains(image.digest().as_str()) && text.contains(other.digest().as_str()), "{error:?}");
}

#[tokio::test]
async fn a_login_is_needed_and_taken_from_docker_configuration() {
    let server = Server::start(true);
    let reference = server.reference("org/private:1");
    let with = |password: &str| {
        let host = format!("127.0.0.1:{}", server.port);
        Sources::new(Registry::new(Credentials::of(&host, USER, password), false))
    };
    for sources in [anonymous(), with("wrong")] {
        for error in [
            sources.push(&reference, image("p")).await.unwrap_err(),
            sources.resolve(&reference).await.unwrap_err(),
            sources.pin(&reference).await.unwrap_err(),
        ] {
            let error = registry_error(error);
            assert!(matches!(error, RegistryError::Denied(_)), "{error:?}");
            assert!(!format!("{error:?}").contains("wrong"));
        }
    }
    let digest = with(PASSWORD).push(&reference, image("p")).await.unwrap();
    // `docker login` writes this file.
    let auth = "d2VpcjpsZXRtZWlu";
    let config = format!(r#"{{"auths": {{"http://127.0.0.1:{}": {{"auth": "{auth}"}}}}}}"#, server.port);
    let credentials = Credentials::from_docker_config(config.as_bytes()).unwrap();
    let fetched = Sources::new(Registry::new(credentials, false)).resolve(&reference).await.unwrap();
    assert_eq!(fetched.digest, digest);
}

#[tokio::test]
async fn a_registry_overrides_bundled_plugins_where_it_has_them() {
    let server = Server::start(false);
    let bundle = tempfile::tempdir().unwrap();
    let (old, new) = (image("old"), image("new"));
    let place = |name: &str| format!("layout:{}#{name}", bundle.path().display()).parse().unwrap();
    for name in ["kustomize", "helm"] {
        anonymous().push(&place(name), old.clone()).await.unwrap();
    }
    anonymous().push(&server.reference("weir/plugins/kustomize:2"), new.clone()).await.unwrap();
    let sources = anonymous().with_bundled(bundle.path());
    let sources = sources.with_first_party(server.reference("weir/plugins:2")).unwrap();
    let digest = async |name: &str| sources.resolve(&name.parse().unwrap()).await.unwrap().digest;
    assert_eq!(digest("kustomize").await, new.digest());
    assert_eq!(digest("helm").await, old.digest());
    drop(server);
    let error = sources.resolve(&"helm".parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, ResolveError::Registry(RegistryError::Transport { .. })), "{error:?}");
}

#[tokio::test]
async fn mirrors_stand_in_for_hosts() {
    let server = Server::start(false);
    anonymous().push(&server.reference("ghcr/org/p:1"), image("p")).await.unwrap();
    let mirror = format!("https://ghcr.io=http://127.0.0.1:{}/ghcr", server.port).parse().unwrap();
    let sources = anonymous().with_mirrors(Mirrors::new(vec![mirror]));
    let fetched = sources.resolve(&"oci://ghcr.io/org/p:1".parse().unwrap()).await.unwrap();
    assert_eq!(fetched.digest, image("p").digest());
}

#[tokio::test]
async fn images_of_older_tools_are_read() {
    let server = Server::start(false);
    let image = image("p");
    let manifest = String::from_utf8(image.manifest().to_vec()).unwrap();
    let manifest = manifest.replace("application/wasm", OLD_LAYER_MEDIA_TYPE).into_bytes();
    let old = Image::assemble(manifest, image.config().to_vec(), image.component().to_vec()).unwrap();
    anonymous().push(&server.reference("p:1"), old).await.unwrap();
    assert_eq!(anonymous().resolve(&server.reference("p:1")).await.unwrap().bytes, image.component());
}
