//! Pure types and decisions shared by the host: no tokio, no Kubernetes client, no clock.
