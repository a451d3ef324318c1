//! Functions that have a faster form on some processors.
//!
//! `portable` has every function in a form that works everywhere, `sse2` has those for x86-64, `avx2` the one that gains
//! most for processors of today, and `fastest` takes the best that the target or the processor has. All forms return the
//! same; each is tested against the others.

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod avx2;
pub(crate) mod fastest;
pub(super) mod portable;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2;
