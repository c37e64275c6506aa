//! A line that speaks for itself, by chance, and callers who press whatever keys they like.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use thirdring::call::flow::{
    Course, Flow, Greeting, Menu, MessageRules, Step, SurveyRules, WaitingSound,
};
use thirdring::call::media::{Audio, MediaCommand, MediaEvent};
use thirdring::call::{Line, Prompt};
use thirdring::switch::Input;

use super::World;

/// How long each prompt is.
const PROMPT: Duration = Duration::from_secs(2);

fn prompt(name: &str) -> Prompt {
    Prompt {
        name: name.to_owned(),
        sha256: "0".repeat(64),
        length_ms: 2_000,
    }
}

fn chance(rng: &mut StdRng) -> bool {
    rng.random_range(0..2) == 0
}

/// Some steps, in any order.
fn course(rng: &mut StdRng) -> Course {
    let count = rng.random_range(1..=3);
    let steps = (0..count).map(|_| match rng.random_range(0..5) {
        0 => Step::Announce(prompt("announcement")),
        1 => Step::Message,
        2 => Step::Queue(Duration::from_secs(rng.random_range(1..40))),
        3 => Step::Number("01061234567".to_owned()),
        _ => Step::Agents,
    });
    steps.collect()
}

pub(super) fn speaks(line: &mut Line, seed: u64) {
    let rng = &mut StdRng::seed_from_u64(seed ^ 0x666c_6f77);
    line.notice = chance(rng).then(|| prompt("notice"));
    line.capture_after_notice = line.notice.is_some() && chance(rng);
    line.announcement = chance(rng).then(|| prompt("all-busy"));
    line.max_preanswer = Duration::from_secs(rng.random_range(5..45));
    let keys = "0123456789*#"
        .chars()
        .filter(|_| rng.random_range(0..3) == 0);
    let keys: Vec<_> = keys.collect();
    let keys: BTreeMap<_, _> = keys.into_iter().map(|key| (key, course(rng))).collect();
    let menu = Menu {
        prompt: prompt("menu"),
        wrong: chance(rng).then(|| prompt("wrong")),
        wait: Duration::from_secs(5),
        repeats: rng.random_range(0..3),
        keys,
        otherwise: course(rng),
    };
    line.flow = Flow {
        greeting: chance(rng).then(|| Greeting {
            external: Some(prompt("greeting")),
            ..Greeting::default()
        }),
        menu: chance(rng).then_some(menu),
        unanswered: course(rng),
        waiting: chance(rng).then(|| WaitingSound {
            music: chance(rng).then(|| "music".to_owned()),
            announcement: chance(rng).then(|| prompt("please-wait")),
            every: Duration::from_secs(10),
            places: vec![prompt("you-are-next")],
        }),
        message: chance(rng).then(|| MessageRules {
            prompt: prompt("message"),
            longest: Duration::from_secs(30),
            silence: Duration::from_secs(10),
            thanks: chance(rng).then(|| prompt("thanks")),
        }),
        survey: Some(SurveyRules {
            prompt: prompt("survey"),
            wrong: chance(rng).then(|| prompt("wrong")),
            scores: "12345".to_owned(),
            refuse: chance(rng).then_some('0'),
            wait: Duration::from_secs(10),
            repeats: 2,
            thanks: chance(rng).then(|| prompt("thanks")),
            after_hang_up: chance(rng),
        }),
        ..Flow::default()
    };
}

impl World {
    /// A prompt takes its time, unless its end is lost; and whoever hears it may press a key in the
    /// middle of it or after it.
    pub(super) fn listens(&mut self, command: &MediaCommand) {
        let MediaCommand::Play { leg, play, audio } = command else {
            return;
        };
        let length = match audio {
            Audio::Prompt(_) => PROMPT,
            Audio::Beep => Duration::from_millis(200),
            Audio::Loop(_) | Audio::Ringback { .. } | Audio::Tone(_) => return,
        };
        let Some(seed) = self.plan.speaks else { return };
        let rng = &mut StdRng::seed_from_u64(seed ^ leg.0 ^ play.0);
        let (leg, play) = (*leg, *play);
        if rng.random_range(0..10) > 0 {
            let played = MediaEvent::Played {
                leg,
                play,
                heard_ms: u64::try_from(length.as_millis()).expect("a few seconds"),
                complete: true,
            };
            self.later(length, played);
        }
        for _ in 0..rng.random_range(0..3) {
            let after = Duration::from_millis(rng.random_range(0..9_000));
            let key = rng.random_range(0..12);
            let pressed = MediaEvent::KeyPressed {
                leg,
                digit: "0123456789*#".chars().nth(key).expect("twelve keys"),
                held_ms: 100,
            };
            self.later(after, pressed);
        }
    }

    fn later(&mut self, after: Duration, event: MediaEvent) {
        self.news_count += 1;
        let when = self.now + after;
        self.news
            .insert((when, self.news_count), Input::Media(event));
    }
}
