//! The real listener, with TLS.

use std::net::Ipv4Addr;

use serde_json::json;
use thirdring::http::{self, Door};
use thirdring::net::{SecureListener, TlsSettings};
use thirdring::rules::Role;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;

use crate::certificates::Authority;
use crate::fixture::Database;
use crate::site::{Office, PASSWORD};

/// Threat: session theft, passwords.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_https_the_session_is_for_https_only() {
    let database = Database::sqlite();
    let office = Office::with(&database, true).await;
    office.user("li.na", &[Role::Agent], None).await;
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    authority.server(Ipv4Addr::LOCALHOST).write(folder.path());
    let tls = TlsSettings {
        certificate: folder.path().join("certificate.pem"),
        key: folder.path().join("key.pem"),
        client_ca: None,
        server_ca: None,
        names: Vec::new(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let door = Door::Secure(SecureListener::start(listener, tls).unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(http::serve(door, office.router(), async {
        let _ = stopped.await;
    }));
    // Whoever connects and says nothing keeps nobody out.
    let silent = TcpStream::connect(address).await.unwrap();
    let connector = TlsConnector::from(authority.client(None));
    let stream = TcpStream::connect(address).await.unwrap();
    let name = Ipv4Addr::LOCALHOST.into();
    let name = rustls::pki_types::ServerName::IpAddress(name);
    let mut stream = connector.connect(name, stream).await.unwrap();
    let body = json!({ "name": "li.na", "password": PASSWORD }).to_string();
    let request = format!(
        "POST /api/v1/session HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A peer that closes without a last word is no fault of what it said before.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("set-cookie: __Host-thirdring="), "{answer}");
    assert!(answer.contains("strict-transport-security:"), "{answer}");
    drop(silent);
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}
