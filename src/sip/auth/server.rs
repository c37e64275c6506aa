//! The server's side: challenges, and whether a request answers one (RFC 3261 §22.2).

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use subtle::ConstantTimeEq;

use super::digest::{Algorithm, Input, Protection};
use super::fields::{self, Fields, Quoting};
use super::nonce::{Mint, Nonce};
use super::replay::ReplayWindow;
use crate::sip::{Request, Response, StatusCode, Uri};

/// Challenges requests and checks their credentials, for one realm on one listener: the
/// algorithms belong to the listener and not to the account, so that a challenge tells
/// nothing about an account.
#[derive(Clone)]
pub struct Authenticator {
    realm: String,
    algorithms: Vec<Algorithm>,
    mint: Mint,
    replays: ReplayWindow,
    /// Stands in for the password of whoever has none, so that the same is computed.
    dummy: String,
}

/// What a user proves to know. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(Known);

#[derive(Clone, PartialEq, Eq)]
enum Known {
    Password(String),
    /// What [`Algorithm::seal`] makes of it, by algorithm.
    Sealed(Vec<(Algorithm, String)>),
}

impl Credentials {
    /// A password.
    pub fn new(password: impl Into<String>) -> Self {
        Self(Known::Password(password.into()))
    }

    /// A password that is known by what [`Algorithm::seal`] makes of it, in the server's realm. An
    /// algorithm that is missing cannot be answered with.
    pub const fn sealed(digests: Vec<(Algorithm, String)>) -> Self {
        Self(Known::Sealed(digests))
    }

    /// Whether this user proves the same by both in this realm, however each of them is kept.
    pub fn is_as_good_as(&self, other: &Self, user: &str, realm: &str) -> bool {
        match (&self.0, &other.0) {
            (Known::Password(password), Known::Sealed(digests))
            | (Known::Sealed(digests), Known::Password(password)) => {
                let is_of = |(algorithm, digest): &(Algorithm, String)| {
                    algorithm.seal(user, realm, password) == *digest
                };
                !digests.is_empty() && digests.iter().all(is_of)
            }
            (one, other) => one == other,
        }
    }

    /// The secret to compute with; the same work is done for every account, so that its time tells
    /// nothing of how it is kept.
    fn secret(&self, input: &Input<'_>, dummy: &str) -> Option<String> {
        let seal = |password| input.algorithm.seal(input.user, input.realm, password);
        match &self.0 {
            Known::Password(password) => Some(seal(password)),
            Known::Sealed(digests) => {
                seal(dummy);
                let mut digests = digests.iter();
                let known = digests.find(|(algorithm, _)| *algorithm == input.algorithm);
                known.map(|(_, digest)| digest.clone())
            }
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

/// What a request's credentials are worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The user knows the password, and the request is no replay.
    Accepted {
        /// The user as in the credentials; whether the user may do this is another question.
        user: String,
    },
    /// The password is right, but the nonce is too old, from elsewhere, or used: to be
    /// challenged again with `stale=true`, so that the phone does not ask its user.
    Stale,
    /// No credentials for this realm: to be challenged.
    Missing,
    /// Credentials that cannot be read, are for another request, or by an algorithm that was not
    /// offered: to be challenged. No password was tried.
    Unusable,
    /// An unknown user or a wrong password; nothing tells which.
    Rejected(Attempt),
}

/// Somebody's try at a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Whose password.
    pub user: String,
    /// The nonce is one that we gave to this source: whoever tries does receive there. A source
    /// address alone can be forged.
    pub is_proven: bool,
}

impl Authenticator {
    /// `secret` keys the nonces: random, made at each start. The first algorithm is the one
    /// we would rather have.
    pub fn new(
        realm: impl Into<String>,
        algorithms: Vec<Algorithm>,
        secret: [u8; 32],
        listener: SocketAddr,
    ) -> Self {
        Self {
            realm: realm.into(),
            algorithms,
            mint: Mint::new(secret, listener),
            replays: ReplayWindow::default(),
            dummy: hex::encode(secret.get(..8).unwrap_or_default()),
        }
    }

    /// The values of `WWW-Authenticate` for a request from `source`, one an algorithm;
    /// `now` in Unix seconds.
    pub fn challenge(&mut self, source: SocketAddr, is_stale: bool, now: u64) -> Vec<String> {
        let nonce = self.mint.mint(&self.realm, source.ip(), now);
        let values = self.algorithms.iter().map(|algorithm| {
            let mut fields = vec![
                ("realm", self.realm.as_str(), Quoting::Quoted),
                ("nonce", &nonce, Quoting::Quoted),
                ("algorithm", algorithm.as_str(), Quoting::Bare),
                ("qop", "auth", Quoting::Quoted),
            ];
            if is_stale {
                fields.push(("stale", "true", Quoting::Bare));
            }
            fields::write(&fields)
        });
        values.collect()
    }

