//! Who can be reached in the house, and outside it (R112, R113), and who answers for what (R105).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{WeeklyHours, initials};

const LONGEST_LINE: usize = 100;
const LONGEST_TEXT: usize = 1_000;
const LONGEST_LIST: usize = 50;

/// What kind of entry it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Somebody of the house.
    #[default]
    Person,
    /// A department.
    Department,
    /// Somebody else's: another unit, a supplier.
    Outside,
}

/// Somebody who can be reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectoryEntry {
    /// What it is called.
    pub name: String,
    /// What kind it is.
    #[serde(default)]
    pub kind: EntryKind,
    /// The department it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// What it is there for: 店长, 维修.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The agent whose phone it is, by extension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The line whose agents answer for it, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// The number, as somebody dials it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The number on the move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    /// When somebody is there: `mon-fri 09:00-17:30`; empty is always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<String>,
    /// The entry that stands in for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substitute: Option<Uuid>,
    /// The entry of whoever leads its group (组长, R111).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leader: Option<Uuid>,
    /// The first letters of the name, where those that its characters usually have are others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initials: Option<String>,
    /// What else is good to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Something that callers want, and who answers for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matter {
    /// What it is: 电梯故障.
    pub name: String,
    /// The purposes that it goes with, by code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<String>,
    /// Words that callers say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// The department, or the outside unit, that answers for it.
    pub department: String,
    /// The entries of whom to turn to, the first before the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Uuid>,
    /// When it is dealt with; empty is always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<String>,
    /// The entry of whom to turn to where no contact is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substitute: Option<Uuid>,
    /// It is not ours: the caller is told whose it is (R107).
    #[serde(default)]
    pub out_of_scope: bool,
    /// What to tell the caller (R104, R108).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub say: Option<String>,
}

fn is_short(texts: &[Option<&String>], most: usize) -> bool {
    let mut texts = texts.iter().flatten();
    texts.all(|text| text.chars().count() <= most && !text.contains('\0'))
}

fn named(name: &str) -> Result<(), &'static str> {
    let fits = !name.trim().is_empty() && is_short(&[Some(&name.to_owned())], LONGEST_LINE);
    fits.then_some(()).ok_or("a name of at most 100 characters")
}

fn spans(hours: &[String]) -> Result<(), &'static str> {
    let is_span = |span: &String| span.parse::<WeeklyHours>().is_ok();
    let fits = hours.len() <= LONGEST_LIST && hours.iter().all(is_span);
    fits.then_some(())
        .ok_or("hours such as `mon-fri 09:00-17:30`")
}

impl DirectoryEntry {
    /// What it lacks, if it cannot be written down.
    ///
    /// # Errors
    /// What it needs.
    pub fn check(&self) -> Result<(), &'static str> {
        named(&self.name)?;
        spans(&self.hours)?;
        let lines = [
            self.department.as_ref(),
            self.function.as_ref(),
            self.initials.as_ref(),
            self.number.as_ref(),
            self.mobile.as_ref(),
            self.agent.as_ref(),
            self.line.as_ref(),
        ];
        if !is_short(&lines, LONGEST_LINE) || !is_short(&[self.note.as_ref()], LONGEST_TEXT) {
            return Err("texts of at most 100 characters, and a note of at most 1,000");
        }
        let is_number = |number: &String| {
            let digits = number.strip_prefix('+').unwrap_or(number);
            digits.len() >= 2
                && digits
                    .bytes()
                    .all(|b| b.is_ascii_digit() || b"*#".contains(&b))
        };
        let mut numbers = [&self.number, &self.mobile].into_iter().flatten();
        if !numbers.all(is_number) {
            return Err("numbers of digits only, as they are dialled");
        }
        if self.agent.is_some() && self.line.is_some() {
            return Err("either an agent or a line");
        }
        Ok(())
    }

    /// Whether somebody who types this looks for it: a part of the name, of department or function,
    /// the beginning of the initials, or a part of a number.
    pub fn is_found_by(&self, text: &str) -> bool {
        let text = text.trim().to_lowercase();
        let has = |of: Option<&String>| of.is_some_and(|of| of.to_lowercase().contains(&text));
        let letters = self.initials.clone();
        let letters = letters
            .unwrap_or_else(|| initials(&self.name))
            .to_lowercase();
        let numbers = [
            self.number.as_ref(),
            self.mobile.as_ref(),
            self.agent.as_ref(),
        ];
        has(Some(&self.name))
            || has(self.department.as_ref())
            || has(self.function.as_ref())
            || letters.starts_with(&text)
            || numbers.into_iter().any(has)
    }
}

/// How well a matter fits what is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fit(u32);

impl Fit {
    /// It has nothing to do with it.
    pub const NOT: Self = Self(0);
}

