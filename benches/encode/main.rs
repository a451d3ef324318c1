//! How fast the encoder is, beside the alternatives.
//!
//! Every contender writes the same values as one JSON array into a buffer that it uses again, so that no allocation is
//! timed. Before anything is timed, their output is compared: byte for byte, except for floats, whose text may differ
//! but whose value may not. `copy` moves the finished bytes into the buffer: the floor. chunkwire's encoder runs a second
//! time through `Serialize`.
//!
//! The contenders take turns, and of each the fastest run counts: see `benches/README.md`.

#![cfg_attr(test, allow(dead_code, unused_imports, reason = "cargo sets `test` for a bench without a harness"))]

mod contenders;
mod cpp;
mod derived_users;
mod documents;
mod fastest;
mod inputs;
mod random;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use chunkwire_server::users;
use clap::Parser;
use contenders::{Input, all, lazy_users};
use cpp::Cpp;
use derived_users::derived_users;
use documents::canada::canada;
use documents::citm_catalog::citm_catalog;
use documents::twitter::twitter;
use fastest::Fastest;

/// Measures the encoder beside others, and prints a table in GB/s.
#[derive(Debug, Parser)]
#[command(name = "encode", bin_name = "cargo bench --bench encode --", version)]
struct Arguments {
    /// Inputs whose name begins so [default: all]
    inputs: Vec<String>,

    /// The program of the contenders in C++; see benches/README.md
    #[arg(long, value_name = "FILE")]
    cpp: Option<PathBuf>,

    /// Rounds; in each, all contenders of an input take turns, those in C++ after those in Rust
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    rounds: u32,

    /// Milliseconds of an input in a round
    #[arg(long, value_name = "NUMBER", default_value_t = 300)]
    milliseconds: u64,

    /// Write the table to this file as well
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// The argument that `cargo bench` passes to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

/// Makes the input of a name.
type Maker = fn(&'static str) -> Input;

fn inputs(named: &[String]) -> Vec<Input> {
    let makers: [(&str, Maker); 14] = [
        ("lazy", lazy_users),
        ("users", |name| all(name, inputs::owned_users())),
        ("derived", |name| all(name, derived_users())),
        ("nested", |name| all(name, inputs::nested())),
        ("twitter", |name| all(name, vec![twitter()])),
        ("citm_catalog", |name| all(name, vec![citm_catalog()])),
        ("canada", |name| all(name, vec![canada()])),
        ("ascii", |name| all(name, inputs::ascii())),
        ("escapes", |name| all(name, inputs::escapes())),
        ("cjk", |name| all(name, inputs::cjk_and_emoji())),
        ("integers", |name| all(name, inputs::integers())),
        ("prices", |name| all(name, inputs::prices())),
        ("coordinates", |name| all(name, inputs::coordinates())),
        ("random", |name| all(name, inputs::random_floats())),
    ];
    let is_named = |name: &str| named.is_empty() || named.iter().any(|prefix| name.starts_with(prefix));
    makers.into_iter().filter(|(name, _)| is_named(name)).map(|(name, make)| make(name)).collect()
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("encode: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let mut inputs = inputs(&arguments.inputs);
    if inputs.is_empty() {
        return Err(format!("no input's name begins with any of {:?}", arguments.inputs).into());
    }
    // Cargo runs a bench in the folder of its package.
    let at_root = |path: PathBuf| Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    let cpp = arguments.cpp.map(|program| Cpp::new(at_root(program), &inputs)).transpose()?;
    let duration = Duration::from_millis(arguments.milliseconds);
    let mut fastest = Fastest::default();
    for round in 1..=arguments.rounds {
        eprintln!("round {round} of {}", arguments.rounds);
        for input in &mut inputs {
            fastest.measure(input, duration);
        }
        if let Some(cpp) = &cpp {
            cpp.measure(duration, &mut fastest)?;
        }
    }
    let table = fastest.table(&inputs);
    print!("{table}");
    if let Some(output) = arguments.output {
        std::fs::write(at_root(output), table)?;
    }
    Ok(())
}
