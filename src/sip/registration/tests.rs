use super::*;

const HOUR: Duration = Duration::from_hours(1);

fn account(realm: Option<&str>) -> Account {
    Account {
        user: "4001234567".to_owned(),
        password: "secret".to_owned(),
        domain: Host::Name("carrier.example".to_owned()),
        realm: realm.map(str::to_owned),
        expires: HOUR,
    }
}

/// A registration, its REGISTER on its way, and a clock.
struct Desk {
    registration: Registration,
    now: Instant,
}

impl Desk {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs one arbitrary start"
    )]
    fn new(realm: Option<&str>) -> (Self, Request) {
        let now = Instant::now();
        let mut registration = Registration::new(account(realm), 1);
        registration.begin(now);
        registration.handle_timeout(now);
        let mut desk = Self { registration, now };
        let first = desk.sent();
        (desk, first)
    }

    fn output(&mut self) -> Output {
        self.registration.poll_output().expect("an output")
    }

    fn sent(&mut self) -> Request {
        match self.output() {
            Output::Send(request) => *request,
            other @ (Output::Registered { .. } | Output::Failed { .. } | Output::Left) => {
                panic!("{other:?}")
            }
        }
    }

    /// The registrar answers; the output that follows.
    fn answer(&mut self, request: &Request, status: u16, headers: &[(&str, &str)]) {
        let mut response = request.respond(StatusCode::new(status));
        for (name, value) in headers {
            response.headers.push(name, value);
        }
        self.registration.handle_response(&response, self.now);
    }

    /// Waits until the next REGISTER; how long that was.
    fn wait(&mut self) -> (Duration, Request) {
        let at = self.registration.poll_timeout().expect("a next time");
        let waited = at - self.now;
        self.now = at;
        self.registration.handle_timeout(at);
        (waited, self.sent())
    }
}

const CHALLENGE: (&str, &str) = (
    "WWW-Authenticate",
    "Digest realm=\"carrier\", nonce=\"n\", algorithm=MD5, qop=\"auth\"",
);
const FOREIGN: (&str, &str) = (
    "WWW-Authenticate",
    "Digest realm=\"elsewhere\", nonce=\"n\", algorithm=MD5, qop=\"auth\"",
);

#[test]
fn a_challenge_is_answered_and_the_grant_is_refreshed_in_time() {
    let (mut desk, first) = Desk::new(None);
    assert_eq!(first.uri.to_string(), "sip:carrier.example");
    assert_eq!(
        first.to_addr().uri.to_string(),
        "sip:4001234567@carrier.example"
    );
    assert_eq!(first.headers.expires(), Some(3600));
    assert!(!first.headers.has("Authorization"));

    desk.answer(&first, 401, &[CHALLENGE]);
    let second = desk.sent();
    assert!(second.headers.has("Authorization"));
    assert_eq!(second.call_id(), first.call_id());
    assert_eq!(second.cseq().number, first.cseq().number + 1);

    let contact = "<sip:4001234567@192.0.2.1:5060>;expires=600";
    desk.answer(&second, 200, &[("Contact", contact), ("Expires", "3600")]);
    let expires = Duration::from_mins(10);
    assert_eq!(desk.output(), Output::Registered { expires });
    assert!(desk.registration.is_registered());
    let (waited, refresh) = desk.wait();
    assert!(waited >= expires * 7 / 10 && waited <= expires * 8 / 10);
    assert_eq!(refresh.cseq().number, second.cseq().number + 1);
    assert!(desk.registration.is_registered(), "while it is refreshed");
}

