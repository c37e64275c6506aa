//! What holds for every input: nothing panics, what is written reads back as it was, and no
//! text breaks out of its place.

use std::fs;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::auth::answer;
use super::{
    CSeq, Host, Message, Method, NameAddr, Request, Response, StatusCode, Transport, Uri, Via,
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_octets_panic(octets in vec(any::<u8>(), 0..2_000)) {
        let _ = Message::parse(&octets).map_err(|error| error.answer());
    }

    #[test]
    fn damaged_messages_do_not_panic_and_what_is_read_is_written_the_same(
        message in select(fixtures()),
        damage in vec((any::<Index>(), damage()), 0..6),
    ) {
        let mut octets = message;
        for (at, damage) in damage {
            apply(&mut octets, at, damage);
        }
        match Message::parse(&octets) {
            Ok(message) => prop_assert_eq!(again(&message), without_length(message)),
            Err(error) => if let Some(answer) = error.answer() {
                answer.to_bytes();
            },
        }
    }

    #[test]
    fn what_is_read_as_a_uri_is_written_the_same(text in "(sip|sips|tel|x):[ -~é]{0,30}") {
        if let Ok(uri) = text.parse::<Uri>() {
            prop_assert_eq!(uri.to_string().parse::<Uri>(), Ok(uri));
        }
    }

    #[test]
    fn what_is_read_as_an_address_is_written_the_same(text in "(\"[ -~\t]{0,9}\"|[ -~]{0,9})?<?sip:[a-z;?@%<>\"=,. ]{0,20}>?[;=a-z\", \\\\]{0,9}") {
        if let Ok(address) = text.parse::<NameAddr>() {
            prop_assert_eq!(address.to_string().parse::<NameAddr>(), Ok(address));
        }
    }

    #[test]
    fn what_is_read_as_a_via_is_written_the_same(text in "SIP/2.0/[A-Z]{1,4} [a-z0-9.:\\[\\]]{1,9}(;[a-z]{0,3}(=[ -~é]{0,5})?){0,3}") {
        if let Ok(via) = text.parse::<Via>() {
            prop_assert_eq!(via.to_string().parse::<Via>(), Ok(via));
        }
    }

    /// Threat: header injection, smuggling. What a challenge says, too, stays within the one header
    /// that answers it.
    #[test]
    fn an_answer_to_a_challenge_is_one_header(texts in vec(hostile(), 3), user in hostile()) {
        let [realm, nonce, opaque] = &texts[..] else {
            unreachable!("three were asked for");
        };
        let mut challenge = Response::new(StatusCode::UNAUTHORIZED);
        let value = format!("Digest realm=\"{realm}\", nonce=\"{nonce}\", opaque=\"{opaque}\", qop=\"auth\"");
        challenge.headers.push("WWW-Authenticate", value);
        let mut request = plain_invite();
        let count = request.headers.len();
        let mut rng = StdRng::seed_from_u64(1);
        let answered = answer(&challenge, &request.method, &request.uri, &user, "secret", 1, &mut rng);
        if let Some((name, value)) = answered {
            request.headers.push(name, value);
            let Ok(Message::Request(read)) = Message::parse(&request.to_bytes()) else {
                return Err(TestCaseError::fail("it is no request any more"));
            };
            prop_assert_eq!(read.headers.len(), count + 2, "with Content-Length");
            prop_assert!(read.headers.has("Authorization"));
        }
    }

    /// Threat: header injection, smuggling.
    #[test]
    fn no_text_breaks_out_of_its_place(texts in vec(hostile(), 8)) {
        let [user, name, call_id, parameter, value, subject, header, reason] = &texts[..] else {
            unreachable!("eight were asked for");
        };
        let mut uri = Uri::sip(Some(user), Host::Name(value.clone() + "h"), None);
        uri.params.set(parameter, Some(value));
        uri.headers = Some(subject.clone());
        let mut address = NameAddr::new(uri).with_display(Some(name)).with_tag(value);
        address.params.set(parameter, Some(name));
        let mut via = Via::new(Transport::Udp, ([192, 0, 2, 1], 5060).into(), value);
        via.params.set(parameter, Some(name));

        let mut request = Request::new(Method::Other(format!("X{name}")), Uri::sip(Some(user), Host::Name("h".to_owned()), None));
        request.headers.push("Via", &via);
        request.headers.push("From", &address);
        request.headers.push("To", NameAddr::anonymous());
        request.headers.push("Call-ID", format!("x{}", call_id.replace(|c: char| c.is_whitespace() || c == '\0', "")));
        request.headers.push("CSeq", CSeq { number: 1, method: request.method.clone() });
        request.headers.push("Subject", subject);
        request.headers.push(&format!("X-{header}"), value);
        let count = request.headers.len() + 1;

        let read = match Message::parse(&request.to_bytes()) {
            Ok(Message::Request(read)) => read,
            other => return Err(TestCaseError::fail(format!("{other:?}"))),
        };
        prop_assert_eq!(read.headers.len(), count);
        prop_assert!(read.body.is_empty());
        prop_assert_eq!(&read.uri, &request.uri);
        prop_assert_eq!(read.uri.user_unescaped().unwrap_or_default(), user.as_str());
        prop_assert_eq!(read.headers.vias().len(), 1);
        let display = read.from_addr().display.unwrap_or_default();
        prop_assert_eq!(display, name.replace(char::is_control, " "));

        let mut response = read.respond(StatusCode::OK);
        response.reason.clone_from(reason);
        let Ok(Message::Response(read)) = Message::parse(&response.to_bytes()) else {
            return Err(TestCaseError::fail("the response is not one"));
        };
        prop_assert_eq!(read.headers.len(), 6);
    }
}

