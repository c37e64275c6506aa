//! The log of calls in SQLite or Postgres.
//!
//! [`Store`] is the one type for both. `call_events` is append-only and the truth; the rows of
//! calls, attempts, transfers, purposes and recordings are projections of it that are written in
//! the same transaction, and that [`Store::rebuild`] can make again. What is recorded is durable
//! when [`Store::record`] returns: SQLite runs in WAL mode with `synchronous = FULL`.
//!
//! [`LogWriter`] is the task between the core, which asks for events to be stored, and the
//! database, which stores them in groups; while that is away they are durable in a [`Backlog`] on
//! the local disk. [`BindingWriter`] does the same for registrations, which
//! are no part of the log, [`DeskWriter`] for what agents do, and [`DialogWriter`] keeps on the local disk which dialogs are open.

mod addition;
mod audit;
mod audit_chain;
mod backlog;
mod binding_writer;
mod bindings;
mod call_filter;
mod call_rows;
mod calls;
mod campaigns;
mod code_use;
mod contacts;
mod copies;
mod customer;
mod customer_merge;
mod customers;
mod deliveries;
mod desk;
mod desk_rules;
mod desk_writer;
mod dialog_writer;
mod dialogs;
mod drain;
mod engine;
mod erasure;
mod error;
mod events;
mod forwarding;
mod handling;
mod health;
mod holds;
mod idempotency;
mod incidents;
mod insert;
mod journal_folder;
mod journal_line;
mod line_switches;
mod log_writer;
mod markers;
mod message;
mod message_taken;
mod messages;
mod notes;
mod opening;
mod outbox;
mod part_rows;
mod pg_server;
mod projection;
mod purpose;
mod rebuild;
mod record_fields;
mod record_relays;
mod recording_files;
mod register;
mod sequel;
mod sessions;
mod setup;
mod standing;
mod talk_times;
mod task;
mod task_due;
mod task_opening;
mod tasks;
mod tokens;
mod topic_reports;
mod unrecorded;
mod users;
mod visits;
mod working_time;
mod wrap_up;

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use tokio::sync::{Mutex, broadcast};

use self::engine::Engine;
use self::working_time::WorkingTime;
use crate::call::record::CallRecord;
use crate::id::CallId;

pub use self::audit::AuditEntry;
pub use self::audit_chain::AuditChain;
pub use self::backlog::{Backlog, NotKept};
pub use self::binding_writer::{BindingWriter, BindingWriterConfig};
pub use self::call_filter::{CallFilter, CallFlag, CallOrder};
pub use self::calls::{CallDetail, StoredCall};
pub use self::campaigns::{Campaign, CampaignCall, CampaignDraft, CampaignResult, CampaignTally};
pub use self::contacts::{CalledFor, Whose as ContactsOf};
pub use self::copies::Uncopied;
pub use self::customer::{
    Customer, CustomerDraft, CustomerFilter, CustomerNumber, CustomerVersion, Erased, KnownCaller,
};
pub use self::deliveries::{Attempted, Delivery, DeliveryFilter, NewDelivery, Untold};
pub use self::desk_rules::{DeskRules, TreeKind};
pub use self::desk_writer::DeskWriter;
pub use self::dialog_writer::DialogWriter;
pub use self::dialogs::Dialogs;
pub use self::error::Error;
pub use self::forwarding::{Forwarding, Unforwarded};
pub use self::health::LogHealth;
pub use self::holds::Hold;
pub use self::idempotency::Claim;
pub use self::incidents::{Incident, IncidentDraft, IncidentFilter, IncidentStep};
pub use self::journal_folder::JournalFolder;
pub use self::line_switches::LineSwitchWriter;
pub use self::log_writer::{LogWriter, LogWriterConfig, Unstored};
pub use self::markers::Marker;
pub use self::message::{Message, MessageDraft, MessageFilter};
pub use self::notes::{Note, NoteDraft};
pub use self::opening::Opening;
pub use self::outbox::Told;
pub use self::purpose::PurposeChange;
pub use self::rebuild::{Difference, RebuildReport};
pub use self::record_relays::{NewRelay, RecordRelay, RelayFilter};
pub use self::recording_files::{FileFilter, FileState, StoredFile};
pub use self::register::{Document, RegisterVersion, Registered, Written};
pub use self::sequel::{AskedLater, Sequel};
pub use self::sessions::StoredSession;
pub use self::setup::{SetupAuthor, SetupVersion};
pub use self::standing::Standing;
pub use self::talk_times::{CallsOf, TalkSteps, TimeSpan};
pub use self::task::{
    Action as TaskAction, Task, TaskCall, TaskDetail, TaskFilter, TaskKind, TaskNews, TaskResult,
    TaskState, TaskStep,
};
pub use self::task_due::CallBack;
pub use self::tokens::StoredToken;
pub use self::topic_reports::{ReportCause, TopicReport, TopicRules};
pub use self::users::{User, UserChange};
pub use self::visits::{ContactDraft, ContactFilter, OtherContact};
pub use self::wrap_up::{OpenWrapUp, WrapUp, WrapUpFilter, WrappedUp};

/// What every method of the store gives.
pub type Result<T> = std::result::Result<T, Error>;

/// The log of calls; cheap to clone, all clones share one database.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Engine,
    /// Records of the calls that are going on, so that a batch need not read their events again.
    /// Held for the length of a batch: there is one writer.
    live: Arc<Mutex<HashMap<CallId, CallRecord>>>,
    /// What the lines ask for.
    desk: Arc<RwLock<Option<Arc<DeskRules>>>>,
    task_news: broadcast::Sender<TaskNews>,
    report_news: broadcast::Sender<TopicReport>,
    /// The lines' calendars, by which things are due.
    working_time: WorkingTime,
}

/// News of tasks that may wait for a reader.
const TASK_NEWS: usize = 1024;

impl Store {
    /// Opens the database at `url` and brings its tables up to date.
    ///
    /// `sqlite:///absolute/path` and `sqlite://relative/path` name a file, made with mode 0600 if
    /// it is missing; `postgres://…` names a server's database.
    ///
    /// # Errors
    ///
    /// If the URL names no database of these kinds, or if the database cannot be opened or
    /// migrated. No error shows the URL's password.
    pub async fn open(url: &str) -> Result<Self> {
        let engine = Engine::connect(url).await?;
        engine.prepare().await?;
        Ok(Self::on(engine))
    }

    fn on(engine: Engine) -> Self {
        Self {
            engine,
            live: Arc::default(),
            desk: Arc::default(),
            task_news: broadcast::Sender::new(TASK_NEWS),
            report_news: broadcast::Sender::new(topic_reports::REPORT_NEWS),
            working_time: WorkingTime::default(),
        }
    }

    /// Whether the database has been brought up to date since the start: nothing is written before.
    pub fn is_open(&self) -> bool {
        self.engine.is_open()
    }

    /// Whether the database answers.
    ///
    /// # Errors
    ///
    /// If it does not.
    pub async fn ping(&self) -> Result<()> {
        self.engine.ping().await
    }

    /// Gives up the connections to a server that no longer answers on them, and makes new ones: the
    /// system would take a quarter of an hour to find that a connection leads nowhere.
    pub fn reconnect(&self) {
        self.engine.reconnect();
    }

    /// Closes all connections; waits for those in use.
    pub async fn close(&self) {
        self.engine.close().await;
    }
}
