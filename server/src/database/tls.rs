//! TLS with the database.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::url::{Url, Verify};
use crate::any_host::AnyHost;

/// Returns what makes connections, which asks the certificate for what the URL says.
pub(super) fn connector(url: &Url) -> io::Result<MakeRustlsConnect> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider));
    let config = config.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    let authority = match url.verify {
        Verify::Nothing => None,
        Verify::Authority | Verify::Host => {
            let roots = Arc::new(authorities(url.authorities.as_deref())?);
            let verifier = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build();
            Some(verifier.map_err(io::Error::other)?)
        }
    };
    let verifier: Arc<dyn ServerCertVerifier> = match (url.verify, authority) {
        (Verify::Host, Some(verifier)) => verifier,
        (_, authority) => Arc::new(AnyHost { authority, provider }),
    };
    let config = config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// The authorities of a file, or of the system.
fn authorities(file: Option<&Path>) -> io::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let invalid = |what: String| io::Error::new(io::ErrorKind::InvalidInput, what);
    let Some(path) = file else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return match roots.is_empty() {
            true => {
                Err(invalid("this system has no certificates of authorities; name a file by sslrootcert".to_owned()))
            }
            false => Ok(roots),
        };
    };
    let named = |error: &dyn std::fmt::Display| invalid(format!("sslrootcert: {}: {error}", path.display()));
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| named(&error))? {
        let certificate = certificate.map_err(|error| named(&error))?;
        roots.add(certificate).map_err(|error| named(&error))?;
    }
    if roots.is_empty() { Err(named(&"there is no certificate in PEM")) } else { Ok(roots) }
}
