//! What an agent says at each moment of a call: texts by moment and in parts, of a template and of
//! the line's own (R024, R025, R028, R030, R032-R035, R038, R040; X06). Who calls, when, and how long
//! the caller has waited decides which parts there are (R011, R026, R027).

mod built_in;
mod hint;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use hint::{CustomerType, HINTS, Hint};

/// Hexadecimal digits of a script's version.
const VERSION_DIGITS: usize = 12;

/// A moment of a call for which there are words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// The answer (R024).
    Answer,
    /// An answer after so many rings that the caller is owed an apology (R011).
    Late,
    /// Before a hold (R034).
    Hold,
    /// Back from a hold.
    Return,
    /// Whoever is wanted is not there (R035).
    Absent,
    /// The agent cannot answer, and asks somebody else (R038).
    Consult,
    /// The caller is passed on.
    Transfer,
    /// What the caller wants cannot be had (R041).
    Unavailable,
    /// A complaint is taken up.
    Complaint,
    /// A complaint is about another department.
    Relay,
    /// Somebody gives an opinion or a suggestion (R040).
    Opinion,
    /// The end (R032).
    Close,
    /// A call that the agent makes (R042, R064).
    Outbound,
}

/// What a part of a moment's words does; a reviewer can tick each (R028).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Apologises for the wait (R011).
    Apology,
    /// Wishes a happy holiday (R027).
    Holiday,
    /// Greets.
    Greeting,
    /// Says whom the caller has reached: from outside the company, from inside the department.
    Identity,
    /// Says who speaks, by name or work number (R033).
    Agent,
    /// Offers help, or asks what it is about (R029).
    Offer,
    /// Says whom the call is for.
    Wanted,
    /// Goes through what was prepared, point by point.
    Points,
    /// Says what the moment asks for.
    Phrase,
    /// Thanks.
    Thanks,
    /// Says goodbye.
    Goodbye,
}

/// How an agent introduces himself (X06).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Introduction {
    /// By the work number (R033).
    #[default]
    Number,
    /// By name.
    Name,
    /// Not at all.
    None,
}

/// Words in Chinese and in English. `{company}`, `{department}`, `{project}` and `{agent}` stand for
/// what they say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// A line's own words for a part of a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnWords {
    /// The moment.
    pub moment: Occasion,
    /// The part.
    pub step: Step,
    /// What is said; nothing leaves the part out.
    pub words: Words,
}

/// What the agents of one line say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// Which of the texts that are built in it goes by.
    pub template: Template,
    /// What `{company}` says.
    pub company: String,
    /// What `{department}` says: also the post that answers.
    pub department: String,
    /// What `{project}` says.
    pub project: String,
    /// How agents introduce themselves.
    pub introduction: Introduction,
    /// Before this hour the greeting is the morning's.
    pub morning_until: u8,
    /// The site's time zone, by its IANA name.
    pub time_zone: String,
    /// What is said on a holiday, by its name (R027).
    pub holidays: BTreeMap<String, Words>,
    /// The line's own words.
    pub own: Vec<OwnWords>,
    /// What nobody says (服务忌语, R036).
    pub forbidden: Vec<String>,
    /// What is said often (R037).
    pub courtesy: Vec<String>,
}

/// The texts that are built in, by kind of line (R025).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// A company's hotline: greeting, company and department, who speaks, help.
    #[default]
    Hotline,
    /// A shopping centre's service desk.
    Mall,
    /// An office: the department answers.
    Office,
    /// A front desk.
    FrontDesk,
    /// A property company.
    Property,
    /// A company that makes products.
    Product,
    /// A service or complaint line.
    Service,
    /// A sales line of a project.
    Sales,
}

/// In which circumstances somebody speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// The caller is one of ours (R019).
    pub is_internal: bool,
    /// The hour of the day at the site, where it is known.
    pub hour: Option<u8>,
    /// The holiday that it is.
    pub holiday: Option<String>,
    /// The work number of whoever speaks.
    pub agent_number: Option<String>,
    /// The name of whoever speaks.
    pub agent_name: Option<String>,
}

/// A part of what is to be said now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it does.
    pub step: Step,
    /// What is said.
    pub words: Words,
}

/// No such word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no moment `{0}`")]
pub struct UnknownOccasion(String);

impl Occasion {
    /// Every moment.
    pub const ALL: [Self; 13] = [
        Self::Answer,
        Self::Late,
        Self::Hold,
        Self::Return,
        Self::Absent,
        Self::Consult,
        Self::Transfer,
        Self::Unavailable,
        Self::Complaint,
        Self::Relay,
        Self::Opinion,
        Self::Close,
        Self::Outbound,
    ];

    /// The word that the API and the configuration use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Late => "late",
            Self::Hold => "hold",
            Self::Return => "return",
            Self::Absent => "absent",
            Self::Consult => "consult",
            Self::Transfer => "transfer",
            Self::Unavailable => "unavailable",
            Self::Complaint => "complaint",
            Self::Relay => "relay",
            Self::Opinion => "opinion",
            Self::Close => "close",
            Self::Outbound => "outbound",
        }
    }
}

