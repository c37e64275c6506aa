//! Every message of `proto-fixtures/`, read and, where it is sound, written and read again.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Malformed, Message, Method, ParseError, Scheme};

const ROOT: &str = "proto-fixtures";

#[test]
fn every_torture_message_is_read_or_refused_as_the_index_says() {
    let index = fs::read_to_string(Path::new(ROOT).join("index.tsv")).unwrap();
    let mut wrong = Vec::new();
    for row in index.lines().skip(1) {
        let columns: Vec<_> = row.split('\t').collect();
        let seen = verdict(&Message::parse(&octets(columns[0])));
        if seen != columns[2] {
            wrong.push(format!("{}: {seen} instead of {}", columns[0], columns[2]));
        }
    }
    assert_eq!(index.lines().count(), 62);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn invalid_messages_are_refused_as_their_names_say() {
    for file in files("sip/invalid") {
        let name = file.file_name().unwrap().to_str().unwrap();
        let result = Message::parse(&fs::read(&file).unwrap());
        assert_eq!(
            Some(verdict(&result).as_str()),
            name.split('-').next(),
            "{name}: {result:?}"
        );
    }
}

#[test]
fn valid_messages_come_back_as_they_were_written() {
    let folders = [
        "sip/valid",
        "sip/flows/answered-call",
        "sip/flows/cancelled-call",
        "rfc4475",
        "rfc5118",
    ];
    let mut read = 0;
    for file in folders.into_iter().flat_map(files) {
        let Ok(message) = Message::parse(&fs::read(&file).unwrap()) else {
            assert!(
                !file.starts_with("proto-fixtures/sip"),
                "{}",
                file.display()
            );
            continue;
        };
        assert_eq!(
            again(&message),
            without_length(message),
            "{}",
            file.display()
        );
        read += 1;
    }
    assert!(read > 60, "only {read} were read");
}

#[test]
fn a_short_tortuous_invite_is_understood() {
    let invite = request("rfc4475/wsinv.dat");
    assert_eq!(
        invite.from_addr().display.as_deref(),
        Some("J Rosenberg \\\"")
    );
    assert_eq!(invite.to_addr().tag(), Some("1918181833n"));
    assert_eq!(invite.cseq().number, 9);
    assert_eq!(invite.headers.max_forwards(), Some(68));
    let branches: Vec<_> = invite
        .headers
        .vias()
        .iter()
        .map(|via| via.branch().unwrap().to_owned())
        .collect();
    assert_eq!(branches, ["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"]);
    let contact = invite.headers.contact().unwrap();
    assert_eq!(contact.display.as_deref(), Some("Quoted string \"\""));
    assert_eq!(
        (contact.params.get("newparam"), contact.params.get("q")),
        (Some("newvalue"), Some("0.33"))
    );
    assert_eq!(invite.headers.get("Subject").as_deref(), Some(""));
    assert_eq!(
        invite.headers.get("newfangledheader").as_deref(),
        Some("newfangled value continued newfangled value")
    );
    assert_eq!(invite.body.len(), 150);
}

#[test]
fn escapes_are_not_undone_where_they_are_none() {
    let register = request("rfc4475/esc02.dat");
    assert_eq!(register.method, Method::Other("RE%47IST%45R".to_owned()));
    assert_eq!(register.headers.contacts().len(), 2);
    let contacts = request("rfc4475/escnull.dat").headers.contacts();
    let users: Vec<_> = contacts
        .iter()
        .map(|contact| contact.uri.user_unescaped().unwrap())
        .collect();
    assert_eq!(users, ["\0", "\0\0"]);
}

#[test]
fn a_parameter_belongs_to_the_contact_or_to_its_uri() {
    let of_header = request("rfc4475/cparam01.dat").headers.contact().unwrap();
    assert!(of_header.params.has("unknownparam") && !of_header.uri.params.has("unknownparam"));
    let of_uri = request("rfc4475/cparam02.dat").headers.contact().unwrap();
    assert!(of_uri.uri.params.has("unknownparam") && !of_uri.params.has("unknownparam"));
}

#[test]
fn octets_behind_the_body_are_dropped_and_a_missing_length_takes_all() {
    assert!(request("rfc4475/dblreq.dat").body.is_empty());
    assert_eq!(request("rfc4475/inv2543.dat").body.len(), 105);
    assert!(request("rfc4475/mpart01.dat").body.contains(&0));
    assert_eq!(
        request("sip/valid/octets-behind-the-body.sip").body,
        request("sip/valid/invite.sip").body
    );
}

#[test]
fn unknown_schemes_are_left_to_the_layer_above() {
    assert!(matches!(
        request("rfc4475/unkscm.dat").uri.scheme,
        Scheme::Other(_)
    ));
    assert!(matches!(
        request("rfc4475/novelsc.dat").uri.scheme,
        Scheme::Other(_)
    ));
}

#[test]
fn a_name_in_gb18030_is_read_and_its_octets_are_echoed() {
    let invite = request("sip/valid/gb18030-name.sip");
    assert_eq!(invite.from_addr().display.as_deref(), Some("张三"));
    let response = invite.respond(super::StatusCode::OK).to_bytes();
    assert!(
        response
            .windows(4)
            .any(|octets| octets == [0xd5, 0xc5, 0xc8, 0xfd])
    );
}

#[test]
fn a_refusal_echoes_what_the_sender_needs() {
    let error = Message::parse(&octets("rfc4475/quotbal.dat")).unwrap_err();
    let answer = error.answer().unwrap();
    assert_eq!(answer.status.as_u16(), 400);
    assert_eq!(answer.top_via().branch(), Some("z9hG4bKkdjuw39234"));
    assert_eq!(
        answer.headers.get("To").as_deref(),
        Some("\"Mr. J. User <sip:j.user@example.com>")
    );
    assert_eq!(answer.headers.call_id().as_deref(), Some("quotbal.aksdj"));
    assert_eq!(
        answer.headers.get("Warning").as_deref(),
        Some("399 invalid \"To is malformed: a quoted string does not end\"")
    );
}

#[test]
fn a_message_has_at_most_100_headers_and_64_kib() {
    let invite = octets("sip/valid/leading-crlf.sip");
    let with = |lines: usize, body: usize| {
        let mut message = invite.clone();
        message.truncate(message.len() - "Content-Length: 0\r\n\r\n".len());
        message.extend("X: x\r\n".repeat(lines).bytes());
        message.extend(b"\r\n");
        message.resize(message.len() + body, b'x');
        Message::parse(&message).map_err(|error| error.cause)
    };
    let fullest = with(93, 0).unwrap();
    assert_eq!(again(&fullest), fullest);
    assert_eq!(with(94, 0), Err(Malformed::TooManyHeaders));
    assert!(with(0, 65_000).is_ok());
    assert_eq!(with(0, 65_536), Err(Malformed::TooLarge));
}

fn verdict(result: &Result<Message, ParseError>) -> String {
    match result {
        Ok(Message::Request(_)) => "request".to_owned(),
        Ok(Message::Response(_)) => "response".to_owned(),
        Err(error) => error
            .answer()
            .map_or("discard".to_owned(), |answer| answer.status.to_string()),
    }
}

/// Written and read again.
fn again(message: &Message) -> Message {
    without_length(Message::parse(&message.to_bytes()).unwrap())
}

/// Writing puts Content-Length at the end, wherever it stood before.
fn without_length(mut message: Message) -> Message {
    match &mut message {
        Message::Request(request) => request.headers.remove("Content-Length"),
        Message::Response(response) => response.headers.remove("Content-Length"),
    }
    message
}

fn request(file: &str) -> super::Request {
    match Message::parse(&octets(file)) {
        Ok(Message::Request(request)) => request,
        other => panic!("{file}: {other:?}"),
    }
}

fn octets(file: &str) -> Vec<u8> {
    fs::read(Path::new(ROOT).join(file)).unwrap()
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(ROOT).join(folder)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
