//! The customers' file: who has which number, what was changed, and who did it.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::audit::{self, AuditEntry};
use super::customer::{
    Customer, CustomerDraft, CustomerFilter, CustomerNumber, CustomerVersion, KnownCaller, key_of,
};
use super::engine::{Tx, in_tx, on_readers};
use super::task_opening::number_key;
use super::{Error, Result, Store};
use crate::call::Party;
use crate::id::{CustomerId, EventId, PartyId};
use crate::rules::Timestamp;

/// Numbers a statement may list.
const NUMBERS_A_STATEMENT: usize = 500;

impl Store {
    /// Writes a customer down; `why` goes to the audit.
    ///
    /// # Errors
    ///
    /// [`Error::NoCustomer`], [`Error::NumberTaken`]; or if the database fails.
    pub async fn create_customer(
        &self,
        draft: &CustomerDraft,
        by: &str,
        why: &str,
        at: Timestamp,
    ) -> Result<Customer> {
        let (draft, keys) = draft.checked()?;
        let id = CustomerId::mint(at, &mut rand::rng());
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "insert into customers (id, version, name, created_at, changed_at)
                 values ($1, 1, $2, $3, $3)",
            )
            .bind(id.0)
            .bind(&draft.name)
            .bind(at.0)
            .execute(connection)
            .await?;
        });
        write_row(&mut tx, id, 1, &draft, at).await?;
        write_numbers(&mut tx, id, &draft, &keys).await?;
        write_version(&mut tx, id, 1, &draft, by, at).await?;
        audited(&mut tx, "customer.create", id, by, why, at).await?;
        tx.commit().await?;
        Ok(Customer {
            id,
            version: 1,
            draft,
            created_at: at,
            changed_at: at,
            merged_into: None,
        })
    }

    /// Writes a customer down anew; `base` is the version that was changed. What is the same as
    /// before is no new version.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCustomer`], [`Error::CustomerChanged`], [`Error::NoCustomer`],
    /// [`Error::NumberTaken`]; or if the database fails.
    pub async fn change_customer(
        &self,
        id: CustomerId,
        base: u32,
        draft: &CustomerDraft,
        by: &str,
        why: &str,
        at: Timestamp,
    ) -> Result<Customer> {
        let (draft, keys) = draft.checked()?;
        let mut tx = self.engine.begin().await?;
        let version = lock(&mut tx, id).await?.ok_or(Error::UnknownCustomer(id))?;
        if version != base {
            return Err(Error::CustomerChanged {
                customer: id,
                version,
            });
        }
        let known = self.customer(id).await?;
        if known.draft == draft {
            return Ok(known);
        }
        let version = version.saturating_add(1);
        write_row(&mut tx, id, version, &draft, at).await?;
        forget_numbers(&mut tx, id).await?;
        write_numbers(&mut tx, id, &draft, &keys).await?;
        write_version(&mut tx, id, version, &draft, by, at).await?;
        audited(&mut tx, "customer.change", id, by, why, at).await?;
        tx.commit().await?;
        Ok(Customer {
            version,
            draft,
            changed_at: at,
            ..known
        })
    }

    /// One customer.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCustomer`]; or if the database fails.
    pub async fn customer(&self, id: CustomerId) -> Result<Customer> {
        let row: Option<CustomerRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as("select * from customers where id = $1")
                .bind(id.0)
                .fetch_optional(pool)
                .await?
        });
        let customers = self.with_numbers(row.into_iter().collect()).await?;
        let customer = customers.into_iter().next();
        customer.ok_or(Error::UnknownCustomer(id))
    }

    /// Customers, by name.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn customers(&self, filter: &CustomerFilter) -> Result<Vec<Customer>> {
        let (after, id) = filter.after.clone().unzip();
        // A text that is no number is nobody's.
        let number = filter.number.as_deref();
        let number = number.map(|number| key_of(number).unwrap_or_default());
        let rows: Vec<CustomerRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select * from customers
                 where merged_into is null
                     and ($1 is null or lower(name) like $1 escape '!'
                         or lower(coalesce(organisation, '')) like $1 escape '!')
                     and ($6 is null or level = $6)
                     and ($2 is null or id in
                         (select customer_id from customer_numbers where number = $2))
                     and ($3 is null or (name, id) > ($3, $4))
                 order by name, id limit $5",
            )
            .bind(filter.name.as_deref().map(containing))
            .bind(number)
            .bind(after)
            .bind(id.map_or_else(Uuid::nil, |id: CustomerId| id.0))
            .bind(filter.limit.map_or(i64::MAX, i64::from))
            .bind(filter.level.as_deref())
            .fetch_all(pool)
            .await?
        });
        self.with_numbers(rows).await
    }

    /// Who the callers are, as far as we know them (R044).
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn known_callers<'p>(
        &self,
        callers: impl IntoIterator<Item = &'p Party>,
    ) -> Result<BTreeMap<PartyId, KnownCaller>> {
        let keys = callers.into_iter().filter_map(|party| {
            let key = number_key(&party.number, party.e164.clone())?;
            Some((party.id, key))
        });
        let keys: Vec<_> = keys.collect();
        let mut known = BTreeMap::new();
        for keys in keys.chunks(NUMBERS_A_STATEMENT) {
            let rows: Vec<KnownRow> = on_readers!(&self.engine, pool => {
                let mut query = sqlx::QueryBuilder::new(
                    "select number, id, name, form, level from customer_numbers
                     join customers on customers.id = customer_id where number in (",
                );
                let mut listed = query.separated(", ");
                for (_, key) in keys {
                    listed.push_bind(key);
                }
                query.push(")");
                query.build_query_as().fetch_all(pool).await?
            });
            let rows: BTreeMap<String, KnownCaller> =
                rows.into_iter().map(KnownRow::into_pair).collect();
            let found = keys.iter().filter_map(|(party, key)| {
                let caller = rows.get(key)?;
                Some((*party, caller.clone()))
            });
            known.extend(found);
        }
        Ok(known)
    }

    /// Every version of a customer, ascending.
    ///
    /// # Errors
    ///
    /// If the database fails, or holds what this version cannot read.
    pub async fn customer_versions(&self, id: CustomerId) -> Result<Vec<CustomerVersion>> {
        let rows: Vec<(i64, i64, String, Json<Value>)> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select version, at, author, data from customer_versions
                 where customer_id = $1 order by version",
            )
            .bind(id.0)
            .fetch_all(pool)
            .await?
        });
        let rows = rows.into_iter().map(|(version, at, author, Json(data))| {
            Ok(CustomerVersion {
                version: u32::try_from(version).unwrap_or(u32::MAX),
                at: Timestamp(at),
                author,
                draft: serde_json::from_value(data).map_err(Error::Unwritable)?,
            })
        });
        rows.collect()
    }

    async fn with_numbers(&self, rows: Vec<CustomerRow>) -> Result<Vec<Customer>> {
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let mut numbers = BTreeMap::<Uuid, Vec<CustomerNumber>>::new();
        for ids in ids.chunks(NUMBERS_A_STATEMENT) {
            let rows: Vec<(Uuid, String, Option<String>)> = on_readers!(&self.engine, pool => {
                let mut query = sqlx::QueryBuilder::new(
                    "select customer_id, as_given, label from customer_numbers
                     where customer_id in (",
                );
                let mut listed = query.separated(", ");
                for id in ids {
                    listed.push_bind(*id);
                }
                query.push(") order by customer_id, n");
                query.build_query_as().fetch_all(pool).await?
            });
            for (id, number, label) in rows {
                let numbers = numbers.entry(id).or_default();
                numbers.push(CustomerNumber { number, label });
            }
        }
        let customers = rows.into_iter().map(|row| {
            let numbers = numbers.remove(&row.id).unwrap_or_default();
            row.into_customer(numbers)
        });
        Ok(customers.collect())
    }
}