impl fmt::Display for Occasion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Occasion {
    type Err = UnknownOccasion;

    fn from_str(word: &str) -> Result<Self, UnknownOccasion> {
        let known = Self::ALL.into_iter().find(|moment| moment.as_str() == word);
        known.ok_or_else(|| UnknownOccasion(word.to_owned()))
    }
}

impl Default for Script {
    fn default() -> Self {
        Self {
            template: Template::default(),
            company: String::new(),
            department: String::new(),
            project: String::new(),
            introduction: Introduction::default(),
            morning_until: Self::MORNING_UNTIL,
            time_zone: "Asia/Shanghai".to_owned(),
            holidays: BTreeMap::new(),
            own: Vec::new(),
            forbidden: built_in::FORBIDDEN
                .iter()
                .map(ToString::to_string)
                .collect(),
            courtesy: built_in::COURTESY.iter().map(ToString::to_string).collect(),
        }
    }
}

impl Script {
    /// Before this hour people say good morning, where nothing else is said.
    pub const MORNING_UNTIL: u8 = 10;

    /// What is to be said, part by part. A part that only names what nobody has told us is left out.
    pub fn parts(&self, moment: Occasion, scene: &Scene) -> Vec<Part> {
        let steps = built_in::steps(moment).iter();
        let parts = steps.filter_map(|step| {
            let words = self.words(moment, *step, scene)?;
            let words = self.filled(&words, scene)?;
            Some(Part { step: *step, words })
        });
        parts.collect()
    }

    /// Names what the script says: another for each that differs in anything (R030).
    pub fn version(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        let mut version = hex::encode(Sha256::digest(text));
        version.truncate(VERSION_DIGITS);
        version
    }

    /// The words of a part before anything is filled in: the line's own go before the template's.
    fn words(&self, moment: Occasion, step: Step, scene: &Scene) -> Option<Words> {
        if step == Step::Holiday {
            return self.wish(scene.holiday.as_deref()?);
        }
        if step == Step::Agent && self.introduction == Introduction::None {
            return None;
        }
        let own = |moment| {
            let mut own = self.own.iter();
            own.find(|own| own.moment == moment && own.step == step)
        };
        // Whoever answers late says what is said at every answer, and apologises before.
        let answer = (moment == Occasion::Late).then_some(Occasion::Answer);
        if let Some(own) = own(moment).or_else(|| own(answer?)) {
            return Some(own.words.clone());
        }
        let (zh, en) = match step {
            Step::Identity => built_in::identity(self.template, scene.is_internal),
            Step::Agent => built_in::introduction(self.introduction),
            Step::Greeting => {
                let is_morning = scene.hour.is_some_and(|hour| hour < self.morning_until);
                built_in::greeting(self.template, is_morning)
            }
            Step::Offer => built_in::offer(self.template),
            Step::Goodbye => built_in::goodbye(self.template),
            Step::Apology | Step::Wanted | Step::Points | Step::Phrase | Step::Thanks => {
                built_in::phrase(moment, step)
            }
            Step::Holiday => return None,
        };
        Some(Words::of(zh, en))
    }

    fn wish(&self, holiday: &str) -> Option<Words> {
        let own = self.holidays.get(holiday).cloned();
        own.or_else(|| {
            let (zh, en) = built_in::wish(holiday);
            Some(Words::of(zh, en))
        })
    }

    /// With what the placeholders stand for; nothing, if they stand for nothing at all.
    fn filled(&self, words: &Words, scene: &Scene) -> Option<Words> {
        let agent = match self.introduction {
            Introduction::Number => scene.agent_number.as_deref(),
            Introduction::Name => scene.agent_name.as_deref(),
            Introduction::None => None,
        };
        let known = [
            ("{company}", self.company.as_str()),
            ("{department}", self.department.as_str()),
            ("{project}", self.project.as_str()),
            ("{agent}", agent.unwrap_or_default()),
        ];
        let zh = fill(&words.zh, &known)?;
        // Who has no English words of his own is read in Chinese there as well.
        let en = fill(&words.en, &known).unwrap_or_else(|| zh.clone());
        Some(Words { zh, en })
    }
}

impl Words {
    pub(crate) fn of(zh: &str, en: &str) -> Self {
        Self {
            zh: zh.to_owned(),
            en: en.to_owned(),
        }
    }
}

/// `None` for an empty text, and for one whose placeholders all stand for nothing.
fn fill(text: &str, known: &[(&str, &str)]) -> Option<String> {
    let named = || known.iter().filter(|(name, _)| text.contains(name));
    let says_nothing = named().next().is_some() && named().all(|(_, value)| value.is_empty());
    if text.trim().is_empty() || says_nothing {
        return None;
    }
    // What is filled in is not looked through again: a company may be called anything.
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((place, name, value)) = known
        .iter()
        .filter_map(|(name, value)| Some((rest.find(name)?, name, value)))
        .min_by_key(|(place, _, _)| *place)
    {
        filled.push_str(rest.get(..place)?);
        filled.push_str(value);
        rest = rest.get(place + name.len()..)?;
    }
    filled.push_str(rest);
    Some(filled.trim().to_owned())
}

#[cfg(test)]
mod tests;
