//! nginx's files: its configuration, made from the template, and the response that it sends.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;

use rustix::process::{Resource, geteuid, getrlimit};

use super::paths::Paths;
use super::{Result, check, programs};

/// Returns the command that makes nginx listen on a port and send a file with a number of users, by TLS 1.3 and with
/// HTTP/2 if it has a certificate chain and its key. It compresses if it shall, at its default level.
///
/// # Errors
///
/// Returns an error if nginx is not installed, or its files can't be written.
pub(crate) fn command(
    paths: &Paths,
    port: u16,
    users: u64,
    tls: Option<(&Path, &Path)>,
    gzip: bool,
) -> Result<Command> {
    let directory = paths.work().join("nginx");
    fs::create_dir_all(&directory)?;
    let file = directory.join(format!("users-{users}.json"));
    if !file.exists() {
        // Under another name first, so that an interrupted run leaves no file that is too short.
        let unfinished = file.with_extension("unfinished");
        check::write(users, BufWriter::new(File::create(&unfinished)?))?;
        fs::rename(&unfinished, &file)?;
    }
    let template = fs::read_to_string(paths.peers("nginx").join("nginx.conf.template"))?;
    let (protocols, certificate) = tls.map_or_else(Default::default, |(chain, key)| {
        let (chain, key) = (chain.display(), key.display());
        let certificate = format!("ssl_protocols TLSv1.3; ssl_certificate {chain}; ssl_certificate_key {key};");
        ("ssl http2", certificate)
    });
    let open_files = getrlimit(Resource::Nofile).current.unwrap_or(65_536);
    let configuration = fill(
        &template,
        &[
            // If root starts it, nginx changes to another user, which may have no access to the folder.
            ("user", if geteuid().is_root() { "user root;" } else { "" }.to_owned()),
            ("workers", available_parallelism()?.to_string()),
            ("open_files", open_files.to_string()),
            ("connections", open_files.to_string()),
            ("directory", directory.display().to_string()),
            ("port", port.to_string()),
            ("protocols", protocols.to_owned()),
            ("certificate", certificate),
            ("compression", if gzip { "gzip on; gzip_types application/json;" } else { "" }.to_owned()),
            ("file", file.display().to_string()),
        ],
    );
    let path = directory.join("nginx.conf");
    fs::write(&path, configuration)?;
    let mut command = Command::new(programs::find("nginx")?);
    command.args(["-e", "stderr", "-p"]).arg(&directory).arg("-c").arg(&path);
    Ok(command)
}

/// Removes the responses that nginx sent: the longest has a gigabyte.
pub(crate) fn clean_up(paths: &Paths) {
    // Nothing depends on it.
    let _ = fs::remove_dir_all(paths.work().join("nginx"));
}

fn fill(template: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_filled_completely() {
        let values = [("port", "8080".to_owned()), ("user", String::new())];
        assert_eq!(fill("{{user}}listen {{port}}; # {{port}}", &values), "listen 8080; # 8080");
    }
}
