use proptest::prelude::*;

use super::*;

const BOTH: [Codec; 2] = [Codec::Pcma, Codec::Pcmu];

fn leg() -> OfferAnswer {
    let policy = AddressPolicy {
        allow_loopback: true,
    };
    OfferAnswer::new(7, "192.0.2.1:20000".parse().unwrap(), policy)
}

fn text(body: &[u8]) -> &str {
    std::str::from_utf8(body).unwrap()
}

fn version(body: &[u8]) -> u64 {
    Session::parse(body).unwrap().origin.sess_version
}

fn offer_with(lines: &str) -> Vec<u8> {
    format!("v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n{lines}")
        .into_bytes()
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("proto-fixtures/sdp/{name}")).unwrap()
}

/// Threat: flood, memory. Control: eight media lines are answered, each of them.
#[test]
fn a_description_with_more_than_eight_media_lines_is_refused() {
    let more = |count: usize| {
        let video = "m=video 5000 RTP/AVP 99\r\n".repeat(count);
        offer_with(&format!("m=audio 4000 RTP/AVP 8\r\n{video}"))
    };
    let refused = leg().answer(&more(8), &BOTH);
    assert_eq!(refused.unwrap_err().status(), 400);
    let (answer, _) = leg().answer(&more(7), &BOTH).unwrap();
    assert_eq!(text(&answer).matches("m=").count(), 8);
}

#[test]
fn descriptions_of_carriers_and_phones_are_answered() {
    use Direction::{RecvOnly, SendRecv};
    let expected = [
        ("carrier-ims.sdp", Codec::Pcma, Some(98), SendRecv, 20),
        ("carrier-static-types.sdp", Codec::Pcma, None, SendRecv, 20),
        ("carrier-ptime-30.sdp", Codec::Pcma, Some(97), SendRecv, 30),
        ("asterisk.sdp", Codec::Pcma, Some(101), SendRecv, 20),
        ("freeswitch.sdp", Codec::Pcma, Some(101), SendRecv, 20),
        ("baresip.sdp", Codec::Pcma, Some(101), SendRecv, 20),
        ("sipp.sdp", Codec::Pcma, None, SendRecv, 20),
        (
            "phone-srtp-best-effort.sdp",
            Codec::Pcma,
            Some(101),
            SendRecv,
            20,
        ),
        ("linphone-video.sdp", Codec::Pcma, Some(100), SendRecv, 20),
        (
            "phone-hold-rfc2543.sdp",
            Codec::Pcma,
            Some(101),
            RecvOnly,
            20,
        ),
        (
            "phone-hold-sendonly.sdp",
            Codec::Pcma,
            Some(101),
            RecvOnly,
            20,
        ),
        (
            "gateway-fax-second.sdp",
            Codec::Pcmu,
            Some(101),
            SendRecv,
            20,
        ),
        ("gateway-gb18030.sdp", Codec::Pcma, Some(101), SendRecv, 20),
    ];
    for (name, codec, event, direction, ptime) in expected {
        let offer = fixture(name);
        let (answer, stream) = leg().answer(&offer, &BOTH).expect(name);
        assert_eq!(stream.codec, codec, "{name}");
        assert_eq!(stream.send_pt, codec.static_payload_type(), "{name}");
        assert_eq!(stream.send_event_pt, event, "{name}");
        assert_eq!(stream.direction, direction, "{name}");
        assert_eq!(stream.ptime_ms, ptime, "{name}");

        let ours = Session::parse(&answer).unwrap();
        let theirs = parse::session(&offer).unwrap();
        assert_eq!(ours.medias.len(), theirs.medias.len(), "{name}");
        let live = ours.medias.iter().filter(|media| media.port != 0);
        assert_eq!(live.count(), 1, "{name}");
    }
}

#[test]
fn rtcp_address_of_rfc3605_is_taken() {
    let (_, stream) = leg()
        .answer(&fixture("carrier-ptime-30.sdp"), &BOTH)
        .unwrap();
    assert_eq!(stream.remote_rtcp, "192.0.2.12:20003".parse().unwrap());
    let (_, stream) = leg().answer(&fixture("sipp.sdp"), &BOTH).unwrap();
    assert_eq!(stream.remote_rtcp, "127.0.0.2:6001".parse().unwrap());
}

#[test]
fn an_answer_lists_one_codec_and_the_offers_payload_types() {
    let (answer, _) = leg().answer(&fixture("carrier-ims.sdp"), &BOTH).unwrap();
    assert_eq!(
        text(&answer),
        "v=0\r\no=- 7 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
         m=audio 20000 RTP/AVP 8 98\r\na=rtpmap:8 PCMA/8000\r\n\
         a=rtpmap:98 telephone-event/8000\r\na=fmtp:98 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    );
}

