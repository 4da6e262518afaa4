use weir_gotmpl::{Kept, Reader, Writer};

/// Which Helm's behaviour counts where the two lines differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Helm {
    /// Helm 3.22, as its CLI.
    V3,
    /// Helm 4.2, which is what helm-controller of Flux 2.9 renders with.
    ///
    /// It differs from Helm 3 in this: a null of a chart's own defaults never reaches the templates; `.Chart` is a map;
    /// webhook configurations are installed before ingresses' kinds of unknown order; white space at the end of a manifest
    /// stays; several documents of a values file are merged; `--set-json` takes a whole object; a failing template is
    /// reported in lines, one for each template on the way; a Kubernetes version keeps its vendor's suffix.
    #[default]
    V4,
}

impl Kept for Helm {
    fn write(&self, to: &mut Writer) {
        (*self == Self::V4).write(to);
    }

    fn read(from: &mut Reader) -> Option<Self> {
        Some(if bool::read(from)? { Self::V4 } else { Self::V3 })
    }
}
