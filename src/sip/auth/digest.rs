//! The arithmetic of the digest (RFC 7616 §3.4).

use std::fmt;
use std::str::FromStr;

use md5::{Digest, Md5};
use sha2::{Sha256, Sha512_256};

use crate::sip::SyntaxError;

/// A hash algorithm as challenges name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// All that many phones know.
    Md5,
    /// RFC 8760.
    Sha256,
    /// RFC 8760.
    Sha512_256,
}

impl Algorithm {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
            Self::Sha512_256 => "SHA-512-256",
        }
    }

    /// Hashes the parts with colons between them, in lower-case hexadecimal.
    /// What a server has to keep of a password (`H(A1)`, RFC 7616 §3.4.2): it proves the password
    /// in this realm, and does not tell it.
    pub fn seal(self, user: &str, realm: &str, password: &str) -> String {
        self.hash(&[user, realm, password])
    }

    fn hash(self, parts: &[&str]) -> String {
        match self {
            Self::Md5 => hash_with(Md5::new(), parts),
            Self::Sha256 => hash_with(Sha256::new(), parts),
            Self::Sha512_256 => hash_with(Sha512_256::new(), parts),
        }
    }
}

fn hash_with(mut hasher: impl Digest, parts: &[&str]) -> String {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            hasher.update(b":");
        }
        hasher.update(part.as_bytes());
    }
    hex::encode(hasher.finalize())
}

impl FromStr for Algorithm {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Md5, Self::Sha256, Self::Sha512_256]
            .into_iter()
            .find(|known| known.as_str().eq_ignore_ascii_case(text))
            .ok_or(SyntaxError::UnexpectedCharacter)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// All that goes into a response.
#[derive(Clone, Copy, Debug)]
pub(super) struct Input<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) user: &'a str,
    pub(super) realm: &'a str,
    pub(super) nonce: &'a str,
    pub(super) method: &'a str,
    /// The `uri` parameter as it is written.
    pub(super) uri: &'a str,
    /// Absent for a client of RFC 2069.
    pub(super) protection: Option<Protection<'a>>,
}

/// What `qop=auth` adds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Protection<'a> {
    /// The nonce count as it is written.
    pub(super) count: &'a str,
    pub(super) cnonce: &'a str,
}

impl Input<'_> {
    /// The `response` that proves knowledge of `password`.
    pub(super) fn response(&self, password: &str) -> String {
        self.response_of(&self.algorithm.seal(self.user, self.realm, password))
    }

    /// The `response` that proves knowledge of the password that `secret` was made of (`H(A1)`,
    /// RFC 7616 §3.4.2).
    pub(super) fn response_of(&self, secret: &str) -> String {
        let request = self.algorithm.hash(&[self.method, self.uri]);
        match self.protection {
            Some(Protection { count, cnonce }) => {
                let parts = [secret, self.nonce, count, cnonce, "auth", &request];
                self.algorithm.hash(&parts)
            }
            None => self.algorithm.hash(&[secret, self.nonce, &request]),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MUFASA: Input<'_> = Input {
        algorithm: Algorithm::Md5,
        user: "Mufasa",
        realm: "http-auth@example.org",
        nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        method: "GET",
        uri: "/dir/index.html",
        protection: Some(Protection {
            count: "00000001",
            cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        }),
    };

    #[test]
    fn the_examples_of_rfc_7616_section_3_9_1_come_out() {
        assert_eq!(
            MUFASA.response("Circle of Life"),
            "8ca523f5e9506fed4657c9700eebdbec"
        );
        let sha256 = Input {
            algorithm: Algorithm::Sha256,
            ..MUFASA
        };
        assert_eq!(
            sha256.response("Circle of Life"),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
        );
    }

    #[test]
    fn the_example_of_rfc_2617_section_3_5_comes_out() {
        let old = Input {
            realm: "testrealm@host.com",
            nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
            protection: Some(Protection {
                count: "00000001",
                cnonce: "0a4f113b",
            }),
            ..MUFASA
        };
        assert_eq!(
            old.response("Circle Of Life"),
            "6629fae49393a05397450978507c4ef1"
        );
    }

    proptest! {
        #[test]
        fn another_implementation_computes_the_same(
            user in "[a-z0-9@.]{1,12}",
            password in "[ -~]{0,16}",
            nonce in "[A-Za-z0-9+/=]{8,40}",
            cnonce in "[a-f0-9]{8}",
            algorithm in proptest::sample::select(vec![Algorithm::Md5, Algorithm::Sha256, Algorithm::Sha512_256]),
            has_qop in any::<bool>(),
        ) {
            let qop = if has_qop { ", qop=\"auth\"" } else { "" };
            let challenge = format!("Digest realm=\"thirdring\", nonce=\"{nonce}\", algorithm={algorithm}{qop}");
            let mut context = digest_auth::AuthContext::new_with_method(
                user.as_str(), password.as_str(), "sip:pbx.example", None::<&[u8]>, digest_auth::HttpMethod::from("REGISTER"),
            );
            context.set_custom_cnonce(cnonce.as_str());
            let theirs = digest_auth::parse(&challenge).unwrap().respond(&context).unwrap();
            let ours = Input {
                algorithm,
                user: &user,
                realm: "thirdring",
                nonce: &nonce,
                method: "REGISTER",
                uri: "sip:pbx.example",
                protection: has_qop.then_some(Protection { count: "00000001", cnonce: &cnonce }),
            };
            prop_assert_eq!(ours.response(&password), theirs.response);
        }
    }
}
