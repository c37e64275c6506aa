//! Webhooks against a program in the test's own process: signatures, masks, tries, restarts.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use thirdring::call::doing::Doing;
use thirdring::call::event::{EventKind, Outcome};
use thirdring::clock::Clock;
use thirdring::rules::{Level, Timestamp, WebhookKind};
use thirdring::store::{
    CustomerDraft, CustomerNumber, Delivery, DeliveryFilter, DeskRules, Error, Store,
};
use thirdring::webhook::{Endpoint, EndpointSettings, WebhookSettings, Webhooks};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Authority, Signed};
use crate::fixture::{Database, MORNING, Story};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const LATER: Timestamp = Timestamp(MORNING + 60_000_000);

/// A program that hears what it is told.
#[derive(Clone)]
struct Listener {
    address: SocketAddr,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    /// The answers that are given before everything is well.
    answers: Vec<StatusCode>,
    /// Answers nothing at all.
    hangs: bool,
    messages: Vec<(String, HeaderMap, Vec<u8>)>,
}

impl Listener {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let heard = Arc::<Mutex<Heard>>::default();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(hear).with_state(Arc::clone(&heard));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, heard }
    }

    fn answers(&self, answers: &[StatusCode]) {
        self.heard.lock().unwrap().answers = answers.to_vec();
    }

    fn endpoint(&self, name: &str) -> EndpointSettings {
        EndpointSettings {
            name: name.to_owned(),
            url: format!("http://{}/hook", self.address),
            secret: SECRET.to_owned(),
            allow_private: true,
            timeout: Duration::from_secs(20),
            ..EndpointSettings::default()
        }
    }

    /// The messages so far: each is signed as the standard says, and has its id.
    fn messages(&self) -> Vec<(String, Value)> {
        let heard = self.heard.lock().unwrap();
        let verifier = Webhook::new(SECRET).unwrap();
        let messages = heard.messages.iter().map(|(path, headers, body)| {
            assert_eq!(path, "/hook");
            assert_eq!(headers[header::CONTENT_TYPE], "application/json");
            verifier.verify(body, headers).unwrap();
            let id = headers["webhook-id"].to_str().unwrap().to_owned();
            (id, serde_json::from_slice(body).unwrap())
        });
        messages.collect()
    }

    async fn types(&self, count: usize) -> Vec<String> {
        let messages = until("messages", async || {
            let messages = self.messages();
            (messages.len() >= count).then_some(messages)
        });
        let mut types: Vec<_> = messages
            .await
            .iter()
            .map(|(_, message)| message["type"].as_str().unwrap().to_owned())
            .collect();
        types.sort();
        types
    }
}

