//! How long our certificates are valid, and who may read their keys.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::DateTime;

use super::finding::Finding;
use crate::clock::Clock;
use crate::config::Config;

/// The lower bits of a mode, which are for the group and for everybody else.
const OTHERS_BITS: u32 = 6;
/// A certificate that ends sooner should have been renewed by now.
const SOON_DAYS: i64 = 14;

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, listener) in config.sip.listeners.iter().enumerate() {
        if let Some(file) = &listener.certificate {
            let what = format!("sip.listener[{index}].certificate");
            let ends = std::fs::read_to_string(file)
                .ok()
                .and_then(|pem| ends_at(&pem));
            findings.push(validity(what, ends, Clock.wall().to_jiff()));
        }
        if let Some(file) = &listener.key {
            findings.push(key_mode(format!("sip.listener[{index}].key"), file));
        }
    }
    findings
}

fn validity(what: String, ends: Option<Timestamp>, now: Timestamp) -> Finding {
    let cure = "renew it and put the new files in its place; they are taken up by themselves";
    let Some(ends) = ends else {
        return Finding::fail(what, "no certificate can be read", "correct the path");
    };
    let days = ends.duration_since(now).as_hours() / 24;
    if ends <= now {
        Finding::fail(what, format!("ended at {ends}"), cure)
    } else if days < SOON_DAYS {
        Finding::warn(what, format!("ends in {days} days"), cure)
    } else {
        Finding::ok(what, format!("valid for {days} days"))
    }
}

fn key_mode(what: String, file: &Path) -> Finding {
    match std::fs::metadata(file) {
        Ok(data) if data.permissions().mode().trailing_zeros() >= OTHERS_BITS => {
            Finding::ok(what, "only its owner may read it")
        }
        Ok(data) => {
            let found = format!("mode {:o}", data.permissions().mode() & 0o777);
            let cure = format!("chmod 600 {}; until then it does not start", file.display());
            Finding::fail(what, found, cure)
        }
        Err(error) => Finding::fail(what, error.to_string(), "correct the path"),
    }
}

/// `notAfter` of the first certificate of a PEM file (RFC 5280 §4.1): the fifth element of the
/// part that is signed, or the fourth where the optional version is missing.
fn ends_at(pem: &str) -> Option<Timestamp> {
    let body = pem.split_once("-----BEGIN CERTIFICATE-----")?.1;
    let body = body.split_once("-----END CERTIFICATE-----")?.0;
    let text: String = body.split_whitespace().collect();
    let der = STANDARD.decode(text).ok()?;
    let (_, certificate, _) = element(&der)?;
    let (_, mut signed, _) = element(certificate)?;
    let (tag, _, after_version) = element(signed)?;
    if tag == EXPLICIT_VERSION {
        signed = after_version;
    }
    for _ in ["serialNumber", "signature", "issuer"] {
        signed = element(signed)?.2;
    }
    let (_, validity, _) = element(signed)?;
    let (_, _, not_after) = element(validity)?;
    let (tag, time, _) = element(not_after)?;
    moment(tag, std::str::from_utf8(time).ok()?)
}

const EXPLICIT_VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;

/// A time with two digits of the year, of 1950 to 2049, or with four.
fn moment(tag: u8, text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix('Z')?;
    let whole = if tag == UTC_TIME {
        let century = if text.get(..2)? < "50" { "20" } else { "19" };
        format!("{century}{text}")
    } else {
        text.to_owned()
    };
    let time = DateTime::strptime("%Y%m%d%H%M%S", whole).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

/// The first element of some DER: its tag, its value, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        let add = |length: usize, octet: &u8| length.checked_mul(256)?.checked_add((*octet).into());
        (octets.iter().try_fold(0, add)?, rest)
    };
    let (value, after) = rest.split_at_checked(length)?;
    Some((tag, value, after))
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    fn der(tag: u8, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(value.len()).unwrap().to_be_bytes();
        [&[tag, 0x82], &length[..], value].concat()
    }

    /// As much of a certificate as has a time in it.
    fn pem(has_version: bool, tag: u8, ends: &str) -> String {
        let version = der(EXPLICIT_VERSION, &[2, 1, 2]);
        let times = [der(UTC_TIME, b"250101000000Z"), der(tag, ends.as_bytes())].concat();
        let mut signed = if has_version { version } else { Vec::new() };
        for part in [
            der(2, &[7]),
            der(0x30, &[]),
            der(0x30, &[]),
            der(0x30, &times),
        ] {
            signed.extend(part);
        }
        let certificate = der(0x30, &der(0x30, &signed));
        let text = STANDARD.encode(certificate);
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    }

    #[test]
    fn the_end_of_a_certificate_is_read() {
        let end = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let ends = ends_at(&pem(true, UTC_TIME, "261231235959Z"));
        assert_eq!(ends, end("2026-12-31T23:59:59Z"));
        let ends = ends_at(&pem(false, 0x18, "20501231235959Z"));
        assert_eq!(ends, end("2050-12-31T23:59:59Z"));
        for cut in 0..120 {
            let whole = pem(true, UTC_TIME, "261231235959Z");
            let _ = ends_at(whole.get(..cut).unwrap_or(&whole));
            assert_eq!(element(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
        }
        assert_eq!(ends_at("no certificate"), None);
    }

    #[test]
    fn a_certificate_that_ends_is_doubted_in_time() {
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let level = |ends: &str| validity(String::new(), ends.parse().ok(), now).level;
        assert_eq!(level("2027-11-22T00:00:00Z"), Level::Ok);
        assert_eq!(level("2026-12-01T00:00:00Z"), Level::Warn);
        assert_eq!(level("2026-11-21T00:00:00Z"), Level::Fail);
        assert_eq!(level("none"), Level::Fail);
    }

    #[test]
    fn a_key_that_others_may_read_fails() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key.pem");
        std::fs::write(&key, "").unwrap();
        let level = |mode| {
            std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
            key_mode(String::new(), &key).level
        };
        assert_eq!(level(0o600), Level::Ok);
        assert_eq!(level(0o644), Level::Fail);
    }
}
