//! `[[line]]`: one dialled number, who answers it, and how its rings are counted and graded.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{
    Greeting, Manners, Menu, Message, Nuisance, NumberPattern, QualityDesk, Script, Stages, Step,
    Strategy, Survey, Waiting,
};
use crate::rules::{Cadence, ChoiceName, Code, CodeFault, CodeTree, PickupProfile};

/// A line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its name in rows, metrics and filters. No default.
    pub name: String,
    /// The numbers that callers dial, each one whole or a prefix with a final `*`. No default.
    pub numbers: Vec<NumberPattern>,
    /// Extensions of the agents who answer it: a queue of the line's own. No default, unless there
    /// is a `queue`.
    #[serde(default)]
    pub agents: Vec<String>,
    /// Whose phone rings, for a line with `agents`. Default `longest_idle`.
    #[serde(default)]
    pub strategy: Option<Strategy>,
    /// The queue that its callers wait in, instead of `agents` and `strategy`. Default none.
    #[serde(default)]
    pub queue: Option<String>,
    /// How urgent its callers are, 0 to 9. A degree is worth a minute of waiting: so nobody waits
    /// for ever. Default 0.
    #[serde(default)]
    pub urgency: u32,
    /// How long an agent may work on a call after it, before the next. Default `0s`: not at all.
    #[serde(with = "humantime_serde", default)]
    pub wrap_up: Duration,
    /// How an answer is graded: a built-in profile's name, or five bounds of the line's own.
    /// Default `within_3`.
    #[serde(default)]
    pub profile: Profile,
    /// How long a caller hears it ring before anybody or anything answers (R010). Default: the tone of
    /// the first ring, where the profile has early answers; else `0s`.
    #[serde(with = "humantime_serde", default)]
    pub min_ring: Option<Duration>,
    /// One ring as the caller hears it. Default 1 s tone, 4 s silence, which is China's.
    #[serde(default)]
    pub cadence: CadenceTimes,
    /// Who plays the caller's ringing tone. Default `network`.
    #[serde(default)]
    pub ringback: RingbackKind,
    /// Rings an agent's phone gets. Default `{ shared = 2, last = 5 }`.
    #[serde(default)]
    pub attempt_rings: AttemptRings,
    /// How long a caller may ring unanswered before the announcement, or 480. Default `45s`.
    #[serde(with = "humantime_serde", default = "max_preanswer")]
    pub max_preanswer: Duration,
    /// Whether the keys that are pressed in a call (INFO) stand in its log. Somebody may type a card
    /// number or a password, so without it the log says only when a key was pressed, and by whom
    /// (R233). Default `false`.
    #[serde(default)]
    pub log_digits: bool,
    /// Whether the line follows a phone that says its user is elsewhere (a 3xx answer), at most
    /// five times a call, and to agents of this service only unless `transfer.redirects` allows
    /// more; else that counts as a refusal.
    /// Default `false`.
    #[serde(default)]
    pub follow_redirects: bool,
    /// File in `media.prompts` that tells the caller of the recording (R190). Default none.
    #[serde(default)]
    pub notice: Option<String>,
    /// Whether the notice is on the recording, and what is said meanwhile (R190). Default
    /// `with_notice`: second 0 is the answer.
    #[serde(default)]
    pub capture: Capture,
    /// File in `media.prompts` for a caller whom nobody was free for. Default none: 480.
    #[serde(default)]
    pub announcement: Option<String>,
    /// File in `media.prompts` that the caller hears, over and over, while the agent holds the
    /// call. Default none: silence.
    #[serde(default)]
    pub hold_music: Option<String>,
    /// The calendar that says when the line is staffed. Default none: always (R016).
    #[serde(default)]
    pub calendar: Option<String>,
    /// The steps of a call that comes when it is not (R017). Default none; needed with `calendar`.
    #[serde(default)]
    pub after_hours: Vec<Step>,
    /// The steps of a call that nobody has answered within `max_preanswer`. Default none: the
    /// announcement, or 480.
    #[serde(default)]
    pub unanswered: Vec<Step>,
    /// The call is answered and greeted before phones ring. Default none: phones ring first.
    #[serde(default)]
    pub greeting: Option<Greeting>,
    /// The call is answered and asked by keys where it shall go. Default none.
    #[serde(default)]
    pub menu: Option<Menu>,
    /// How messages are taken. Default none; needed by the step `message`.
    #[serde(default)]
    pub message: Option<Message>,
    /// What a caller hears who waits in an answered call. Default none: silence, or the ringing tone.
    #[serde(default)]
    pub waiting: Option<Waiting>,
    /// What is asked by keys after the talk (R218). Default none.
    #[serde(default)]
    pub survey: Option<Survey>,
    /// Files in `media.prompts` that the line can be switched to say (R279). Default none.
    #[serde(default)]
    pub emergency: Vec<String>,
    /// Whether calls are recorded. Default `required`.
    #[serde(default)]
    pub record: RecordPolicy,
    /// How long its recordings are kept, from the arrival of the call, at least a day. What is
    /// under legal hold is kept until it is released (R193). Default: for ever.
    #[serde(with = "humantime_serde", default)]
    pub retention: Option<Duration>,
    /// Whether a call is recorded that an agent makes while in a call of this line: a consultation,
    /// which is never on the customer's recording. Default `off`.
    #[serde(default = "off")]
    pub record_consult: RecordPolicy,
    /// Why callers ring: the codes that `calls purpose` accepts, each after the one that it is a
    /// kind of. Default: those that are built in.
    #[serde(default)]
    pub purposes: Vec<Purpose>,
    /// What comes of it, in the same way. Default: those that are built in.
    #[serde(default)]
    pub outcomes: Vec<Purpose>,
    /// What else is asked of each call. Default nothing.
    #[serde(default)]
    pub form: Vec<FormField>,
    /// Whether a record needs name, contact and request of the caller before it is closed, unless the
    /// caller wants to stay anonymous (R079): `required` or `asked`. Default `required`.
    #[serde(default)]
    pub identity: IdentityPolicy,
    /// The purposes, with their kinds, of which it needs them not. Default: private calls, sales calls
    /// and wrong numbers.
    #[serde(default = "unidentified")]
    pub unidentified: Vec<String>,
    /// Whether a call is closed only when it was said how the caller's matter is dealt with (R117).
    /// Default `false`.
    #[serde(default)]
    pub handling: bool,
    /// What its agents say. Default: see there.
    #[serde(default)]
    pub script: Script,
    /// How long each stage of its calls may take. Default: see there.
    #[serde(default)]
    pub stages: Stages,
    /// How soon a caller who reached nobody is to be called back. Default: no time.
    #[serde(with = "humantime_serde", default)]
    pub callback_within: Option<Duration>,
    /// How soon after the call a matter is passed on whose outcome says so, in the calendar's hours (R109).
    /// Default: the same working day; without a calendar, within 24 h.
    #[serde(with = "humantime_serde", default)]
    pub forward_within: Option<Duration>,
    /// The purpose a call has until somebody sets another. Default none.
    #[serde(default)]
    pub default_purpose: Option<String>,
    /// The trunks that it takes calls from. Default `[]`: all.
    #[serde(default)]
    pub trunks: Vec<String>,
    /// Callers whom it does not want. Default none.
    #[serde(default)]
    pub nuisance: Option<Nuisance>,
    /// What is too long in its calls, who is asked for help, what callers hear. Default: see there.
    #[serde(default)]
    pub manners: Manners,
    /// Whom a caller who complains is offered (R108). Default none.
    #[serde(default)]
    pub quality_desk: Option<QualityDesk>,
    /// Where calls of this line may be transferred. Default: to agents only.
    #[serde(default)]
    pub transfer: TransferPolicy,
}

