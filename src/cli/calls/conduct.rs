//! What a recording shows of the conversation, in words.

use super::table::or_nothing;
use super::view::{seconds, word};
use crate::call::conduct::{Conduct, Voice};

/// The lines of a call's sheet, each with its name.
pub(super) fn facts(conduct: &Conduct) -> [(&'static str, String); 4] {
    let flag = conduct.agent_level.as_ref().map(word);
    let flag = flag.map_or_else(String::new, |flag| format!("; {flag}"));
    let limit = seconds(conduct.silence_limit_ms);
    let (silences, longest) = (conduct.agent_silences, conduct.longest_agent_silence_ms);
    let (talk_overs, together) = (conduct.talk_overs, seconds(conduct.talk_over_ms));
    [
        ("caller voice", voice(&conduct.caller)),
        ("agent voice", format!("{}{flag}", voice(&conduct.agent))),
        (
            "agent silent",
            format!(
                "{silences} times over {limit}, longest {}",
                seconds(longest)
            ),
        ),
        (
            "talked over",
            format!("{talk_overs} times, together {together}"),
        ),
    ]
}

/// `12.3 s, speech -21.5 dBFS, peak -3.0 dBFS, clipped 0 ppm`
fn voice(voice: &Voice) -> String {
    let level = |tenths: Option<i32>| {
        let shown = tenths.map(|tenths| {
            let sign = if tenths < 0 { "-" } else { "" };
            let tenths = tenths.unsigned_abs();
            format!("{sign}{}.{} dBFS", tenths / 10, tenths % 10)
        });
        or_nothing(shown)
    };
    format!(
        "{}, speech {}, peak {}, clipped {} ppm",
        seconds(voice.talk_ms),
        level(voice.speech_dbfs_tenths),
        level(voice.peak_dbfs_tenths),
        voice.clipped_ppm,
    )
}
