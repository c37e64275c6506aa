//! Passwords of phones: they are set and never shown, and what is kept of one does not tell it
//! (RFC 7616 §3.4.2).

use serde_json::{Value, json};

use crate::config::setup::Document;
use crate::sip::auth::Algorithm;

const PASSWORD: &str = "password";
const HAS_PASSWORD: &str = "has_password";

/// A document as it is kept: with the digests of a password that is new, or those from before where
/// nothing is said of it. `null` leaves the agent without one.
pub(super) fn sealed(
    mut document: Document,
    extension: &str,
    realm: &str,
    before: Option<&Document>,
) -> Document {
    // What a reader was shown may come back.
    document.remove(HAS_PASSWORD);
    match document.remove(PASSWORD) {
        Some(Value::String(password)) if !password.is_empty() => {
            let seal = |algorithm: Algorithm| algorithm.seal(extension, realm, &password);
            let digests = json!({
                "realm": realm,
                Algorithm::Md5.as_str(): seal(Algorithm::Md5),
                Algorithm::Sha256.as_str(): seal(Algorithm::Sha256),
                Algorithm::Sha512_256.as_str(): seal(Algorithm::Sha512_256),
            });
            document.insert(PASSWORD.to_owned(), digests);
        }
        Some(Value::Null) => {}
        // The check has a word for it.
        Some(other) => {
            document.insert(PASSWORD.to_owned(), other);
        }
        None => {
            let known = before.and_then(|before| before.get(PASSWORD));
            if let Some(known) = known.filter(|known| !known.is_null()) {
                let known = known.clone();
                document.insert(PASSWORD.to_owned(), known);
            }
        }
    }
    document
}

/// The document for whoever reads it: whether there is a password, and nothing of it.
pub(super) fn shown(mut document: Document) -> Document {
    let has_password = document
        .remove(PASSWORD)
        .is_some_and(|password| !password.is_null());
    document.insert(HAS_PASSWORD.to_owned(), Value::Bool(has_password));
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(value: Value) -> Document {
        let Value::Object(document) = value else {
            panic!("{value} is no document");
        };
        document
    }

    #[test]
    fn a_password_is_kept_as_what_does_not_tell_it_and_shown_to_nobody() {
        let new = document(json!({ "name": "李娜", "password": "open sesame" }));
        let kept = sealed(new, "1001", "thirdring", None);
        assert!(!Value::Object(kept.clone()).to_string().contains("sesame"));
        // H(A1) as `printf 1001:thirdring:'open sesame' | md5sum` has it.
        assert_eq!(kept["password"]["MD5"], "b11d34e4c700b771c8e94d6b638aaa66");

        let read = shown(kept.clone());
        assert_eq!(
            Value::Object(read.clone()),
            json!({ "name": "李娜", "has_password": true })
        );
        // Who writes back what was read keeps the password.
        assert_eq!(sealed(read, "1001", "thirdring", Some(&kept)), kept);
        let without = document(json!({ "password": null }));
        let without = sealed(without, "1001", "thirdring", Some(&kept));
        assert_eq!(
            Value::Object(shown(without)),
            json!({ "has_password": false })
        );
    }
}
