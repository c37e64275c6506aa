//! What callers are asked after the talk.

use super::*;

fn survey() -> SurveyRules {
    SurveyRules {
        prompt: prompt("survey.wav"),
        wrong: Some(prompt("wrong-key.wav")),
        scores: "12345".to_owned(),
        refuse: Some('0'),
        wait: Duration::from_secs(10),
        repeats: 2,
        thanks: None,
        after_hang_up: true,
    }
}

/// A talk on a line that asks afterwards; the agent's phone has hung up.
fn surveyed() -> (Desk, Talk) {
    let mut desk = desk(|line| line.flow.survey = Some(survey()));
    let mut talk = desk.talk();
    desk.passes(Duration::from_secs(10));
    desk.asks(&mut talk.agent, Method::BYE, AGENT, |_| {});
    desk.none(CALLER, "BYE");
    (desk, talk)
}

fn survey_of(desk: &Desk) -> Option<(SurveyResult, Option<u8>)> {
    kinds(desk).into_iter().find_map(|kind| {
        if let EventKind::SurveyAnswered(answered) = kind {
            assert_eq!(answered.agent, Some(AgentId::from("1001")));
            assert_eq!(answered.best, 5);
            Some((answered.result, answered.score))
        } else {
            None
        }
    })
}

/// R218, R221: the caller is asked after the talk; score, refusal and silence are told apart, and the
/// talk was over when the agent left.
#[test]
fn a_survey_tells_score_refusal_and_silence_apart() {
    for (key, expected) in [
        (Some('4'), (SurveyResult::Answered, Some(4))),
        (Some('0'), (SurveyResult::Refused, None)),
        (None, (SurveyResult::Skipped, None)),
    ] {
        let (mut desk, _) = surveyed();
        let started = |kind: &EventKind| matches!(kind, EventKind::SurveyStarted(it) if it.cause == SurveyCause::AgentLeft);
        assert!(desk.only_call().has(started));
        hears_prompt(&mut desk, "survey.wav");
        match key {
            Some(key) => presses(&mut desk, key),
            None => desk.passes(Duration::from_secs(10)),
        }
        is_let_go(&mut desk);
        assert_eq!(survey_of(&desk), Some(expected));
        let call = desk.only_call();
        assert_eq!(call.outcome(), Some(Outcome::Answered));
        assert_eq!(
            call.hung_up_by(),
            Some(HangupParty::Agent),
            "who was first counts"
        );
        let talk = |kind: &EventKind| {
            matches!(
                kind,
                EventKind::Ended {
                    talk_ms: Some(10_000),
                    ..
                }
            )
        };
        assert!(call.has(talk), "{:#?}", kinds(&desk));
        desk.nothing_is_left();
    }
}

/// R218: who presses a key before the question is over has heard a part of it, and that is kept.
#[test]
fn a_question_that_a_key_cuts_short_was_heard_in_part() {
    let (mut desk, _) = surveyed();
    desk.passes(Duration::from_secs(2));
    presses(&mut desk, '4');
    is_let_go(&mut desk);
    assert_eq!(survey_of(&desk), Some((SurveyResult::Answered, Some(4))));
    let cut_short = |kind: &EventKind| {
        matches!(kind, EventKind::Prompted(prompted) if prompted.file == "survey.wav"
            && prompted.heard_ms == 2_000 && !prompted.complete)
    };
    assert!(desk.only_call().has(cut_short), "{:#?}", kinds(&desk));
    desk.nothing_is_left();
}

fn releases(desk: &mut Desk, agent: &str) -> Result<Done, Refused> {
    let id = desk.only_call().0.first().expect("an event").call;
    let by = Actor::Agent(AgentId::from(agent));
    let release = Command::Call(id, CallCommand::Release);
    desk.tells(Input::Command(Ticket(1), by, release));
    desk.answers.pop().expect("an answer").1
}

/// R046, R218, X03: the agent releases the caller to the survey: the phone is told so, and nobody has
/// hung up on the caller. Nobody else may, and not twice.
#[test]
fn an_agent_releases_the_caller_to_the_survey() {
    let mut desk = desk(|line| line.flow.survey = Some(survey()));
    desk.talk();
    desk.passes(Duration::from_secs(10));
    assert_eq!(releases(&mut desk, "1002"), Err(Refused::NotYours));
    assert_eq!(releases(&mut desk, "1001"), Ok(Done::Accepted));
    let bye = desk.request(AGENT, &Method::BYE);
    desk.answers(&bye, 200, "agent", AGENT, |_| {});
    assert!(releases(&mut desk, "1001").is_err());
    hears_prompt(&mut desk, "survey.wav");
    presses(&mut desk, '5');
    is_let_go(&mut desk);
    assert_eq!(survey_of(&desk), Some((SurveyResult::Answered, Some(5))));
    let call = desk.only_call();
    assert_eq!(call.hung_up_by(), Some(HangupParty::System));
    let first = |kind: &EventKind| {
        matches!(
            kind,
            EventKind::HungUp {
                agent_first: true,
                ..
            }
        )
    };
    assert!(!call.has(first));
    desk.nothing_is_left();
}

/// R218: a wrong key is borne with, and who hangs up has skipped it.
#[test]
fn who_hangs_up_in_the_survey_has_skipped_it() {
    let (mut desk, mut talk) = surveyed();
    presses(&mut desk, '9');
    hears_prompt(&mut desk, "wrong-key.wav");
    assert!(plays(&desk, "survey.wav"));
    leaves(&mut desk, &mut talk.caller);
    assert_eq!(survey_of(&desk), Some((SurveyResult::Skipped, None)));
    desk.nothing_is_left();
}

/// R046: the control: where the line does not ask after a hang-up, the call is over with it.
#[test]
fn without_that_policy_the_call_ends_with_the_agent() {
    let mut desk = desk(|line| {
        line.flow.survey = Some(SurveyRules {
            after_hang_up: false,
            ..survey()
        });
    });
    let mut talk = desk.talk();
    desk.asks(&mut talk.agent, Method::BYE, AGENT, |_| {});
    is_let_go(&mut desk);
    assert_eq!(survey_of(&desk), None);
    desk.nothing_is_left();
}
