//! What can be set about the demonstration, and its bounds.

use clap::{Args, Subcommand};

/// What is done instead of serving.
#[derive(Debug, Subcommand)]
pub(crate) enum Instead {
    /// Serve on 127.0.0.1 alone, with readers in a second process, and say what the page at / shows of that
    Demo(Demo),
    /// What `demo` starts as its second process
    #[command(hide = true)]
    DemoReaders(Readers),
}

#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// Port of 127.0.0.1 to serve on; 0 lets the system choose
    #[arg(long, value_name = "PORT", default_value = "0")]
    pub(crate) port: u16,

    #[command(flatten)]
    pub(crate) load: Load,
}

#[derive(Args, Debug)]
pub(crate) struct Readers {
    /// Port of 127.0.0.1 to read from
    #[arg(long, value_name = "PORT")]
    pub(crate) port: u16,

    #[command(flatten)]
    pub(crate) load: Load,
}

/// How much is read, and for how long.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Readers, of which every second one takes 1 kB each second; the others read as fast as they can
    #[arg(long, value_name = "NUMBER", default_value = "1000", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) readers: u16,

    /// Time for which they read
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub(crate) seconds: u16,
}

impl Load {
    /// How many read slowly.
    pub(crate) fn slow(self) -> u16 {
        self.readers / 2
    }

    /// How many read as fast as they can.
    pub(crate) fn fast(self) -> u16 {
        self.readers - self.slow()
    }
}
