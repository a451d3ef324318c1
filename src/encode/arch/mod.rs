//! What is chosen by target: functions that have a faster form on some processors.
//!
//! `portable` has every function in the form that works everywhere, `sse2` in that of x86-64, and `fastest` takes the
//! best that the target has. All forms find the same; each is tested against the others.

pub(crate) mod fastest;
pub(super) mod portable;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2;
