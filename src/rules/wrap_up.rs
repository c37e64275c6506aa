//! What a line asks for when a call is over: a purpose and an outcome of its trees (R029, R085),
//! and its form (R022).

use std::fmt;
use std::time::Duration;

use super::{CodeTree, FieldFault, FieldValues, Form, Identity, Known, Script, StageLimits};

/// What one line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineRules {
    /// Why callers ring.
    pub purposes: CodeTree,
    /// What comes of it.
    pub outcomes: CodeTree,
    /// What else is asked.
    pub form: Form,
    /// How soon a caller who reached nobody is to be called back; `None` is no time.
    pub callback_within: Option<Duration>,
    /// How soon after the call a matter is passed on, in working time; `None`: the same working day (R109).
    pub forward_within: Option<Duration>,
    /// A caller's score up to this is followed up (R220); 0 is none.
    pub follow_up: u8,
    /// Whether it must be known who called.
    pub identity: Identity,
    /// The purposes, with their kinds, of which it need not.
    pub unidentified: Vec<String>,
    /// What its agents say.
    pub script: Script,
    /// How long each stage of a call may take.
    pub limits: StageLimits,
    /// It is to be said how the caller's matter is dealt with (R117).
    pub handling: bool,
}

impl Default for LineRules {
    fn default() -> Self {
        Self {
            purposes: CodeTree::purposes(),
            outcomes: CodeTree::outcomes(),
            form: Form::default(),
            callback_within: None,
            forward_within: None,
            follow_up: 0,
            identity: Identity::default(),
            unidentified: Vec::new(),
            script: Script::default(),
            limits: StageLimits::default(),
            handling: false,
        }
    }
}

/// Something that a line does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its tree has no such purpose.
    Purpose(String),
    /// Its tree has no such outcome.
    Outcome(String),
    /// A field of its form.
    Field(FieldFault),
    /// Nobody has said why the caller rang.
    NoPurpose,
    /// Nobody has said what came of it.
    NoOutcome,
    /// Nobody has said how the matter is dealt with (R117).
    NoHandling,
    /// What was said of how the matter is dealt with lacks this.
    Handling(&'static str),
    /// Whoever wants to stay unknown is not called back (R083).
    AnonymousCallBack,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Purpose(code) => write!(f, "the line has no purpose `{code}`"),
            Self::Outcome(code) => write!(f, "the line has no outcome `{code}`"),
            Self::Field(fault) => fault.fmt(f),
            Self::NoPurpose => f.write_str("nobody has said why the caller rang"),
            Self::NoOutcome => f.write_str("nobody has said what came of it"),
            Self::NoHandling => f.write_str("nobody has said how the matter is dealt with"),
            Self::Handling(needs) => write!(f, "how the matter is dealt with needs {needs}"),
            Self::AnonymousCallBack => {
                f.write_str("a caller who wants to stay unknown is not called back")
            }
        }
    }
}

impl LineRules {
    /// Whether the line has this purpose, and it can be chosen.
    pub fn purpose_fault(&self, code: &str) -> Option<Fault> {
        (!self.purposes.offers(code)).then(|| Fault::Purpose(code.to_owned()))
    }

    /// Whether the line has this outcome, and it can be chosen.
    pub fn outcome_fault(&self, code: &str) -> Option<Fault> {
        (!self.outcomes.offers(code)).then(|| Fault::Outcome(code.to_owned()))
    }

    /// What is wrong with values that somebody is still writing down.
    pub fn field_faults(&self, values: &FieldValues) -> Vec<Fault> {
        let faults = self.form.faults(values).into_iter();
        faults.map(Fault::Field).collect()
    }

    /// Everything that keeps a call from being wrapped up so.
    pub fn faults(
        &self,
        purpose: &str,
        outcome: &str,
        values: &FieldValues,
        known: Known,
    ) -> Vec<Fault> {
        let mut faults: Vec<_> = self.purpose_fault(purpose).into_iter().collect();
        faults.extend(self.outcome_fault(outcome));
        faults.extend(self.field_faults(values));
        faults.extend(self.missing(Some(purpose), Some(outcome), values, known));
        faults
    }
}
