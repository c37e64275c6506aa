//! What may be seen of a message, and what may not.

use super::*;

fn masked(text: &str) -> String {
    let shown = mask(text.as_bytes(), Numbers::Masked);
    assert_eq!(shown.len(), text.len(), "the length is kept");
    String::from_utf8(shown).unwrap()
}

/// A header field within a message, masked.
fn field(line: &str) -> String {
    let message = format!("BYE sip:a SIP/2.0\r\n{line}\r\n\r\n");
    let masked = masked(&message);
    let line = masked.strip_prefix("BYE sip:a SIP/2.0\r\n").unwrap();
    line.trim_end().to_owned()
}

#[test]
fn whoever_is_called_and_calls_is_masked_and_the_rest_stays() {
    let invite = "INVITE sip:+8613800005678@203.0.113.1:5060;user=phone SIP/2.0\r\n\
        Via: SIP/2.0/UDP 203.0.113.1:5060;branch=z9hG4bK13800005678;rport\r\n\
        From: \"13912345678\" <sip:13912345678@203.0.113.1>;tag=13800005678\r\n\
        t: <tel:+86-138-0000-5678;phone-context=+8613800005678>\r\n\
        Call-ID: 13800005678@203.0.113.1\r\n\
        CSeq: 13800005 INVITE\r\n\
        m: <sip:13912345678@192.168.100.200:5060;transport=udp>;expires=13800005\r\n\
        Content-Type: application/sdp\r\n\
        Content-Length: 84\r\n\r\n\
        v=0\r\no=13912345678 1234567890 1 IN IP4 192.168.100.200\r\ns=-\r\nc=IN IP4 192.168.100.200\r\n";
    let expected = "INVITE sip:+86138****5678@203.0.113.1:5060;user=phone SIP/2.0\r\n\
        Via: SIP/2.0/UDP 203.0.113.1:5060;branch=z9hG4bK13800005678;rport\r\n\
        From: \"139****5678\" <sip:139****5678@203.0.113.1>;tag=13800005678\r\n\
        t: <tel:+86-138-****-5678;phone-context=+86138****5678>\r\n\
        Call-ID: 13800005678@203.0.113.1\r\n\
        CSeq: 13800005 INVITE\r\n\
        m: <sip:139****5678@192.168.100.200:5060;transport=udp>;expires=13800005\r\n\
        Content-Type: application/sdp\r\n\
        Content-Length: 84\r\n\r\n\
        v=0\r\no=139****5678 1234567890 1 IN IP4 192.168.100.200\r\ns=-\r\nc=IN IP4 192.168.100.200\r\n";
    assert_eq!(masked(invite), expected);
    assert_eq!(mask(invite.as_bytes(), Numbers::Shown), invite.as_bytes());
}

#[test]
fn every_header_that_names_people_is_masked() {
    for name in [
        "P-Asserted-Identity",
        "P-Preferred-Identity",
        "Diversion",
        "History-Info",
        "Refer-To",
        "r",
        "Referred-By",
        "b",
        "Remote-Party-ID",
        "P-Called-Party-ID",
        "Contact",
        "Subject",
        "Route",
        "Alert-Info",
        "X-Carrier-Caller",
        "no name at all",
    ] {
        let shown = field(&format!("{name}: <sip:13800005678@a.example>"));
        assert_eq!(shown, format!("{name}: <sip:138****5678@a.example>"));
    }
}

#[test]
fn however_a_number_is_written_it_is_masked() {
    for (written, shown) in [
        (
            "<sip:%31%33%38%30%30%30%30%35%36%37%38@a>",
            "<sip:%31%33%38%2A%2A%2A%2A%35%36%37%38@a>",
        ),
        ("<sip:%2B8613800005678@a>", "<sip:%2B86138****5678@a>"),
        (
            "\"(010) 6234-5678\" <sip:x@a>",
            "\"(010) ****-5678\" <sip:x@a>",
        ),
        ("\"1３800005678\" <sip:x@a>", "\"1３8****5678\" <sip:x@a>"),
        (
            "\"１３８００００５６７８\" <sip:x@a>",
            "\"１３８＊＊＊＊５６７８\" <sip:x@a>",
        ),
        ("\"x@13800005678\" <sip:x@a>", "\"x@138****5678\" <sip:x@a>"),
        ("<sip:138.0000.5678@a>", "<sip:138.****.5678@a>"),
        ("<sip:u13800005678x@a>", "<sip:u138****5678x@a>"),
        (
            "<sip:1001@a>, <sip:13800005678@b>;tag=1",
            "<sip:1001@a>, <sip:138****5678@b>;tag=1",
        ),
        (
            "<sip:a@b>\r\n ;x=13800005678",
            "<sip:a@b>\r\n ;x=138****5678",
        ),
    ] {
        assert_eq!(field(&format!("From: {written}")), format!("From: {shown}"));
    }
}

#[test]
fn extensions_addresses_and_dialogs_stay_readable() {
    for line in [
        "From: <sip:1001@192.168.100.200:5060>;tag=9876543210",
        "Contact: <sip:192.168.100.200:5060;transport=tcp>",
        "Contact: <sip:[2001:db8::1234:5678]:5060>",
        "Refer-To: <sip:1002@a?Replaces=123456789%40a%3Bto-tag%3D987654321>",
        "Record-Route: <sip:10.20.30.40;lr;ftag=9876543210>",
        "History-Info: <sip:1001@a>;index=1.1.1.1.1.1.1",
    ] {
        assert_eq!(field(line), line);
    }
}