#[test]
fn the_codec_of_the_other_leg_is_preferred_to_the_peers_order() {
    let offer = fixture("asterisk.sdp"); // PCMU first
    let (_, stream) = leg().answer(&offer, &BOTH).unwrap();
    assert_eq!(stream.codec, Codec::Pcma);
    let (_, stream) = leg().answer(&offer, &[Codec::Pcmu, Codec::Pcma]).unwrap();
    assert_eq!(stream.codec, Codec::Pcmu);
}

#[test]
fn nothing_in_common_is_488() {
    for lines in [
        "m=audio 4000 RTP/AVP 18\r\n",
        "m=audio 0 RTP/AVP 8\r\n",
        "m=audio 4000 RTP/SAVP 8\r\n",
        "m=video 4000 RTP/AVP 8\r\n",
        "",
    ] {
        let error = leg().answer(&offer_with(lines), &BOTH).unwrap_err();
        assert_eq!(error.status(), 488, "{lines}");
    }
    let error = leg().answer(&fixture("g729-only.sdp"), &BOTH).unwrap_err();
    assert_eq!(error, NegotiationError::NothingInCommon);
    assert_eq!(leg().answer(b"hello", &BOTH).unwrap_err().status(), 400);
}

#[test]
fn a_dynamic_payload_type_may_stand_for_pcma() {
    let offer = offer_with("m=audio 4000 RTP/AVP 118\r\na=rtpmap:118 PCMA/8000\r\n");
    let (answer, stream) = leg().answer(&offer, &BOTH).unwrap();
    assert_eq!((stream.send_pt, stream.receive_pt), (118, 118));
    assert!(text(&answer).contains("a=rtpmap:118 PCMA/8000"));
}

#[test]
fn a_remapped_static_type_is_not_taken_for_g711() {
    let offer = offer_with("m=audio 4000 RTP/AVP 8\r\na=rtpmap:8 L16/44100\r\n");
    let error = leg().answer(&offer, &BOTH).unwrap_err();
    assert_eq!(error, NegotiationError::NothingInCommon);
}

#[test]
fn our_offer_and_their_answer_keep_their_own_payload_types() {
    let mut leg = leg();
    let offer = leg.offer(&BOTH, Direction::SendRecv);
    assert!(text(&offer).contains("m=audio 20000 RTP/AVP 8 0 101\r\n"));
    let answer = offer_with(
        "m=audio 4000 RTP/AVP 0 97\r\na=rtpmap:97 telephone-event/8000\r\na=ptime:40\r\n",
    );
    let stream = leg.handle_answer(&answer).unwrap();
    assert_eq!(stream.codec, Codec::Pcmu);
    assert_eq!(
        (stream.send_event_pt, stream.receive_event_pt),
        (Some(97), Some(101))
    );
    assert_eq!(stream.ptime_ms, 40);
    // A 183 and its 200 carry the same answer.
    assert_eq!(leg.handle_answer(&answer).unwrap(), stream);
}

#[test]
fn a_refused_offer_leaves_the_stream_as_it_was() {
    let mut leg = leg();
    let (_, before) = leg.answer(&fixture("sipp.sdp"), &BOTH).unwrap();
    leg.offer(&BOTH, Direction::SendOnly);
    let refusal = offer_with("m=audio 0 RTP/AVP 8\r\n");
    assert_eq!(
        leg.handle_answer(&refusal),
        Err(NegotiationError::NothingInCommon)
    );
    assert!(leg.answer(&fixture("g729-only.sdp"), &BOTH).is_err());
    assert_eq!(leg.stream(), Some(&before));
}

#[test]
fn the_version_rises_only_when_something_changed() {
    let mut leg = leg();
    let offer = fixture("baresip.sdp");
    let (first, _) = leg.answer(&offer, &BOTH).unwrap();
    let (again, _) = leg.answer(&offer, &BOTH).unwrap();
    assert_eq!(first, again);
    assert_eq!(version(&first), 1);

    let held = text(&offer).replace("a=sendrecv", "a=sendonly");
    let (on_hold, stream) = leg.answer(held.as_bytes(), &BOTH).unwrap();
    assert_eq!(version(&on_hold), 2);
    assert_eq!(stream.direction, Direction::RecvOnly);
    assert!(text(&on_hold).contains("a=recvonly"));

    let (resumed, stream) = leg.answer(&offer, &BOTH).unwrap();
    assert_eq!(version(&resumed), 3);
    assert_eq!(stream.direction, Direction::SendRecv);
}

