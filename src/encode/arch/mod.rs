//! Functions that have a faster form on some processors, chosen by target.
//!
//! `portable` has every function in a form that works everywhere, `sse2` has those for x86-64, and `fastest` takes the
//! best that the target has. All forms return the same; each is tested against the others.

pub(crate) mod fastest;
pub(super) mod portable;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2;
