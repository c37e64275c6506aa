//! The rules of the hotline as pure arithmetic: how an answer is graded, how a number is masked,
//! when a line is staffed, who may do what.

mod calendar;
mod codes;
mod form;
mod masking;
mod number;
mod pickup;
pub mod policy;
mod role;
mod screen_pop;
mod setup;
mod timestamp;
mod webhook;
mod wrap_up;

pub use calendar::{Calendar, CalendarError, Holiday, Hours, WeeklyHours, YearDays};
pub use codes::{Code, CodeFault, CodeTree};
pub use form::{Field, FieldFault, FieldKind, FieldValues, FieldWrong, Form};
pub use masking::mask_number;
pub use number::{e164, national};
pub use pickup::{Cadence, Grade, PickupProfile, RingCount};
pub use role::{Role, Scope};
pub use screen_pop::{ScreenPop, ScreenPopFault, Shown};
pub use setup::{SetupKind, UnknownKind};
pub use timestamp::{Moment, Timestamp};
pub use webhook::WebhookKind;
pub use wrap_up::{Fault, LineRules};