#[test]
fn inactive_is_answered_inactive() {
    let offer = offer_with("m=audio 4000 RTP/AVP 8\r\na=inactive\r\n");
    let (answer, stream) = leg().answer(&offer, &BOTH).unwrap();
    assert_eq!(stream.direction, Direction::Inactive);
    assert!(text(&answer).contains("a=inactive"));
}

#[test]
fn hold_by_unspecified_address_keeps_the_peers_address() {
    let mut leg = leg();
    leg.answer(&fixture("sipp.sdp"), &BOTH).unwrap();
    let (_, held) = leg
        .answer(&fixture("phone-hold-rfc2543.sdp"), &BOTH)
        .unwrap();
    assert_eq!(held.remote, "127.0.0.2:6000".parse().unwrap());
    assert_eq!(held.direction, Direction::RecvOnly);
}

#[test]
fn an_answer_is_never_wider_than_our_offer() {
    let mut leg = leg();
    leg.offer(&BOTH, Direction::SendOnly);
    let stream = leg
        .handle_answer(&offer_with("m=audio 4000 RTP/AVP 8\r\n"))
        .unwrap();
    assert_eq!(stream.direction, Direction::SendOnly);
}

#[test]
fn our_reoffer_repeats_every_line_of_the_session() {
    let mut leg = leg();
    leg.answer(&fixture("gateway-fax-second.sdp"), &BOTH)
        .unwrap();
    let offer = leg.offer(&[Codec::Pcmu], Direction::SendRecv);
    let lines: Vec<_> = text(&offer)
        .lines()
        .filter(|l| l.starts_with("m="))
        .collect();
    assert_eq!(
        lines,
        ["m=image 0 udptl t38", "m=audio 20000 RTP/AVP 0 101"]
    );
}

#[test]
fn addresses_that_are_not_a_peers_own_are_refused() {
    let strict = || {
        OfferAnswer::new(
            1,
            "192.0.2.1:20000".parse().unwrap(),
            AddressPolicy::default(),
        )
    };
    for address in ["127.0.0.1", "224.0.0.5", "255.255.255.255", "169.254.1.1"] {
        let offer = text(&offer_with("m=audio 4000 RTP/AVP 8\r\n"))
            .replace("c=IN IP4 192.0.2.9", &format!("c=IN IP4 {address}"));
        let error = strict().answer(offer.as_bytes(), &BOTH).unwrap_err();
        assert_eq!(
            error,
            NegotiationError::ForbiddenAddress(address.parse().unwrap())
        );
        assert_eq!(error.status(), 488);
    }
    let offer = offer_with("m=audio 4000 RTP/AVP 8\r\na=rtcp:4001 IN IP4 127.0.0.1\r\n");
    assert!(strict().answer(&offer, &BOTH).is_err());
    let offer = offer_with("m=audio 4000 RTP/AVP 8\r\nc=IN IP6 2001:db8::1\r\n");
    let error = strict().answer(&offer, &BOTH).unwrap_err();
    assert!(matches!(error, NegotiationError::WrongFamily(_)));
}

#[test]
fn an_odd_ptime_becomes_one_we_can_send() {
    for (asked, sent) in [("5", 10), ("25", 20), ("90", 60), ("x", 20), ("0", 20)] {
        let offer = offer_with(&format!("m=audio 4000 RTP/AVP 8\r\na=ptime:{asked}\r\n"));
        assert_eq!(
            leg().answer(&offer, &BOTH).unwrap().1.ptime_ms,
            sent,
            "{asked}"
        );
    }
    let offer = offer_with("m=audio 4000 RTP/AVP 8\r\na=ptime:60\r\na=maxptime:40\r\n");
    assert_eq!(leg().answer(&offer, &BOTH).unwrap().1.ptime_ms, 40);
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(body in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = leg().answer(&body, &BOTH);
        let mut leg = leg();
        leg.offer(&BOTH, Direction::SendRecv);
        let _ = leg.handle_answer(&body);
    }

    /// Descriptions that are nearly right reach deeper than noise does.
    #[test]
    fn a_damaged_description_never_breaks_us_and_every_answer_can_be_read(
        at in 0..900_usize,
        with in proptest::collection::vec(any::<u8>(), 0..12),
        name in proptest::sample::select(vec!["carrier-ims.sdp", "linphone-video.sdp", "gateway-gb18030.sdp"]),
    ) {
        let mut offer = fixture(name);
        let at = at.min(offer.len());
        let end = (at + with.len()).min(offer.len());
        offer.splice(at..end, with);
        if let Ok((answer, stream)) = leg().answer(&offer, &BOTH) {
            let ours = Session::parse(&answer).unwrap();
            prop_assert_eq!(ours.medias.len(), parse::session(&offer).unwrap().medias.len());
            prop_assert!((10..=60).contains(&stream.ptime_ms));
        }
    }
}