impl Line {
    /// The highest urgency.
    pub const MOST_URGENT: u32 = 9;

    /// The line's prompt files, each with its key.
    pub fn prompts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let prompts = [
            ("notice", &self.notice),
            ("announcement", &self.announcement),
            ("hold_music", &self.hold_music),
            ("manners.hold_prompt", &self.manners.hold_prompt),
            ("manners.return_apology", &self.manners.return_apology),
            ("manners.silent_warning", &self.manners.silent_warning),
        ];
        let named = prompts.into_iter();
        let own = named.filter_map(|(key, file)| Some((key, file.as_deref()?)));
        own.chain(self.spoken())
    }

    /// Every list of steps that the line has, each with its key.
    pub fn courses(&self) -> impl Iterator<Item = (String, &[Step])> {
        let menu = self.menu.iter();
        let keys = menu.clone().flat_map(|menu| &menu.keys);
        let keys = keys.map(|(key, steps)| (format!("menu.keys.{key}"), steps.as_slice()));
        let otherwise = menu.map(|menu| ("menu.otherwise".to_owned(), menu.otherwise.as_slice()));
        let after_hours = ("after_hours".to_owned(), self.after_hours.as_slice());
        let unanswered = ("unanswered".to_owned(), self.unanswered.as_slice());
        [after_hours, unanswered]
            .into_iter()
            .chain(keys)
            .chain(otherwise)
    }

    /// The files of its dialogues.
    fn spoken(&self) -> Vec<(&'static str, &str)> {
        let mut files: Vec<(&'static str, Option<&String>)> = Vec::new();
        if let Some(greeting) = &self.greeting {
            let own = [&greeting.external, &greeting.internal, &greeting.morning];
            files.extend(own.map(|file| ("greeting", file.as_ref())));
            let holidays = greeting.holidays.values();
            files.extend(holidays.map(|file| ("greeting", Some(file))));
        }
        if let Some(menu) = &self.menu {
            files.extend([("menu", Some(&menu.prompt)), ("menu", menu.wrong.as_ref())]);
        }
        if let Some(message) = &self.message {
            let own = [Some(&message.prompt), message.thanks.as_ref()];
            files.extend(own.map(|file| ("message", file)));
        }
        if let Some(waiting) = &self.waiting {
            let own = [waiting.music.as_ref(), waiting.announcement.as_ref()];
            let own = own.into_iter().chain(waiting.places.iter().map(Some));
            files.extend(own.map(|file| ("waiting", file)));
        }
        if let Some(survey) = &self.survey {
            let own = [
                Some(&survey.prompt),
                survey.wrong.as_ref(),
                survey.thanks.as_ref(),
            ];
            files.extend(own.map(|file| ("survey", file)));
        }
        files.extend(self.emergency.iter().map(|file| ("emergency", Some(file))));
        let said = self.courses().flat_map(|(_, steps)| steps);
        let said = said.filter_map(|step| match step {
            Step::Announcement(file) => Some(("unanswered", Some(file))),
            Step::Message | Step::Agents | Step::Post(_) | Step::Line(_) | Step::Queue(_) => None,
        });
        files.extend(said);
        let named = files.into_iter();
        named
            .filter_map(|(key, file)| Some((key, file?.as_str())))
            .collect()
    }

    /// Why callers ring.
    ///
    /// # Errors
    /// The place of the first code that does not fit, and why; loading a configuration rules it out.
    pub fn purpose_tree(&self) -> Result<CodeTree, (usize, CodeFault)> {
        tree(&self.purposes, CodeTree::purposes)
    }

    /// What comes of it.
    ///
    /// # Errors
    /// As with [`Self::purpose_tree`].
    pub fn outcome_tree(&self) -> Result<CodeTree, (usize, CodeFault)> {
        tree(&self.outcomes, CodeTree::outcomes)
    }

    /// The cadence that rings are counted in.
    pub fn cadence(&self) -> Cadence {
        Cadence {
            on_ms: millis_u32(self.cadence.on),
            off_ms: millis_u32(self.cadence.off),
        }
    }

    /// The bounds that answers are graded by; `None` if `profile` names no built-in profile,
    /// which loading a configuration rules out.
    pub fn pickup_profile(&self) -> Option<PickupProfile> {
        let mut profile = match &self.profile {
            Profile::Named(name) => PickupProfile::named(name, self.cadence())?,
            Profile::Own(own) => PickupProfile {
                name: self.name.clone(),
                early_below_ms: millis(own.early_below),
                target_from_ms: millis(own.target_from),
                target_to_ms: millis(own.target_to),
                late_from_ms: millis(own.late_from),
                apology_from_ms: millis(own.apology_from),
                min_ring_ms: PickupProfile::least_ring_ms(millis(own.early_below), self.cadence()),
            },
        };
        if let Some(min_ring) = self.min_ring {
            profile.min_ring_ms = millis(min_ring);
        }
        Some(profile)
    }
}