#[test]
fn secrets_are_never_shown() {
    let request = "REGISTER sip:a SIP/2.0\r\n\
        To: <sip:1001:hunter2@a>\r\n\
        Authorization: Digest username=\"1001\", realm=\"thirdring\", nonce=\"abc,def\", \
        uri=\"sip:a\", response=\"0123456789abcdef\", algorithm=MD5, cnonce=\"xy\", qop=auth, \
        nc=00000001, opaque=\"o\"\r\n\
        Proxy-Authorization: Basic dXNlcjpwYXNz\r\n\
        WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\"\r\n\
        Authentication-Info: nextnonce=\"n2\", rspauth=\"r2\"\r\n\r\n\
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0|2^20\r\n\
        k=clear:secret\r\na=ice-pwd:secret\r\n";
    let expected = "REGISTER sip:a SIP/2.0\r\n\
        To: <sip:1001:*******@a>\r\n\
        Authorization: Digest username=\"1001\", realm=\"thirdring\", nonce=\"*******\", \
        uri=\"sip:a\", response=\"****************\", algorithm=MD5, cnonce=\"**\", qop=auth, \
        nc=00000001, opaque=\"*\"\r\n\
        Proxy-Authorization: Basic ************\r\n\
        WWW-Authenticate: Digest realm=\"r\", nonce=\"**\"\r\n\
        Authentication-Info: nextnonce=\"**\", rspauth=\"**\"\r\n\r\n\
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:*************\r\n\
        k=************\r\na=ice-pwd:******\r\n";
    for numbers in [Numbers::Masked, Numbers::Shown] {
        let shown = mask(request.as_bytes(), numbers);
        assert_eq!(String::from_utf8(shown).unwrap(), expected);
    }
}

#[test]
fn a_signed_identity_and_dialled_digits_are_numbers_too() {
    let dialled = "INFO sip:a SIP/2.0\r\nIdentity: eyJ.eyJ.sig;info=<x>\r\n\
        Content-Type: application/dtmf-relay\r\n\r\nSignal=5\r\nDuration=160\r\n";
    let expected = "INFO sip:a SIP/2.0\r\nIdentity: ********************\r\n\
        Content-Type: application/dtmf-relay\r\n\r\nSignal=*\r\nDuration=160\r\n";
    assert_eq!(masked(dialled), expected);
    assert_eq!(mask(dialled.as_bytes(), Numbers::Shown), dialled.as_bytes());
}

#[test]
fn parts_of_a_body_are_masked_and_their_bounds_stay() {
    let message = "INVITE sip:a SIP/2.0\r\nContent-Type: multipart/mixed;boundary=1234567890\r\n\r\n\
        --1234567890\r\nContent-Type: application/sdp\r\n\r\no=- 1234567890 1 IN IP4 192.0.2.1\r\n\
        --1234567890\r\n\r\n<tel>13800005678</tel>\r\n--1234567890--\r\n";
    assert_eq!(
        masked(message),
        message.replace("13800005678", "138****5678")
    );
}

proptest::proptest! {
    /// Whatever comes keeps its length, and lines stay lines.
    #[test]
    fn any_octets_keep_their_length_and_lines(octets in proptest::collection::vec(0_u8..=255, 0..400)) {
        let shown = mask(&octets, Numbers::Masked);
        proptest::prop_assert_eq!(shown.len(), octets.len());
        for (shown, octet) in shown.iter().zip(&octets) {
            proptest::prop_assert_eq!(*shown == b'\n', *octet == b'\n');
        }
    }

    /// A mobile number in the user part of any address header cannot be read back.
    #[test]
    fn a_mobile_number_never_passes(number in "1[3-9][0-9]{9}", display in "[ -~]{0,12}", noise in "[!-~]{0,12}") {
        let line = format!("From: {display} <sip:{number}@a>{noise}\r\nX-A: {noise}{number}\r\n");
        let message = format!("BYE sip:{number}@b SIP/2.0\r\n{line}\r\n");
        // What hides the start of a number as a host or a parameter is not a number's place.
        proptest::prop_assume!(!display.contains(['"', '@', '[', ';', '?', '&']));
        proptest::prop_assume!(!noise.contains(['"', '@', '[', ';', '?', '&']));
        let shown = mask(message.as_bytes(), Numbers::Masked);
        let shown = String::from_utf8_lossy(&shown);
        proptest::prop_assert!(!shown.contains(&number), "{}", shown);
    }
}

/// What is written to the disk holds no key, whatever the lines end with; the rest stays.
#[test]
fn srtp_keys_are_hidden_before_a_message_is_kept() {
    for (message, kept) in [
        (
            "v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0|2^20 WSH=64\r\na=x\r\n",
            "v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:************* ******\r\na=x\r\n",
        ),
        (
            "a=y\ra=crypto:1 S inline:abc\ra=z",
            "a=y\ra=crypto:1 S inline:***\ra=z",
        ),
        (
            "A=Crypto:1 S INLINE:abc\na=crypto:2 T inline:de",
            "A=Crypto:1 S INLINE:***\na=crypto:2 T inline:**",
        ),
        ("a=crypto:1 S oddly\r\n", "a=crypto:* * *****\r\n"),
        ("a=crypto:", "a=crypto:"),
        ("inline:abc", "inline:abc"),
    ] {
        let mut octets = message.as_bytes().to_vec();
        hide_srtp_keys(&mut octets);
        assert_eq!(String::from_utf8(octets).unwrap(), kept);
    }
}
