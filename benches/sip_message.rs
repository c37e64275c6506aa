//! How fast messages are read and written: an INVITE as trunks send it, a REGISTER with
//! credentials, a response with a route, and RFC 4475's short tortuous INVITE.

#![allow(
    missing_docs,
    clippy::expect_used,
    reason = "criterion's macros write undocumented functions, and a bench may stop at the first surprise"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use thirdring::sip::{Message, StatusCode};

const MESSAGES: [(&str, &[u8]); 4] = [
    (
        "invite",
        include_bytes!("../proto-fixtures/sip/valid/invite.sip"),
    ),
    (
        "register_with_digest",
        include_bytes!("../proto-fixtures/sip/valid/register-with-digest.sip"),
    ),
    (
        "response",
        include_bytes!("../proto-fixtures/sip/valid/response-with-record-routes.sip"),
    ),
    (
        "tortuous_invite",
        include_bytes!("../proto-fixtures/rfc4475/wsinv.dat"),
    ),
];

fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sip_parse");
    for (name, octets) in MESSAGES {
        group.throughput(Throughput::Bytes(octets.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| Message::parse(black_box(octets)).expect("a sound message"));
        });
    }
    group.finish();
}

fn write(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sip_write");
    for (name, octets) in MESSAGES {
        let message = Message::parse(octets).expect("a sound message");
        group.throughput(Throughput::Bytes(message.to_bytes().len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(&message).to_bytes());
        });
    }
    group.finish();
}

/// What a server does with each request at least: read it, answer it, write the answer.
fn answer(criterion: &mut Criterion) {
    let (_, octets) = MESSAGES[0];
    let mut group = criterion.benchmark_group("sip_answer");
    group.throughput(Throughput::Elements(1));
    group.bench_function("invite_180", |bencher| {
        bencher.iter(|| match Message::parse(black_box(octets)) {
            Ok(Message::Request(request)) => {
                let mut response = request.respond(StatusCode::RINGING);
                response.set_to_tag("b2");
                response.to_bytes()
            }
            Ok(Message::Response(_)) | Err(_) => Vec::new(),
        });
    });
    group.finish();
}

criterion_group!(benches, parse, write, answer);
criterion_main!(benches);
