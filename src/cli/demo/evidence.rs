//! Everything that there is to see of the calls.

use std::collections::HashMap;
use std::path::Path;

use super::story::Story;
use super::verdict::Seen;
use crate::id::CallId;
use crate::phone::Heard;
use crate::recording::{Audio, level_dbfs, read_audio};
use crate::store::{StoredCall, TaskDetail};

/// What a recording measures.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) length_ms: u64,
    /// Of each channel; `None` is digital silence.
    pub(super) levels_dbfs: Vec<Option<f64>>,
    pub(super) audio: Audio,
}

/// What was seen at the phones.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    pub(super) callers: Vec<Seen>,
    /// What each agent heard in the last talk, by extension.
    pub(super) agents: HashMap<String, Heard>,
}

/// What the service has written down.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) rows: Vec<StoredCall>,
    pub(super) tasks: Vec<TaskDetail>,
}

/// Everything there is to see of the calls.
#[derive(Debug)]
pub(super) struct Evidence {
    pub(super) seen: Sightings,
    pub(super) rows: Vec<StoredCall>,
    pub(super) tasks: Vec<TaskDetail>,
    pub(super) recordings: HashMap<CallId, Measured>,
}

impl Evidence {
    /// Measures the recordings that the rows name.
    ///
    /// # Errors
    /// A recording cannot be read.
    pub(super) fn new(seen: Sightings, log: Log, folder: &Path) -> anyhow::Result<Self> {
        let mut recordings = HashMap::new();
        for row in &log.rows {
            if let Some(recording) = &row.record.recording {
                let audio = read_audio(&folder.join(&recording.path))?;
                let levels = audio.channels.iter().map(|samples| level_dbfs(samples));
                let measured = Measured {
                    length_ms: audio.duration_ms(),
                    levels_dbfs: levels.collect(),
                    audio,
                };
                recordings.insert(row.record.id, measured);
            }
        }
        Ok(Self {
            seen,
            rows: log.rows,
            tasks: log.tasks,
            recordings,
        })
    }

    /// The row of a story's call.
    pub(super) fn row(&self, story: &Story) -> Option<&StoredCall> {
        let mut rows = self.rows.iter();
        rows.find(|row| {
            row.caller()
                .is_some_and(|party| party.number == story.caller)
        })
    }

    /// The task that a call belongs to.
    pub(super) fn task(&self, call: CallId) -> Option<&TaskDetail> {
        let mut tasks = self.tasks.iter();
        tasks.find(|task| task.about.iter().any(|it| it.call == call))
    }
}
