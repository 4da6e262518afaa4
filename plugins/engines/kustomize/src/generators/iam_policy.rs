//! Service accounts that stand for those of a cloud.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::read;
use crate::resource::Resource;

/// The kind of the plugin.
pub(crate) const IAM_POLICY_PLUGIN: &str = "IAMPolicyGenerator";

/// The only cloud that the original knows.
const GKE: &str = "gke";

/// Makes the service account that stands for one of a cloud.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct IamPolicy {
    cloud: String,
    kubernetes_service: KubernetesService,
    service_account: CloudAccount,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KubernetesService {
    name: String,
    namespace: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CloudAccount {
    name: String,
    project_id: String,
}

impl IamPolicy {
    pub(crate) fn generate(&self) -> Result<Vec<Resource>> {
        if self.cloud != GKE {
            return Err(Error::refused(format!("cloud provider {} not supported yet", self.cloud)));
        }
        let (service, account) = (&self.kubernetes_service, &self.service_account);
        // The names are put into YAML as they are, and read back.
        let mut text = format!(
            "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  annotations:\n    iam.gke.io/gcp-service-account: \
             {}@{}.iam.gserviceaccount.com\n  name: {}\n",
            account.name, account.project_id, service.name
        );
        if !service.namespace.is_empty() {
            text.push_str(&format!("\n  namespace: {}", service.namespace));
        }
        read::resources(&text)
    }
}