/// Who plays the ringing tone, and so how exact the count of rings is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RingbackKind {
    /// The caller's network: 180. The count is an estimate, one ring either way.
    #[default]
    Network,
    /// We: 183 and our own 450 Hz tone. The count is exact as sent.
    Local,
}

/// When what is said begins to be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capture {
    /// From the answer on: the notice is the first thing on the recording.
    #[default]
    WithNotice,
    /// From the end of the notice on: until then there is silence on the recording, marked so. A
    /// caller who has not heard all of it is not recorded.
    AfterNotice,
}

/// What happens to a call that cannot be recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordPolicy {
    /// It is not answered.
    #[default]
    Required,
    /// It is answered, with an alarm.
    Preferred,
    /// Nothing is recorded until somebody asks for it in the call (R189).
    OnDemand,
    /// Calls of this line are never recorded.
    Off,
}

/// One ring in time.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CadenceTimes {
    /// Length of the tone.
    #[serde(with = "humantime_serde")]
    pub on: Duration,
    /// Length of the silence after it.
    #[serde(with = "humantime_serde")]
    pub off: Duration,
}

impl Default for CadenceTimes {
    fn default() -> Self {
        Self {
            on: Duration::from_millis(u64::from(Cadence::CHINA.on_ms)),
            off: Duration::from_millis(u64::from(Cadence::CHINA.off_ms)),
        }
    }
}

