//! An embedded control plane and Git server, for weir dev and the tests.
