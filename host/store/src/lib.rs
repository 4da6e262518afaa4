//! The artifact store: the only crate that touches the artifact disk.
//!
//! Everything here blocks on the disk: call it through `spawn_blocking`. API:
//! ```text
//! StoreConfig { root: PathBuf, advertised_host: String, retention: Retention, limits: Limits, tree_cache_bytes: u64 }
//! StoreConfig::new(root, advertised_host)                                    // Flux's defaults
//! Store::open(StoreConfig) -> Result<Store, StoreError>                      // Clone (Arc inside); locks the root
//! store.seal(&ObjectKey, file_name, revision, dir: &Path, executables: &BTreeSet<PathBuf>, now: jiff::Timestamp) -> Result<Artifact>
//! store.put(&ObjectKey, file_name, revision, impl Read, now) -> Result<Artifact>   // a file as it is: chart, index
//! store.link(&Artifact, alias) -> Result<String>                             // `latest.tar.gz` -> its URL
//! store.check(&Artifact) -> Result<Presence>                                 // Present | Missing | Corrupt
//! store.open_tree(&Artifact) -> Result<Tree>                                 // tree.path(): read-only, unpacked, while Tree lives
//! store.open_file(&Artifact) -> Result<std::fs::File>                        // digest verified
//! store.collect(&ObjectKey, keep: &Artifact, now) -> Result<Vec<String>>     // paths removed
//! store.remove(&ObjectKey) -> Result<()>  store.discard(&Artifact) -> Result<()>
//! store.url_for(path) -> String
//! serve(store, tokio::net::TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()>
//! ```
