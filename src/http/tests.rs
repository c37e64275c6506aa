//! Health and metrics, and HTTPS, asked over a socket.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::*;

#[tokio::test]
async fn a_living_process_says_so() {
    let response = ask("GET /healthz", true).await;
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert!(response.ends_with("\r\n\r\nok\n"), "{response}");
}

#[tokio::test]
async fn ready_means_that_every_check_passed() {
    let response = ask("GET /readyz", true).await;
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    let body = r#"{"status":"ready","checks":{"database":true,"listener":true}}"#;
    assert!(response.ends_with(body), "{response}");
}

#[tokio::test]
async fn what_is_not_ready_is_named_in_a_problem_document() {
    let response = ask("GET /readyz", false).await;
    assert!(response.starts_with("HTTP/1.1 503"), "{response}");
    assert!(response.contains("content-type: application/problem+json"));
    let body = r#"{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"calls cannot be taken now; the log says why","failed":["database"]}"#;
    assert!(response.ends_with(body), "{response}");
}

#[tokio::test]
async fn metrics_are_in_the_text_format() {
    let response = ask("GET /metrics", true).await;
    assert!(response.contains("content-type: text/plain; version=0.0.4"));
    assert!(response.contains("thirdring_build_info{version=\""));
}

struct Database(bool);

impl Readiness for Database {
    fn checks(&self) -> Checks<'_> {
        let check = |name, ready, vital| Check { name, ready, vital };
        Box::pin(async move {
            vec![
                check("database", self.0, true),
                check("listener", true, true),
            ]
        })
    }
}

async fn ask(request: &str, database: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let state = HttpState {
        metrics: Metrics::install().unwrap(),
        readiness: Arc::new(Database(database)),
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(Door::Plain(listener), health_routes(state), async {
        let _ = stopped.await;
    }));
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("{request} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    response
}
