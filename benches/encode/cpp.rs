//! The contenders in C++: a program of its own, over the same values.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::contenders::Input;
use crate::fastest::Fastest;

/// The program, and the folder of what it reads.
pub(crate) struct Cpp {
    program: PathBuf,
    folder: PathBuf,
    names: Vec<&'static str>,
}

impl Cpp {
    /// Writes the inputs to files.
    ///
    /// # Errors
    ///
    /// Returns an error if they can't be written.
    pub(crate) fn new(program: PathBuf, inputs: &[Input]) -> Result<Self, Box<dyn Error>> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("encode");
        fs::create_dir_all(&folder)?;
        // Those of a single contender have none beside them.
        let names: Vec<_> = inputs.iter().filter(|input| input.contenders.len() > 2).map(|input| input.name).collect();
        for input in inputs {
            fs::write(folder.join(format!("{}.json", input.name)), &input.json)?;
        }
        Ok(Self { program, folder, names })
    }

    /// Runs the program once, and notes what it prints.
    ///
    /// # Errors
    ///
    /// Returns an error if it can't be run, fails, or prints something else than it should.
    pub(crate) fn measure(&self, duration: Duration, fastest: &mut Fastest) -> Result<(), Box<dyn Error>> {
        let mut command = Command::new(&self.program);
        command.arg(&self.folder).arg(duration.as_millis().to_string()).args(&self.names).stderr(Stdio::inherit());
        let output = command.output().map_err(|error| format!("{}: {error}", self.program.display()))?;
        if !output.status.success() {
            return Err(format!("{} ended with {}", self.program.display(), output.status).into());
        }
        for line in String::from_utf8(output.stdout)?.lines() {
            let [input, contender, nanoseconds] = line.split_whitespace().collect::<Vec<_>>()[..] else {
                return Err(format!("{} printed `{line}`", self.program.display()).into());
            };
            fastest.note(input, contender, Duration::from_nanos(nanoseconds.parse()?));
        }
        Ok(())
    }
}