impl Matter {
    /// What it lacks, if it cannot be written down.
    ///
    /// # Errors
    /// What it needs.
    pub fn check(&self) -> Result<(), &'static str> {
        named(&self.name)?;
        spans(&self.hours)?;
        if self.department.trim().is_empty() || !is_short(&[Some(&self.department)], LONGEST_LINE) {
            return Err("the department that answers for it");
        }
        let words = self.purposes.iter().chain(&self.keywords);
        let are_short = words
            .clone()
            .all(|word| is_short(&[Some(word)], LONGEST_LINE));
        let are_few = words.count() <= 2 * LONGEST_LIST && self.contacts.len() <= LONGEST_LIST;
        if !are_short || !are_few || !is_short(&[self.say.as_ref()], LONGEST_TEXT) {
            return Err("at most 50 purposes, words and contacts of 100 characters each");
        }
        Ok(())
    }

    /// How well it fits a purpose and what was written down, either of which may be missing. The
    /// purpose itself counts more than what it is a kind of, and that more than words.
    pub fn fit(&self, purpose: Option<&str>, text: &str) -> Fit {
        let mut fit = 0;
        if let Some(purpose) = purpose {
            let kinds = self.purposes.iter().map(|own| {
                let is_kind = purpose.strip_prefix(own.as_str());
                match is_kind {
                    Some("") => 100,
                    Some(rest) if rest.starts_with('.') => 50,
                    Some(_) | None => 0,
                }
            });
            fit += kinds.max().unwrap_or(0);
        }
        let text = text.to_lowercase();
        let is_said = |word: &&String| !word.is_empty() && text.contains(&word.to_lowercase());
        let said = self.keywords.iter().chain([&self.name]).filter(is_said);
        fit += 10 * u32::try_from(said.count()).unwrap_or(0);
        Fit(fit)
    }

    /// Whether somebody who types this looks for it.
    pub fn is_found_by(&self, text: &str) -> bool {
        let text = text.trim().to_lowercase();
        let mut words = self.keywords.iter().chain([&self.name, &self.department]);
        words.any(|word| word.to_lowercase().contains(&text))
            || initials(&self.name).starts_with(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str) -> DirectoryEntry {
        DirectoryEntry {
            name: name.to_owned(),
            department: Some("工程部".to_owned()),
            number: Some("8021".to_owned()),
            ..DirectoryEntry::default()
        }
    }

    /// R112
    #[test]
    fn somebody_is_found_by_name_initials_department_and_number() {
        let wang = entry("王小明");
        for text in ["王", "小明", "wx", "WXM", "工程", "802", " wxm "] {
            assert!(wang.is_found_by(text), "{text}");
        }
        for text in ["李", "xm", "8022", "财务"] {
            assert!(!wang.is_found_by(text), "{text}");
        }
        // 单 is read shàn as a name, and dān elsewhere.
        let mut shan = entry("单雄信");
        assert!(shan.is_found_by("dxx"));
        shan.initials = Some("sxx".to_owned());
        assert!(shan.is_found_by("sx") && !shan.is_found_by("dx"));
    }

    #[test]
    fn what_nobody_could_use_is_not_written_down() {
        entry("王小明").check().unwrap();
        let broken = [
            DirectoryEntry::default(),
            entry(&"x".repeat(101)),
            DirectoryEntry {
                hours: vec!["always".to_owned()],
                ..entry("王小明")
            },
            DirectoryEntry {
                number: Some("80 21; drop".to_owned()),
                ..entry("王小明")
            },
            DirectoryEntry {
                agent: Some("1001".to_owned()),
                line: Some("hotline".to_owned()),
                ..entry("王小明")
            },
        ];
        for entry in broken {
            assert!(entry.check().is_err(), "{entry:?}");
        }
    }

    /// R105
    #[test]
    fn the_purpose_says_more_than_words_and_a_kind_less_than_itself() {
        let matter = |purpose: &str, word: &str| Matter {
            name: "x".to_owned(),
            purposes: vec![purpose.to_owned()],
            keywords: vec![word.to_owned()],
            department: "工程部".to_owned(),
            ..Matter::default()
        };
        let own = matter("repair.leak", "水管");
        let kind = matter("repair", "水管");
        let words = matter("fees", "水管");
        let text = "厨房水管漏水";
        let fit = |matter: &Matter| matter.fit(Some("repair.leak"), text);
        assert!(fit(&own) > fit(&kind) && fit(&kind) > fit(&words));
        assert!(fit(&words) > Fit::NOT);
        // A code that only begins alike is no kind of it.
        assert_eq!(matter("rep", "电梯").fit(Some("repair"), text), Fit::NOT);
        assert_eq!(own.fit(None, "电梯"), Fit::NOT);
    }
}
