//! `thirdring token`: what programs that work for a user show to the API.

use std::time::Duration;

use clap::{Args, Subcommand};
use uuid::Uuid;

use super::calls::{View, or_nothing, plain_table, printable};
use super::database::with_store;
use super::user::Who;
use super::{ConfigFile, say};
use crate::access::{TokenSecret, fingerprint};
use crate::clock::Clock;
use crate::config::Config;
use crate::id::EventId;
use crate::rules::Scope;
use crate::store::{AuditEntry, Store, StoredToken};

#[derive(Debug, Args)]
pub(super) struct TokenCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a token for a program; it is shown once
    Add(Add),
    /// List tokens, those that do not count any more as well
    List(List),
    /// Take a token back
    Revoke(Revoke),
}

#[derive(Debug, Args)]
struct Add {
    /// The user whom the program works for
    user: String,
    /// What it is for
    #[arg(long)]
    label: String,
    /// What it may do of what the user may: calls:read, calls:control, numbers:reveal,
    /// recordings:read, desk:read, wallboard:read, agents:control, audit:read, admin; can be given
    /// several times
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    scopes: Vec<Scope>,
    /// For how many days it counts
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,
    #[command(flatten)]
    who: Who,
}

#[derive(Debug, Args)]
struct List {
    /// Of this user only
    user: Option<String>,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Debug, Args)]
struct Revoke {
    /// The token's id, as `list` shows it
    id: Uuid,
    #[command(flatten)]
    who: Who,
}

impl TokenCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self.action {
            Action::Add(add) => add.run(),
            Action::List(list) => list.run(),
            Action::Revoke(revoke) => revoke.run(),
        }
    }
}

impl Add {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.who.config.path)?;
        let secret = with_store(&config, async |store| {
            add(
                store,
                &self.user,
                &self.label,
                self.scopes,
                self.days,
                &self.who.by,
            )
            .await
        })?;
        say(format!("the token, shown this once: {}", secret.reveal()))
    }
}

/// Makes a token for a user.
///
/// # Errors
/// There is no such user, or the database fails.
pub(super) async fn add(
    store: &Store,
    user: &str,
    label: &str,
    mut scopes: Vec<Scope>,
    days: u32,
    by: &str,
) -> anyhow::Result<TokenSecret> {
    let known = store.user(user).await?;
    anyhow::ensure!(known.is_some(), "there is no user `{user}`");
    let now = Clock.wall();
    let secret = TokenSecret::generate();
    scopes.sort_unstable();
    scopes.dedup();
    let token = StoredToken {
        id: EventId::mint(now, &mut rand::rng()).0,
        secret: fingerprint(secret.reveal()),
        user: user.to_owned(),
        label: label.to_owned(),
        scopes,
        created_at: now,
        expires_at: now.plus(Duration::from_hours(24 * u64::from(days))),
        used_at: None,
        revoked_at: None,
    };
    let entry = AuditEntry::of_account("token.add", by, token.id.to_string(), now);
    store.audit(&entry).await?;
    store.add_token(&token).await?;
    Ok(secret)
}

impl List {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let view = View::of(&config, false)?;
        let user = self.user.as_deref();
        let tokens = with_store(&config, async |store| Ok(store.tokens_of(user).await?))?;
        if self.json {
            return say(serde_json::to_string_pretty(&tokens)?);
        }
        let columns = ["id", "user", "for", "scopes", "until", "used", "taken back"];
        let mut table = plain_table(&columns);
        for token in &tokens {
            let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.as_str()).collect();
            let time = |at: Option<_>| or_nothing(at.map(|at| view.time(at).to_string()));
            table.add_row([
                token.id.to_string(),
                printable(&token.user),
                printable(&token.label),
                scopes.join(", "),
                time(Some(token.expires_at)),
                time(token.used_at),
                time(token.revoked_at),
            ]);
        }
        say(table)
    }
}

impl Revoke {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.who.config.path)?;
        let revoked = with_store(&config, async |store| {
            let now = Clock.wall();
            let id = self.id.to_string();
            let entry = AuditEntry::of_account("token.revoke", &self.who.by, id, now);
            store.audit(&entry).await?;
            Ok(store.revoke_token(self.id, None, now).await?)
        })?;
        anyhow::ensure!(revoked, "no token that counts has this id");
        say("the token does not count any more")
    }
}
