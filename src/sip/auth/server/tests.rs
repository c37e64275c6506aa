//! The server's side against our own client.

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;
use crate::sip::Method;
use crate::sip::auth::answer;

const NOW: u64 = 1_800_000_000;
const PASSWORD: &str = "p, \"q\"\\";

fn source() -> SocketAddr {
    ([192, 0, 2, 1], 5060).into()
}

fn authenticator(algorithms: &[Algorithm]) -> Authenticator {
    let listener = ([192, 0, 2, 10], 5060).into();
    Authenticator::new("thirdring", algorithms.to_vec(), [7; 32], listener)
}

fn register() -> Request {
    Request::new(Method::REGISTER, "sip:pbx.example".parse().unwrap())
}

fn lookup(attempt: &Attempt) -> Option<Credentials> {
    (attempt.user == "1001").then(|| Credentials::new(PASSWORD))
}

fn rejected(user: &str, is_proven: bool) -> Verdict {
    let user = user.to_owned();
    Verdict::Rejected(Attempt { user, is_proven })
}

/// The request with credentials for a challenge given at `NOW`.
fn answered(
    server: &mut Authenticator,
    mut request: Request,
    user: &str,
    password: &str,
    count: u32,
) -> Request {
    let response = server.unauthorized(&request, &Verdict::Missing, source(), NOW);
    let rng = &mut StdRng::seed_from_u64(1);
    let (name, value) = answer(
        &response,
        &request.method,
        &request.uri,
        user,
        password,
        count,
        rng,
    )
    .unwrap();
    request.headers.set(name, value);
    request
}

#[test]
fn the_right_password_is_accepted_by_every_algorithm() {
    for algorithm in [Algorithm::Md5, Algorithm::Sha256, Algorithm::Sha512_256] {
        let server = &mut authenticator(&[algorithm]);
        let request = answered(server, register(), "1001", PASSWORD, 1);
        let user = "1001".to_owned();
        assert_eq!(
            server.verify(&request, source(), lookup, NOW + 1),
            Verdict::Accepted { user }
        );
    }
}

#[test]
fn a_request_without_credentials_for_our_realm_is_challenged() {
    let server = &mut authenticator(&[Algorithm::Md5]);
    let mut request = register();
    assert_eq!(
        server.verify(&request, source(), lookup, NOW),
        Verdict::Missing
    );
    request
        .headers
        .set("Authorization", "NoOneKnowsThisScheme opaque-data=here");
    assert_eq!(
        server.verify(&request, source(), lookup, NOW),
        Verdict::Missing
    );
    request
        .headers
        .set("Authorization", "Digest realm=\"other\", username=\"1001\"");
    assert_eq!(
        server.verify(&request, source(), lookup, NOW),
        Verdict::Missing
    );
}

/// Threat: registration brute force, enumeration.
#[test]
fn an_unknown_user_and_a_wrong_password_look_the_same() {
    let server = &mut authenticator(&[Algorithm::Md5]);
    for (user, password) in [("1001", "wrong"), ("9999", PASSWORD), ("9999", "")] {
        let request = answered(server, register(), user, password, 1);
        assert_eq!(
            server.verify(&request, source(), lookup, NOW),
            rejected(user, true)
        );
        let refusal = server.unauthorized(&request, &rejected(user, true), source(), NOW);
        let challenge = refusal.headers.get("WWW-Authenticate").unwrap();
        assert!(!challenge.contains("stale"));
    }
}

/// Threat: digest. The same credentials again, a second and 61 seconds later.
#[test]
fn a_replay_after_one_second_and_after_sixty_one_is_refused() {
    let server = &mut authenticator(&[Algorithm::Md5]);
    let request = answered(server, register(), "1001", PASSWORD, 1);
    let first = server.verify(&request, source(), lookup, NOW);
    assert!(matches!(first, Verdict::Accepted { .. }));
    for later in [NOW, NOW + 1, NOW + 61] {
        let again = server.verify(&request, source(), lookup, later);
        assert_eq!(again, Verdict::Stale, "{later}");
    }
    let challenge = server.challenge(source(), true, NOW).remove(0);
    assert!(challenge.ends_with("stale=true"), "{challenge}");
}

