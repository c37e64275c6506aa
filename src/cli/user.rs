//! `thirdring user`: who may use the API.

use std::io::Read;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::calls::{View, or_nothing, plain_table, printable};
use super::database::{in_force, with_store};
use super::{ConfigFile, init, say};
use crate::access::{Cost, Passwords};
use crate::clock::Clock;
use crate::config::Config;
use crate::id::AgentId;
use crate::rules::Role;
use crate::store::{AuditEntry, Store, User, UserChange};

#[derive(Debug, Args)]
pub(super) struct UserCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a user; without --stdin a password is made and shown once
    Add(Add),
    /// List users
    List(List),
    /// Set a user's password; it ends the user's sessions
    Password(SetPassword),
    /// Disable a user: no log-in, session or token of theirs counts
    Disable(Name),
    /// Let a disabled user in again
    Enable(Name),
    /// Give a user other roles
    Role(SetRoles),
}

#[derive(Debug, Args)]
struct Add {
    /// What the person logs in as
    name: String,
    /// What the person is: agent, trainee, `shift_leader`, supervisor, qa, `dept_handler`,
    /// manager, auditor, admin, ops; can be given several times
    #[arg(long = "role", value_name = "ROLE", required = true)]
    roles: Vec<Role>,
    /// The agent whose phone is this person's
    #[arg(long)]
    extension: Option<String>,
    /// Read the password from standard input
    #[arg(long)]
    stdin: bool,
    #[command(flatten)]
    who: Who,
}

#[derive(Debug, Args)]
struct List {
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Debug, Args)]
struct SetPassword {
    /// The user
    name: String,
    /// Read the password from standard input
    #[arg(long)]
    stdin: bool,
    #[command(flatten)]
    who: Who,
}

#[derive(Debug, Args)]
struct Name {
    /// The user
    name: String,
    #[command(flatten)]
    who: Who,
}

#[derive(Debug, Args)]
struct SetRoles {
    /// The user
    name: String,
    /// All roles that the person is to have
    #[arg(required = true)]
    roles: Vec<Role>,
    #[command(flatten)]
    who: Who,
}

/// Who uses the command, and on which configuration.
#[derive(Debug, Args)]
pub(super) struct Who {
    /// Who does this, for the audit
    #[arg(long, value_name = "NAME", env = "USER", default_value = "cli")]
    pub(super) by: String,
    #[command(flatten)]
    pub(super) config: ConfigFile,
}

impl UserCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self.action {
            Action::Add(add) => add.run(),
            Action::List(list) => list.run(),
            Action::Password(set) => set.run(),
            Action::Disable(name) => name.disable(true),
            Action::Enable(name) => name.disable(false),
            Action::Role(set) => set.run(),
        }
    }
}

impl Add {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.who.config.path)?;
        if let Some(extension) = &self.extension {
            let in_force = in_force(&config);
            let mut agents = in_force.agents.iter();
            let is_known = agents.any(|agent| agent.extension == *extension);
            anyhow::ensure!(is_known, "no [[agent]] has the extension `{extension}`");
        }
        let password = Password::of(self.stdin)?;
        let user = new_user(
            &self.name,
            self.roles,
            self.extension.map(AgentId),
            &password.text,
        )?;
        with_store(&config, async |store| add(store, &user, &self.who.by).await)?;
        password.tell(&format!("user `{}` is there", self.name))
    }
}

/// A user as the store takes one.
pub(super) fn new_user(
    name: &str,
    roles: Vec<Role>,
    extension: Option<AgentId>,
    password: &str,
) -> anyhow::Result<User> {
    let fits = |c: char| c.is_alphanumeric() || ".-_@".contains(c);
    let is_name = !name.is_empty() && name.chars().count() <= 64 && name.chars().all(fits);
    anyhow::ensure!(
        is_name,
        "a name has 1 to 64 letters, digits, or any of .-_@"
    );
    let now = Clock.wall();
    Ok(User {
        name: name.to_owned(),
        password: Passwords::new(Cost::default())?.hash(password)?,
        roles,
        extension,
        disabled: false,
        created_at: now,
        password_at: now,
    })
}

pub(super) async fn add(store: &Store, user: &User, by: &str) -> anyhow::Result<()> {
    audit(store, "user.add", by, &user.name).await?;
    Ok(store.add_user(user).await?)
}

async fn audit(store: &Store, action: &str, by: &str, name: &str) -> anyhow::Result<()> {
    let entry = AuditEntry::of_account(action, by, name.to_owned(), Clock.wall());
    Ok(store.audit(&entry).await?)
}

impl List {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let view = View::of(&config, false)?;
        let users = with_store(&config, async |store| Ok(store.users().await?))?;
        if self.json {
            return say(serde_json::to_string_pretty(&users)?);
        }
        let mut table = plain_table(&["user", "roles", "extension", "state", "since", "password"]);
        for user in &users {
            let roles: Vec<_> = user.roles.iter().map(|role| role.as_str()).collect();
            let extension = user.extension.as_ref();
            table.add_row([
                printable(&user.name),
                roles.join(", "),
                or_nothing(extension.map(|extension| printable(&extension.0))),
                if user.disabled { "disabled" } else { "enabled" }.to_owned(),
                view.time(user.created_at).to_string(),
                view.time(user.password_at).to_string(),
            ]);
        }
        say(table)
    }
}

impl SetPassword {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.who.config.path)?;
        let password = Password::of(self.stdin)?;
        let hash = Passwords::new(Cost::default())?.hash(&password.text)?;
        let change = UserChange {
            password: Some((hash, Clock.wall())),
            ..UserChange::default()
        };
        change_user(&config, "user.password", &self.name, &change, &self.who.by)?;
        password.tell(&format!("user `{}` has another password", self.name))
    }
}

impl Name {
    fn disable(self, disabled: bool) -> anyhow::Result<()> {
        let config = Config::load(&self.who.config.path)?;
        let (action, done) = if disabled {
            ("user.disable", "disabled")
        } else {
            ("user.enable", "enabled")
        };
        let change = UserChange {
            disabled: Some(disabled),
            ..UserChange::default()
        };
        change_user(&config, action, &self.name, &change, &self.who.by)?;
        say(format!("user `{}` is {done}", self.name))
    }
}

impl SetRoles {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.who.config.path)?;
        let change = UserChange {
            roles: Some(self.roles),
            ..UserChange::default()
        };
        change_user(&config, "user.role", &self.name, &change, &self.who.by)?;
        say(format!("user `{}` has other roles", self.name))
    }
}

fn change_user(
    config: &Config,
    action: &str,
    name: &str,
    change: &UserChange,
    by: &str,
) -> anyhow::Result<()> {
    with_store(config, async |store| {
        audit(store, action, by, name).await?;
        Ok(store.change_user(name, change).await?)
    })
}

/// A password: typed in, or made here.
struct Password {
    text: String,
    is_made: bool,
}

impl Password {
    fn of(stdin: bool) -> anyhow::Result<Self> {
        if !stdin {
            let text = init::password();
            return Ok(Self {
                text,
                is_made: true,
            });
        }
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.context("cannot read the password")?;
        Ok(Self {
            text: text.trim_end_matches(['\r', '\n']).to_owned(),
            is_made: false,
        })
    }

    /// Says what was done, and the password where nobody knows it yet.
    fn tell(&self, done: &str) -> anyhow::Result<()> {
        if self.is_made {
            say(format!(
                "{done}; the password, shown this once: {}",
                self.text
            ))
        } else {
            say(done)
        }
    }
}
