//! What a build takes from outside of its tree: remote files, remote bases, functions.

use std::cell::RefCell;

use serde_json::{Value, json};
use weir_kustomize::{
    BuildOptions, FunctionOutput, FunctionResult, LoadRestrictions, MemoryFs, Outside, RepoSpec, Unavailable, build,
};

/// Where repositories are in the trees of these tests.
const MOUNT: &str = ".outside/repo";

fn map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n")
}

/// Serves `https://files/a.yaml`, every repository at [`MOUNT`], and functions by what their image says.
#[derive(Default)]
struct Fake {
    asked: RefCell<Vec<String>>,
    is_later: bool,
}

impl Fake {
    fn ask<T>(&self, what: String, answer: Result<T, Unavailable>) -> Result<T, Unavailable> {
        self.asked.borrow_mut().push(what);
        if self.is_later { Err(Unavailable::Later) } else { answer }
    }
}

impl Outside for Fake {
    fn file(&self, url: &str) -> Result<Vec<u8>, Unavailable> {
        let answer = match url {
            "https://files/a.yaml" => Ok(map("far").into_bytes()),
            "https://files/page/of/html" => Ok(b"<html>\n<p a=b>: [\n</html>".to_vec()),
            _ => Err(Unavailable::Status("status code 404 (Not Found)".to_owned())),
        };
        self.ask(format!("file {url}"), answer)
    }

    fn repository(&self, spec: &RepoSpec) -> Result<String, Unavailable> {
        let answer = match spec.reference.as_str() {
            "gone" => Err(Unavailable::Refused("no such reference: gone".to_owned())),
            _ => Ok(MOUNT.to_owned()),
        };
        self.ask(format!("git {}@{}", spec.repository, spec.reference), answer)
    }

    fn function(&self, image: &str, list: &Value) -> Result<FunctionOutput, Unavailable> {
        self.ask(format!("function {image}"), answer(image, list))
    }

    fn tags(&self, _: &str) -> Result<Vec<String>, Unavailable> {
        Err(Unavailable::Refused("no charts here".to_owned()))
    }

    fn chart(&self, _: &str) -> Result<Vec<u8>, Unavailable> {
        Err(Unavailable::Refused("no charts here".to_owned()))
    }
}

fn answer(image: &str, list: &Value) -> Result<FunctionOutput, Unavailable> {
    let mut items = list["items"].as_array().cloned().unwrap_or_default();
    let mut results = Vec::new();
    match image {
        "label" => {
            items.iter_mut().for_each(|item| item["metadata"]["labels"] = list["functionConfig"]["labels"].clone())
        }
        "rename" => items.iter_mut().for_each(|item| {
            let name = format!("new-{}", item["metadata"]["name"].as_str().unwrap_or_default());
            item["metadata"]["name"] = json!(name);
        }),
        "drop-first" => drop(items.remove(0)),
        "twice" => items.extend(items.clone()),
        "generate" => items.push(json!({
            "apiVersion": "v1", "kind": "ConfigMap", "data": {"items": items.len().to_string()},
            "metadata": {"name": "made", "annotations": {
                "kustomize.config.k8s.io/needs-hash": "true", "config.kubernetes.io/index": "7",
            }},
        })),
        "merge" => items.push(json!({
            "apiVersion": "v1", "kind": "ConfigMap", "data": {"b": "2"},
            "metadata": {"name": "a", "annotations": {"kustomize.config.k8s.io/behavior": "merge"}},
        })),
        "refuse" => results.push(FunctionResult { severity: "error".into(), message: "a is not allowed".into() }),
        "warn" => results.push(FunctionResult { severity: "warning".into(), message: "hm".into() }),
        "show" => {
            let shown = items[0]["metadata"].to_string();
            items[0]["data"] = json!({"shown": shown, "api": list["apiVersion"], "kind": list["kind"]});
        }
        "garbage" => items.push(json!("just text")),
        "nameless" => items.push(json!({"apiVersion": "v1", "kind": "ConfigMap"})),
        other => return Err(Unavailable::Refused(format!("no such function: {other}"))),
    }
    Ok(FunctionOutput { items, results })
}