/// Threat: digest. A nonce lives for 60 s, and counts in between are taken once each.
#[test]
fn a_nonce_is_good_for_sixty_seconds_and_each_count_once() {
    let server = &mut authenticator(&[Algorithm::Md5]);
    let first = answered(server, register(), "1001", PASSWORD, 1);
    assert!(matches!(
        server.verify(&first, source(), lookup, NOW + 60),
        Verdict::Accepted { .. }
    ));
    let late = answered(server, register(), "1001", PASSWORD, 1);
    assert_eq!(
        server.verify(&late, source(), lookup, NOW + 61),
        Verdict::Stale
    );
}

/// Threat: registration brute force, enumeration. Whose nonce a try brings tells whether the
/// source address is forged: only a proven one can be held against its source.
#[test]
fn a_try_with_a_nonce_from_elsewhere_is_not_proven() {
    let server = &mut authenticator(&[Algorithm::Md5]);
    let request = answered(server, register(), "1001", "wrong", 1);
    let elsewhere = ([192, 0, 2, 2], 5060).into();
    let verdict = server.verify(&request, elsewhere, lookup, NOW);
    assert_eq!(verdict, rejected("1001", false));
    let verdict = server.verify(&request, source(), lookup, NOW + 3600);
    assert_eq!(
        verdict,
        rejected("1001", true),
        "an old nonce was given too"
    );
}

#[test]
fn credentials_are_good_from_their_source_only() {
    let server = &mut authenticator(&[Algorithm::Md5]);
    let request = answered(server, register(), "1001", PASSWORD, 1);
    let elsewhere = ([192, 0, 2, 2], 5060).into();
    assert_eq!(
        server.verify(&request, elsewhere, lookup, NOW),
        Verdict::Stale
    );
}

/// Threat: digest. A wrong `uri`, another method.
#[test]
fn credentials_are_good_for_their_request_only() {
    let server = &mut authenticator(&[Algorithm::Md5]);
    let request = answered(server, register(), "1001", PASSWORD, 1);
    let other_uri = Request {
        uri: "sip:other.example".parse().unwrap(),
        ..request.clone()
    };
    assert_eq!(
        server.verify(&other_uri, source(), lookup, NOW),
        Verdict::Unusable
    );
    let other_method = Request {
        method: Method::INVITE,
        ..request.clone()
    };
    assert_eq!(
        server.verify(&other_method, source(), lookup, NOW),
        rejected("1001", true)
    );
    let same = Request {
        uri: "sip:PBX.example:5060;transport=udp".parse().unwrap(),
        ..request
    };
    assert!(matches!(
        server.verify(&same, source(), lookup, NOW),
        Verdict::Accepted { .. }
    ));
}

/// Threat: digest. A downgrade to an algorithm that this listener does not offer.
#[test]
fn an_algorithm_that_was_not_offered_is_not_even_tried() {
    let weak = &mut authenticator(&[Algorithm::Md5]);
    let request = answered(weak, register(), "1001", PASSWORD, 1);
    let strong = &mut authenticator(&[Algorithm::Sha256]);
    assert_eq!(
        strong.verify(&request, source(), |_: &Attempt| panic!("tried"), NOW),
        Verdict::Unusable
    );
}

#[test]
fn the_preferred_algorithm_is_challenged_first() {
    let server = &mut authenticator(&[Algorithm::Sha256, Algorithm::Md5]);
    let challenges = server.challenge(source(), false, NOW);
    assert!(challenges[0].contains("algorithm=SHA-256") && challenges[1].contains("algorithm=MD5"));
}

#[test]
fn a_client_without_qop_gets_one_request_a_nonce() {
    let server = &mut authenticator(&[Algorithm::Md5]);
    let mut challenge = register().respond(StatusCode::UNAUTHORIZED);
    let offered = server.challenge(source(), false, NOW).remove(0);
    challenge
        .headers
        .push("WWW-Authenticate", offered.replace(", qop=\"auth\"", ""));
    let mut request = register();
    let rng = &mut StdRng::seed_from_u64(1);
    let (name, value) = answer(
        &challenge,
        &request.method,
        &request.uri,
        "1001",
        PASSWORD,
        1,
        rng,
    )
    .unwrap();
    request.headers.set(name, value);
    assert!(matches!(
        server.verify(&request, source(), lookup, NOW),
        Verdict::Accepted { .. }
    ));
    assert_eq!(
        server.verify(&request, source(), lookup, NOW),
        Verdict::Stale
    );
}

#[test]
fn secrets_do_not_show() {
    assert_eq!(
        format!("{:?}", Credentials::new("secret")),
        "Credentials(***)"
    );
}
