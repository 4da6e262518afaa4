//! The real `flux` command line against weir.

use serde_json::json;
use weir_e2e::{
    Scope,
    fleet::config_map,
    flux_cli::{self, FluxCli},
    shared,
};

#[tokio::test(flavor = "multi_thread")]
async fn flux_works_against_weir() {
    let program = match tokio::task::spawn_blocking(flux_cli::program).await.unwrap() {
        Ok(program) => program,
        Err(reason) => return println!("skipped: no `flux` program: {reason}"),
    };
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "flux-cli").await;
    let first = t.commit([("apps/a.yaml", config_map("a", "1"))]);
    t.source().await;
    t.kustomization("apps", json!({"path": "./apps", "targetNamespace": "flux-cli"})).await;
    t.ready("Kustomization", "apps").await;
    let flux = FluxCli::new(program, plane.control.kubeconfig(), "flux-cli");

    let sources = succeed(&flux, &["get", "sources", "git"]);
    assert_columns(
        &sources,
        "repo",
        &[&short(&first), "False", "True", &format!("stored artifact for revision '{}'", short(&first))],
    );
    let kustomizations = succeed(&flux, &["get", "kustomizations"]);
    assert_columns(
        &kustomizations,
        "apps",
        &[&short(&first), "False", "True", &format!("Applied revision: {}", short(&first))],
    );

    let second = t.commit([("apps/b.yaml", config_map("b", "1"))]);
    let reconciled = succeed(&flux, &["reconcile", "kustomization", "apps", "--with-source"]);
    assert!(reconciled.contains(&format!("fetched revision {second}")), "{reconciled}");
    assert!(reconciled.contains(&format!("applied revision {second}")), "{reconciled}");
    t.get("ConfigMap", "b").await;

    let tree = succeed(&flux, &["tree", "kustomization", "apps"]);
    for line in ["Kustomization/flux-cli/apps", "ConfigMap/flux-cli/a", "ConfigMap/flux-cli/b"] {
        assert!(tree.contains(line), "{tree}");
    }
    let events = succeed(&flux, &["events", "--for", "Kustomization/apps"]);
    assert!(events.contains("ReconciliationSucceeded") && events.contains("Reconciliation finished in"), "{events}");
    let events = succeed(&flux, &["events", "--for", "GitRepository/repo"]);
    assert!(events.contains("NewArtifact") && events.contains("stored artifact for commit 'change'"), "{events}");

    suspend_and_resume(&flux, &t).await;
}

async fn suspend_and_resume(flux: &FluxCli, t: &Scope) {
    let suspended = succeed(flux, &["suspend", "kustomization", "apps"]);
    assert!(suspended.contains("kustomization suspended"), "{suspended}");
    let third = t.commit([("apps/c.yaml", config_map("c", "1"))]);
    succeed(flux, &["reconcile", "source", "git", "repo"]);
    let refused = flux.run(&["reconcile", "kustomization", "apps"]);
    assert!(!refused.ok && refused.progress.contains("suspended"), "{refused:?}");
    assert_columns(&succeed(flux, &["get", "kustomizations"]), "apps", &["True", "True"]);
    assert!(t.find("ConfigMap", "c").await.is_none());
    let resumed = succeed(flux, &["resume", "kustomization", "apps"]);
    assert!(resumed.contains(&format!("applied revision {third}")), "{resumed}");
    t.get("ConfigMap", "c").await;

    let suspended = succeed(flux, &["suspend", "source", "git", "repo"]);
    assert!(suspended.contains("source git suspended"), "{suspended}");
    let resumed = succeed(flux, &["resume", "source", "git", "repo"]);
    assert!(resumed.contains(&format!("fetched revision {third}")), "{resumed}");
}

/// Output and progress of a call that must succeed.
fn succeed(flux: &FluxCli, args: &[&str]) -> String {
    let answer = flux.run(args);
    assert!(answer.ok, "flux {}: {answer:?}", args.join(" "));
    let all = format!("{}{}", answer.output, answer.progress);
    println!("$ flux {}\n{all}", args.join(" "));
    all
}

/// The row that starts with `name` shows all of `values`.
fn assert_columns(table: &str, name: &str, values: &[&str]) {
    let row = table.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no row `{name}`:\n{table}"));
    for value in values {
        assert!(row.contains(value), "no `{value}` in: {row}");
    }
}

/// `main@sha1:<40 hex>` as `flux` prints it.
fn short(revision: &str) -> String {
    let (reference, commit) = revision.split_once("@sha1:").expect("a revision has a commit");
    format!("{reference}@sha1:{}", &commit[..8])
}