fn built(outside: &Fake, files: &[(&str, &str)]) -> Result<String, String> {
    let fs: MemoryFs = files.iter().copied().collect();
    let options = BuildOptions { outside: Some(outside), ..BuildOptions::default() };
    let built = build(&fs, "", &options);
    let printed = built.and_then(|all| all.iter().map(|one| one.to_yaml()).collect::<Result<Vec<_>, _>>());
    printed.map(|documents| documents.join("---\n")).map_err(|error| error.chain())
}

fn function(image: &str) -> String {
    format!(
        "apiVersion: example.com/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    config.kubernetes.io/function: |\n      \
         plugin: {{image: {image}}}\nlabels: {{team: x}}\n"
    )
}

fn with_function(field: &str, image: &str) -> Result<String, String> {
    let kustomization = format!("namePrefix: p-\nresources: [a.yaml, b.yaml]\n{field}: [fn.yaml]\n");
    let (a, b, config) = (map("a"), map("b"), function(image));
    built(
        &Fake::default(),
        &[("kustomization.yaml", &kustomization), ("a.yaml", &a), ("b.yaml", &b), ("fn.yaml", &config)],
    )
}

#[test]
fn functions_transform() {
    let labelled =
        |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels:\n    team: x\n  name: {name}\n");
    assert_eq!(with_function("transformers", "label").unwrap(), [labelled("p-a"), labelled("p-b")].join("---\n"));
    assert_eq!(with_function("transformers", "rename").unwrap(), [map("new-p-a"), map("new-p-b")].join("---\n"));
    assert_eq!(with_function("transformers", "drop-first").unwrap(), map("p-b"));
    assert_eq!(with_function("transformers", "warn").unwrap(), [map("p-a"), map("p-b")].join("---\n"));
}

#[test]
fn functions_see_history_id_and_place() {
    let shown = with_function("transformers", "show").unwrap();
    let in_one_line = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        r#""internal.config.kubernetes.io/previousNames":"a""#,
        r#""kustomize.config.k8s.io/id":"kind: ConfigMap\nname: p-a\nversion: v1\n""#,
        r#""config.kubernetes.io/index":"0""#,
        "api: config.kubernetes.io/v1",
        "kind: ResourceList",
    ] {
        assert!(in_one_line.contains(part), "{part} in {shown}");
    }
    let metadata = shown.split("metadata:\n").last().unwrap();
    assert!(!metadata.contains("annotations"), "nothing of it is left: {shown}");
}

#[test]
fn functions_generate() {
    let made = with_function("generators", "generate").unwrap();
    assert!(made.contains("name: p-made-") && made.contains("items: \"0\"") && !made.contains("annotations"), "{made}");
    assert!(
        with_function("generators", "merge")
            .unwrap()
            .contains("data:\n  b: \"2\"\nkind: ConfigMap\nmetadata:\n  name: p-a\n")
    );
}

#[test]
fn references_follow_a_function() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {volumes: [{name: v, configMap: {name: a}}]}\n";
    let (a, config) = (map("a"), function("rename"));
    let files = [
        ("kustomization.yaml", "namePrefix: p-\nresources: [a.yaml, pod.yaml]\ntransformers: [fn.yaml]\n"),
        ("a.yaml", a.as_str()),
        ("pod.yaml", pod),
        ("fn.yaml", &config),
    ];
    let built = built(&Fake::default(), &files).unwrap();
    assert!(built.contains("configMap:\n      name: new-p-a\n"), "{built}");
}

#[test]
fn validators_may_not_change_anything() {
    assert_eq!(with_function("validators", "warn").unwrap(), [map("p-a"), map("p-b")].join("---\n"));
    assert!(
        with_function("validators", "label").unwrap_err().starts_with("validator shouldn't modify the resource map")
    );
    assert!(with_function("validators", "refuse").unwrap_err().ends_with("a is not allowed"));
}

#[test]
fn bad_output_is_refused() {
    let prefix = "couldn't execute function";
    for (image, start, part) in [
        ("refuse", prefix, "a is not allowed"),
        ("none", prefix, "no such function: none"),
        ("twice", "plugin api: example.com/v1, kind: Fn, name: fn", "generated duplicate resource"),
        ("garbage", "output of function garbage", "missing Resource metadata"),
        ("nameless", "output of function nameless", "missing metadata.name"),
    ] {
        let error = with_function("transformers", image).unwrap_err();
        assert!(error.starts_with(start) && error.contains(part), "{image}: {error}");
    }
}

