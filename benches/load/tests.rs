//! The unit tests of the load benchmark: the program once more, as a module of a test target.
//!
//! A bench with `harness = false` has no test runner. As a module of this target, it keeps its tests beside the code
//! that they test, and its list of modules in one place.

#[path = "main.rs"]
mod load;
