//! Calls over TLS, to servers that can and can't prove to be who was called.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

use super::*;

/// Whoever is asked for, this machine answers.
struct Here;

#[async_trait]
impl Resolve for Here {
    async fn resolve(&self, _: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(vec![SocketAddr::from(([127, 0, 0, 1], port))])
    }
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// The certificate of a host, which an authority vouches for, or nobody but itself.
fn certificate(host: &str, authority: Option<&Authority>) -> (CertificateDer<'static>, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    let certificate = match authority {
        Some(authority) => params.signed_by(&key, authority).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    (certificate.der().clone(), key)
}

/// Calls `gateway.example`, for which somebody with this certificate answers: how it ends, and what it was told.
async fn called(
    (certificate, key): (CertificateDer<'static>, KeyPair),
    trusted: CertificateDer<'static>,
) -> (Result<Answer, CallFailed>, Vec<u8>) {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let told = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let Ok(mut stream) = acceptor.accept(stream).await else { return Vec::new() };
        let mut told = vec![0; 4096];
        let count = stream.read(&mut told).await.unwrap_or_default();
        told.truncate(count);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        drop(stream.write_all(answer).await);
        drop(stream.flush().await);
        told
    });

    let mut roots = RootCertStore::empty();
    roots.add(trusted).unwrap();
    let outgoing = Outgoing {
        resolver: Arc::new(Here),
        tls: OnceCell::new_with(Some(connector(roots).unwrap())),
        ..Outgoing::new(vec![Network::LOOPBACK], Duration::from_secs(20))
    };
    let target = Target::parse(&format!("https://gateway.example:{port}/messages")).unwrap();
    let outcome = outgoing.post(&target, HeaderMap::new(), "kanarie").await;
    (outcome, told.await.unwrap())
}

#[tokio::test]
async fn s31_nobody_but_who_was_called_is_told_anything() {
    let ours = authority();
    let trusted = || ours.der().clone();
    let (outcome, told) = called(certificate("gateway.example", Some(&ours)), trusted()).await;
    assert_eq!(outcome.unwrap().status, 200);
    assert!(told.starts_with(b"POST /messages HTTP/1.1"), "{}", told.escape_ascii());

    // Nobody vouches for it; somebody whom nobody trusts; for somebody else.
    for certificate in [
        certificate("gateway.example", None),
        certificate("gateway.example", Some(&authority())),
        certificate("other.example", Some(&ours)),
    ] {
        let (outcome, told) = called(certificate, trusted()).await;
        assert!(matches!(outcome, Err(CallFailed::Unreachable(_))), "{outcome:?}");
        assert_eq!(told.escape_ascii().to_string(), "");
    }
}
