//! How many agents there must be, by the hour.

use std::sync::Arc;
use std::time::Duration;

use thirdring::id::QueueId;
use thirdring::queue::{MinimumAt, QueueSettings, Strategy};
use thirdring::switch::News;

use crate::desk::Desk;

/// R018: two agents must be there from one to two in the morning, and one otherwise; the desk hears
/// within the minute that one is missing, and that none is any more, though nothing else happens.
#[test]
fn what_is_needed_changes_with_the_hour() {
    // Virtual time begins at midnight.
    let mut desk = Desk::with(|settings| {
        let queue = QueueId::from("service");
        let agents = vec!["1001".into()];
        settings.queues.push(QueueSettings {
            minimum: 1,
            minimum_at: vec![MinimumAt {
                hours: vec!["mon-sun 01:00-02:00".parse().expect("hours")],
                agents: 2,
            }],
            ..QueueSettings::new(queue.clone(), Strategy::LongestIdle, agents)
        });
        let line = settings.lines.first_mut().expect("a line");
        Arc::make_mut(line).queue = Some(queue);
    });
    desk.passes(Duration::from_hours(3));
    let told = desk.news_told.iter().filter_map(|news| match news {
        News::Queue(now) if now.queue.0 == "service" => Some(now.missing),
        News::Queue(_)
        | News::Line(_)
        | News::Agent(_)
        | News::Ring { .. }
        | News::Attention { .. } => None,
    });
    let mut told: Vec<_> = told.collect();
    told.dedup();
    assert!(told.ends_with(&[0, 1, 0]), "{told:?}");
}
