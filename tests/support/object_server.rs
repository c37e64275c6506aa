//! A small S3 server in the test's own process: PUT, GET with ranges, HEAD, DELETE and multipart
//! uploads, and the ways in which such a server can let one down.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};

/// What is wrong with the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    #[default]
    None,
    /// It answers 500 to everything.
    Broken,
    /// It is not there: connections are taken and closed without an answer.
    Away,
    /// What it gives back ends too early.
    Truncates,
    /// What it stores is not what it was given, and it does not say so.
    Corrupts,
    /// It says that it has stored what it has not.
    Forgets,
}

#[derive(Debug, Default)]
struct Shelf {
    fault: Fault,
    objects: BTreeMap<String, Vec<u8>>,
    uploads: BTreeMap<String, BTreeMap<u32, Vec<u8>>>,
    multipart: usize,
    puts: usize,
}

/// The server; it stops with the test's runtime.
#[derive(Clone, Debug)]
pub(crate) struct ObjectServer {
    address: SocketAddr,
    shelf: Arc<Mutex<Shelf>>,
}

impl ObjectServer {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            shelf: Arc::default(),
        };
        let router = Router::new()
            .fallback(handle)
            .with_state(Arc::clone(&server.shelf))
            .layer(axum::extract::DefaultBodyLimit::disable());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn goes_wrong(&self, fault: Fault) {
        self.shelf.lock().unwrap().fault = fault;
    }

    /// What is stored, by `/bucket/key`.
    pub(crate) fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        self.shelf.lock().unwrap().objects.clone()
    }

    /// Changes what is stored behind everybody's back.
    pub(crate) fn tamper(&self, change: impl FnOnce(&mut BTreeMap<String, Vec<u8>>)) {
        change(&mut self.shelf.lock().unwrap().objects);
    }

    pub(crate) fn puts(&self) -> usize {
        self.shelf.lock().unwrap().puts
    }

    /// Uploads in parts that were completed.
    pub(crate) fn multipart(&self) -> usize {
        self.shelf.lock().unwrap().multipart
    }
}

async fn handle(
    State(shelf): State<Arc<Mutex<Shelf>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut shelf = shelf.lock().unwrap();
    match shelf.fault {
        Fault::Broken => return reply(StatusCode::INTERNAL_SERVER_ERROR, Vec::new()),
        // hyper closes the connection of a handler that panics.
        Fault::Away => {
            drop(shelf);
            std::panic::resume_unwind(Box::new("away"));
        }
        Fault::None | Fault::Truncates | Fault::Corrupts | Fault::Forgets => {}
    }
    let key = uri.path().to_owned();
    let query = uri.query().unwrap_or_default();
    match method.as_str() {
        "PUT" if query.contains("partNumber") => shelf.put_part(&key, query, &body),
        "PUT" => {
            shelf.puts += 1;
            shelf.store(&key, body.to_vec());
            reply(StatusCode::OK, Vec::new())
        }
        "POST" => shelf.upload(&key, query),
        "GET" | "HEAD" => shelf.get(&key, &headers),
        "DELETE" => {
            shelf.objects.remove(&key);
            reply(StatusCode::NO_CONTENT, Vec::new())
        }
        _ => reply(StatusCode::METHOD_NOT_ALLOWED, Vec::new()),
    }
}

impl Shelf {
    fn store(&mut self, key: &str, mut bytes: Vec<u8>) {
        if self.fault == Fault::Forgets {
            return;
        }
        let middle = bytes.len() / 2;
        if self.fault == Fault::Corrupts
            && let Some(byte) = bytes.get_mut(middle)
        {
            *byte ^= 1;
        }
        self.objects.insert(key.to_owned(), bytes);
    }

    fn put_part(&mut self, key: &str, query: &str, body: &Bytes) -> Response<Body> {
        let part = parameter(query, "partNumber").parse().unwrap();
        let upload = self.uploads.entry(key.to_owned()).or_default();
        upload.insert(part, body.to_vec());
        reply(StatusCode::OK, Vec::new())
    }

    fn upload(&mut self, key: &str, query: &str) -> Response<Body> {
        let result = if query.starts_with("uploads") {
            self.uploads.insert(key.to_owned(), BTreeMap::new());
            format!(
                "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key>\
                 <UploadId>{}</UploadId></InitiateMultipartUploadResult>",
                self.uploads.len()
            )
        } else {
            let parts = self.uploads.remove(key).unwrap_or_default();
            self.multipart += 1;
            self.store(key, parts.into_values().flatten().collect());
            "<CompleteMultipartUploadResult><ETag>\"e\"</ETag></CompleteMultipartUploadResult>"
                .to_owned()
        };
        reply(StatusCode::OK, result.into_bytes())
    }

    fn get(&self, key: &str, headers: &HeaderMap) -> Response<Body> {
        let Some(object) = self.objects.get(key) else {
            return reply(StatusCode::NOT_FOUND, Vec::new());
        };
        let range = headers.get("range").and_then(|range| range.to_str().ok());
        let range = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
        let Some((from, to)) = range else {
            return reply(StatusCode::OK, object.clone());
        };
        let from: usize = from.parse().unwrap();
        let to = to.parse::<usize>().unwrap().min(object.len() - 1);
        let mut part = object[from..=to].to_vec();
        if self.fault == Fault::Truncates {
            part.truncate(part.len() / 2);
        }
        let mut response = reply(StatusCode::PARTIAL_CONTENT, part);
        let place = format!("bytes {from}-{to}/{}", object.len());
        let headers = response.headers_mut();
        headers.insert("content-range", place.parse().unwrap());
        response
    }
}

fn parameter<'a>(query: &'a str, name: &str) -> &'a str {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(key, _)| *key == name);
    values.next().map_or("", |(_, value)| value)
}

fn reply(status: StatusCode, body: Vec<u8>) -> Response<Body> {
    Response::builder()
        .status(status)
        .header("etag", "\"e\"")
        .header("last-modified", "Sat, 21 Nov 2026 08:00:00 GMT")
        .body(Body::from(body))
        .unwrap()
}
