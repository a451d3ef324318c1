//! What HTTP/1.1 tells an origin server to refuse, as far as a request still shows it: a layer for any service.
//!
//! hyper passes on much that RFC 9110 and RFC 9112 forbid; these rules stand between it and a service, and look at
//! nothing but the head. What hyper refuses by itself, such as a bare CR, a folded line, two lengths that differ, more
//! than 100 fields or a head of more than 16 KiB, never gets here.

mod layer;
pub use layer::{ResponseFuture, Strict, StrictLayer};
mod refusal;
pub use refusal::Refusal;

// The rules: all of them, and each.
mod body;
mod expect;
mod host;
mod method;
mod rules;
mod target;
