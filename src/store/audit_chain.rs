//! The chain of the audit's rows: each row's hash is over itself and the hash before it, so that no
//! row can be changed, taken out or put between behind the service's back unnoticed (R243).
//!
//! Whoever can write the database can make a new chain. The hash of the last row, kept elsewhere
//! from time to time, tells such a chain from the old one; it also tells whether rows were cut off
//! at the end.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::audit::{AuditEntry, AuditRow};
use super::engine::{Tx, in_tx, on_readers};
use super::{Result, Store};
use crate::id::EventId;

/// Rows that are read at a time.
const PAGE: i64 = 1_000;
/// Names the lock under which rows are chained, for those who use one server's database.
const LOCK: i64 = 0x7468_6972_6472_696e;

/// How the audit stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AuditChain {
    /// Rows that are in the chain.
    pub rows: u64,
    /// Rows from before there was one.
    pub unchained: u64,
    /// The first row that does not follow from those before it: it was changed, or something before
    /// it was taken out.
    pub broken_at: Option<EventId>,
    /// The hash of the last row, to be kept elsewhere.
    pub last: Option<String>,
}

impl Store {
    /// Reads the whole audit and compares each row with its hash.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn verify_audit(&self) -> Result<AuditChain> {
        let mut found = AuditChain::default();
        let mut after = i64::MIN;
        loop {
            let rows: Vec<ChainedRow> = on_readers!(&self.engine, pool => {
                sqlx::query_as(
                    "select seq, chain, id, at, actor, action, call_id, purpose, detail from audit
                     where seq > $1 order by seq limit $2",
                )
                .bind(after)
                .bind(PAGE)
                .fetch_all(pool)
                .await?
            });
            let Some(last) = rows.last() else {
                return Ok(found);
            };
            after = last.seq;
            for row in rows {
                found.take(&row.entry.into(), row.chain);
            }
        }
    }
}

#[derive(sqlx::FromRow)]
struct ChainedRow {
    seq: i64,
    chain: Option<String>,
    #[sqlx(flatten)]
    entry: AuditRow,
}

impl AuditChain {
    /// The next row.
    fn take(&mut self, entry: &AuditEntry, chain: Option<String>) {
        let follows = match &chain {
            Some(chain) => *chain == link(self.last.as_deref(), entry),
            // Once there is a chain every row is in it.
            None => self.last.is_none(),
        };
        if !follows && self.broken_at.is_none() {
            self.broken_at = Some(entry.id);
        }
        if chain.is_some() {
            self.rows += 1;
            self.last = chain;
        } else {
            self.unchained += 1;
        }
    }
}

/// The hash of an entry that is about to be written. Nobody else writes one until the transaction
/// is over.
pub(super) async fn next(tx: &mut Tx, entry: &AuditEntry) -> Result<String> {
    if let Tx::Postgres(tx) = tx {
        sqlx::query("select pg_advisory_xact_lock($1)")
            .bind(LOCK)
            .execute(&mut **tx)
            .await?;
    }
    let last: Option<Option<String>> = in_tx!(tx, connection => {
        sqlx::query_scalar("select chain from audit order by seq desc limit 1")
            .fetch_optional(connection)
            .await?
    });
    Ok(link(last.flatten().as_deref(), entry))
}

/// SHA-256 over the hash before and every column, each with its length before it, so that no text
/// can move from one column to the next.
fn link(before: Option<&str>, entry: &AuditEntry) -> String {
    let mut hash = Sha256::new();
    let call = entry.call.map(|call| call.0.to_string());
    let fields = [
        before,
        Some(&entry.id.0.to_string()),
        Some(&entry.at.0.to_string()),
        Some(&entry.actor),
        Some(&entry.action),
        call.as_deref(),
        Some(&entry.purpose),
        entry.detail.as_deref(),
    ];
    for field in fields {
        // What is absent is not what is empty.
        let length = field.map_or(u64::MAX, |field| field.len() as u64);
        hash.update(length.to_be_bytes());
        hash.update(field.unwrap_or_default());
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Timestamp;

    fn entries() -> Vec<AuditEntry> {
        let at = |n: i64| AuditEntry {
            id: EventId(uuid::Uuid::from_u128(7)),
            at: Timestamp(n),
            actor: "li".to_owned(),
            action: "recording.play".to_owned(),
            call: None,
            purpose: String::new(),
            detail: None,
        };
        (1..=4).map(at).collect()
    }

    fn chained(entries: &[AuditEntry]) -> Vec<String> {
        let mut chain: Vec<String> = Vec::new();
        for entry in entries {
            chain.push(link(chain.last().map(String::as_str), entry));
        }
        chain
    }

    fn verified(entries: &[AuditEntry], chain: &[String]) -> AuditChain {
        let mut found = AuditChain::default();
        for (entry, chain) in entries.iter().zip(chain) {
            found.take(entry, Some(chain.clone()));
        }
        found
    }

    /// R243: a change of any row, a row that is gone, and two that changed places are found.
    #[test]
    fn what_was_done_to_the_rows_is_found() {
        let entries = entries();
        let chain = chained(&entries);
        assert_eq!(verified(&entries, &chain).broken_at, None);
        for n in 0..entries.len() {
            let mut changed = entries.clone();
            changed[n].actor = "wu".to_owned();
            assert!(verified(&changed, &chain).broken_at.is_some(), "{n}");
        }
        let without = |n: usize| {
            let (mut entries, mut chain) = (entries.clone(), chain.clone());
            entries.remove(n);
            chain.remove(n);
            verified(&entries, &chain)
        };
        assert!(without(0).broken_at.is_some() && without(2).broken_at.is_some());
        // What is cut off at the end shows by the last hash alone.
        assert_eq!(without(3).broken_at, None);
        assert_ne!(without(3).last, chain.last().cloned());
    }

    /// R243: text that moves from one column to the next is another row.
    #[test]
    fn columns_are_told_apart() {
        let mut one = entries().remove(0);
        let mut other = one.clone();
        one.detail = Some(String::new());
        assert_ne!(link(None, &one), link(None, &other));
        "recording.playli".clone_into(&mut other.action);
        other.actor = String::new();
        assert_ne!(link(None, &one), link(None, &other));
    }
}
