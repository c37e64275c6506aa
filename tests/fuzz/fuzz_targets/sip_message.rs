//! Any datagram: it is read and comes back as it was written, or is refused; nothing panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use thirdring::sip::{Headers, Message, StatusCode};

fuzz_target!(|datagram: &[u8]| match Message::parse(datagram) {
    Ok(mut message) => {
        let mut again = Message::parse(&message.to_bytes()).expect("what was written is read");
        read_all(message.headers());
        if let Message::Request(request) = &message {
            let (number, user) = (request.uri.number(), request.uri.user_unescaped());
            assert!(number.is_none() || user.is_some());
            let response = request.respond(StatusCode::OK).to_bytes();
            Message::parse(&response).expect("what was answered is read");
        }
        drop_length(&mut again);
        drop_length(&mut message);
        assert_eq!(again, message);
    }
    Err(error) => {
        if let Some(answer) = error.answer() {
            answer.to_bytes();
        }
    }
});

/// Reads every header that has a type, and writes each again.
fn read_all(headers: &Headers) {
    for via in headers.vias() {
        assert_eq!(via.to_string().parse(), Ok(via));
    }
    let lists = [
        headers.contacts(),
        headers.routes(),
        headers.record_routes(),
    ];
    let single = [
        "From",
        "To",
        "Refer-To",
        "Referred-By",
        "P-Asserted-Identity",
    ];
    let addresses = single.iter().filter_map(|name| headers.address(name).ok());
    for address in lists.into_iter().flatten().chain(addresses) {
        assert_eq!(address.to_string().parse(), Ok(address));
    }
    headers.content_type();
    headers.expires();
    headers.list("Supported");
}

/// Writing puts Content-Length at the end, wherever it stood.
fn drop_length(message: &mut Message) {
    match message {
        Message::Request(request) => request.headers.remove("Content-Length"),
        Message::Response(response) => response.headers.remove("Content-Length"),
    }
}
