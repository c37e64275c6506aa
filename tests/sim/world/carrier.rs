//! The carrier's registrar, which wants a password.

use std::time::Duration;

use thirdring::rules::Moment;
use thirdring::sip::auth::{Algorithm, Authenticator, Credentials, Verdict};
use thirdring::sip::registration::Account;
use thirdring::sip::{Host, Message, StatusCode};

use super::site::{OUTSIDE, PASSWORD, SWITCH};

/// What we register with the carrier.
pub(super) fn account() -> Account {
    Account {
        user: "4001234567".to_owned(),
        password: PASSWORD.to_owned(),
        domain: Host::Name("carrier.example".to_owned()),
        realm: None,
        expires: Duration::from_mins(10),
    }
}

pub(super) struct Carrier {
    authenticator: Authenticator,
    /// How often it said yes.
    pub(super) taken: u32,
}

impl Carrier {
    pub(super) fn new() -> Self {
        let algorithms = vec![Algorithm::Md5];
        Self {
            authenticator: Authenticator::new("carrier", algorithms, [9; 32], OUTSIDE),
            taken: 0,
        }
    }

    /// Its answer to a REGISTER.
    pub(super) fn hears(&mut self, bytes: &[u8], now: Moment) -> Option<Vec<u8>> {
        let Ok(Message::Request(request)) = Message::parse(bytes) else {
            return None;
        };
        let seconds = now.wall.unix_ms() / 1000;
        let known = |_: &_| Some(Credentials::new(PASSWORD));
        let verdict = self.authenticator.verify(&request, SWITCH, known, seconds);
        let mut response = if matches!(verdict, Verdict::Accepted { .. }) {
            self.taken += 1;
            let mut granted = request.respond(StatusCode::OK);
            let contact = request.headers.get("Contact")?.into_owned();
            granted.headers.set("Contact", contact);
            granted.headers.set("Expires", 600);
            granted
        } else {
            let authenticator = &mut self.authenticator;
            authenticator.unauthorized(&request, &verdict, SWITCH, seconds)
        };
        response.set_to_tag("carrier");
        Some(response.to_bytes())
    }
}
