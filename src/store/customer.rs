//! Customers whom we know by name (R222), as they are written down and read.

use serde::{Deserialize, Serialize};

use super::task_opening::number_key;
use super::{Error, Result};
use crate::id::CustomerId;
use crate::rules::{Timestamp, e164};

const LONGEST_NAME: usize = 100;
const LONGEST_WORD: usize = 20;
const LONGEST_LINE: usize = 200;
const LONGEST_NOTE: usize = 2_000;
const MOST_NUMBERS: usize = 20;

/// A customer as somebody wants it written down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerDraft {
    /// What the customer is called.
    pub name: String,
    /// How the customer is spoken to: 先生, 女士 (R044).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// What kind of customer it is: 普通, 大客户 (R224).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Why it is of this kind (R224).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_reason: Option<String>,
    /// Who it is to us: 业主, 会员, 供应商.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whom the customer belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// Where the customer lives, or works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What else is good to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where the customer can be reached, the best first (R089).
    pub numbers: Vec<CustomerNumber>,
}

/// One of a customer's numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerNumber {
    /// The number as it was given.
    pub number: String,
    /// Which it is: 手机, 办公室.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Customer {
    /// Its own id.
    pub id: CustomerId,
    /// Which version this is, from 1.
    pub version: u32,
    /// What is written down.
    #[serde(flatten)]
    pub draft: CustomerDraft,
    /// When it was written down first.
    pub created_at: Timestamp,
    /// When last.
    pub changed_at: Timestamp,
    /// The customer that this one turned out to be (R222).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<CustomerId>,
}

/// What an agent is told of a caller whom we know, before the answer (R044).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KnownCaller {
    /// Which customer.
    pub customer: CustomerId,
    /// What the customer is called.
    pub name: String,
    /// How the customer is spoken to.
    pub form: Option<String>,
    /// What kind of customer it is.
    pub level: Option<String>,
}

/// One version of a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CustomerVersion {
    /// From 1.
    pub version: u32,
    /// When it was written down.
    pub at: Timestamp,
    /// By whom.
    pub author: String,
    /// What was written down.
    pub draft: CustomerDraft,
}

/// Which customers a list is of.
#[derive(Clone, Debug, Default)]
pub struct CustomerFilter {
    /// Whose name has this in it, or whose organisation.
    pub name: Option<String>,
    /// Of this level.
    pub level: Option<String>,
    /// Who has this number.
    pub number: Option<String>,
    /// Only who comes after this one in the list: the last one of the page before.
    pub after: Option<(String, CustomerId)>,
    /// At most so many.
    pub limit: Option<u32>,
}

/// What went when a customer was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Callers in the log.
    pub parties: u64,
    /// Versions of notes about their calls.
    pub notes: u64,
}

impl CustomerDraft {
    /// Whether it could be written down, as far as it alone tells.
    ///
    /// # Errors
    ///
    /// [`Error::NoCustomer`].
    pub fn check(&self) -> Result<()> {
        self.checked().map(drop)
    }

    /// The draft without what no table takes, and its numbers in the form they are compared in.
    pub(super) fn checked(&self) -> Result<(Self, Vec<String>)> {
        let clean = |text: &str| text.trim().replace('\0', "");
        let word = |word: &Option<String>| {
            let word = word.as_deref().map(clean);
            word.filter(|word| !word.is_empty())
        };
        let draft = Self {
            name: clean(&self.name),
            form: word(&self.form),
            level: word(&self.level),
            level_reason: word(&self.level_reason),
            kind: word(&self.kind),
            organisation: word(&self.organisation),
            address: word(&self.address),
            note: word(&self.note),
            numbers: self
                .numbers
                .iter()
                .map(|it| CustomerNumber {
                    number: clean(&it.number),
                    label: word(&it.label),
                })
                .collect(),
        };
        draft.check_lengths()?;
        let keys = draft.numbers.iter().map(|it| key_of(&it.number));
        let keys: Option<Vec<_>> = keys.collect();
        let keys = keys.filter(|keys| (1..=MOST_NUMBERS).contains(&keys.len()));
        let keys = keys.ok_or(Error::NoCustomer("one to 20 telephone numbers"))?;
        let is_twice = |(place, key)| keys.iter().take(place).any(|known| known == key);
        if keys.iter().enumerate().any(is_twice) {
            return Err(Error::NoCustomer("each number once"));
        }
        Ok((draft, keys))
    }
}

impl CustomerDraft {
    fn check_lengths(&self) -> Result<()> {
        let fits = |text: Option<&String>, most| text.is_none_or(|it| it.chars().count() <= most);
        if self.name.is_empty() || !fits(Some(&self.name), LONGEST_NAME) {
            return Err(Error::NoCustomer("a name of at most 100 characters"));
        }
        let labels = self.numbers.iter().map(|it| &it.label);
        let mut words = labels.chain([&self.form, &self.level, &self.kind]);
        if !words.all(|word| fits(word.as_ref(), LONGEST_WORD)) {
            return Err(Error::NoCustomer(
                "a form of address, a level, a kind and labels of at most 20 characters",
            ));
        }
        let mut lines = [&self.level_reason, &self.organisation, &self.address].into_iter();
        if !lines.all(|line| fits(line.as_ref(), LONGEST_LINE)) {
            return Err(Error::NoCustomer(
                "an organisation, an address and a reason of at most 200 characters",
            ));
        }
        if !fits(self.note.as_ref(), LONGEST_NOTE) {
            return Err(Error::NoCustomer("a note of at most 2,000 characters"));
        }
        Ok(())
    }
}

/// A number as people write it, in the form that numbers are compared in.
pub(super) fn key_of(number: &str) -> Option<String> {
    number_key(number, e164(number, None))
}
