//! Who agrees on SRTP with whom (RFC 4568 §5.1, §7.1), through offer and answer.

use proptest::prelude::*;
use rand::SeedableRng;

use super::*;
use crate::sdp::{AddressPolicy, Codec, Direction, OfferAnswer, Stream};

const KEY: &str = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
const OTHER: &str = "4fl6DT4Bi+DWT6MsBt5BOQ7Gda1Jiv7rtpYLOqvm";

fn leg(policy: SrtpPolicy, is_private: bool, seed: u64) -> OfferAnswer {
    let local = "192.0.2.1:20000".parse().unwrap();
    let keying = Keying::new(policy, is_private, StdRng::seed_from_u64(seed));
    OfferAnswer::new(7, local, AddressPolicy::default()).keyed(keying)
}

fn offer_with(lines: &str) -> Vec<u8> {
    format!("v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n{lines}")
        .into_bytes()
}

/// A line of this profile, with keys or without.
fn offer(proto: &str, key: Option<&str>) -> Vec<u8> {
    let crypto = key.map(|key| format!("a=crypto:3 AES_CM_128_HMAC_SHA1_32 inline:{key}|2^31\r\n"));
    let crypto = crypto.unwrap_or_default();
    offer_with(&format!("m=audio 4000 {proto} 8\r\n{crypto}"))
}

fn text(body: &[u8]) -> &str {
    std::str::from_utf8(body).unwrap()
}

/// The values of the `a=crypto` lines.
fn crypto(body: &[u8]) -> Vec<&str> {
    let lines = text(body).lines();
    lines
        .filter_map(|line| line.strip_prefix("a=crypto:"))
        .collect()
}

fn keys(stream: &Stream) -> &SrtpKeys {
    stream.srtp.as_ref().unwrap()
}

/// What becomes of each kind of offer under each policy.
#[test]
fn an_offer_is_answered_as_the_policy_wants() {
    use SrtpPolicy::{Off, Optional, Required};
    #[derive(Debug, PartialEq)]
    enum Outcome {
        Keyed,
        Clear,
        Refused,
    }
    use Outcome::{Clear, Keyed, Refused};
    let table = [
        ("RTP/AVP", false, Off, Clear),
        ("RTP/AVP", false, Optional, Clear),
        ("RTP/AVP", false, Required, Refused),
        ("RTP/AVP", true, Off, Clear),
        ("RTP/AVP", true, Optional, Keyed),
        ("RTP/AVP", true, Required, Keyed),
        ("RTP/SAVP", true, Off, Refused),
        ("RTP/SAVP", true, Optional, Keyed),
        ("RTP/SAVP", true, Required, Keyed),
        ("RTP/SAVP", false, Optional, Refused),
        ("RTP/SAVP", false, Required, Refused),
        ("RTP/SAVPF", true, Optional, Keyed),
        ("UDP/TLS/RTP/SAVP", true, Required, Refused),
    ];
    for (proto, has_key, policy, expected) in table {
        let offer = offer(proto, has_key.then_some(KEY));
        let case = format!("{proto} {has_key} {policy:?}");
        let outcome = match leg(policy, true, 1).answer(&offer, &Codec::ALL) {
            Ok((answer, stream)) => {
                assert!(
                    text(&answer).contains(&format!("m=audio 20000 {proto} 8")),
                    "{case}"
                );
                assert_eq!(
                    crypto(&answer).len(),
                    usize::from(stream.srtp.is_some()),
                    "{case}"
                );
                if stream.srtp.is_some() { Keyed } else { Clear }
            }
            Err(error) => {
                assert_eq!(error.status(), 488, "{case}");
                Refused
            }
        };
        assert_eq!(outcome, expected, "{case}");

        // Where others read the signalling no key is told or taken, whatever is wanted.
        let outcome = leg(policy, false, 1).answer(&offer, &Codec::ALL);
        let stream = outcome.map(|(answer, stream)| (crypto(&answer).len(), stream.srtp));
        let is_clear = proto == "RTP/AVP" && policy != Required;
        assert_eq!(
            stream.ok(),
            is_clear.then_some((0, None)),
            "{case}, in the open"
        );
    }
}

