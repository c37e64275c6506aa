//! The client's side: credentials for a challenge (RFC 3261 §22.2, §22.3).

use rand::Rng;

use super::digest::{Algorithm, Input, Protection};
use super::fields::{self, Fields, Quoting};
use crate::sip::{Method, Response, StatusCode, Uri};

/// The header to add to a request so that it answers the challenge of a 401 or 407: its name
/// and value. The topmost challenge that we can answer is taken (RFC 8760 §2.4). `count`
/// starts at 1 and grows with each use of the same challenge.
///
/// Whether this peer may have credentials at all, the caller knows.
pub fn answer(
    challenge: &Response,
    method: &Method,
    uri: &Uri,
    user: &str,
    password: &str,
    count: u32,
    rng: &mut impl Rng,
) -> Option<(&'static str, String)> {
    let (asked, answered) = headers(challenge.status)?;
    let mut octets = [0; 8];
    rng.fill_bytes(&mut octets);
    let (cnonce, count, uri) = (hex::encode(octets), format!("{count:08x}"), uri.to_string());
    let protection = Protection {
        count: &count,
        cnonce: &cnonce,
    };
    let mut challenges = challenge.headers.get_all(asked);
    let value = challenges.find_map(|value| {
        let fields = Fields::parse(&value)?;
        let input = Input {
            algorithm: fields.get("algorithm").unwrap_or("MD5").parse().ok()?,
            user,
            realm: fields.get("realm")?,
            nonce: fields.get("nonce")?,
            method: method.as_str(),
            uri: &uri,
            protection: accepts_auth(&fields)?.then_some(protection),
        };
        Some(write(
            &input,
            fields.get("opaque"),
            fields.get("algorithm").is_some(),
            password,
        ))
    })?;
    Some((answered, value))
}

/// The realm of the challenge that [`answer`] would take.
pub fn realm(challenge: &Response) -> Option<String> {
    let (asked, _) = headers(challenge.status)?;
    let mut challenges = challenge.headers.get_all(asked);
    challenges.find_map(|value| {
        let fields = Fields::parse(&value)?;
        let algorithm = fields.get("algorithm").unwrap_or("MD5");
        algorithm.parse::<Algorithm>().ok()?;
        fields.get("nonce")?;
        accepts_auth(&fields)?;
        fields.get("realm").map(str::to_owned)
    })
}

/// The header that asks with this status, and the one that answers.
const fn headers(status: StatusCode) -> Option<(&'static str, &'static str)> {
    match status {
        StatusCode::UNAUTHORIZED => Some(("WWW-Authenticate", "Authorization")),
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            Some(("Proxy-Authenticate", "Proxy-Authorization"))
        }
        _ => None,
    }
}

/// Whether `qop` offers `auth`; `None` when it offers only what we do not do.
fn accepts_auth(fields: &Fields) -> Option<bool> {
    let Some(offered) = fields.get("qop") else {
        return Some(false);
    };
    let mut offered = offered.split(',').map(str::trim);
    offered
        .any(|qop| qop.eq_ignore_ascii_case("auth"))
        .then_some(true)
}

fn write(input: &Input<'_>, opaque: Option<&str>, names_algorithm: bool, password: &str) -> String {
    let response = input.response(password);
    let mut fields = vec![
        ("username", input.user, Quoting::Quoted),
        ("realm", input.realm, Quoting::Quoted),
        ("nonce", input.nonce, Quoting::Quoted),
        ("uri", input.uri, Quoting::Quoted),
        ("response", &response, Quoting::Quoted),
    ];
    if names_algorithm || input.algorithm != Algorithm::Md5 {
        fields.push(("algorithm", input.algorithm.as_str(), Quoting::Bare));
    }
    if let Some(Protection { count, cnonce }) = input.protection {
        fields.push(("cnonce", cnonce, Quoting::Quoted));
        fields.push(("qop", "auth", Quoting::Bare));
        fields.push(("nc", count, Quoting::Bare));
    }
    if let Some(opaque) = opaque {
        fields.push(("opaque", opaque, Quoting::Quoted));
    }
    fields::write(&fields)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    fn challenged(status: StatusCode, values: &[&str]) -> Option<(&'static str, String)> {
        let mut response = Response::new(status);
        for value in values {
            response.headers.push("WWW-Authenticate", value);
        }
        let uri = "sip:pbx.example".parse().unwrap();
        answer(
            &response,
            &Method::REGISTER,
            &uri,
            "1001",
            "secret",
            1,
            &mut StdRng::seed_from_u64(1),
        )
    }

    #[test]
    fn the_topmost_challenge_that_we_know_is_answered() {
        let (name, value) = challenged(
            StatusCode::UNAUTHORIZED,
            &[
                "Basic realm=\"r\"",
                "Digest realm=\"r\", nonce=\"n\", algorithm=AKAv1-MD5, qop=\"auth\"",
                "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, qop=\"auth-int,auth\", opaque=\"o\"",
                "Digest realm=\"r\", nonce=\"n\", algorithm=MD5, qop=\"auth\"",
            ],
        )
        .unwrap();
        assert_eq!(name, "Authorization");
        let fields = Fields::parse(&value).unwrap();
        assert_eq!(fields.get("algorithm"), Some("SHA-256"));
        assert_eq!(fields.get("nc"), Some("00000001"));
        assert_eq!(fields.get("opaque"), Some("o"));
        assert_eq!(fields.get("uri"), Some("sip:pbx.example"));
    }

    #[test]
    fn what_we_cannot_answer_is_left_alone() {
        assert_eq!(
            challenged(
                StatusCode::UNAUTHORIZED,
                &["Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\""]
            ),
            None
        );
        assert_eq!(
            challenged(StatusCode::OK, &["Digest realm=\"r\", nonce=\"n\""]),
            None
        );
        assert_eq!(challenged(StatusCode::UNAUTHORIZED, &[]), None);
    }

    #[test]
    fn a_challenge_of_rfc_2069_gets_no_count() {
        let (_, value) = challenged(
            StatusCode::UNAUTHORIZED,
            &["Digest realm=\"r\", nonce=\"n\""],
        )
        .unwrap();
        assert!(!value.contains("nc=") && !value.contains("algorithm="));
    }
}
