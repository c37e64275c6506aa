//! Counts SIP messages as they pass, by a look at their first bytes.

use crate::metrics::Way;

/// Counts what holds a SIP message, and gives its method; anything else is not counted.
pub(super) fn count(bytes: &[u8], way: Way) -> Option<&'static str> {
    let (method, code) = look(bytes)?;
    crate::metrics::sip_message(method, way, code);
    Some(method)
}

/// The method, and the status of a response. An unknown method is `OTHER`: labels are few.
fn look(bytes: &[u8]) -> Option<(&'static str, Option<u16>)> {
    let head = bytes.get(..bytes.len().min(4096))?;
    let text = head.trim_ascii_start();
    if let Some(rest) = text.strip_prefix(b"SIP/2.0 ") {
        let code = std::str::from_utf8(rest.get(..3)?).ok()?.parse().ok()?;
        return Some((cseq_method(text)?, Some(code)));
    }
    let end = text.iter().position(|byte| *byte == b' ')?;
    let line_end = text.iter().position(|byte| *byte == b'\n')?;
    let is_request = text.get(..line_end)?.windows(4).any(|w| w == b"SIP/");
    is_request.then(|| (known(text.get(..end).unwrap_or_default()), None))
}

/// The method of a response, from its `CSeq` line.
fn cseq_method(text: &[u8]) -> Option<&'static str> {
    let mut lines = text.split(|byte| *byte == b'\n');
    let line = lines.find(|line| {
        line.get(..4)
            .is_some_and(|name| name.eq_ignore_ascii_case(b"CSeq"))
    })?;
    let method = line
        .trim_ascii()
        .rsplit(|byte| *byte == b' ' || *byte == b'\t')
        .next()?;
    Some(known(method))
}

fn known(method: &[u8]) -> &'static str {
    const METHODS: [&str; 14] = [
        "INVITE",
        "ACK",
        "BYE",
        "CANCEL",
        "OPTIONS",
        "REGISTER",
        "REFER",
        "NOTIFY",
        "INFO",
        "PRACK",
        "UPDATE",
        "SUBSCRIBE",
        "MESSAGE",
        "PUBLISH",
    ];
    let mut known = METHODS.into_iter();
    known
        .find(|name| name.as_bytes() == method)
        .unwrap_or("OTHER")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_responses_are_told_by_method_and_code() {
        assert_eq!(look(b"INVITE sip:a@b SIP/2.0\r\n"), Some(("INVITE", None)));
        assert_eq!(look(b"\r\nFOO sip:a@b SIP/2.0\r\n"), Some(("OTHER", None)));
        let ringing = b"SIP/2.0 180 Ringing\r\nVia: x\r\nCSeq: 1 INVITE\r\n\r\n";
        assert_eq!(look(ringing), Some(("INVITE", Some(180))));
    }

    #[test]
    fn what_is_no_sip_message_is_not_counted() {
        for bytes in [
            &b""[..],
            b"\r\n\r\n",
            b"SIP/2.0 ",
            b"SIP/2.0 200 OK\r\n",
            b"GET / HTTP/1.1\r\n",
        ] {
            assert_eq!(look(bytes), None);
        }
    }
}