#[test]
fn an_answer_has_the_offers_tag_and_suite_and_a_key_of_our_own() {
    let offered = offer("RTP/SAVP", Some(KEY));
    let (answer, stream) = leg(SrtpPolicy::Required, true, 1)
        .answer(&offered, &Codec::ALL)
        .unwrap();
    let [line] = crypto(&answer)[..] else {
        panic!("one line");
    };
    assert!(
        line.starts_with("3 AES_CM_128_HMAC_SHA1_32 inline:"),
        "{line}"
    );
    assert!(!line.contains(KEY));
    assert_eq!(keys(&stream).suite, SrtpSuite::AesCm128HmacSha1_32);
    assert_eq!(keys(&stream).receive.key(), b"wDfvg&T+)xG7@fb5".as_slice());
    let (_, another) = leg(SrtpPolicy::Required, true, 2)
        .answer(&offered, &Codec::ALL)
        .unwrap();
    assert_ne!(
        keys(&another).send,
        keys(&stream).send,
        "each leg has its own"
    );
}

/// RFC 4568 §5.1.2: lines that cannot be followed are passed over for another one.
#[test]
fn the_first_line_that_we_can_follow_is_taken() {
    let offer = offer_with(&format!(
        "m=audio 4000 RTP/SAVP 8\r\n\
         a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:{KEY}\r\n\
         a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4\r\n\
         a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:short\r\n\
         a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:{OTHER} UNENCRYPTED_SRTP\r\n\
         a=crypto:5 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20\r\n\
         a=crypto:6 AES_CM_128_HMAC_SHA1_32 inline:{KEY}\r\n"
    ));
    let mut leg = leg(SrtpPolicy::Optional, true, 1);
    let (answer, _) = leg.answer(&offer, &Codec::ALL).unwrap();
    assert!(crypto(&answer)[0].starts_with("5 AES_CM_128_HMAC_SHA1_80 "));
}

/// A phone that offers both kinds of line is taken at the encrypted one, in its place.
#[test]
fn of_a_plain_and_an_encrypted_line_the_encrypted_one_is_taken() {
    let offer = offer_with(&format!(
        "m=audio 4000 RTP/AVP 8\r\nm=audio 4002 RTP/SAVP 8\r\n\
         a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}\r\n"
    ));
    let (answer, stream) = leg(SrtpPolicy::Optional, true, 1)
        .answer(&offer, &Codec::ALL)
        .unwrap();
    assert_eq!(stream.remote.port(), 4002);
    assert!(text(&answer).contains("m=audio 0 RTP/AVP 8\r\nm=audio 20000 RTP/SAVP 8"));
    let (_, stream) = leg(SrtpPolicy::Off, true, 1)
        .answer(&offer, &Codec::ALL)
        .unwrap();
    assert_eq!((stream.remote.port(), stream.srtp), (4000, None));
}

/// Both ends are ours: what one sends by the other receives by.
#[test]
fn two_ends_agree_as_far_as_their_policies_do() {
    use SrtpPolicy::{Off, Optional, Required};
    for (offerer, answerer, expected) in [
        (Off, Off, Some(false)),
        (Off, Optional, Some(false)),
        (Off, Required, None),
        (Optional, Off, Some(false)),
        (Optional, Optional, Some(true)),
        (Optional, Required, Some(true)),
        (Required, Off, None),
        (Required, Optional, Some(true)),
        (Required, Required, Some(true)),
    ] {
        let (mut a, mut b) = (leg(offerer, true, 1), leg(answerer, true, 2));
        let offer = a.offer(&Codec::ALL, Direction::SendRecv);
        let agreed = b.answer(&offer, &Codec::ALL).ok().map(|(answer, theirs)| {
            let ours = a.handle_answer(&answer).unwrap();
            if let Some(keys) = &ours.srtp {
                let theirs = theirs.srtp.as_ref().unwrap();
                assert_eq!((&keys.send, &keys.receive), (&theirs.receive, &theirs.send));
                assert_ne!(keys.send, keys.receive);
            }
            ours.srtp.is_some()
        });
        assert_eq!(agreed, expected, "{offerer:?} {answerer:?}");
    }
}

