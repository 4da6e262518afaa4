//! Charts that mean harm: a clear error, soon, and in little memory.

mod common;

use std::io::Write as _;

use common::{Chart, options, render, render_with};
use flate2::{Compression, write::GzEncoder};
use weir_helm::{
    Error, ErrorKind, Helm, MAX_CHART_BYTES, MAX_CHART_DEPTH, MAX_FILE_BYTES, MAX_FILES, load_archive, load_folder,
};

/// Debug builds take more of the stack than a test thread has.
fn on_a_large_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(64 << 20).spawn(run).expect("a thread").join().expect("no panic")
}

/// How a chart of one template fails, with little allowed.
fn failure(template: &str) -> Error {
    let template = template.to_owned();
    on_a_large_stack(move || {
        let chart = Chart::new("app").file("templates/a.yaml", &template);
        let loaded = load_folder(chart.files(), Helm::V3).expect("a chart");
        let mut host = weir_helm::Host::new(common::Still::default());
        (host.limits.steps, host.limits.bytes) = (1_000_000, 16 << 20);
        weir_helm::render(&loaded.chart, &weir_gotmpl::Map::new(), &options(Helm::V3), &host).expect_err("a limit")
    })
}

#[test]
fn endless_recursion() {
    for (template, expected) in [
        ("{{ define \"x\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}", "nested reference name: x"),
        (
            "{{ define \"x\" }}{{ if true }}{{ include \"y\" . }}{{ end }}{{ end }}{{ define \"y\" }}{{ with . }}{{ include \"x\" . }}{{ end }}{{ end }}{{ include \"x\" . }}",
            "nested reference name: x",
        ),
        ("{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}", "exceeded maximum template depth"),
        (
            "{{ $t := \"{{ tpl .t . }}\" }}{{ tpl $t (dict \"t\" $t \"Template\" .Template) }}",
            "inside each other take more than 4000 frames",
        ),
        (
            "{{ define \"x\" }}{{ $.Files.Get ($.Files.Get (not (not (include \"x\" $)))) }}{{ end }}{{ include \"x\" . }}",
            "inside each other take more than 4000 frames",
        ),
    ] {
        let error = failure(template).to_string();
        assert!(error.contains(expected), "{template}: {}", &error[error.len().saturating_sub(300)..]);
    }
}

#[test]
fn output_and_loops_are_bounded() {
    for template in [
        "{{ repeat 1000000000 \"x\" }}",
        "{{ range until 100000000 }}{{ end }}",
        "{{ range untilStep 0 1000000000 1 }}x{{ end }}",
        "{{ range $a := until 1000 }}{{ range until 1000 }}{{ range until 1000 }}{{ end }}{{ end }}{{ end }}",
        "{{ $x := \"xxxxxxxxxx\" }}{{ range until 100 }}{{ $x = print $x $x }}{{ end }}{{ $x }}",
        "{{ define \"x\" }}{{ repeat 100000 \"x\" }}{{ end }}{{ range until 1000 }}{{ include \"x\" . }}{{ end }}",
        "{{ range until 1000 }}{{ range until 100 }}{{ repeat 200 \"x\" }}{{ end }}{{ end }}",
        "{{ indent 1000000000 \"x\" }}",
    ] {
        let error = failure(template);
        assert_eq!(error.kind(), ErrorKind::Limit, "{template}: {error}");
    }
}

#[test]
fn a_regular_expression_is_matched_in_bounded_time() {
    let chart = Chart::new("app")
        .file("templates/a.yaml", "a: {{ regexMatch \"^(a+)+$\" (printf \"%sb\" (repeat 5000 \"a\")) }}");
    assert_eq!(render(&chart, "", Helm::V3).unwrap().manifests[0].content, "a: false");
    let error = failure("{{ regexMatch \"((a{1000}){1000}){1000}\" \"a\" }}");
    assert!(!error.to_string().is_empty());
}

fn bomb() -> String {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        text += &format!("a{level}: &a{level} [{aliases}]\n");
    }
    text
}

#[test]
fn a_yaml_bomb_is_refused_wherever_it_is() {
    let excessive = "excessive aliasing";
    let in_values = load_folder(Chart::new("app").file("values.yaml", &bomb()).files(), Helm::V3).unwrap_err();
    assert!(in_values.to_string().contains(excessive), "{in_values}");
    let manifest = Chart::new("app").file("templates/a.yaml", &bomb());
    assert!(render(&manifest, "", Helm::V3).unwrap_err().to_string().contains(excessive));
    let nested = "[".repeat(5000);
    let deep = Chart::new("app").file("values.yaml", &format!("a: {nested}"));
    assert!(load_folder(deep.files(), Helm::V3).is_err());
}

#[test]
fn deep_values_are_refused() {
    let template =
        "{{ $d := dict }}{{ range until 100000 }}{{ $d = dict \"d\" $d }}{{ end }}{{ toYaml $d }}{{ len $d }}";
    let rendered = on_a_large_stack(move || {
        let chart = Chart::new("app").file("templates/a.txt", template);
        render(&chart, "", Helm::V3).map(|_| ()).map_err(|error| error.to_string())
    });
    // Go exhausts its stack here.
    let error = rendered.unwrap_err();
    assert!(error.ends_with("a value is nested deeper than 500 levels"), "{error}");
}

