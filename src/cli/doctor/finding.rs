//! What a check has found, and what to do about it.

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// Nothing to do.
    Ok,
    /// It works, perhaps not for long.
    Warn,
    /// It does not work.
    Fail,
}

/// One line of the table.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) level: Level,
    what: String,
    found: String,
    cure: String,
}

impl Finding {
    pub(super) fn ok(what: impl Into<String>, found: impl Into<String>) -> Self {
        Self::new(Level::Ok, what, found, "")
    }

    pub(super) fn warn(
        what: impl Into<String>,
        found: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self::new(Level::Warn, what, found, cure)
    }

    pub(super) fn fail(
        what: impl Into<String>,
        found: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self::new(Level::Fail, what, found, cure)
    }

    fn new(
        level: Level,
        what: impl Into<String>,
        found: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self {
            level,
            what: what.into(),
            found: found.into(),
            cure: cure.into(),
        }
    }

    pub(super) fn cells(&self) -> [String; 4] {
        let level = match self.level {
            Level::Ok => "ok",
            Level::Warn => "warn",
            Level::Fail => "FAIL",
        };
        [
            level.to_owned(),
            self.what.clone(),
            self.found.clone(),
            self.cure.clone(),
        ]
    }
}
