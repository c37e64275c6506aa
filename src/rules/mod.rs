//! The rules of the hotline as pure arithmetic: how an answer is graded, how a number is masked,
//! when a line is staffed, who may do what.

mod area;
mod calendar;
mod codes;
mod directory;
mod form;
pub mod identity;
mod initials;
mod masking;
mod number;
mod pickup;
pub mod policy;
mod role;
mod screen_pop;
pub mod script;
mod setup;
mod stage;
mod team;
mod timestamp;
mod webhook;
mod working_time;
mod wrap_up;

pub use area::{Area, area_of};
pub use calendar::{Calendar, CalendarError, Holiday, Hours, WeeklyHours, YearDays};
pub use codes::{Code, CodeFault, CodeTree};
pub use directory::{DirectoryEntry, EntryKind, Fit, Matter};
pub use form::{Field, FieldFault, FieldKind, FieldValues, FieldWrong, Form};
pub use identity::{Identity, Known};
pub use initials::initials;
pub use masking::mask_number;
pub use number::{e164, national};
pub use pickup::{Cadence, Grade, PickupProfile, RingCount};
pub use role::{Role, Scope};
pub use screen_pop::{ScreenPop, ScreenPopFault, Shown};
pub use script::Script;
pub use setup::{SetupKind, UnknownKind};
pub use stage::{Stage, StageLimits};
pub use team::{Level, NoWayUp, Rung, Team, Teams, Upward, upward};
pub use timestamp::{Moment, Timestamp};
pub use webhook::WebhookKind;
pub use wrap_up::{Fault, LineRules};
