//! `weir check`.

use anyhow::{Result, bail};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::ListParams;
use kube::{Api, Client, ResourceExt};
use weir_core::annotation::{PART_OF, PART_OF_FLUX};

use crate::args::Global;
use crate::{cluster, progress};

/// The oldest Kubernetes that Flux 2.9 supports.
const MIN_MINOR: u32 = 33;

pub(crate) async fn run(global: &Global) -> Result<()> {
    let client = cluster::connect(global).await?;
    progress::action("checking the cluster");
    let failures =
        [version(&client).await?, definitions(&client).await?, deployments(&client, &global.namespace()).await?];
    match failures.iter().filter(|is_good| !**is_good).count() {
        0 => {
            progress::done("all checks passed");
            Ok(())
        }
        count => bail!("{count} of {} checks failed", failures.len()),
    }
}

async fn version(client: &Client) -> Result<bool> {
    let info = client.apiserver_version().await?;
    let is_good = is_supported(&info.major, &info.minor);
    let wanted = format!(">=1.{MIN_MINOR}.0-0");
    tell(is_good, &format!("Kubernetes {} {wanted}", info.git_version));
    Ok(is_good)
}

fn is_supported(major: &str, minor: &str) -> bool {
    // Some providers add a `+` to the minor version.
    let number = |text: &str| text.trim_end_matches(|c: char| !c.is_ascii_digit()).parse::<u32>().unwrap_or_default();
    (number(major), number(minor)) >= (1, MIN_MINOR)
}

async fn definitions(client: &Client) -> Result<bool> {
    let api = Api::<CustomResourceDefinition>::all(client.clone());
    let found = api.list(&part_of_flux()).await?;
    for crd in &found {
        let stored = crd.spec.versions.iter().find(|version| version.storage).map(|version| version.name.as_str());
        progress::done(&format!("{}/{}", crd.name_any(), stored.unwrap_or_default()));
    }
    let has_any = !found.items.is_empty();
    if !has_any {
        tell(false, "no CRDs found; `weir install` brings them");
    }
    Ok(has_any)
}

async fn deployments(client: &Client, namespace: &str) -> Result<bool> {
    let found = Api::<Deployment>::namespaced(client.clone(), namespace).list(&part_of_flux()).await?;
    let states: Vec<bool> = found.iter().map(is_available).collect();
    for (deployment, is_good) in found.iter().zip(&states) {
        let state = if *is_good { "deployment ready" } else { "deployment not ready" };
        tell(*is_good, &format!("{}: {state}", deployment.name_any()));
        images(deployment).for_each(progress::action);
    }
    if states.is_empty() {
        tell(false, &format!("no deployment found in namespace: {namespace}"));
    }
    Ok(!states.is_empty() && states.iter().all(|is_good| *is_good))
}

fn is_available(deployment: &Deployment) -> bool {
    let Some(status) = &deployment.status else { return false };
    let wanted = deployment.spec.replicas.unwrap_or(1);
    status.observed_generation == deployment.metadata.generation
        && status.updated_replicas.unwrap_or_default() >= wanted
        && status.available_replicas.unwrap_or_default() >= wanted
}

fn images(deployment: &Deployment) -> impl Iterator<Item = &str> {
    let pod = deployment.spec.template.spec.as_ref();
    pod.into_iter().flat_map(|pod| &pod.containers).filter_map(|container| container.image.as_deref())
}

fn part_of_flux() -> ListParams {
    ListParams::default().labels(&format!("{PART_OF}={PART_OF_FLUX}"))
}

fn tell(is_good: bool, text: &str) {
    if is_good { progress::done(text) } else { progress::failed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_since_the_oldest_supported() {
        for (major, minor, expected) in
            [("1", "33", true), ("1", "33+", true), ("1", "32", false), ("2", "0", true), ("", "", false)]
        {
            assert_eq!(is_supported(major, minor), expected, "{major}.{minor}");
        }
    }
}
