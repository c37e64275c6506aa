//! Agents who hang up on a caller in the middle of a word (R048), for whoever listens to calls.

use super::CallRecord;

impl CallRecord {
    /// Compares who hung up with what the recording, which has just been sealed, shows of its end.
    pub(super) fn note_cut_off(&mut self) {
        let conduct = self.recording.as_ref().and_then(|it| it.conduct.as_ref());
        let in_a_word = conduct.and_then(|conduct| conduct.ends_in_a_word());
        // With a survey the recording goes on after the agent has left.
        let is_agents_end = self.agent_first && self.dialogue.survey.is_none();
        self.cut_off_ms = in_a_word.filter(|_| is_agents_end);
    }
}

#[cfg(test)]
mod tests {
    use crate::call::conduct::Conduct;
    use crate::call::event::{EventKind, HangupParty, RecordingSummary};
    use crate::call::record::CallRecord;
    use crate::call::record::apply::tests::{arrived, record};

    fn ended_by(party: HangupParty, caller_quiet_ms: Option<u64>) -> CallRecord {
        let hung_up = EventKind::HungUp {
            party,
            agent_first: party == HangupParty::Agent,
            reason: None,
        };
        let conduct = Conduct {
            caller_quiet_ms,
            ..Conduct::default()
        };
        let recording = RecordingSummary {
            conduct: Some(Box::new(conduct)),
            ..RecordingSummary::default()
        };
        let sealed = EventKind::RecordingSealed { recording };
        record([arrived(), (5_000, hung_up), (6_000, sealed)])
    }

    /// R048: the agent left within two seconds of the caller's last word; the caller's own end, a
    /// caller who had finished, and one who said nothing are the controls.
    #[test]
    fn an_agent_who_leaves_in_the_callers_word_is_flagged() {
        let flag = |party, quiet| ended_by(party, quiet).cut_off_ms;
        assert_eq!(flag(HangupParty::Agent, Some(0)), Some(0));
        assert_eq!(flag(HangupParty::Agent, Some(2_000)), Some(2_000));
        assert_eq!(flag(HangupParty::Agent, Some(2_020)), None);
        assert_eq!(flag(HangupParty::Agent, None), None);
        assert_eq!(flag(HangupParty::Caller, Some(0)), None);
    }
}
