//! Two customers that are one (R222): one goes on with the numbers of both; the other stays readable,
//! and is in no list.

use super::customer::{Customer, CustomerDraft};
use super::customers::{audited, forget_numbers, lock, write_numbers, write_row, write_version};
use super::engine::{Tx, in_tx};
use super::{Error, Result, Store};
use crate::id::CustomerId;
use crate::rules::Timestamp;

impl Store {
    /// Makes `from` a part of `into`, which takes over what it lacks itself. `base` is the version
    /// of `into` that whoever asks has seen.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCustomer`], [`Error::CustomerChanged`]; [`Error::NoCustomer`] if both are the
    /// same, or together have too many numbers; or if the database fails: then both are as before.
    pub async fn merge_customers(
        &self,
        into: CustomerId,
        base: u32,
        from: CustomerId,
        by: &str,
        why: &str,
        at: Timestamp,
    ) -> Result<Customer> {
        if into == from {
            return Err(Error::NoCustomer("another one to be merged with"));
        }
        let mut tx = self.engine.begin().await?;
        // In one order, whoever asks for what: two merges at once never wait for each other.
        let mut versions = Vec::new();
        for id in [into.min(from), into.max(from)] {
            let version = lock(&mut tx, id).await?.ok_or(Error::UnknownCustomer(id))?;
            versions.push((id, version));
        }
        let version = versions.iter().find(|(id, _)| *id == into);
        let version = version.map_or(0, |(_, version)| *version);
        if version != base {
            return Err(Error::CustomerChanged {
                customer: into,
                version,
            });
        }
        let (kept, gone) = (self.customer(into).await?, self.customer(from).await?);
        let (draft, keys) = joined(&kept.draft, gone.draft).checked()?;
        let version = version.saturating_add(1);
        forget_numbers(&mut tx, from).await?;
        forget_numbers(&mut tx, into).await?;
        write_row(&mut tx, into, version, &draft, at).await?;
        write_numbers(&mut tx, into, &draft, &keys).await?;
        write_version(&mut tx, into, version, &draft, by, at).await?;
        point(&mut tx, into, from, at).await?;
        audited(&mut tx, "customer.merge", into, by, why, at).await?;
        audited(&mut tx, "customer.merged", from, by, why, at).await?;
        tx.commit().await?;
        Ok(Customer {
            version,
            draft,
            changed_at: at,
            ..kept
        })
    }
}

/// What is known of both; where they differ, the one that goes on is right.
fn joined(kept: &CustomerDraft, gone: CustomerDraft) -> CustomerDraft {
    let either = |kept: &Option<String>, gone: Option<String>| kept.clone().or(gone);
    let note = match (&kept.note, gone.note) {
        (Some(kept), Some(gone)) if *kept != gone => Some(format!("{kept}\n{gone}")),
        (kept, gone) => kept.clone().or(gone),
    };
    CustomerDraft {
        name: kept.name.clone(),
        form: either(&kept.form, gone.form),
        level: either(&kept.level, gone.level),
        level_reason: either(&kept.level_reason, gone.level_reason),
        kind: either(&kept.kind, gone.kind),
        organisation: either(&kept.organisation, gone.organisation),
        address: either(&kept.address, gone.address),
        note,
        numbers: kept.numbers.iter().cloned().chain(gone.numbers).collect(),
    }
}

/// Whoever had become `from` before is `into` from now on, too.
async fn point(tx: &mut Tx, into: CustomerId, from: CustomerId, at: Timestamp) -> Result<()> {
    in_tx!(tx, connection => {
        sqlx::query(
            "update customers set merged_into = $1, version = version + 1, changed_at = $3
             where id = $2 or merged_into = $2",
        )
        .bind(into.0)
        .bind(from.0)
        .bind(at.0)
        .execute(connection)
        .await?;
    });
    Ok(())
}