#[test]
fn other_kinds_of_functions_say_what_to_do() {
    let refused = |annotation: &str, spec: &str| {
        let config = format!(
            "apiVersion: example.com/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    {annotation}: |\n      {spec}\n"
        );
        let a = map("a");
        let kustomization = "resources: [a.yaml]\ntransformers: [fn.yaml]\n";
        built(&Fake::default(), &[("kustomization.yaml", kustomization), ("a.yaml", &a), ("fn.yaml", &config)])
            .unwrap_err()
    };
    let newest = "config.kubernetes.io/function";
    for (annotation, spec, part) in [
        (newest, "container: {image: example.com/fn:v1}", "its function is a container"),
        ("config.k8s.io/function", "container: {image: example.com/fn:v1}", "its function is a container"),
        ("config.kubernetes.io/container", "example.com/fn:v1", "its function is a container"),
        (newest, "exec: {path: ./fn.sh}", "its function is a program"),
        (newest, "starlark: {path: fn.star}", "its function is a Starlark script"),
        (newest, "{}", "its function is not named"),
    ] {
        let error = refused(annotation, spec);
        assert!(error.starts_with("external plugins disabled; unable to load external plugin 'Fn': "), "{error}");
        assert!(error.contains(part) && error.contains("hint: build the function as a weir plugin"), "{error}");
    }
    assert!(refused(newest, "{plugin: {image: x}, exec: {path: y}}").contains("both a plugin and a program"));
    assert!(refused(newest, "{plugin: {image: x}, deferFailure: true}").contains("cannot be deferred"));
    assert!(refused(newest, "plugin: {image: ''}").contains("is empty"));
    assert!(refused(newest, "plugin: {imgae: x}").contains("config.kubernetes.io/function unmarshal error"));
    assert_eq!(refused("other", "x"), "external plugins disabled; unable to load external plugin 'Fn'");
}

#[test]
fn functions_may_be_inline_or_in_a_directory() {
    let config = function("label");
    let inline = format!("resources: [a.yaml]\ntransformers:\n- |\n  {}\n", config.replace('\n', "\n  "));
    let a = map("a");
    let expected = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels:\n    team: x\n  name: a\n";
    assert_eq!(built(&Fake::default(), &[("kustomization.yaml", &inline), ("a.yaml", &a)]).unwrap(), expected);
    let files = [
        ("kustomization.yaml", "resources: [a.yaml]\ntransformers: [fns]\n"),
        ("a.yaml", a.as_str()),
        ("fns/kustomization.yaml", "resources: [fn.yaml]\n"),
        ("fns/fn.yaml", &config),
    ];
    assert_eq!(built(&Fake::default(), &files).unwrap(), expected);
}

