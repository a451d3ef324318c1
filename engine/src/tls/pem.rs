//! Files in PEM (RFC 7468), and what is wrong with them.

use std::fmt::Display;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{Error as TlsError, InconsistentKeys, RootCertStore};

/// Reads the chain and the key of the server.
pub(super) fn identity(chain: &Path, key: &Path, provider: &CryptoProvider) -> io::Result<CertifiedKey> {
    let certificates = certificates(chain)?;
    let private = provider.key_provider.load_private_key(private_key(key)?).map_err(|error| {
        let allowed = "allowed are RSA of 2,048 to 8,192 bits, ECDSA by P-256, P-384 or P-521, and Ed25519";
        wrong(key, format!("its key can't be used: {error}; {allowed}"))
    })?;
    let identity = CertifiedKey::new(certificates, private);
    match identity.keys_match() {
        Ok(()) | Err(TlsError::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(identity),
        Err(TlsError::InconsistentKeys(_)) => {
            let (key, allowed) = (key.display(), "the server's certificate has to be the first");
            Err(wrong(chain, format!("its first certificate is not that of the key in {key}; {allowed}")))
        }
        Err(error) => Err(wrong(chain, format!("its first certificate can't be used: {error}"))),
    }
}

/// Reads the authorities of clients.
pub(super) fn verifier(authorities: &Path, provider: &Arc<CryptoProvider>) -> io::Result<Arc<dyn ClientCertVerifier>> {
    let unusable = |error: &dyn Display| wrong(authorities, format!("a certificate of it can't be used: {error}"));
    let mut roots = RootCertStore::empty();
    for certificate in certificates(authorities)? {
        roots.add(certificate).map_err(|error| unusable(&error))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
    verifier.map_err(|error| unusable(&error))
}

fn certificates(path: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    let text = read(path)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&text).collect::<Result<_, _>>().map_err(no_pem(path))?;
    if certificates.is_empty() {
        return Err(wrong(path, "it has no certificate; allowed are certificates in PEM, from BEGIN CERTIFICATE on"));
    }
    Ok(certificates)
}

fn private_key(path: &Path) -> io::Result<PrivateKeyDer<'static>> {
    let text = read(path)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
        // Of PKCS#8 (RFC 7468, section 11), and of the form before it (RFC 1421, section 4.6.1.1).
        _ if text.windows(9).any(|word| word == b"ENCRYPTED") => {
            wrong(path, "its key is encrypted; allowed is one without a password")
        }
        PemError::NoItemsFound => {
            let allowed =
                "allowed is one in PEM, from BEGIN PRIVATE KEY, BEGIN RSA PRIVATE KEY or BEGIN EC PRIVATE KEY on";
            wrong(path, format!("it has no private key; {allowed}"))
        }
        error => no_pem(path)(error),
    })
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path).map_err(|error| io::Error::new(error.kind(), format!("can't read {}: {error}", path.display())))
}

fn no_pem(path: &Path) -> impl Fn(PemError) -> io::Error {
    move |error| wrong(path, format!("it is not in PEM: {error}"))
}

fn wrong(path: &Path, what: impl Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("can't use {}: {what}", path.display()))
}