/// How an answer is graded.
#[derive(Clone, Debug)]
pub enum Profile {
    /// One of [`PickupProfile::NAMES`], scaled to the line's cadence.
    Named(String),
    /// The line's own bounds.
    Own(OwnProfile),
}

impl Default for Profile {
    fn default() -> Self {
        Self::Named("within_3".to_owned())
    }
}

/// Five bounds, counted from the first ring; intervals are half open.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnProfile {
    /// An answer before this is early.
    #[serde(with = "humantime_serde")]
    pub early_below: Duration,
    /// Start of the target.
    #[serde(with = "humantime_serde")]
    pub target_from: Duration,
    /// End of the target, itself outside.
    #[serde(with = "humantime_serde")]
    pub target_to: Duration,
    /// An answer from here on is late.
    #[serde(with = "humantime_serde")]
    pub late_from: Duration,
    /// From here on the agent owes an apology.
    #[serde(with = "humantime_serde")]
    pub apology_from: Duration,
}

impl<'de> Deserialize<'de> for Profile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrBounds;

        impl<'de> Visitor<'de> for NameOrBounds {
            type Value = Profile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a profile's name or a table of five bounds")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Profile, E> {
                Ok(Profile::Named(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Profile, A::Error> {
                OwnProfile::deserialize(MapAccessDeserializer::new(map)).map(Profile::Own)
            }
        }

        deserializer.deserialize_any(NameOrBounds)
    }
}

/// How long one agent's phone rings, in rings of the line's cadence.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AttemptRings {
    /// While another agent is ready. Default 2.
    pub shared: u32,
    /// When nobody else is (R006). Default 5.
    pub last: u32,
}

impl Default for AttemptRings {
    fn default() -> Self {
        Self { shared: 2, last: 5 }
    }
}

/// Why a caller rang, or what came of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// What rows and filters use. No default.
    pub code: String,
    /// What people read. No default.
    pub name: String,
    /// What people read in English. Default none.
    #[serde(default)]
    pub name_en: Option<String>,
    /// The code that it is a kind of; it stands before this one. Default none.
    #[serde(default)]
    pub parent: Option<String>,
    /// It is kept for the calls that have it, and nobody chooses it, or a kind of it, any more.
    /// Default `false`.
    #[serde(default)]
    pub retired: bool,
}

