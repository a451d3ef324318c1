//! What was built.

use prometheus::{IntGauge, Opts};

/// The features that the program can be built with.
const FEATURES: [(&str, bool); 3] = [
    ("jemalloc", cfg!(feature = "jemalloc")),
    ("postgres", cfg!(feature = "postgres")),
    ("tls", cfg!(feature = "tls")),
];

/// A metric that is 1, and says by its labels what was built.
pub(super) fn build_info() -> IntGauge {
    let features: Vec<_> = FEATURES.iter().filter(|(_, is_in)| *is_in).map(|(name, _)| *name).collect();
    let options = Opts::new("chunkwire_build_info", "The version of the server, and the features that it has.")
        .const_label("version", env!("CARGO_PKG_VERSION"))
        .const_label("features", features.join(","));
    let info = IntGauge::with_opts(options).expect("a valid name");
    info.set(1);
    info
}
