//! The variables of post-build substitution: `substituteFrom` in order (later wins), then `substitute`.

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{Api, Client};
use weir_api::kustomization::{KustomizationSpec, SubstituteReference};
use weir_core::{Failure, condition::reasons};

use super::substitute::{self, Variables};

/// Reads all variables of a spec.
pub(crate) async fn load(client: &Client, spec: &KustomizationSpec, namespace: &str) -> Result<Variables, Failure> {
    let Some(post_build) = &spec.post_build else { return Ok(Variables::new()) };
    let mut variables = Variables::new();
    for reference in post_build.substitute_from.iter().flatten() {
        variables.extend(read(client, reference, namespace).await?);
    }
    variables.extend(post_build.substitute.clone().unwrap_or_default());
    clean(variables)
}

/// Only those that the spec itself holds.
pub(crate) fn inline(spec: &KustomizationSpec) -> Result<Variables, Failure> {
    let own = spec.post_build.as_ref().and_then(|post_build| post_build.substitute.clone());
    clean(own.unwrap_or_default())
}

async fn read(client: &Client, reference: &SubstituteReference, namespace: &str) -> Result<Variables, Failure> {
    let found = match reference.kind.as_str() {
        "ConfigMap" => Api::<ConfigMap>::namespaced(client.clone(), namespace)
            .get_opt(&reference.name)
            .await
            .map(|o| o.map(|c| c.data.unwrap_or_default())),
        _ => Api::<Secret>::namespaced(client.clone(), namespace).get_opt(&reference.name).await.map(|o| o.map(texts)),
    };
    let what = format!("{}/{namespace}/{}", reference.kind, reference.name);
    match found {
        Ok(Some(variables)) => Ok(variables),
        Ok(None) if reference.optional == Some(true) => Ok(Variables::new()),
        Ok(None) => Err(failed(format!("substitute from '{what}' error: not found"))),
        Err(error) => Err(failed(format!("substitute from '{what}' error: {error}"))),
    }
}

fn texts(secret: Secret) -> Variables {
    let data = secret.data.unwrap_or_default();
    data.into_iter().map(|(key, value)| (key, String::from_utf8_lossy(&value.0).into_owned())).collect()
}

/// Flux removes line breaks from values and refuses names that a shell would refuse.
fn clean(variables: Variables) -> Result<Variables, Failure> {
    match variables.keys().find(|name| !substitute::is_valid_name(name)) {
        Some(name) => {
            Err(failed(format!("'{name}' var name is invalid, must match '^[_[:alpha:]][_[:alpha:][:digit:]]*$'")))
        }
        None => Ok(variables.into_iter().map(|(name, value)| (name, value.replace('\n', ""))).collect()),
    }
}

fn failed(message: String) -> Failure {
    Failure::retry(reasons::BUILD_FAILED, format!("post build failed: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_go_and_bad_names_are_refused() {
        let one = |name: &str, value: &str| Variables::from([(name.to_owned(), value.to_owned())]);
        assert_eq!(clean(one("a", "x\ny\n")), Ok(one("a", "xy")));
        assert!(clean(one("a-b", "")).unwrap_err().message.contains("'a-b' var name is invalid"));
    }
}