/// A field of a line's form.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    /// What values are kept by. No default.
    pub name: String,
    /// What people read. No default.
    pub label: String,
    /// What people read in English. Default none, which is the label.
    #[serde(default)]
    pub label_en: Option<String>,
    /// What may be filled in. Default `text`.
    #[serde(default)]
    pub kind: FormFieldKind,
    /// The values of a `choice`. Default none.
    #[serde(default)]
    pub choices: Vec<String>,
    /// What people read in English for each of the `choices`. Default none, which is the choices.
    #[serde(default)]
    pub choices_en: Vec<String>,
    /// Whether a call cannot be wrapped up without it. Default `false`.
    #[serde(default)]
    pub required: bool,
    /// The purposes that it belongs to, with their kinds. Default all.
    #[serde(default)]
    pub purposes: Vec<String>,
}

impl FormField {
    /// The choices that have an English name.
    pub fn choices_named(&self) -> impl Iterator<Item = ChoiceName> {
        let pairs = self.choices.iter().zip(&self.choices_en);
        pairs.map(|(choice, english)| ChoiceName {
            value: choice.clone(),
            name: choice.clone(),
            name_en: Some(english.clone()),
        })
    }
}

/// What may be filled in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormFieldKind {
    /// A text of at most 500 characters.
    #[default]
    Text,
    /// A number.
    Number,
    /// A day.
    Date,
    /// A day and a time.
    Time,
    /// One of `choices`.
    Choice,
    /// Yes or no.
    Flag,
    /// A list of items, each with a `text`, and perhaps `time`, `place` and `name`.
    Items,
}

/// Whether a record needs to say who called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityPolicy {
    /// It does.
    #[default]
    Required,
    /// It is asked, and can be left out.
    Asked,
}

fn unidentified() -> Vec<String> {
    ["private", "sales", "wrong_number"]
        .map(str::to_owned)
        .into()
}

/// Where calls may be passed on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TransferPolicy {
    /// Whether to agents. Default `true`.
    pub agents: bool,
    /// What outside numbers may begin with; none means no outside number. Default `[]`.
    pub prefixes: Vec<String>,
    /// The trunk that outside numbers are reached by, or several to be tried in turn; needed with
    /// `prefixes`. Default none.
    #[serde(deserialize_with = "one_or_several")]
    pub trunk: Vec<String>,
    /// Whether an agent's phone that says its user is at an outside number (a 3xx answer) is
    /// followed there, as if the agent had transferred the call: by `prefixes` and `trunk`, within
    /// the agent's limits, and only with `follow_redirects`. Default `false`.
    pub redirects: bool,
}

impl Default for TransferPolicy {
    fn default() -> Self {
        Self {
            agents: true,
            prefixes: Vec::new(),
            trunk: Vec::new(),
            redirects: false,
        }
    }
}

fn tree(codes: &[Purpose], built_in: fn() -> CodeTree) -> Result<CodeTree, (usize, CodeFault)> {
    if codes.is_empty() {
        return Ok(built_in());
    }
    let codes = codes.iter().map(|code| Code {
        code: code.code.clone(),
        parent: code.parent.clone(),
        name: code.name.clone(),
        name_en: code.name_en.clone(),
        retired: code.retired,
    });
    CodeTree::new(codes.collect())
}

const fn off() -> RecordPolicy {
    RecordPolicy::Off
}

/// `"carrier"`, or `["carrier", "other"]`.
pub(super) fn one_or_several<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    struct NameOrNames;

    impl<'de> Visitor<'de> for NameOrNames {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a name or a list of names")
        }

        fn visit_str<E: de::Error>(self, name: &str) -> Result<Vec<String>, E> {
            Ok(vec![name.to_owned()])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, names: A) -> Result<Vec<String>, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(names))
        }
    }

    deserializer.deserialize_any(NameOrNames)
}

const fn max_preanswer() -> Duration {
    Duration::from_secs(45)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn millis_u32(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
