//! More types of the standard library that encode themselves as their `Serialize` does.

mod cells;
mod network;
mod paths;
mod ranges;
mod times;
