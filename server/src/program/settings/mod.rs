//! The options from the command line, the variables and the file together.

mod command;
mod file;
pub(crate) mod mistake;
pub(crate) mod read;
pub(crate) mod setting;
