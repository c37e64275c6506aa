//! Who calls: `P-Asserted-Identity` (RFC 3325) where the peer may be believed, else `From`; and
//! whether the caller wants it known (`Privacy`, RFC 3323).

use super::headers::Headers;
use super::message::Request;
use super::name_addr::NameAddr;
use super::uri::Scheme;

/// What a request tells of its caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallerId {
    /// The number, or another user name; `None` if nobody says.
    pub number: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// The caller wants to stay unknown to whoever is called.
    pub withheld: bool,
}

/// The caller of a request. Only a trusted peer's word counts for `P-Asserted-Identity`
/// (RFC 3325 §5): anybody can write one.
///
/// A caller who withholds the number has one here only if the network vouches for it.
pub fn caller_id(request: &Request, trusted: bool) -> CallerId {
    let from = request.from_addr();
    let asserted = trusted.then(|| asserted(&request.headers)).flatten();
    let withheld = is_anonymous(&from) || asks_for_privacy(&request.headers);
    let said = Some(&from).filter(|_| !withheld);
    let Some(number) = asserted.as_ref().or(said).and_then(user) else {
        return CallerId {
            withheld,
            ..CallerId::default()
        };
    };
    let name = asserted.as_ref().and_then(display).or_else(|| {
        let said = said?;
        display(said)
    });
    CallerId {
        number: Some(number),
        name,
        withheld,
    }
}

/// Of at most one sip and one tel URI (RFC 3325 §9.1) the one with a telephone number.
fn asserted(headers: &Headers) -> Option<NameAddr> {
    let mut named: Vec<_> = headers
        .addresses("P-Asserted-Identity")
        .into_iter()
        .filter(|address| !is_anonymous(address))
        .collect();
    named.sort_by_key(|address| address.uri.scheme != Scheme::Tel && !is_telephone(address));
    named.into_iter().next()
}

/// RFC 3323 §4.2 and RFC 3325 §9.3: `id`, `user` and `header` each keep the identity from the
/// called party; `none` and `session` do not.
fn asks_for_privacy(headers: &Headers) -> bool {
    let values = headers.get_all("Privacy");
    values
        .flat_map(|value| {
            let kinds = value.split([';', ',']).map(|kind| kind.trim().to_owned());
            kinds.collect::<Vec<_>>()
        })
        .any(|kind| {
            ["id", "user", "header"]
                .iter()
                .any(|hides| kind.eq_ignore_ascii_case(hides))
        })
}

/// `anonymous` as a user, or a host below `.invalid` (RFC 3323 §4.1.1.3), or nobody at all.
fn is_anonymous(address: &NameAddr) -> bool {
    let host = address.uri.host.to_string();
    let is_invalid = host.to_ascii_lowercase().ends_with(".invalid");
    user(address).is_none_or(|user| user.eq_ignore_ascii_case("anonymous")) || is_invalid
}

fn is_telephone(address: &NameAddr) -> bool {
    let number = address.uri.number();
    number.is_some_and(|number| number.chars().all(|c| c.is_ascii_digit() || c == '+'))
}

fn user(address: &NameAddr) -> Option<String> {
    address
        .uri
        .number()
        .or_else(|| address.uri.user_unescaped())
}

fn display(address: &NameAddr) -> Option<String> {
    let name = address.display.clone();
    name.filter(|name| !name.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::Message;

    /// An INVITE with these octets for From, and more headers.
    fn invite(from: &[u8], headers: &str) -> Request {
        let mut bytes = b"INVITE sip:4001234567@192.0.2.1 SIP/2.0\r\n\
            Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1\r\n\
            Max-Forwards: 70\r\nTo: <sip:4001234567@192.0.2.1>\r\n\
            Call-ID: a@b\r\nCSeq: 1 INVITE\r\nFrom: "
            .to_vec();
        bytes.extend_from_slice(from);
        bytes.extend_from_slice(format!(";tag=1\r\n{headers}\r\n").as_bytes());
        match Message::parse(&bytes).unwrap() {
            Message::Request(request) => request,
            Message::Response(_) => panic!("a response"),
        }
    }

    fn known(number: &str, name: Option<&str>) -> CallerId {
        CallerId {
            number: Some(number.to_owned()),
            name: name.map(str::to_owned),
            withheld: false,
        }
    }

    fn hidden(number: Option<&str>) -> CallerId {
        CallerId {
            number: number.map(str::to_owned),
            name: None,
            withheld: true,
        }
    }

    /// R077. From, further headers, and what they tell when they come from a trunk.
    #[test]
    fn a_trunk_vouches_for_the_caller() {
        let from = "\"Li\" <sip:13800138000@c.example>";
        let nobody = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";
        let pai = "P-Asserted-Identity: <sip:+8613900139000@c.example>\r\n";
        #[rustfmt::skip]
        let cases = [
            (from, String::new(), known("13800138000", Some("Li"))),
            (from, pai.to_owned(), known("+8613900139000", Some("Li"))),
            (from, format!("{pai}Privacy: none\r\n"), known("+8613900139000", Some("Li"))),
            (from, format!("{pai}Privacy: session\r\n"), known("+8613900139000", Some("Li"))),
            (from, format!("{pai}Privacy: id\r\n"), hidden(Some("+8613900139000"))),
            (from, format!("{pai}Privacy: user;critical\r\n"), hidden(Some("+8613900139000"))),
            (from, "Privacy: id\r\n".to_owned(), hidden(None)),
            (nobody, String::new(), hidden(None)),
            (nobody, pai.to_owned(), hidden(Some("+8613900139000"))),
            (nobody, "P-Asserted-Identity: <sip:anonymous@anonymous.invalid>\r\n".to_owned(), hidden(None)),
            (from, "P-Asserted-Identity: \"Wang\" <sip:desk@c.example>, <tel:+861061234567>\r\n".to_owned(),
             known("+861061234567", Some("Li"))),
            (from, "P-Asserted-Identity: \"Wang\" <tel:010-6123-4567>\r\n".to_owned(), known("01061234567", Some("Wang"))),
            (from, "P-Asserted-Identity: <broken\r\n".to_owned(), known("13800138000", Some("Li"))),
            ("<sip:c.example>", String::new(), hidden(None)),
        ];
        for (from, headers, wanted) in cases {
            let seen = caller_id(&invite(from.as_bytes(), &headers), true);
            assert_eq!(seen, wanted, "{from} {headers}");
        }
    }

    /// RFC 3325 §5: a peer outside of the trust domain asserts nothing.
    #[test]
    fn nobody_else_does() {
        let request = invite(
            b"<sip:1001@c.example>",
            "P-Asserted-Identity: <sip:110@c.example>\r\n",
        );
        assert_eq!(caller_id(&request, false), known("1001", None));
    }

    #[test]
    fn names_come_in_utf_8_and_in_gb18030() {
        let utf8 = "\"王小明\" <sip:13800138000@c.example>";
        let mut gb18030 = b"\"".to_vec();
        gb18030.extend_from_slice(&[0xcd, 0xf5, 0xd0, 0xa1, 0xc3, 0xf7]);
        gb18030.extend_from_slice(b"\" <sip:13800138000@c.example>");
        for from in [utf8.as_bytes(), &gb18030] {
            let seen = caller_id(&invite(from, ""), true);
            assert_eq!(seen, known("13800138000", Some("王小明")));
        }
    }
}