/// An archive of files.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        // The writer refuses such paths, so that they are put in by hand.
        header.as_gnu_mut().expect("written to memory").name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_size(content.len() as u64);
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append(&header, *content).expect("written to memory");
    }
    tar.into_inner().expect("written to memory").finish().expect("written to memory")
}

const META: &[u8] = b"apiVersion: v2\nname: app\nversion: 1.0.0\n";

#[test]
fn archives_are_read() {
    let bytes = archive(&[("app/Chart.yaml", META), ("app/templates/a.yaml", b"\xef\xbb\xbfa: 1")]);
    let chart = load_archive(&bytes, Helm::V3).unwrap().chart;
    assert_eq!((chart.metadata().name.as_str(), &*chart.templates()[0].data), ("app", b"a: 1".as_slice()));
}

#[test]
fn paths_lead_nowhere_else() {
    for (path, expected) in [
        ("app/../../etc/passwd", "chart illegally references parent directory"),
        ("app//etc/passwd", "chart illegally contains absolute paths"),
        ("/etc/passwd", ""),
        ("app/c:/windows", "chart contains illegally named files"),
        ("app\\..\\..\\x", "chart illegally references parent directory"),
        ("Chart.yaml", "chart illegally contains content outside the base directory: \"Chart.yaml\""),
        ("Chart.yaml/x", "chart yaml not in base directory"),
    ] {
        let loaded = load_archive(&archive(&[("app/Chart.yaml", META), (path, b"x")]), Helm::V3);
        match expected {
            // Helm takes the empty folder before the first slash for the chart's.
            "" => assert!(loaded.unwrap().chart.files().iter().any(|file| file.path == "etc/passwd")),
            expected => assert_eq!(loaded.unwrap_err().to_string(), expected, "{path}"),
        }
    }
}

#[test]
fn a_link_is_an_empty_file() {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(META.len() as u64);
    header.set_cksum();
    tar.append_data(&mut header, "app/Chart.yaml", META).unwrap();
    let mut link = tar::Header::new_gnu();
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_size(0);
    tar.append_link(&mut link, "app/secret", "/etc/passwd").unwrap();
    let bytes = tar.into_inner().unwrap().finish().unwrap();
    let chart = load_archive(&bytes, Helm::V3).unwrap().chart;
    assert_eq!(chart.files().iter().map(|file| file.data.len()).collect::<Vec<_>>(), [0]);
}

#[test]
fn archive_bombs_are_refused() {
    let large = vec![0_u8; usize::try_from(MAX_FILE_BYTES).unwrap() + 1];
    let error = load_archive(&archive(&[("app/Chart.yaml", META), ("app/x", &large)]), Helm::V3).unwrap_err();
    let expected = format!("decompressed chart file \"app/x\" is larger than the maximum file size {MAX_FILE_BYTES}");
    assert_eq!(error.to_string(), expected);

    let part = vec![0_u8; usize::try_from(MAX_FILE_BYTES).unwrap()];
    let names: Vec<String> = (0..=MAX_CHART_BYTES / MAX_FILE_BYTES).map(|index| format!("app/{index}")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), part.as_slice())).collect();
    let error = load_archive(&archive(&files), Helm::V3).unwrap_err();
    let expected = format!("decompressed chart is larger than the maximum file size {MAX_CHART_BYTES}");
    assert_eq!(error.to_string(), expected);
}

#[test]
fn files_and_nesting_are_bounded() {
    let many = (0..=MAX_FILES).map(|index| (format!("files/{index}"), "".into()));
    let error = load_folder(many, Helm::V3).unwrap_err();
    assert_eq!(error.to_string(), format!("chart has more than {MAX_FILES} files"));

    let mut inner = archive(&[("app/Chart.yaml", META)]);
    for _ in 0..=MAX_CHART_DEPTH {
        inner = archive(&[("app/Chart.yaml", META), ("app/charts/app.tgz", &inner)]);
    }
    let error = load_archive(&inner, Helm::V3).unwrap_err();
    assert!(error.to_string().ends_with(&format!("charts are nested deeper than {MAX_CHART_DEPTH} levels")), "{error}");
    assert_eq!(error.kind(), ErrorKind::Limit);
}

#[test]
fn what_is_no_archive_is_said_so() {
    let mut cut = archive(&[("app/Chart.yaml", META)]);
    cut.truncate(cut.len() / 2);
    for (bytes, expected) in [(b"nothing".as_slice(), "gzip: invalid header"), (b"", "EOF"), (&cut, "unexpected EOF")] {
        assert_eq!(load_archive(bytes, Helm::V3).unwrap_err().to_string(), expected);
    }
    let mut empty = GzEncoder::new(Vec::new(), Compression::fast());
    empty.write_all(&[0; 1024]).unwrap();
    let error = load_archive(&empty.finish().unwrap(), Helm::V3).unwrap_err();
    assert_eq!(error.to_string(), "no files in chart archive");
}

#[test]
fn a_schema_that_refers_to_itself_ends() {
    let schema = r##"{"$ref":"#"}"##;
    let chart = Chart::new("app").file("values.schema.json", schema);
    let error = render_with(&chart, "", |_| ()).unwrap_err();
    assert!(error.to_string().contains("cycle"), "{error}");
}