fn plain_invite() -> Request {
    let mut request = Request::new(Method::INVITE, "sip:a@192.0.2.1".parse().unwrap());
    let headers = &mut request.headers;
    headers.push("Via", "SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1");
    headers.push("From", "<sip:a@b>;tag=1");
    headers.push("To", "<sip:c@d>");
    headers.push("Call-ID", "x");
    headers.push("CSeq", "1 INVITE");
    request
}

#[derive(Clone, Debug)]
enum Damage {
    Overwrite(u8),
    Insert(Vec<u8>),
    Cut(usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let pieces = [
        "\r\n", "\n", "\r", "\"", "\\", "<", ">", ",", ";", ":", " ", "\t", "%", "%00", "\0",
        "\u{e9}", "[", "@", "=", "SIP/2.0", "Via: ",
    ];
    prop_oneof![
        any::<u8>().prop_map(Damage::Overwrite),
        select(pieces.to_vec()).prop_map(|piece| Damage::Insert(piece.as_bytes().to_vec())),
        (1_usize..40).prop_map(Damage::Cut),
    ]
}

fn apply(octets: &mut Vec<u8>, at: Index, damage: Damage) {
    let at = if octets.is_empty() {
        0
    } else {
        at.index(octets.len())
    };
    match damage {
        Damage::Overwrite(octet) => octets.get_mut(at).into_iter().for_each(|old| *old = octet),
        Damage::Insert(piece) => drop(octets.splice(at..at, piece)),
        Damage::Cut(length) => drop(octets.drain(at..octets.len().min(at + length))),
    }
}

/// Text with much of what could end a value, a quote or a line.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[\r\n\0\"<>;,:@%?\\\\a ]{0,12}",
        "a\r\nEvil: [a-z]{3}\r\n\r\n",
        any::<String>(),
    ]
}

fn fixtures() -> Vec<Vec<u8>> {
    let folders = ["rfc4475", "rfc5118", "sip/valid"];
    let mut files: Vec<_> = folders
        .into_iter()
        .flat_map(|folder| fs::read_dir(format!("proto-fixtures/{folder}")).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|file| fs::read(file).unwrap())
        .collect()
}

fn again(message: &Message) -> Message {
    without_length(Message::parse(&message.to_bytes()).unwrap())
}

fn without_length(mut message: Message) -> Message {
    match &mut message {
        Message::Request(request) => request.headers.remove("Content-Length"),
        Message::Response(response) => response.headers.remove("Content-Length"),
    }
    message
}
