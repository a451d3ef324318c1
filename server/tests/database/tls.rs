//! TLS with the database: what its certificate has to prove.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use chunkwire_server::Tables;
use chunkwire_test_support::certificates::Authority;
use chunkwire_test_support::process::output;
use chunkwire_test_support::time::soon;

use crate::fixture::cluster;
use crate::support::file::File;
use crate::support::program::chunkwire;

#[tokio::test]
async fn a_certificate_proves_what_the_url_asks_for() {
    let Some(cluster) = cluster().await else { return };
    let (authority, other) = (Authority::new(), Authority::new());
    let server = authority.issue("server");
    let owner = fs::metadata(cluster.data()).unwrap();
    for (from, to) in [(&server.chain, "server.crt"), (&server.key, "server.key")] {
        let to = cluster.data().join(to);
        fs::copy(from, &to).unwrap();
        fs::set_permissions(&to, Permissions::from_mode(0o600)).unwrap();
        chown(&to, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
    fs::write(cluster.data().join("pg_hba.conf"), "hostssl all all 127.0.0.1/32 trust\n").unwrap();
    cluster.run("ALTER SYSTEM SET ssl = on").await;
    cluster.reload().await;

    let by_address = cluster.url();
    // It was issued for neither of these names of this machine.
    let by_name = by_address.replace("127.0.0.1", "nowhere.invalid") + "?hostaddr=127.0.0.1";
    let ca = authority.certificate().display().to_string().replace('/', "%2F");
    let other = other.certificate().display().to_string().replace('/', "%2F");
    for (url, mode, is_well) in [
        (&by_address, "sslmode=disable".to_owned(), false),
        (&by_address, "sslmode=prefer".to_owned(), true),
        (&by_address, "sslmode=require".to_owned(), true),
        (&by_address, format!("sslmode=require&sslrootcert={other}"), false),
        (&by_address, format!("sslmode=verify-ca&sslrootcert={ca}"), true),
        (&by_address, format!("sslmode=verify-ca&sslrootcert={other}"), false),
        (&by_address, "sslmode=verify-ca".to_owned(), false),
        (&by_address, format!("sslmode=verify-full&sslrootcert={ca}"), true),
        (&by_name, format!("sslmode=verify-ca&sslrootcert={ca}"), true),
        (&by_name, format!("sslmode=verify-full&sslrootcert={ca}"), false),
    ] {
        let mark = if url.contains('?') { '&' } else { '?' };
        let file = format!("[database]\nurl = \"{url}{mark}{mode}\"\n[[route]]\npath = \"/u\"\ntable = \"users\"\n");
        let checked = soon(file.parse::<Tables>().unwrap().check()).await;
        assert_eq!(checked.is_ok(), is_well, "{url}{mark}{mode}: {checked:?}");
        if !is_well {
            let file = File::new("not-trusted.toml", &format!("listen = '127.0.0.1:0'\n{file}"));
            let ended = output(chunkwire(&[file.option()])).await;
            assert_eq!(ended.status.code(), Some(1), "no later attempt is better: {url}{mark}{mode}: {ended:?}");
        }
    }
}
