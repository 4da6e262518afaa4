//! Charts that are not in the tree, from a plain web server and a real registry.

use flate2::Compression;
use flate2::write::GzEncoder;
use oci_client::client::{ClientConfig, ClientProtocol, Config, ImageLayer};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use weir_devenv::Registry;

use crate::kit::{Folder, web_server};

const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  is: {{ .Chart.Version }} {{ .Values.kind }}\n";
const INDEX: &str = "apiVersion: v1
entries:
  web:
  - {version: 1.0.0, urls: [files/web-1.0.0.tgz]}
  - {version: 1.1.0, urls: [files/web-1.1.0.tgz]}
  - {version: 2.0.0-rc.1, urls: [files/web-1.1.0.tgz]}
  - {version: 0.1.0, urls: [files/web-1.0.0.tgz], digest: abc}
";

fn archive(version: &str) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, text) in [
        ("web/Chart.yaml", format!("apiVersion: v2\nname: web\nversion: {version}\n")),
        ("web/values.yaml", "kind: own\n".to_owned()),
        ("web/templates/map.yaml", TEMPLATE.to_owned()),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        archive.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn build(chart: &str, args: &[&str]) -> Result<String, String> {
    let kustomization = format!("helmCharts: [{{name: web, releaseName: shop, {chart}}}]\n");
    Folder::new(&[("kustomization.yaml", &kustomization)]).build(&[&["--enable-helm"], args].concat())
}

fn map(is: &str) -> Result<String, String> {
    Ok(format!("apiVersion: v1\ndata:\n  is: {is}\nkind: ConfigMap\nmetadata:\n  name: shop\n"))
}

#[test]
fn charts_come_from_a_repository() {
    let server = web_server([
        ("/index.yaml", INDEX.into()),
        ("/files/web-1.0.0.tgz", archive("1.0.0")),
        ("/files/web-1.1.0.tgz", archive("1.1.0")),
    ]);
    let pull = |more: &str| build(&format!("repo: '{server}', {more}"), &[]);
    assert_eq!(pull("version: 1.0.0"), map("1.0.0 own"));
    assert_eq!(pull("valuesInline: {kind: inline}"), map("1.1.0 inline"));
    for (more, reason) in [
        ("version: 3.x", "no version of it matches; there are 2.0.0-rc.1, 1.1.0, 1.0.0, 0.1.0"),
        ("version: 0.1.0", "the index wants abc"),
    ] {
        let error = pull(more).unwrap_err();
        assert!(error.contains("cannot pull chart 'web'") && error.contains(reason), "{error}");
    }
    let refused = build(&format!("repo: '{server}'"), &["--no-remote-bases"]).unwrap_err();
    assert!(refused.contains("are not allowed"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn charts_come_from_a_registry() {
    let registry = Registry::start().await.unwrap();
    let repository = format!("oci://{}/charts", registry.host());
    for version in ["1.0.0", "1.1.0"] {
        push(&registry, version).await;
    }
    let pull = |more: &str| build(&format!("repo: '{repository}', {more}"), &[]);
    assert_eq!(pull("version: 1.0.0"), map("1.0.0 own"));
    assert_eq!(pull("version: ^1"), map("1.1.0 own"));
    let error = pull("version: 3.0.0").unwrap_err();
    assert!(error.contains(&format!("cannot get '{repository}/web:3.0.0'")) && error.contains("not found"), "{error}");
}

async fn push(registry: &Registry, version: &str) {
    let client = Client::new(ClientConfig { protocol: ClientProtocol::Http, ..ClientConfig::default() });
    let reference: Reference = format!("{}/charts/web:{version}", registry.host()).parse().unwrap();
    let chart = "application/vnd.cncf.helm.chart.content.v1.tar+gzip".to_owned();
    let config = Config::new(b"{}".to_vec(), "application/vnd.cncf.helm.config.v1+json".to_owned(), None);
    let layers = [ImageLayer::new(archive(version), chart, None)];
    client.push(&reference, &layers, config, &RegistryAuth::Anonymous, None).await.unwrap();
}