#[test]
fn remote_files_and_bases() {
    let repository = |path: &str, text: &str| (format!("{MOUNT}/{path}"), text.to_owned());
    let far = [
        repository("app/kustomization.yaml", "namePrefix: far-\nresources: [m.yaml, ../other]\n"),
        repository("app/m.yaml", &map("m")),
        repository("other/kustomization.yaml", "resources: [o.yaml]\n"),
        repository("other/o.yaml", &map("o")),
        repository("leaves/kustomization.yaml", "resources: [../../../secret]\n"),
        repository("reads/kustomization.yaml", "resources: [../app/m.yaml]\n"),
        repository("cycle/kustomization.yaml", "resources: ['https://git/org/repo//cycle?ref=v1']\n"),
    ];
    let build = |resource: &str| {
        let kustomization = format!("resources: ['{resource}']\n");
        let mut files: Vec<(&str, &str)> = far.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        files.push(("kustomization.yaml", &kustomization));
        files.push(("secret/kustomization.yaml", "{}"));
        let fake = Fake::default();
        let result = built(&fake, &files);
        (result, fake.asked.into_inner())
    };
    assert_eq!(build("https://files/a.yaml"), (Ok(map("far")), vec!["file https://files/a.yaml".to_owned()]));
    let both = [map("far-m"), map("far-o")].join("---\n");
    let (result, asked) = build("https://git/org/repo//app?ref=v1");
    assert_eq!(result.unwrap(), both);
    assert_eq!(asked, ["file https://git/org/repo//app?ref=v1", "git https://git/org/repo@v1"]);
    let (result, asked) = build("git@git:org/repo.git/app");
    assert_eq!((result.unwrap(), asked), (both, vec!["git git@git:org/repo.git@".to_owned()]));
    for (resource, part) in [
        ("https://files/nope.yaml", "HTTP Error: status code 404 (Not Found)"),
        ("https://git/org/repo//none?ref=v1", "'none' is no directory of the repository 'https://git/org/repo'"),
        ("https://git/org/repo//app?ref=gone", "URL is a git repository': no such reference: gone"),
        ("https://git/org/repo//leaves", "must be within the repo, but base"),
        ("https://git/org/repo//reads", "security; file 'https://git/org/repo/app/m.yaml' is not in or below"),
        ("https://git/org/repo//cycle?ref=v1", "cycle detected: URI"),
    ] {
        let error = build(resource).0.unwrap_err();
        assert!(error.contains(part), "{resource}: {error}");
    }
    let (result, asked) = build("https://files/page/of/html");
    assert!(result.is_err());
    assert_eq!(asked.len(), 2, "what is no YAML may still be a repository");
}

#[test]
fn origins_name_the_repository() {
    let (far, app) = (map("m"), format!("{MOUNT}/app"));
    let files = [
        (
            "kustomization.yaml".to_owned(),
            "buildMetadata: [originAnnotations]\nresources: ['github.com/org/repo//app?ref=v1']\n",
        ),
        (format!("{app}/kustomization.yaml"), "resources: [m.yaml]\n"),
        (format!("{app}/m.yaml"), far.as_str()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let built = built(&Fake::default(), &files).unwrap();
    let origin = "path: app/m.yaml\n      repo: https://github.com/org/repo\n      ref: v1\n";
    assert!(built.contains(origin), "{built}");
}

#[test]
fn a_build_that_waits_finds_all_that_it_needs() {
    let fake = Fake { is_later: true, ..Fake::default() };
    let kustomization = "resources: ['https://files/a.yaml', 'git@h:a/b', 'https://git/c/d?ref=1', m.yaml]\n";
    let error = built(&fake, &[("kustomization.yaml", kustomization), ("m.yaml", &map("m"))]).unwrap_err();
    assert!(error.contains("not there yet"), "{error}");
    let asked = ["file https://files/a.yaml", "git git@h:a/b@", "file https://git/c/d?ref=1"];
    assert_eq!(fake.asked.into_inner(), asked, "a file that is not there yet is not a base");
}

#[test]
fn files_outside_of_the_directory_are_refused_unless_they_are_allowed() {
    let shared = map("shared");
    let fs: MemoryFs =
        [("app/kustomization.yaml", "resources: [../m.yaml]\n"), ("m.yaml", shared.as_str())].into_iter().collect();
    let build = |restrictions| build(&fs, "app", &BuildOptions { restrictions, ..BuildOptions::default() });
    let refused = build(LoadRestrictions::RootOnly).unwrap_err().chain();
    assert!(refused.contains("security; file '/m.yaml' is not in or below '/app'"), "{refused}");
    assert_eq!(build(LoadRestrictions::None).unwrap()[0].to_yaml().unwrap(), shared);
}

#[test]
fn nothing_is_outside_unless_it_is_given() {
    let config = function("label");
    for (kustomization, part) in [
        ("resources: ['https://files/a.yaml']\n", "remote resources are not available: 'https://files/a.yaml'"),
        ("resources: ['github.com/a/b']\n", "remote bases are not available: 'github.com/a/b'"),
        ("transformers: [fn.yaml]\n", "functions are not available"),
    ] {
        let fs: MemoryFs = [("kustomization.yaml", kustomization), ("fn.yaml", &config)].into_iter().collect();
        let error = build(&fs, "", &BuildOptions::default()).unwrap_err().chain();
        assert!(error.contains(part), "{error}");
    }
}
