//! Finding a call's messages among everybody's.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use super::header::Parts;
use super::passage::Passage;
use super::{pcap, segments};
use crate::id::CallId;
use crate::rules::Timestamp;

/// Whose messages, and when they passed.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The call: our own legs' Call-IDs begin with its id.
    pub call: CallId,
    /// The Call-ID of the caller's leg.
    pub caller_leg: String,
    /// Nothing before this.
    pub from: Timestamp,
    /// Nothing after this.
    pub until: Timestamp,
}

/// An INVITE that was challenged, and repeats, come so long before the call itself.
const BEFORE: Duration = Duration::from_secs(32);
/// BYE and its answer, and repeats, come so long after the call's end.
const AFTER: Duration = Duration::from_mins(1);

impl Wanted {
    /// All messages of a call that arrived and ended then.
    pub fn of_call(call: CallId, caller_leg: String, arrived: Timestamp, ended: Timestamp) -> Self {
        Self {
            call,
            caller_leg,
            from: arrived.minus(BEFORE),
            until: ended.plus(AFTER),
        }
    }

    /// Whether a message is one of the call's.
    fn includes(&self, passage: &Passage) -> bool {
        if !(self.from..=self.until).contains(&passage.at) {
            return false;
        }
        let parts = Parts::of(&passage.octets);
        let Some(call_id) = parts.value(&passage.octets, "Call-ID") else {
            return false;
        };
        let ours = call_id
            .strip_prefix(self.call.leg_prefix().as_bytes())
            .is_some_and(|rest| rest.first() == Some(&b'-'));
        ours || call_id == self.caller_leg.as_bytes()
    }
}

/// The messages of a call that `folder` still has, in the order they passed.
///
/// # Errors
/// The folder, or a segment in it, cannot be read.
pub fn messages_of(folder: &Path, wanted: &Wanted) -> io::Result<Vec<Passage>> {
    let mut found = Vec::new();
    for segment in segments::list(folder)? {
        if segment.since > wanted.until {
            break;
        }
        // The service deletes the oldest while we look.
        let file = match last_written(&segment.path) {
            Ok(at) if at < wanted.from => continue,
            Ok(_) => fs::read(&segment.path),
            Err(error) => Err(error),
        };
        match file {
            Ok(file) => {
                let passages = pcap::read(&file).into_iter();
                found.extend(passages.filter(|passage| wanted.includes(passage)));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    // A clock that was set back has put a later segment before an earlier one.
    found.sort_by_key(|passage| passage.at);
    Ok(found)
}

fn last_written(path: &Path) -> io::Result<Timestamp> {
    let modified = fs::metadata(path)?.modified()?;
    let since_epoch = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Timestamp(
        i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Way;

    const CALL: &str = "01993b1f2a7c7d01a2b3c4d5e6f70819";

    fn passage(at: i64, call_id: &str) -> Passage {
        Passage {
            at: Timestamp(at),
            way: Way::In,
            local: "192.0.2.10:5060".parse().unwrap(),
            peer: "203.0.113.1:5060".parse().unwrap(),
            octets: format!("BYE sip:a SIP/2.0\r\nCall-ID: {call_id}\r\n\r\n").into_bytes(),
        }
    }

    #[test]
    fn both_legs_of_one_call_are_found_in_its_time() {
        let wanted = Wanted {
            call: CALL.parse().unwrap(),
            caller_leg: "abc@carrier".to_owned(),
            from: Timestamp(1000),
            until: Timestamp(2000),
        };
        let ours = format!("{CALL}-3-0011223344556677");
        for (at, call_id, included) in [
            (1000, "abc@carrier", true),
            (2000, ours.as_str(), true),
            (1500, CALL, false),
            (1500, &format!("{CALL}0-3-00"), false),
            (1500, "abc@carrier2", false),
            (1500, "", false),
            (999, "abc@carrier", false),
            (2001, ours.as_str(), false),
        ] {
            assert_eq!(
                wanted.includes(&passage(at, call_id)),
                included,
                "{at} {call_id}"
            );
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_and_an_empty_one_is_not() {
        let wanted = Wanted {
            call: CALL.parse().unwrap(),
            caller_leg: String::new(),
            from: Timestamp(0),
            until: Timestamp(0),
        };
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(messages_of(folder.path(), &wanted).unwrap(), []);
        assert!(messages_of(&folder.path().join("none"), &wanted).is_err());
    }
}