async fn hear(
    State(heard): State<Arc<Mutex<Heard>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, [(header::HeaderName, &'static str); 1]) {
    let (status, hangs) = {
        let mut heard = heard.lock().unwrap();
        let message = (uri.path().to_owned(), headers, body.to_vec());
        heard.messages.push(message);
        let answer = if heard.answers.is_empty() {
            StatusCode::OK
        } else {
            heard.answers.remove(0)
        };
        (answer, heard.hangs)
    };
    if hangs {
        std::future::pending::<()>().await;
    }
    (status, [(header::LOCATION, "/elsewhere")])
}

async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let patience = Duration::from_secs(30);
    let looking = async {
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let seen = tokio::time::timeout(patience, looking).await;
    seen.unwrap_or_else(|_| panic!("still waiting for {what}"))
}

fn soon() -> WebhookSettings {
    WebhookSettings {
        look: Duration::from_millis(10),
        pauses: vec![Duration::from_millis(10); 2],
        ..WebhookSettings::default()
    }
}

async fn start(store: &Store, endpoints: &[EndpointSettings]) -> Webhooks {
    let endpoints = endpoints
        .iter()
        .cloned()
        .map(|it| Endpoint::new(it).unwrap());
    let endpoints = endpoints.collect();
    let webhooks = Webhooks::start(store.clone(), endpoints, soon(), Clock);
    webhooks.await.unwrap()
}

async fn told(database: &Database) -> Store {
    let rules = DeskRules {
        has_webhooks: true,
        lines: [("hotline".into(), thirdring::rules::LineRules::default())].into(),
    };
    database.store().await.with_desk(rules)
}

fn abandoned(n: u32) -> Story {
    let story = Story::new(n).arrived().ringing();
    story.ended(9_000, Outcome::Abandoned)
}

async fn in_state(store: &Store, state: &str, count: usize) -> Vec<Delivery> {
    let filter = DeliveryFilter {
        state: Some(state.to_owned()),
        ..DeliveryFilter::default()
    };
    until(state, async || {
        let found = store.deliveries(&filter).await.unwrap();
        (found.len() >= count).then_some(found)
    })
    .await
}

pub(crate) async fn delivered(database: Database) {
    let store = told(&database).await;
    // What was before is nobody's news.
    Story::new(90).arrived().store(&store).await;
    let (crm, gateway) = (Listener::start().await, Listener::start().await);
    let numbers = EndpointSettings {
        numbers: true,
        kinds: vec![WebhookKind::CallEnded, WebhookKind::SmsRequested],
        ..gateway.endpoint("gateway")
    };
    let _webhooks = start(&store, &[crm.endpoint("crm"), numbers]).await;
    let answered = Story::new(1).arrived().purpose("consultation").ringing();
    let answered = answered.answered(4_000).ended(20_000, Outcome::Answered);
    let answered = answered.sealed(21_000, Vec::new()).store(&store).await;
    let call = answered.call;
    let said = store.set_disposition(call, "resolved", "1001", None, LATER);
    said.await.unwrap();
    store
        .request_sms(call, "地址:人民路 1 号", "1001", LATER)
        .await
        .unwrap();
    abandoned(2).store(&store).await;

    let types = crm.types(8).await;
    let expected = [
        "call.answered",
        "call.arrived",
        "call.arrived",
        "call.ended",
        "call.ended",
        "call.wrapped_up",
        "recording.sealed",
        "task.opened",
    ];
    assert_eq!(types, expected);
    assert_eq!(
        gateway.types(3).await,
        ["call.ended", "call.ended", "sms.requested"]
    );

    let messages = crm.messages();
    let text = format!("{messages:?}");
    assert!(
        text.contains("138****5678") && !text.contains("13800005678"),
        "{text}"
    );
    let find = |listener: &Listener, kind: &str| {
        let messages = listener.messages();
        let found = messages.into_iter().find(|(_, it)| it["type"] == kind);
        found.unwrap().1
    };
    let message = find(&crm, "call.answered");
    assert_eq!(message["timestamp"], "2026-11-21T08:00:05.500000Z");
    assert_eq!(message["data"]["call"], call.to_string());
    assert_eq!(message["data"]["agent"], "1001");
    assert_eq!(message["data"]["line"], "hotline");
    let message = find(&crm, "call.wrapped_up");
    assert_eq!(message["data"]["outcome"], "resolved");
    assert_eq!(message["data"]["purpose"], "consultation");
    let message = find(&crm, "task.opened");
    assert_eq!(message["data"]["reason"], "abandoned");
    let message = find(&gateway, "sms.requested");
    assert_eq!(message["data"]["text"], "地址:人民路 1 号");
    assert_eq!(message["data"]["caller"]["number"], "13800005678");
    in_state(&store, "delivered", 11).await;
}

/// R116, R281: whoever is skipped is named to other programs, and so is an emergency; other doings are
/// the desk's own.
pub(crate) async fn escalated(database: Database) {
    let store = told(&database).await;
    let crm = Listener::start().await;
    let wanted = EndpointSettings {
        kinds: vec![
            WebhookKind::CallEscalated,
            WebhookKind::CallEmergency,
            WebhookKind::CallEnded,
        ],
        ..crm.endpoint("crm")
    };
    let _webhooks = start(&store, &[wanted]).await;
    let escalated = Doing::Escalated {
        by: "1001".into(),
        to: Some("1009".into()),
        level: Some(Level::Manager),
        urgent: true,
        skipped: vec!["1002".into()],
        reason: Some("漏气".to_owned()),
    };
    let called = Doing::EmergencyCalled {
        by: "1001".into(),
        contact: "fire".to_owned(),
    };
    let muted = Doing::Muted {
        by: "1001".to_owned(),
    };
    let mut story = Story::new(1).arrived().ringing().answered(4_000);
    for doing in [muted, escalated, called] {
        story = story.then(9_000, EventKind::Doing(doing));
    }
    story.ended(20_000, Outcome::Answered).store(&store).await;
    let types = crm.types(3).await;
    assert_eq!(types, ["call.emergency", "call.ended", "call.escalated"]);
    let messages = crm.messages();
    let of = |kind: &str| {
        let found = messages.iter().find(|(_, message)| message["type"] == kind);
        found.unwrap().1["data"].clone()
    };
    let told = of("call.escalated");
    assert_eq!(
        (&told["agent"], &told["to"]),
        (&json!("1001"), &json!("1009"))
    );
    assert_eq!(
        (&told["level"], &told["urgent"]),
        (&json!("manager"), &json!(true))
    );
    assert_eq!(told["skipped"], json!(["1002"]));
    assert_eq!(of("call.emergency")["contact"], "fire");
    in_state(&store, "delivered", 3).await;
}

pub(crate) async fn tried_again(database: Database) {
    let store = told(&database).await;
    let crm = Listener::start().await;
    // A redirection is not followed: it could lead anywhere.
    crm.answers(&[
        StatusCode::INTERNAL_SERVER_ERROR,
        StatusCode::TEMPORARY_REDIRECT,
    ]);
    let ended = EndpointSettings {
        kinds: vec![WebhookKind::CallEnded],
        ..crm.endpoint("crm")
    };
    let webhooks = start(&store, std::slice::from_ref(&ended)).await;
    abandoned(1).store(&store).await;
    let [delivered] = in_state(&store, "delivered", 1).await.try_into().unwrap();
    assert_eq!((delivered.tries, delivered.status), (3, Some(200)));
    let messages = crm.messages();
    assert_eq!(messages.len(), 3);
    assert!(messages.iter().all(|it| *it == messages[0]), "{messages:?}");

    // Three tries are all there are, and one that says "gone" is not asked again.
    crm.answers(&[StatusCode::BAD_GATEWAY; 3]);
    abandoned(2).store(&store).await;
    let failed = in_state(&store, "failed", 1).await;
    assert_eq!((failed[0].tries, failed[0].status), (3, Some(502)));
    assert_eq!(failed[0].error.as_deref(), Some("answered 502"));
    crm.answers(&[StatusCode::GONE]);
    abandoned(3).store(&store).await;
    let failed = in_state(&store, "failed", 2).await;
    assert_eq!((failed[0].tries, failed[0].status), (1, Some(410)));

    // Once more, by hand.
    let before = crm.messages().len();
    store
        .replay_delivery(failed[0].id, Clock.wall())
        .await
        .unwrap();
    in_state(&store, "delivered", 2).await;
    let messages = crm.messages();
    assert_eq!(messages.len(), before + 1);
    assert_eq!(messages[before], messages[before - 1]);
    let nobody = thirdring::id::DeliveryId(uuid::Uuid::from_u128(1));
    let error = store.replay_delivery(nobody, LATER).await.unwrap_err();
    assert!(matches!(error, Error::UnknownDelivery(_)), "{error:?}");
    drop(webhooks);
    assert_eq!(store.forget_deliveries(LATER).await.unwrap(), 0);
}

pub(crate) async fn restarted(database: Database) {
    let store = told(&database).await;
    let crm = Listener::start().await;
    let ended = EndpointSettings {
        kinds: vec![WebhookKind::CallEnded],
        ..crm.endpoint("crm")
    };
    let webhooks = start(&store, std::slice::from_ref(&ended)).await;
    abandoned(1).store(&store).await;
    crm.types(1).await;
    in_state(&store, "delivered", 1).await;
    drop(webhooks);
    // The service is away while another process writes, then comes again, twice.
    abandoned(2).store(&store).await;
    for _ in 0..2 {
        let webhooks = start(&store, std::slice::from_ref(&ended)).await;
        in_state(&store, "delivered", 2).await;
        drop(webhooks);
    }
    let ids: Vec<_> = crm.messages().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);

    // Without anybody to be told, nothing is kept for later.
    drop(start(&store, &[]).await);
    abandoned(3).store(&store).await;
    let _webhooks = start(&store, std::slice::from_ref(&ended)).await;
    abandoned(4).store(&store).await;
    in_state(&store, "delivered", 3).await;
    let calls: Vec<_> = crm
        .messages()
        .into_iter()
        .map(|(_, it)| it["data"]["call"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        !calls.contains(&Story::new(3).call.to_string()),
        "{calls:?}"
    );
}

/// One that answers nothing holds neither the log nor another.
pub(crate) async fn hanging(database: Database) {
    let store = told(&database).await;
    let (slow, crm) = (Listener::start().await, Listener::start().await);
    slow.heard.lock().unwrap().hangs = true;
    let slow_settings = EndpointSettings {
        timeout: Duration::from_mins(1),
        ..slow.endpoint("slow")
    };
    let _webhooks = start(&store, &[slow_settings, crm.endpoint("crm")]).await;
    for n in 1..=20 {
        abandoned(n).store(&store).await;
    }
    // Of each call its arrival and its end, and one task for the number.
    assert_eq!(crm.types(41).await.len(), 41);
    in_state(&store, "delivered", 41).await;
    let waiting = store.waiting().await.unwrap();
    assert_eq!(waiting, [("slow".to_owned(), 41)]);
}

/// A name that leads to this machine is not followed, unless that is allowed.
pub(crate) async fn private(database: Database) {
    let store = told(&database).await;
    let crm = Listener::start().await;
    let by_name = EndpointSettings {
        url: format!("https://localhost:{}/hook", crm.address.port()),
        allow_private: false,
        kinds: vec![WebhookKind::CallEnded],
        ..crm.endpoint("inside")
    };
    let _webhooks = start(&store, &[by_name, crm.endpoint("crm")]).await;
    abandoned(1).store(&store).await;
    let [failed] = in_state(&store, "failed", 1).await.try_into().unwrap();
    assert_eq!(failed.endpoint, "inside");
    assert_eq!(
        failed.error.as_deref(),
        Some("no address that messages may go to")
    );
    // The control: it is there, and hears what it is told.
    assert_eq!(crm.types(3).await.len(), 3);
}

pub(crate) async fn erased(database: Database) {
    let store = told(&database).await;
    let crm = Listener::start().await;
    crm.answers(&[StatusCode::GONE; 3]);
    let _webhooks = start(&store, &[crm.endpoint("crm")]).await;
    let call = abandoned(1).store(&store).await.call;
    let failed = in_state(&store, "failed", 3).await;
    assert!(failed.iter().all(|it| it.body.is_some()));
    let draft = CustomerDraft {
        name: "王小明".to_owned(),
        numbers: vec![CustomerNumber {
            number: "13800005678".to_owned(),
            label: None,
        }],
        ..CustomerDraft::default()
    };
    let customer = store
        .create_customer(&draft, "li", "order", LATER)
        .await
        .unwrap();
    let erased = store.erase_customer(customer.id, "li", "asked for it", LATER);
    erased.await.unwrap();
    let failed = in_state(&store, "failed", 3).await;
    assert!(
        failed
            .iter()
            .all(|it| it.call == Some(call) && it.body.is_none())
    );
    let error = store
        .replay_delivery(failed[0].id, LATER)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::UnknownDelivery(_)), "{error:?}");
}