/// The version that counts; the row is locked until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: CustomerId) -> Result<Option<u32>> {
    let version: Option<i64> = in_tx!(tx, connection => {
        sqlx::query_scalar(
            "update customers set version = version where id = $1 and merged_into is null
             returning version",
        )
        .bind(id.0)
        .fetch_optional(connection)
        .await?
    });
    Ok(version.map(|version| u32::try_from(version).unwrap_or(u32::MAX)))
}

/// Brings the customer's row to this version.
pub(super) async fn write_row(
    tx: &mut Tx,
    id: CustomerId,
    version: u32,
    draft: &CustomerDraft,
    at: Timestamp,
) -> Result<()> {
    in_tx!(tx, connection => {
        sqlx::query(
            "update customers set version = $2, name = $3, form = $4, level = $5, changed_at = $6,
                 level_reason = $7, kind = $8, organisation = $9, address = $10, note = $11
             where id = $1",
        )
        .bind(id.0)
        .bind(i64::from(version))
        .bind(&draft.name)
        .bind(&draft.form)
        .bind(&draft.level)
        .bind(at.0)
        .bind(&draft.level_reason)
        .bind(&draft.kind)
        .bind(&draft.organisation)
        .bind(&draft.address)
        .bind(&draft.note)
        .execute(connection)
        .await?;
    });
    Ok(())
}