/// Threat: digest. A challenge from elsewhere gets no credentials; the realm that we have once
/// registered with does.
#[test]
fn another_realm_gets_nothing() {
    let (mut desk, first) = Desk::new(Some("carrier"));
    desk.answer(&first, 401, &[FOREIGN]);
    assert!(matches!(desk.output(), Output::Failed { .. }));

    let (mut desk, first) = Desk::new(None);
    let invite = Request::new(Method::INVITE, first.uri.clone());
    let mut challenge = invite.respond(StatusCode::UNAUTHORIZED);
    challenge.headers.push(CHALLENGE.0, CHALLENGE.1);
    let ask = |desk: &mut Desk, challenge: &Response| {
        let registration = &mut desk.registration;
        registration.credentials(challenge, &Method::INVITE, &first.uri)
    };
    assert_eq!(ask(&mut desk, &challenge), None, "before any registration");
    desk.answer(&first, 401, &[CHALLENGE]);
    let second = desk.sent();
    desk.answer(&second, 200, &[]);
    assert!(ask(&mut desk, &challenge).is_some());
    challenge.headers.set(FOREIGN.0, FOREIGN.1);
    assert_eq!(ask(&mut desk, &challenge), None);
}

#[test]
fn wrong_credentials_are_not_offered_for_ever() {
    let (mut desk, mut request) = Desk::new(None);
    for _ in 0..2 {
        desk.answer(&request, 401, &[CHALLENGE]);
        request = desk.sent();
    }
    desk.answer(&request, 401, &[CHALLENGE]);
    let Output::Failed { status, .. } = desk.output() else {
        panic!("a third try");
    };
    assert_eq!(status, Some(StatusCode::UNAUTHORIZED));
}

#[test]
fn a_registrar_may_want_longer_registrations() {
    let (mut desk, first) = Desk::new(None);
    desk.answer(&first, 423, &[("Min-Expires", "7200")]);
    let second = desk.sent();
    assert_eq!(second.headers.expires(), Some(7200));
    desk.answer(&second, 423, &[("Min-Expires", "60")]);
    assert!(matches!(desk.output(), Output::Failed { .. }), "no loop");
}

/// RFC 5626 §4.5: 30 s, doubled up to half an hour, each shortened by up to half.
#[test]
fn failures_are_repeated_ever_more_slowly() {
    let (mut desk, mut request) = Desk::new(None);
    for seconds in [30, 60, 120, 240, 480, 960, 1800, 1800] {
        if seconds % 60 == 0 {
            desk.answer(&request, 500, &[]);
        } else {
            let cseq = request.cseq().number;
            desk.registration.handle_silence(cseq, desk.now);
        }
        assert!(matches!(desk.output(), Output::Failed { .. }));
        assert!(!desk.registration.is_registered());
        let (waited, next) = desk.wait();
        let longest = Duration::from_secs(seconds);
        assert!(waited >= longest / 2 && waited <= longest, "{waited:?}");
        request = next;
    }
    desk.answer(&request, 200, &[]);
    desk.output();
    let (_, request) = desk.wait();
    desk.answer(&request, 503, &[("Retry-After", "5")]);
    let (waited, _) = {
        desk.output();
        desk.wait()
    };
    assert!(waited >= Duration::from_secs(5) && waited <= Duration::from_secs(7));
}

#[test]
fn a_registration_is_taken_back_once() {
    let (mut desk, first) = Desk::new(None);
    desk.answer(&first, 200, &[]);
    desk.output();
    desk.registration.leave();
    desk.registration.leave();
    let last = desk.sent();
    assert_eq!(last.headers.expires(), Some(0));
    assert!(desk.registration.is_leaving());
    desk.answer(&last, 401, &[CHALLENGE]);
    let last = desk.sent();
    desk.answer(&last, 200, &[]);
    assert_eq!(desk.output(), Output::Left);
    assert_eq!(desk.registration.poll_timeout(), None);
    desk.registration.begin(desk.now);
    assert!(desk.registration.poll_timeout().is_some());

    let mut never = Registration::new(account(None), 1);
    never.leave();
    assert_eq!(never.poll_output(), Some(Output::Left));
}

#[test]
fn answers_to_older_requests_are_not_heard() {
    let (mut desk, first) = Desk::new(None);
    desk.answer(&first, 401, &[CHALLENGE]);
    let second = desk.sent();
    desk.answer(&first, 403, &[]);
    assert_eq!(desk.registration.poll_output(), None);
    desk.answer(&second, 200, &[]);
    assert!(matches!(desk.output(), Output::Registered { .. }));
}
