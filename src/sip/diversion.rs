//! By which numbers a call came before it reached ours: `Diversion` (RFC 5806) and
//! `History-Info` (RFC 7044), as a platform behind a 400 number writes them.

use serde::{Deserialize, Serialize};

use super::message::Request;
use super::name_addr::NameAddr;

/// How many stations of a call's way are looked at; more is no telephone call's.
const LONGEST: usize = 10;

/// One number that a call was sent on from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diversion {
    /// The number, as received.
    pub number: String,
    /// Why it was sent on.
    pub reason: Reason,
}

/// Why a call was sent on (RFC 5806 §9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The number was busy.
    UserBusy,
    /// It did not answer.
    NoAnswer,
    /// It could not be reached.
    Unavailable,
    /// All its calls are sent on.
    Unconditional,
    /// At a certain time of the day.
    TimeOfDay,
    /// It asked for no calls.
    DoNotDisturb,
    /// The person who was called sent it on.
    Deflection,
    /// It has followed its user.
    FollowMe,
    /// It is out of service.
    OutOfService,
    /// It is away.
    Away,
    /// Not said, or not known to us.
    #[serde(other)]
    Unknown,
}

/// The numbers that a call was sent on from, the latest first (RFC 5806 §9.2).
pub fn diversions(request: &Request) -> Vec<Diversion> {
    let stations = request.headers.addresses("Diversion");
    stations
        .iter()
        .take(LONGEST)
        .filter_map(|station| {
            let reason = station.params.get("reason").unwrap_or_default();
            Some(Diversion {
                number: number(station)?,
                reason: read(reason),
            })
        })
        .collect()
}

/// The numbers that a call was meant for, the first one dialled first (RFC 7044 §5.1).
pub fn history(request: &Request) -> Vec<String> {
    let mut stations: Vec<_> = request.headers.addresses("History-Info");
    stations.truncate(LONGEST);
    stations.sort_by_key(|station| index(station.params.get("index")));
    stations.iter().filter_map(number).collect()
}

fn number(station: &NameAddr) -> Option<String> {
    station
        .uri
        .number()
        .or_else(|| station.uri.user_unescaped())
}

/// `1.1.2`, so that 1.10 comes after 1.2; a station without a readable index goes last.
fn index(text: Option<&str>) -> Vec<u32> {
    let levels: Result<Vec<u32>, _> = text
        .unwrap_or_default()
        .split('.')
        .map(str::parse)
        .collect();
    levels.unwrap_or_else(|_| vec![u32::MAX])
}

fn read(reason: &str) -> Reason {
    match reason.to_ascii_lowercase().as_str() {
        "user-busy" => Reason::UserBusy,
        "no-answer" => Reason::NoAnswer,
        "unavailable" => Reason::Unavailable,
        "unconditional" => Reason::Unconditional,
        "time-of-day" => Reason::TimeOfDay,
        "do-not-disturb" => Reason::DoNotDisturb,
        "deflection" => Reason::Deflection,
        "follow-me" => Reason::FollowMe,
        "out-of-service" => Reason::OutOfService,
        "away" => Reason::Away,
        _ => Reason::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::Method;

    fn invite(headers: &[(&str, &str)]) -> Request {
        let uri = "sip:1@192.0.2.1".parse().unwrap();
        let mut request = Request::new(Method::INVITE, uri);
        for (name, value) in headers {
            request.headers.push(name, value);
        }
        request
    }

    #[test]
    fn the_latest_diversion_comes_first() {
        let request = invite(&[
            (
                "Diversion",
                "\"400\" <sip:4001234567@p.example;user=phone>;reason=unconditional;counter=1, \
                 <tel:+8613800138000>;reason=No-Answer",
            ),
            ("Diversion", "<sip:c.example>;reason=away"),
            ("Diversion", "<sip:95588@c.example>;reason=\"odd\""),
        ]);
        let seen: Vec<_> = diversions(&request)
            .into_iter()
            .map(|diversion| (diversion.number, diversion.reason))
            .collect();
        let wanted = [
            ("4001234567".to_owned(), Reason::Unconditional),
            ("+8613800138000".to_owned(), Reason::NoAnswer),
            ("95588".to_owned(), Reason::Unknown),
        ];
        assert_eq!(seen, wanted);
    }

    #[test]
    fn history_is_told_by_its_indices() {
        let request = invite(&[
            (
                "History-Info",
                "<sip:800@c.example?Reason=SIP%3Bcause%3D302>;index=1.10;mp=1",
            ),
            (
                "History-Info",
                "<sip:4001234567@c.example>;index=1, <sip:801@c.example>;index=1.2",
            ),
            ("History-Info", "<sip:802@c.example>"),
        ]);
        assert_eq!(history(&request), ["4001234567", "801", "800", "802"]);
    }

    #[test]
    fn a_way_without_end_is_cut() {
        let value = vec!["<sip:1@c.example>"; 1000].join(",");
        let request = invite(&[("Diversion", &value), ("History-Info", &value)]);
        assert_eq!(diversions(&request).len(), LONGEST);
        assert_eq!(history(&request).len(), LONGEST);
        assert!(diversions(&invite(&[("Diversion", "<sip:")])).is_empty());
    }
}
