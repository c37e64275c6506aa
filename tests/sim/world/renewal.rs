//! Administrators who set anything up at any time.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use thirdring::id::QueueId;
use thirdring::queue::{QueueSettings, Strategy};
use thirdring::switch::{Input, NumberPattern, Settings};

use super::World;

impl World {
    /// So many changes within two minutes; after the last one all is as it was at first.
    pub(crate) fn renews(&mut self, count: u32, seed: u64) {
        let mut rng = StdRng::seed_from_u64(seed ^ 0x7265_6e65_7773);
        for _ in 0..count {
            let after = Duration::from_millis(rng.random_range(0..110_000));
            let mut settings = self.settings();
            upset(&mut settings, &mut rng);
            self.tells(after, Input::Settings(Box::new(settings)));
        }
        let last = Box::new(self.settings());
        self.tells(Duration::from_mins(2), Input::Settings(last));
    }
}

fn upset(settings: &mut Settings, rng: &mut StdRng) {
    let one_of = |rng: &mut StdRng, most: u32| rng.random_range(0..most) == 0;
    settings.agents.retain(|_| !one_of(rng, 4));
    let strategy = Strategy::ALL[rng.random_range(0..5)];
    if one_of(rng, 3) {
        let everybody = settings.agents.iter().map(|agent| agent.id.clone());
        let id = QueueId::from(["other", "ladder"][rng.random_range(0..2)]);
        let queue = QueueSettings::new(id.clone(), strategy, everybody.collect());
        settings.queues = vec![queue];
        for line in &mut settings.lines {
            Arc::make_mut(line).queue = Some(id.clone());
        }
    }
    for line in &mut settings.lines {
        let line = Arc::make_mut(line);
        line.strategy = strategy;
        line.wrap_up = Duration::from_secs(rng.random_range(0..3));
        if one_of(rng, 4) {
            line.numbers = vec![NumberPattern::Exact("4007654321".to_owned())];
        }
        Arc::make_mut(&mut line.line).max_preanswer = Duration::from_secs(rng.random_range(5..60));
    }
    if one_of(rng, 4) {
        settings.lines.clear();
    }
    if one_of(rng, 4) {
        settings.outbound.clear();
    }
}