/// RFC 4568 §5.1.3: an answer with another tag, another suite or without keys is none to an offer
/// that needs keys.
#[test]
fn an_answer_that_is_none_to_our_keys_is_refused_where_they_are_required() {
    for (answer, is_taken) in [
        (format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"), true),
        (format!("2 AES_CM_128_HMAC_SHA1_32 inline:{KEY}"), true),
        (format!("2 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"), false),
        (format!("7 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"), false),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:".to_owned(), false),
    ] {
        let mut leg = leg(SrtpPolicy::Required, true, 1);
        let offer = leg.offer(&Codec::ALL, Direction::SendRecv);
        assert!(text(&offer).contains("RTP/SAVP"));
        assert_eq!(crypto(&offer).len(), 2);
        let line = format!("m=audio 4000 RTP/SAVP 8\r\na=crypto:{answer}\r\n");
        let taken = leg.handle_answer(&offer_with(&line));
        assert_eq!(taken.is_ok(), is_taken, "{answer}");
        if let Err(error) = taken {
            assert_eq!(error, NegotiationError::Unprotected);
        }
    }
}

/// Hold and resume, and a refreshed session, change no key: counters and windows go on.
#[test]
fn hold_and_refresh_keep_the_keys() {
    let mut leg = leg(SrtpPolicy::Optional, true, 1);
    let (first, stream) = leg
        .answer(&offer("RTP/SAVP", Some(KEY)), &Codec::ALL)
        .unwrap();
    let asked =
        text(&offer("RTP/SAVP", Some(KEY))).replace("RTP/SAVP 8", "RTP/SAVP 8\r\na=sendonly");
    let (told, on_hold) = leg.answer(asked.as_bytes(), &Codec::ALL).unwrap();
    assert_eq!(on_hold.direction, Direction::RecvOnly);
    assert_eq!(on_hold.srtp, stream.srtp);
    assert_eq!(crypto(&told), crypto(&first));

    // Our own offer, and the same said again, tell the key in use and no other.
    let ours = leg.offer(&Codec::ALL, Direction::SendRecv);
    let again = leg.offer_again().unwrap();
    let key = |body: &[u8]| crypto(body)[0].split_once("inline:").unwrap().1.to_owned();
    assert_eq!((crypto(&ours).len(), key(&ours)), (1, key(&first)));
    assert_eq!(crypto(&again), crypto(&ours));
    let answer = text(&offer("RTP/SAVP", Some(KEY))).replace("crypto:3", "crypto:1");
    let resumed = leg.handle_answer(answer.as_bytes()).unwrap();
    assert_eq!(resumed.srtp, stream.srtp);
}

/// RFC 4568 §7.1.4: a new key in a later offer is answered with a new one of ours.
#[test]
fn a_new_key_is_answered_with_a_new_key() {
    let mut leg = leg(SrtpPolicy::Optional, true, 1);
    let (_, first) = leg
        .answer(&offer("RTP/SAVP", Some(KEY)), &Codec::ALL)
        .unwrap();
    let (_, second) = leg
        .answer(&offer("RTP/SAVP", Some(OTHER)), &Codec::ALL)
        .unwrap();
    assert_ne!(keys(&first).receive, keys(&second).receive);
    assert_ne!(keys(&first).send, keys(&second).send);
    // A refused change leaves what was.
    assert!(leg.answer(b"nothing", &Codec::ALL).is_err());
    assert_eq!(leg.stream(), Some(&second));
}

#[test]
fn nothing_of_a_session_shows_a_key() {
    let mut leg = leg(SrtpPolicy::Optional, true, 1);
    let (answer, stream) = leg
        .answer(&offer("RTP/SAVP", Some(KEY)), &Codec::ALL)
        .unwrap();
    let ours = crypto(&answer)[0].split_once("inline:").unwrap().1;
    for shown in [format!("{leg:?}"), format!("{stream:?}")] {
        assert!(!shown.contains(KEY) && !shown.contains(ours), "{shown}");
        assert!(shown.contains("***"), "{shown}");
    }
}

proptest! {
    /// Whatever stands in the lines: no panic, and keys only where a line could be followed.
    #[test]
    fn any_crypto_lines_are_answered_or_refused(
        values in proptest::collection::vec("[ -~]{0,90}", 0..6),
        is_secure: bool,
        policy in prop_oneof![Just(SrtpPolicy::Optional), Just(SrtpPolicy::Required)],
    ) {
        let lines: Vec<_> = values.iter().map(|value| format!("a=crypto:{value}\r\n")).collect();
        let proto = if is_secure { "RTP/SAVP" } else { "RTP/AVP" };
        let offer = offer_with(&format!("m=audio 4000 {proto} 8\r\n{}", lines.concat()));
        if let Ok((answer, stream)) = leg(policy, true, 1).answer(&offer, &Codec::ALL) {
            prop_assert!(stream.srtp.is_some() || policy == SrtpPolicy::Optional && !is_secure);
            let mut peer = leg(policy, true, 2);
            peer.offer(&Codec::ALL, Direction::SendRecv);
            let _ = peer.handle_answer(&answer);
        }
    }
}
