//! What a REGISTER asks for: RFC 3261 §10.3 steps 6 and 7, read whole before anything is done.

use super::RegistrarConfig;
use crate::sip::message::{Request, Response};
use crate::sip::name_addr::NameAddr;
use crate::sip::status::StatusCode;
use crate::sip::uri::{Scheme, Uri};

/// An interval of an hour or more is never too brief (RFC 3261 §10.3 step 7).
const NEVER_TOO_BRIEF_S: u32 = 3600;
/// So many octets of a contact and of its path we keep for a phone.
const LONGEST_WAY: usize = 2048;

/// What a REGISTER asks for.
pub(super) enum Wish {
    /// What is bound.
    Query,
    /// Nothing more of this user.
    RemoveAll,
    /// These contacts to be bound, or, with 0 seconds, not to be.
    Bind(Vec<(NameAddr, u32)>),
}

/// Reads the contacts.
///
/// # Errors
/// The refusal of the whole request.
pub(super) fn read(request: &Request, config: &RegistrarConfig) -> Result<Wish, Response> {
    let headers = &request.headers;
    if headers.is_contact_wildcard() {
        let alone = headers.get_all("Contact").count() == 1;
        return if alone && headers.expires() == Some(0) {
            Ok(Wish::RemoveAll)
        } else {
            Err(request.respond(StatusCode::BAD_REQUEST))
        };
    }
    let contacts = headers.contacts();
    if contacts.is_empty() {
        return Ok(Wish::Query);
    }
    for contact in &contacts {
        check_contact(&contact.uri).map_err(|status| request.respond(status))?;
    }
    let asked: Vec<_> = contacts
        .into_iter()
        .map(|contact| {
            let seconds = seconds(&contact, request, config);
            (contact, seconds)
        })
        .collect();
    let least = config.min_expires.min(NEVER_TOO_BRIEF_S);
    if asked.iter().any(|(_, s)| (1..least).contains(s)) {
        let mut refusal = request.respond(StatusCode::INTERVAL_TOO_BRIEF);
        refusal.headers.set("Min-Expires", config.min_expires);
        return Err(refusal);
    }
    if asked.iter().filter(|(_, s)| *s > 0).count() > config.max_contacts {
        return Err(request.respond(StatusCode::FORBIDDEN));
    }
    Ok(Wish::Bind(asked))
}

/// The proxies that the request came by (RFC 3327 §5.3).
///
/// # Errors
/// The refusal of one that cannot be read, or that is too long to be kept.
pub(super) fn path(request: &Request) -> Result<Vec<NameAddr>, Response> {
    let refusal = || request.respond(StatusCode::BAD_REQUEST);
    let headers = &request.headers;
    let kept = headers.get_all("Path").chain(headers.get_all("Contact"));
    if kept.map(|value| value.len()).sum::<usize>() > LONGEST_WAY {
        return Err(refusal());
    }
    let mut path = Vec::new();
    for value in headers.get_all("Path") {
        path.extend(NameAddr::parse_list(&value).map_err(|_| refusal())?);
    }
    Ok(path)
}

/// The contact's own time, else the request's, else the default; a malformed one counts as
/// the default (§10.3 step 7, §20.10).
fn seconds(contact: &NameAddr, request: &Request, config: &RegistrarConfig) -> u32 {
    let wanted = match contact.params.get("expires") {
        Some(text) => text.trim().parse().ok(),
        None => request.headers.expires(),
    };
    wanted
        .unwrap_or(config.default_expires)
        .min(config.max_expires)
}

/// A contact must be somewhere we can call; one with headers would write into our requests
/// (RFC 3261 §19.1.5), so it is refused.
fn check_contact(uri: &Uri) -> Result<(), StatusCode> {
    if !matches!(uri.scheme, Scheme::Sip | Scheme::Sips) {
        return Err(StatusCode::BAD_REQUEST);
    }
    if uri.headers.is_some() {
        return Err(StatusCode::FORBIDDEN);
    }
    Ok(())
}
