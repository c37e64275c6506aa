//! What happens, as it happens: a line a call on a terminal, a line an event elsewhere.

use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::stories::STORIES;
use super::story::Story;
use super::verdict::Seen;
use crate::cli::say;
use crate::phone::{Event, Seen as SeenAtPhone, Sighting};
use crate::rules::Cadence;

/// How often the spinners turn.
const TURN: Duration = Duration::from_millis(100);

/// Tells how the calls go.
pub(super) struct Progress {
    cadence: Cadence,
    start: Instant,
    bars: MultiProgress,
    callers: Vec<ProgressBar>,
    is_terminal: bool,
}

impl Progress {
    pub(super) fn new(cadence: Cadence, start: Instant) -> Self {
        let bars = MultiProgress::new();
        let is_terminal = !bars.is_hidden();
        let style = ProgressStyle::with_template("{spinner} {prefix:<30} {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let callers = STORIES
            .iter()
            .map(|story| {
                let bar = bars.add(ProgressBar::new_spinner().with_style(style.clone()));
                bar.set_prefix(story.title);
                if is_terminal {
                    bar.enable_steady_tick(TURN);
                }
                bar
            })
            .collect();
        Self {
            cadence,
            start,
            bars,
            callers,
            is_terminal,
        }
    }

    pub(super) fn registered(&self, count: usize) {
        let period = self.cadence.period().as_secs_f64();
        self.line(&format!(
            "{count} agents are registered; a ring takes {period} s"
        ));
    }

    pub(super) fn dialled(&self, index: usize, story: &Story) {
        self.of_caller(index, story, &format!("dials {}", story.dials));
    }

    pub(super) fn caller(&self, index: usize, seen: &Seen, sighting: &Sighting) {
        let SeenAtPhone::Event(event) = &sighting.seen else {
            return;
        };
        let text = match event {
            Event::Ringing { .. } => "hears it ring".to_owned(),
            Event::Answered => match seen.rings(self.cadence) {
                Some(rings) => format!("is answered in ring {rings}"),
                None => "is answered".to_owned(),
            },
            Event::Rejected(status) => match seen.rings(self.cadence) {
                Some(rings) if status.as_u16() == 487 => format!("gives up in ring {rings}"),
                _ => format!("is refused: {status} {}", status.reason()),
            },
            Event::Ended { by_peer: true, .. } => "is hung up on".to_owned(),
            Event::Ended { .. } => "hangs up".to_owned(),
            Event::Registered { .. }
            | Event::Unregistered
            | Event::RegisterFailed(_)
            | Event::Incoming { .. }
            | Event::Trying
            | Event::Transferred(_)
            | Event::ReInvited { .. }
            | Event::ReInviteAnswered(_) => return,
        };
        self.of_caller(index, seen.story, &text);
        if seen.is_over()
            && let Some(bar) = self.callers.get(index)
        {
            bar.finish();
        }
    }

    pub(super) fn purpose(&self, index: usize, code: &str) {
        if let Some(story) = STORIES.get(index) {
            self.of_caller(index, story, &format!("talks; the purpose is now {code}"));
        }
    }

    pub(super) fn agent(&self, sighting: &Sighting) {
        let SeenAtPhone::Event(event) = &sighting.seen else {
            return;
        };
        let text = match event {
            Event::Incoming { .. } => "rings",
            Event::Answered => "answers",
            Event::Transferred(status) if status.is_success() => "has passed the call on",
            Event::Ended { by_peer: true, .. } => "is free again",
            Event::Ended { .. } => "hangs up",
            Event::Registered { .. }
            | Event::Unregistered
            | Event::RegisterFailed(_)
            | Event::Trying
            | Event::Ringing { .. }
            | Event::Rejected(_)
            | Event::Transferred(_)
            | Event::ReInvited { .. }
            | Event::ReInviteAnswered(_) => return,
        };
        // On a terminal the callers' lines tell the story.
        if !self.is_terminal {
            self.line(&format!("agent  {:<12} {text}", sighting.phone));
        }
    }

    /// What the desk does, and what it sees.
    pub(super) fn desk(&self, text: &str) {
        if !self.is_terminal {
            self.line(&format!("desk   {text}"));
        }
    }

    pub(super) fn finish(&self) {
        for bar in &self.callers {
            bar.finish();
        }
    }

    fn of_caller(&self, index: usize, story: &Story, text: &str) {
        match self.callers.get(index) {
            Some(bar) if self.is_terminal => bar.set_message(format!("{} {text}", story.caller)),
            _ => self.line(&format!("caller {:<12} {text}", story.caller)),
        }
    }

    fn line(&self, text: &str) {
        let passed = crate::clock::Clock.now().duration_since(self.start);
        let text = format!("{:6.1} s  {text}", passed.as_secs_f64());
        // Nobody reads it any more: the calls go on.
        let _ = if self.is_terminal {
            self.bars.println(text).map_err(anyhow::Error::from)
        } else {
            say(text)
        };
    }
}