pub(super) async fn forget_numbers(tx: &mut Tx, id: CustomerId) -> Result<()> {
    in_tx!(tx, connection => {
        sqlx::query("delete from customer_numbers where customer_id = $1")
            .bind(id.0)
            .execute(connection)
            .await?;
    });
    Ok(())
}

pub(super) async fn write_numbers(
    tx: &mut Tx,
    id: CustomerId,
    draft: &CustomerDraft,
    keys: &[String],
) -> Result<()> {
    for (n, (number, key)) in (1_i64..).zip(draft.numbers.iter().zip(keys)) {
        let is_new = in_tx!(tx, connection => {
            sqlx::query(
                "insert into customer_numbers (number, customer_id, n, as_given, label)
                 values ($1, $2, $3, $4, $5) on conflict (number) do nothing",
            )
            .bind(key)
            .bind(id.0)
            .bind(n)
            .bind(&number.number)
            .bind(&number.label)
            .execute(connection)
            .await?
            .rows_affected()
        });
        if is_new == 0 {
            let owner: Uuid = in_tx!(tx, connection => {
                sqlx::query_scalar("select customer_id from customer_numbers where number = $1")
                    .bind(key)
                    .fetch_one(connection)
                    .await?
            });
            return Err(Error::NumberTaken(CustomerId(owner)));
        }
    }
    Ok(())
}

pub(super) async fn write_version(
    tx: &mut Tx,
    id: CustomerId,
    version: u32,
    draft: &CustomerDraft,
    by: &str,
    at: Timestamp,
) -> Result<()> {
    let data = serde_json::to_value(draft).map_err(Error::Unwritable)?;
    in_tx!(tx, connection => {
        sqlx::query(
            "insert into customer_versions (customer_id, version, at, author, data)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(id.0)
        .bind(i64::from(version))
        .bind(at.0)
        .bind(by)
        .bind(Json(data))
        .execute(connection)
        .await?;
    });
    Ok(())
}

/// Who did it, and to whom by our own id: the audit has no names.
pub(super) async fn audited(
    tx: &mut Tx,
    action: &str,
    id: CustomerId,
    by: &str,
    why: &str,
    at: Timestamp,
) -> Result<()> {
    let entry = AuditEntry {
        id: EventId::mint(at, &mut rand::rng()),
        at,
        actor: by.to_owned(),
        action: action.to_owned(),
        call: None,
        purpose: why.to_owned(),
        detail: Some(format!("customer {id}")),
    };
    audit::write(tx, &entry).await
}

/// `%name%`, whatever signs of its own the name has.
pub(super) fn containing(name: &str) -> String {
    let mut pattern = String::from("%");
    for character in name.to_lowercase().chars().filter(|it| *it != '\0') {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[derive(sqlx::FromRow)]
struct CustomerRow {
    id: Uuid,
    version: i64,
    name: String,
    form: Option<String>,
    level: Option<String>,
    level_reason: Option<String>,
    kind: Option<String>,
    organisation: Option<String>,
    address: Option<String>,
    note: Option<String>,
    created_at: i64,
    changed_at: i64,
    merged_into: Option<Uuid>,
}

impl CustomerRow {
    fn into_customer(self, numbers: Vec<CustomerNumber>) -> Customer {
        Customer {
            id: CustomerId(self.id),
            version: u32::try_from(self.version).unwrap_or(u32::MAX),
            draft: CustomerDraft {
                name: self.name,
                form: self.form,
                level: self.level,
                level_reason: self.level_reason,
                kind: self.kind,
                organisation: self.organisation,
                address: self.address,
                note: self.note,
                numbers,
            },
            created_at: Timestamp(self.created_at),
            changed_at: Timestamp(self.changed_at),
            merged_into: self.merged_into.map(CustomerId),
        }
    }
}

#[derive(sqlx::FromRow)]
struct KnownRow {
    number: String,
    id: Uuid,
    name: String,
    form: Option<String>,
    level: Option<String>,
}

impl KnownRow {
    fn into_pair(self) -> (String, KnownCaller) {
        let caller = KnownCaller {
            customer: CustomerId(self.id),
            name: self.name,
            form: self.form,
            level: self.level,
        };
        (self.number, caller)
    }
}
