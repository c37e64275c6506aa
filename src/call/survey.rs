//! How it was, asked by keys after the talk (R218 to R221): the agent has released the caller to it,
//! which is no hang-up (X03), or has hung up first where the line asks all the same.

use super::asking::{Asking, Reply, Turn};
use super::attempt::{Callee, State};
use super::command::{Actor, Answer, Done, Refused};
use super::dialogue::Dialogue;
use super::event::{EventKind, HangupParty, PromptPurpose, SurveyAnswered, SurveyCause};
use super::event::{SurveyResult, SurveySource, SurveyStarted};
use super::flow::SurveyRules;
use super::media::MediaLeg;
use super::{Call, Phase, Release};
use crate::id::AgentId;
use crate::rules::Moment;

impl Call {
    /// Whether the caller can be released to a survey now.
    pub(super) fn can_survey(&self) -> bool {
        let is_agent = self.talking_agent().is_some();
        let is_plain = self.transferor().is_none() && self.notice.is_none();
        let talks = matches!(self.phase, Phase::Talking) && self.connected;
        let asks = self.survey_rules().is_some() && self.errand.is_line();
        is_agent && is_plain && talks && asks && self.answered_at.is_some()
    }

    /// Lets the agent go and asks the caller how it was. False, and nothing has happened, where the
    /// line does not ask, or nobody talks.
    pub(super) fn begin_survey(&mut self, cause: SurveyCause, now: Moment) -> bool {
        if !self.can_survey() {
            return false;
        }
        // Who is beside the talk is not beside the questions.
        if self.supervisor().is_some() {
            let _ = self.stop_supervising(&Actor::System, now);
        }
        let (Some(rules), Some(talker)) = (self.survey_rules(), self.talker.take()) else {
            return false;
        };
        let agent = agent_of(&talker.callee);
        self.hold_ends(talker.leg, now);
        self.new_agent(now);
        if let Some(index) = self.attempt_index(talker.leg) {
            self.attempts[index].state = State::Over;
        }
        self.send_bye(talker.leg);
        self.silence(talker.leg);
        self.close_ports(talker.leg);
        self.release(&talker.callee, Release::Done);
        self.progress.talk_over = Some(now);
        self.progress.surveyed.clone_from(&agent);
        self.store(
            EventKind::SurveyStarted(SurveyStarted { cause, agent }),
            now,
        );
        let mut keys = rules.scores.clone();
        keys.extend(rules.refuse);
        let asking = Asking::new(keys, rules.wait, rules.repeats);
        let saying = self.say(PromptPurpose::Survey, &rules.prompt, now);
        self.enter(Dialogue::Survey(asking, Some(saying), Vec::new()));
        true
    }

    /// The agent who talks releases the caller to the survey.
    pub(super) fn release_to_survey(&mut self, by: &Actor, now: Moment) -> Answer {
        if by
            .agent()
            .is_some_and(|agent| self.talking_agent() != Some(agent))
        {
            return Err(Refused::NotYours);
        }
        if self.begin_survey(SurveyCause::Released, now) {
            Ok(Done::Accepted)
        } else {
            Err(Refused::WrongState)
        }
    }

    /// The agent's phone has hung up, and the line asks the caller all the same.
    pub(super) fn asks_after_hang_up(
        &mut self,
        leg: MediaLeg,
        reason: Option<&str>,
        now: Moment,
    ) -> bool {
        let rules = self.survey_rules();
        let asks = rules.is_some_and(|rules| rules.after_hang_up);
        if leg == self.caller.id || !asks || !self.can_survey() {
            return false;
        }
        let hung_up = EventKind::HungUp {
            party: HangupParty::Agent,
            agent_first: true,
            reason: reason.map(str::to_owned),
        };
        self.store(hung_up, now);
        self.begin_survey(SurveyCause::AgentLeft, now)
    }

    fn survey_rules(&self) -> Option<SurveyRules> {
        self.line.as_ref()?.flow.survey.clone()
    }

    pub(super) fn survey_turns(&mut self, turn: Turn, now: Moment) {
        let Some(rules) = self.survey_rules() else {
            return;
        };
        let reply = match turn {
            Turn::Wait => return,
            Turn::Again => {
                let (wrong, question) = (rules.wrong.as_ref(), &rules.prompt);
                return self.ask_again(PromptPurpose::Survey, wrong, question, now);
            }
            Turn::Over(reply) => reply,
        };
        let score = match reply {
            Reply::Key(key) => key.to_digit(10).and_then(|digit| u8::try_from(digit).ok()),
            Reply::Silence | Reply::WrongKeys => None,
        };
        let refuses = rules.refuse.map(Reply::Key) == Some(reply);
        let (result, score) = match reply {
            Reply::Key(_) if refuses => (SurveyResult::Refused, None),
            Reply::Key(_) => (SurveyResult::Answered, score),
            Reply::Silence | Reply::WrongKeys => (SurveyResult::Skipped, None),
        };
        self.store_survey(result, score, now);
        self.leave_question();
        let thanks = rules.thanks.filter(|_| result == SurveyResult::Answered);
        self.thank(thanks.as_ref(), now);
    }

    pub(super) fn survey_skipped(&mut self, now: Moment) {
        self.store_survey(SurveyResult::Skipped, None, now);
    }

    fn store_survey(&mut self, result: SurveyResult, score: Option<u8>, now: Moment) {
        let rules = self.survey_rules();
        let scores = rules.map(|rules| rules.scores).unwrap_or_default();
        let best = scores.chars().filter_map(|key| key.to_digit(10)).max();
        let answered = SurveyAnswered {
            result,
            score,
            best: best.and_then(|best| u8::try_from(best).ok()).unwrap_or(0),
            agent: self.progress.surveyed.clone(),
            source: SurveySource::Keys,
        };
        self.store(EventKind::SurveyAnswered(answered), now);
    }
}

fn agent_of(callee: &Callee) -> Option<AgentId> {
    match callee {
        Callee::Agent(agent) => Some(agent.clone()),
        Callee::Number(_) => None,
    }
}
