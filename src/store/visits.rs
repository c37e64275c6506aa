//! Contacts that are no calls (R021): a visit, a letter, a chat. What was said can be erased with its
//! customer.

use serde::Serialize;
use uuid::Uuid;

use super::engine::{in_tx, on_readers};
use super::{Error, Result, Store};
use crate::id::{CustomerId, EventId, LineId};
use crate::rules::{Channel, Timestamp};

const LONGEST_TEXT: usize = 4_000;

/// A contact as somebody registers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactDraft {
    /// By what; not by telephone.
    pub channel: Channel,
    /// When it was.
    pub at: Timestamp,
    /// The line whose purposes it has.
    pub line: LineId,
    /// Why somebody turned to us: a code of the line's purposes.
    pub purpose: String,
    /// Which customer, if we know.
    pub customer: Option<CustomerId>,
    /// What there is to say of it.
    pub text: String,
}

/// A contact that was no call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OtherContact {
    /// Its own id.
    pub id: EventId,
    /// By what.
    pub channel: Channel,
    /// When it was.
    pub at: Timestamp,
    /// The line whose purposes it has.
    pub line: LineId,
    /// Why somebody turned to us.
    pub purpose: String,
    /// Which customer.
    pub customer: Option<CustomerId>,
    /// What there is to say of it; `None` if erased.
    pub text: Option<String>,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// By whom.
    pub registered_by: String,
}

/// Which contacts a list is of.
#[derive(Clone, Debug, Default)]
pub struct ContactFilter {
    /// By this.
    pub channel: Option<Channel>,
    /// At this moment or later.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
    /// Of this customer.
    pub customer: Option<CustomerId>,
    /// Only what comes after this one in the list: the last one of the page before.
    pub after: Option<(Timestamp, EventId)>,
    /// At most so many.
    pub limit: u32,
}

impl Store {
    /// Registers a contact that was no call.
    ///
    /// # Errors
    ///
    /// [`Error::Unregistrable`], [`Error::TooLong`], [`Error::UnknownCustomer`]; [`Error::Unfit`] and
    /// [`Error::NoLine`] by what the line asks for; or if the database fails.
    pub async fn register_contact(
        &self,
        draft: &ContactDraft,
        by: &str,
        now: Timestamp,
    ) -> Result<OtherContact> {
        if draft.channel == Channel::Phone || draft.at > now {
            return Err(Error::Unregistrable(
                "a channel that is not `phone`, and a time that is not still to come",
            ));
        }
        let text = draft.text.trim().replace('\0', "");
        if text.chars().count() > LONGEST_TEXT {
            return Err(Error::TooLong {
                what: "what is said of a contact",
                most: LONGEST_TEXT,
            });
        }
        if let Some(rules) = self.rules_of(Some(&draft.line))? {
            Error::if_unfit(rules.purpose_fault(&draft.purpose).into_iter().collect())?;
        }
        if let Some(customer) = draft.customer {
            self.customer(customer).await?;
        }
        let id = EventId::mint(now, &mut rand::rng());
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "insert into other_contacts (id, channel, at, line, purpose, customer_id, text,
                     registered_at, registered_by)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            )
            .bind(id.0)
            .bind(draft.channel.as_str())
            .bind(draft.at.0)
            .bind(&draft.line.0)
            .bind(draft.purpose.replace('\0', ""))
            .bind(draft.customer.map(|customer| customer.0))
            .bind(&text)
            .bind(now.0)
            .bind(by)
            .execute(connection)
            .await?;
        });
        tx.commit().await?;
        Ok(OtherContact {
            id,
            channel: draft.channel,
            at: draft.at,
            line: draft.line.clone(),
            purpose: draft.purpose.clone(),
            customer: draft.customer,
            text: Some(text),
            registered_at: now,
            registered_by: by.to_owned(),
        })
    }

    /// Contacts that were no calls, the first one before the others.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn other_contacts(&self, filter: &ContactFilter) -> Result<Vec<OtherContact>> {
        let (after, last) = filter.after.unzip();
        let rows: Vec<ContactRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select * from other_contacts
                 where ($1 is null or channel = $1) and ($2 is null or customer_id = $2)
                     and at >= $3 and at < $4 and (at, id) > ($5, $6)
                 order by at, id limit $7",
            )
            .bind(filter.channel.map(Channel::as_str))
            .bind(filter.customer.map(|customer| customer.0))
            .bind(filter.from.map_or(i64::MIN, |from| from.0))
            .bind(filter.to.map_or(i64::MAX, |to| to.0))
            .bind(after.map_or(i64::MIN, |after: Timestamp| after.0))
            .bind(last.map_or_else(Uuid::nil, |last: EventId| last.0))
            .bind(i64::from(filter.limit))
            .fetch_all(pool)
            .await?
        });
        Ok(rows.into_iter().filter_map(ContactRow::read).collect())
    }
}

#[derive(sqlx::FromRow)]
struct ContactRow {
    id: Uuid,
    channel: String,
    at: i64,
    line: String,
    purpose: String,
    customer_id: Option<Uuid>,
    text: Option<String>,
    registered_at: i64,
    registered_by: String,
}

impl ContactRow {
    /// `None` for a channel that a later version of the service has.
    fn read(self) -> Option<OtherContact> {
        Some(OtherContact {
            id: EventId(self.id),
            channel: Channel::read(&self.channel)?,
            at: Timestamp(self.at),
            line: LineId(self.line),
            purpose: self.purpose,
            customer: self.customer_id.map(CustomerId),
            text: self.text,
            registered_at: Timestamp(self.registered_at),
            registered_by: self.registered_by,
        })
    }
}
