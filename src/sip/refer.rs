//! What a REFER asks for: `Refer-To` (RFC 3515), `Referred-By` (RFC 3892), `Refer-Sub` (RFC 4488).

use super::replaces::Replaces;
use super::{Headers, Method, NameAddr, Request, SyntaxError};

/// Where a REFER wants its recipient to call, and in whose place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refer {
    /// The resource (RFC 3515 §2.1).
    pub to: NameAddr,
    /// The dialog to take the place of: an attended transfer (RFC 5589 §7).
    pub replaces: Option<Replaces>,
    /// Who asks, as the REFER says. Anyone can write anything here: data for a display, never a
    /// proof (RFC 3892 §5).
    pub referred_by: Option<NameAddr>,
    /// Whether the sender wants to be told how it goes (RFC 4488 §4).
    pub subscribes: bool,
}

impl Refer {
    /// Reads a REFER.
    ///
    /// # Errors
    /// There is not exactly one `Refer-To` (RFC 3515 §2.4.2), it is malformed, or it wants
    /// another request than an INVITE: the recipient is not anybody's errand boy.
    pub fn of(request: &Request) -> Result<Self, SyntaxError> {
        let headers = &request.headers;
        let mut values = headers.get_all("Refer-To");
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(SyntaxError::Empty);
        };
        let to: NameAddr = value.parse()?;
        let method = to.uri.param("method");
        if method.is_some_and(|method| method != Method::INVITE.to_string()) {
            return Err(SyntaxError::UnexpectedCharacter);
        }
        Ok(Self {
            replaces: Replaces::in_uri(&to.uri)?,
            referred_by: headers.get("Referred-By").and_then(|by| by.parse().ok()),
            subscribes: subscribes(headers),
            to,
        })
    }

    /// The number or extension that is to be called.
    pub fn number(&self) -> Option<String> {
        let uri = &self.to.uri;
        uri.number().or_else(|| uri.user_unescaped())
    }
}

/// `Refer-Sub: false` asks for no subscription; anything else is the default.
fn subscribes(headers: &Headers) -> bool {
    let value = headers.get("Refer-Sub").unwrap_or_default();
    let value = value.split(';').next().unwrap_or_default().trim();
    !value.eq_ignore_ascii_case("false")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::Uri;

    fn refer(headers: &[(&str, &str)]) -> Result<Refer, SyntaxError> {
        let uri: Uri = "sip:thirdring@192.0.2.1".parse().unwrap();
        let mut request = Request::new(Method::REFER, uri);
        for (name, value) in headers {
            request.headers.push(name, value);
        }
        Refer::of(&request)
    }

    #[test]
    fn a_blind_transfer_names_a_number() {
        let read = refer(&[("Refer-To", "<sip:1002@192.0.2.1>")]).unwrap();
        assert_eq!(read.number().as_deref(), Some("1002"));
        assert!(read.subscribes);
        assert_eq!((read.replaces, read.referred_by), (None, None));
        let by_tel = refer(&[("r", "<tel:+86-10-6123-4567>")]).unwrap();
        assert_eq!(by_tel.number().as_deref(), Some("+861061234567"));
    }

    #[test]
    fn an_attended_transfer_names_a_dialog_and_may_want_no_subscription() {
        let to = "<sip:1002@192.0.2.1?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>";
        let read = refer(&[
            ("Refer-To", to),
            ("Referred-By", "\"X\" <sip:1001@192.0.2.1>;cid=\"1@2\""),
            ("Refer-Sub", "false"),
        ])
        .unwrap();
        let replaces = read.replaces.unwrap();
        assert_eq!(
            (replaces.call_id.as_str(), replaces.to_tag.as_str()),
            ("a@b", "1")
        );
        let by = read.referred_by.unwrap().uri.user_unescaped();
        assert_eq!(by.as_deref(), Some("1001"));
        assert!(!read.subscribes);
    }

    #[test]
    fn no_target_two_targets_and_other_methods_are_refused() {
        assert!(refer(&[]).is_err());
        let one = ("Refer-To", "<sip:1002@192.0.2.1>");
        assert!(refer(&[one, one]).is_err());
        assert!(refer(&[("Refer-To", "<sip:1002@192.0.2.1;method=BYE>")]).is_err());
        assert!(refer(&[("Refer-To", "<sip:1002@192.0.2.1;method=INVITE>")]).is_ok());
        assert!(refer(&[("Refer-To", "<sip:1@192.0.2.1?Replaces=a>")]).is_err());
    }
}
