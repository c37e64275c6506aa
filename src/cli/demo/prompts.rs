//! What the demo's lines say besides what a starter configuration has.

use std::fs;
use std::path::Path;

use anyhow::Context;

macro_rules! prompt {
    ($file:literal) => {
        (
            $file,
            include_bytes!(concat!("../../../deploy/prompts/", $file)).as_slice(),
        )
    };
}

const PROMPTS: [(&str, &[u8]); 8] = [
    prompt!("greeting.wav"),
    prompt!("hold-music.wav"),
    prompt!("place-1.wav"),
    prompt!("closed.wav"),
    prompt!("leave-a-message.wav"),
    prompt!("message-thanks.wav"),
    prompt!("survey.wav"),
    prompt!("survey-thanks.wav"),
];

/// Lays the prompts into the folder, which is there.
///
/// # Errors
/// One cannot be written.
pub(super) fn write(folder: &Path) -> anyhow::Result<()> {
    for (name, bytes) in PROMPTS {
        let path = folder.join(name);
        fs::write(&path, bytes).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}
