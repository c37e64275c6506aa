//! What lines do by themselves, as the core's own values. The posts of a line, which are agents that
//! some step of it names, become lines that nobody can dial.

use std::sync::Arc;

use super::settings::load;
use crate::call::flow::{
    Course, Flow, Greeting, Menu, MessageRules, Step, SurveyRules, WaitingSound,
};
use crate::call::{Line, Prompt};
use crate::config;
use crate::id::{AgentId, LineId};
use crate::recording::PromptLibrary;
use crate::switch::LineSettings;

/// Noon: the morning is over.
const NOON: u8 = 12;

/// What is made of one line's configuration, beside the line.
struct Maker<'a> {
    line: &'a config::Line,
    prompts: &'a PromptLibrary,
    posts: Vec<Post>,
}

/// Agents whom a step names, and the steps of a call that they do not answer.
struct Post {
    id: LineId,
    agents: Vec<AgentId>,
    unanswered: Course,
}

/// The line with what it does by itself, and its posts.
pub(super) fn with_posts(
    settings: LineSettings,
    line: &config::Line,
    prompts: &PromptLibrary,
) -> Vec<Arc<LineSettings>> {
    let mut maker = Maker {
        line,
        prompts,
        posts: Vec::new(),
    };
    let flow = maker.flow();
    let posts = maker.posts.iter().map(|post| {
        let plain = Flow {
            unanswered: Arc::clone(&post.unanswered),
            message: flow.message.clone(),
            waiting: flow.waiting.clone(),
            survey: flow.survey.clone(),
            ..Flow::default()
        };
        Arc::new(LineSettings {
            line: changed(&settings.line, post.id.clone(), plain),
            numbers: Vec::new(),
            // A queue of its own, by the line's strategy.
            queue: None,
            agents: post.agents.clone(),
            ..settings.clone()
        })
    });
    let posts: Vec<_> = posts.collect();
    let id = settings.line.id.clone();
    let own = Arc::new(LineSettings {
        line: changed(&settings.line, id, flow),
        ..settings
    });
    [own].into_iter().chain(posts).collect()
}

fn changed(line: &Arc<Line>, id: LineId, flow: Flow) -> Arc<Line> {
    let mut line = Line::clone(line);
    line.id = id;
    line.flow = flow;
    Arc::new(line)
}

impl Maker<'_> {
    fn flow(&mut self) -> Flow {
        let line = self.line;
        let after_hours = self.course("after_hours", &line.after_hours);
        Flow {
            greeting: line
                .greeting
                .as_ref()
                .map(|greeting| self.greeting(greeting)),
            menu: line.menu.as_ref().and_then(|menu| self.menu(menu)),
            after_hours: line.calendar.is_some().then_some(after_hours),
            unanswered: self.course("unanswered", &line.unanswered),
            waiting: line.waiting.as_ref().map(|waiting| WaitingSound {
                music: waiting.music.clone(),
                announcement: self.prompt(waiting.announcement.as_ref()),
                every: waiting.every,
                places: waiting
                    .places
                    .iter()
                    .filter_map(|it| self.prompt(Some(it)))
                    .collect(),
            }),
            message: line.message.as_ref().and_then(|message| {
                Some(MessageRules {
                    prompt: self.prompt(Some(&message.prompt))?,
                    longest: message.longest,
                    silence: message.silence,
                    thanks: self.prompt(message.thanks.as_ref()),
                })
            }),
            survey: line.survey.as_ref().and_then(|survey| self.survey(survey)),
            calendar: line.calendar.clone(),
            emergency: line
                .emergency
                .iter()
                .filter_map(|it| self.prompt(Some(it)))
                .collect(),
        }
    }

    fn prompt(&self, name: Option<&String>) -> Option<Prompt> {
        load(name?, self.prompts)
    }

    fn greeting(&self, greeting: &config::Greeting) -> Greeting {
        let until = greeting.morning_until.unwrap_or(NOON);
        let holidays = greeting.holidays.iter();
        Greeting {
            external: self.prompt(greeting.external.as_ref()),
            internal: self.prompt(greeting.internal.as_ref()),
            morning: self.prompt(greeting.morning.as_ref()).map(|it| (until, it)),
            holidays: holidays
                .filter_map(|(name, file)| Some((name.clone(), self.prompt(Some(file))?)))
                .collect(),
        }
    }

    fn menu(&mut self, menu: &config::Menu) -> Option<Menu> {
        let prompt = self.prompt(Some(&menu.prompt))?;
        let keys = menu.keys.iter().filter_map(|(key, steps)| {
            let course = self.course(&format!("key-{key}"), steps);
            Some((key.chars().next()?, course))
        });
        let keys = keys.collect();
        Some(Menu {
            prompt,
            wrong: self.prompt(menu.wrong.as_ref()),
            wait: menu.wait,
            repeats: menu.repeats,
            keys,
            otherwise: self.course("otherwise", &menu.otherwise),
        })
    }

    fn survey(&self, survey: &config::Survey) -> Option<SurveyRules> {
        Some(SurveyRules {
            prompt: self.prompt(Some(&survey.prompt))?,
            wrong: self.prompt(survey.wrong.as_ref()),
            scores: survey.scores.clone(),
            refuse: survey.refuse,
            wait: survey.wait,
            repeats: survey.repeats,
            thanks: self.prompt(survey.thanks.as_ref()),
            after_hang_up: survey.after_hang_up,
        })
    }

    /// The steps up to the first that leads elsewhere: what follows agents who are named is what
    /// their post does with a call that they do not answer.
    fn course(&mut self, name: &str, steps: &[config::Step]) -> Course {
        let mut course = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            match step {
                config::Step::Announcement(file) => {
                    course.extend(self.prompt(Some(file)).map(Step::Announce));
                }
                config::Step::Message => course.push(Step::Message),
                config::Step::Agents => course.push(Step::Agents),
                config::Step::Line(line) => course.push(Step::Line(LineId(line.clone()))),
                config::Step::Queue(longest) => course.push(Step::Queue(*longest)),
                config::Step::Post(agents) => {
                    let id = LineId(format!("{}/{name}-{}", self.line.name, index + 1));
                    let rest = steps.get(index + 1..).unwrap_or_default();
                    let unanswered = self.course(&format!("{name}-{}", index + 1), rest);
                    self.posts.push(Post {
                        id: id.clone(),
                        agents: agents.iter().cloned().map(AgentId).collect(),
                        unanswered,
                    });
                    course.push(Step::Line(id));
                    break;
                }
            }
        }
        course.into()
    }
}