pub(crate) async fn nobody(database: Database) {
    let store = database.store().await;
    let call = abandoned(1).store(&store).await.call;
    let error = store
        .request_sms(call, "hello", "1001", LATER)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NobodyTells), "{error:?}");
    let store = told(&database).await;
    let long = "长".repeat(501);
    let error = store
        .request_sms(call, &long, "1001", LATER)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::TooLong { .. }), "{error:?}");
    store
        .request_sms(call, "hello", "1001", LATER)
        .await
        .unwrap();
    let audited = store.audited(Some(call), 10).await.unwrap();
    assert_eq!(audited.len(), 1);
    assert_eq!(
        (audited[0].actor.as_str(), audited[0].action.as_str()),
        ("1001", "sms.requested")
    );
    assert_eq!(audited[0].detail, None);

    let site = crate::listing::Site::new(&database);
    assert!(site.print(&["webhooks", "list"]).contains("waiting"));
    assert!(site.print(&["webhooks", "log"]).contains("message"));
    let id = uuid::Uuid::from_u128(1).to_string();
    let output = site.run(&["webhooks", "replay", &id]);
    assert_eq!(output.status.code(), Some(1));
}

/// A program behind TLS; how often it was told something.
async fn secure(signed: &Signed) -> (SocketAddr, Arc<AtomicUsize>) {
    let certificate = CertificateDer::from_pem_slice(signed.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(signed.key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, count) = (acceptor.clone(), Arc::clone(&count));
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let (mut read, mut buffer) = (Vec::new(), [0; 4096]);
                // The last thing that a message says is its type.
                while !read.ends_with(br#""call.ended"}"#) {
                    match stream.read(&mut buffer).await {
                        Ok(0) | Err(_) => return,
                        Ok(length) => read.extend_from_slice(&buffer[..length]),
                    }
                }
                count.fetch_add(1, Ordering::Relaxed);
                let answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
                let _ = stream.write_all(answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    (address, heard)
}

/// Who cannot show a certificate of the right authority is told nothing.
pub(crate) async fn certified(database: Database) {
    let store = told(&database).await;
    let (ours, others) = (Authority::new(), Authority::new());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, &ours.pem).unwrap();
    let (crm, heard) = secure(&ours.server([127, 0, 0, 1])).await;
    let (thief, overheard) = secure(&others.server([127, 0, 0, 1])).await;
    let endpoint = |name: &str, address: SocketAddr| EndpointSettings {
        name: name.to_owned(),
        url: format!("https://{address}/hook"),
        secret: SECRET.to_owned(),
        kinds: vec![WebhookKind::CallEnded],
        allow_private: true,
        timeout: Duration::from_secs(20),
        authorities: Some(file.clone()),
        ..EndpointSettings::default()
    };
    let _webhooks = start(&store, &[endpoint("crm", crm), endpoint("thief", thief)]).await;
    abandoned(1).store(&store).await;
    let [delivered] = in_state(&store, "delivered", 1).await.try_into().unwrap();
    assert_eq!(
        (delivered.endpoint.as_str(), delivered.status),
        ("crm", Some(204))
    );
    assert_eq!(heard.load(Ordering::Relaxed), 1);
    let [failed] = in_state(&store, "failed", 1).await.try_into().unwrap();
    assert_eq!(failed.endpoint, "thief");
    let error = failed.error.unwrap();
    assert!(error.contains("certificate"), "{error}");
    assert_eq!(overheard.load(Ordering::Relaxed), 0);

    std::fs::write(&file, "nothing").unwrap();
    let error = Endpoint::new(endpoint("crm", crm)).unwrap_err();
    assert!(error.to_string().contains("there is none in it"), "{error}");
}