    /// The 401 for a request that was not accepted: the same whatever was wrong, but for a nonce
    /// that is too old.
    pub fn unauthorized(
        &mut self,
        request: &Request,
        verdict: &Verdict,
        source: SocketAddr,
        now: u64,
    ) -> Response {
        let mut response = request.respond(StatusCode::UNAUTHORIZED);
        for value in self.challenge(source, *verdict == Verdict::Stale, now) {
            response.headers.push("WWW-Authenticate", value);
        }
        response
    }

    /// Checks a request's `Authorization`. `lookup` finds the credentials of whose password is
    /// tried; where it finds none, the same is computed. `now` in Unix seconds.
    pub fn verify(
        &mut self,
        request: &Request,
        source: SocketAddr,
        lookup: impl FnOnce(&Attempt) -> Option<Credentials>,
        now: u64,
    ) -> Verdict {
        let values = request.headers.get_all("Authorization");
        let mut ours = values.filter_map(|value| Fields::parse(&value));
        let Some(fields) = ours.find(|fields| fields.get("realm") == Some(&self.realm)) else {
            return Verdict::Missing;
        };
        let Some(claim) = self.read(&fields, request, source.ip()) else {
            return Verdict::Unusable;
        };
        let attempt = Attempt {
            user: claim.input.user.to_owned(),
            is_proven: claim.nonce.is_some(),
        };
        let found = lookup(&attempt);
        let secret = match &found {
            Some(found) => found.secret(&claim.input, &self.dummy),
            None => Credentials::new(&self.dummy).secret(&claim.input, &self.dummy),
        };
        let is_known = found.is_some() && secret.is_some();
        let expected = claim.input.response_of(&secret.unwrap_or_default());
        let is_right = bool::from(expected.as_bytes().ct_eq(claim.response.as_bytes()));
        if !(is_right & is_known) {
            return Verdict::Rejected(attempt);
        }
        match claim.nonce.filter(|nonce| nonce.is_fresh(now)) {
            Some(nonce) if self.replays.take(nonce, claim.count, now) => {
                Verdict::Accepted { user: attempt.user }
            }
            _ => Verdict::Stale,
        }
    }

    /// Reads credentials; `None` if they are for another request, or by an algorithm that was
    /// not offered.
    fn read<'a>(
        &self,
        fields: &'a Fields,
        request: &'a Request,
        source: IpAddr,
    ) -> Option<Claim<'a>> {
        let algorithm = fields.get("algorithm").unwrap_or("MD5").parse().ok()?;
        let uri = fields.get("uri")?;
        if !self.algorithms.contains(&algorithm) || !names(uri, &request.uri) {
            return None;
        }
        let protection = match fields.get("qop") {
            Some(qop) if qop.eq_ignore_ascii_case("auth") => Some(Protection {
                count: fields.get("nc")?,
                cnonce: fields.get("cnonce")?,
            }),
            Some(_) => return None,
            None => None,
        };
        // Without `qop` there is no count: the nonce is good for one request.
        let count =
            protection.map_or(Some(u32::MAX), |protection| parse_count(protection.count))?;
        let text = fields.get("nonce")?;
        Some(Claim {
            input: Input {
                algorithm,
                user: fields.get("username")?,
                realm: fields.get("realm")?,
                nonce: text,
                method: request.method.as_str(),
                uri,
                protection,
            },
            response: fields.get("response")?.to_ascii_lowercase(),
            count,
            nonce: self.mint.recognise(text, &self.realm, source),
        })
    }
}

/// Credentials, read but not believed.
struct Claim<'a> {
    input: Input<'a>,
    response: String,
    count: u32,
    /// The nonce, if it is one of ours for this source.
    nonce: Option<Nonce>,
}

/// Whether a `uri` parameter names the resource that the request asks for. Phones leave
/// parameters and default ports away, so only user, host and port are compared.
fn names(uri: &str, requested: &Uri) -> bool {
    let Ok(uri) = uri.parse::<Uri>() else {
        return false;
    };
    uri.user_unescaped() == requested.user_unescaped()
        && uri.host.is_same(&requested.host)
        && uri.port.unwrap_or(5060) == requested.port.unwrap_or(5060)
}

/// A nonce count: up to eight hexadecimal digits, from 1.
fn parse_count(text: &str) -> Option<u32> {
    let is_hex = text.len() <= 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let count = is_hex.then(|| u32::from_str_radix(text, 16).ok()).flatten();
    count.filter(|count| *count > 0)
}

#[cfg(test)]
mod tests;
