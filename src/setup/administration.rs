//! Reading and changing what is set up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::{Effects, Error, Prompts, codes, prompts, seal};
use crate::config::setup::{Document, Section};
use crate::config::{Config, Problem};
use crate::rules::SetupKind;
use crate::store::{self, SetupAuthor, SetupVersion, Store};

/// Whoever is overtaken by others so often says so.
const TRIES: usize = 8;
/// The longest name of a section.
const LONGEST_NAME: usize = 64;

/// What is set up over a file, and how it is changed; cheap to clone.
#[derive(Clone, Debug)]
pub struct Administration {
    file: Arc<Config>,
    store: Store,
    effects: Effects,
}

/// A section as it counts, for whoever reads it: without its secrets.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Of which list.
    pub kind: SetupKind,
    /// Its name.
    pub name: String,
    /// Its version; 0 is the file's.
    pub version: u32,
    /// What it says; `None` if it was taken out.
    pub document: Option<Document>,
    /// Who set it up, when and why; `None` for the file's.
    pub author: Option<SetupAuthor>,
}

/// A change of one section.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What it is to say; `None` takes it out.
    pub section: Section,
    /// The version that it changes; `None`: there must be none.
    pub base: Option<u32>,
}

/// How a section that was set up stands to the file's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Both say the same.
    Same,
    /// They say different things.
    Differs,
    /// The file has none.
    Added,
    /// The file has one, and it was taken out.
    Removed,
}

/// Everything that counts at one revision.
struct Standing {
    revision: i64,
    versions: Vec<SetupVersion>,
}

impl Administration {
    /// The administration of what a file configures.
    pub fn new(file: Arc<Config>, store: Store) -> Self {
        Self {
            file,
            store,
            effects: Effects::default(),
        }
    }

    /// Where it is kept.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// What is in effect.
    pub const fn effects(&self) -> &Effects {
        &self.effects
    }

    /// The last version of each section that was set up after one revision, up to another.
    ///
    /// # Errors
    /// The database fails.
    pub async fn changed_since(
        &self,
        known: i64,
        revision: i64,
    ) -> Result<Vec<SetupVersion>, Error> {
        let mut versions = self.store.setup_at(revision).await?;
        versions.retain(|version| version.revision > known);
        Ok(versions)
    }

    /// The folder of prompts.
    pub fn prompts(&self) -> Prompts {
        Prompts::of(&self.file)
    }

    /// What is set up now, by its revision.
    ///
    /// # Errors
    /// The database fails.
    pub async fn revision(&self) -> Result<i64, Error> {
        Ok(self.store.setup_revision().await?)
    }

    /// The configuration of a revision.
    ///
    /// # Errors
    /// It does not fit the file as it is now; or the database fails.
    pub async fn config_at(&self, revision: i64) -> Result<Config, Error> {
        let versions = self.store.setup_at(revision).await?;
        let sections: Vec<_> = versions.into_iter().map(|it| it.section).collect();
        Ok(self.file.with_setup(&sections)?)
    }

    /// The configuration as it is set up now, in effect or not.
    ///
    /// # Errors
    /// It does not fit the file as it is now; or the database fails.
    pub async fn config(&self) -> Result<Config, Error> {
        self.config_at(self.revision().await?).await
    }

    /// The sections of a kind that count, and those that were taken out if `removed` says so.
    ///
    /// # Errors
    /// The database fails.
    pub async fn list(&self, kind: SetupKind, removed: bool) -> Result<Vec<Shown>, Error> {
        let standing = self.standing().await?;
        let all = self.known(kind, &standing).into_values();
        let wanted = all.filter(|shown| removed || shown.document.is_some());
        Ok(wanted.map(Shown::readable).collect())
    }

    /// One section that counts.
    ///
    /// # Errors
    /// [`Error::Unknown`]; or the database fails.
    pub async fn show(&self, kind: SetupKind, name: &str) -> Result<Shown, Error> {
        let standing = self.standing().await?;
        let shown = self.known(kind, &standing).remove(name);
        let shown = shown.filter(|shown| shown.document.is_some());
        Ok(shown.ok_or(Error::Unknown)?.readable())
    }

    /// Every version of a section, the latest first; the file's is the first of all.
    ///
    /// # Errors
    /// [`Error::Unknown`]; or the database fails.
    pub async fn versions(&self, kind: SetupKind, name: &str) -> Result<Vec<Shown>, Error> {
        let versions = self.store.setup_versions(kind, name).await?;
        let own = self.file.sections(kind).remove(name);
        let own = own.map(|document| Shown::of_file(kind, name, document));
        let all: Vec<_> = versions.into_iter().map(Shown::from).chain(own).collect();
        if all.is_empty() {
            return Err(Error::Unknown);
        }
        Ok(all.into_iter().map(Shown::readable).collect())
    }

    /// What would be wrong with the whole after a change; nothing is changed.
    ///
    /// # Errors
    /// Everything that is wrong; or the database fails.
    pub async fn check(&self, section: &Section) -> Result<(), Error> {
        let standing = self.standing().await?;
        self.prepare(section.clone(), &standing).await.map(drop)
    }

    /// Changes a section, if the whole is right then.
    ///
    /// # Errors
    /// [`Error::Unfit`], [`Error::Changed`], [`Error::Exists`], [`Error::Unknown`]; or the database
    /// fails. Nothing has changed then.
    pub async fn change(&self, change: Change, author: &SetupAuthor) -> Result<Shown, Error> {
        for _ in 0..TRIES {
            let standing = self.standing().await?;
            let known = self.known(change.section.kind, &standing);
            let known = known.get(&change.section.name);
            change.follows(known)?;
            let section = self.prepare(change.section.clone(), &standing).await?;
            match self.store.set_up(standing.revision, &section, author).await {
                Ok(version) => {
                    self.effects.want();
                    return Ok(Shown::from(version).readable());
                }
                // Something else has changed, with which this may not go together any more.
                Err(store::Error::SetupMoved) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(store::Error::SetupMoved.into())
    }

    /// Sets a section up as it was in an older version; 0 is the file's. `base` is the version that
    /// this changes. An agent's password stays as it is now.
    ///
    /// # Errors
    /// As [`change`](Self::change).
    pub async fn restore(
        &self,
        (kind, name): (SetupKind, &str),
        version: u32,
        base: Option<u32>,
        author: &SetupAuthor,
    ) -> Result<Shown, Error> {
        let versions = self.versions(kind, name).await?;
        let mut wanted = versions.into_iter().filter(|one| one.version == version);
        let document = wanted.next().ok_or(Error::Unknown)?.document;
        let section = Section {
            kind,
            name: name.to_owned(),
            document,
        };
        self.change(Change { section, base }, author).await
    }

    /// How each section that was set up stands to the file's.
    ///
    /// # Errors
    /// The database fails.
    pub async fn differences(&self) -> Result<Vec<(Shown, Difference)>, Error> {
        let standing = self.standing().await?;
        let compared = standing.versions.into_iter().filter_map(|version| {
            let section = &version.section;
            let own = self.file.sections(section.kind).remove(&section.name);
            let difference = match (&section.document, own) {
                (None, None) => return None,
                (None, Some(_)) => Difference::Removed,
                (Some(_), None) => Difference::Added,
                (Some(here), Some(there)) if says_the_same(section.kind, here, &there) => {
                    Difference::Same
                }
                (Some(_), Some(_)) => Difference::Differs,
            };
            Some((Shown::from(version).readable(), difference))
        });
        Ok(compared.collect())
    }

    async fn standing(&self) -> Result<Standing, Error> {
        let revision = self.store.setup_revision().await?;
        let versions = self.store.setup_at(revision).await?;
        Ok(Standing { revision, versions })
    }

    /// All sections of a kind, with their secrets, and those that were taken out.
    fn known(&self, kind: SetupKind, standing: &Standing) -> BTreeMap<String, Shown> {
        let own = self.file.sections(kind).into_iter();
        let own = own.map(|(name, document)| {
            let shown = Shown::of_file(kind, &name, document);
            (name, shown)
        });
        let versions = standing.versions.iter();
        let set_up = versions.filter(|version| version.section.kind == kind);
        let set_up = set_up.cloned().map(|version| {
            let shown = Shown::from(version);
            (shown.name.clone(), shown)
        });
        own.chain(set_up).collect()
    }

    /// The section as it is kept, once the whole with it is right.
    async fn prepare(&self, mut section: Section, now: &Standing) -> Result<Section, Error> {
        self.check_form(&section)?;
        let (kind, name) = (section.kind, section.name.clone());
        if let Some(mut document) = section.document.take() {
            if kind == SetupKind::Agent {
                let known = self.known(kind, now).remove(&name);
                let before = known.and_then(|known| known.document);
                let realm = &self.file.sip.realm;
                let before = before.map(|before| seal::sealed(before, &name, realm, None));
                document = seal::sealed(document, &name, realm, before.as_ref());
            }
            let key = kind.name_key().to_owned();
            document.insert(key, Value::String(name));
            section.document = Some(document);
        }
        let others = now.versions.iter().map(|version| version.section.clone());
        let is_other = |one: &Section| (one.kind, &one.name) != (section.kind, &section.name);
        let mut sections: Vec<_> = others.filter(is_other).collect();
        sections.push(section.clone());
        let whole = self.file.with_setup(&sections)?;
        if section.kind == SetupKind::Line {
            let before: Vec<_> = now.versions.iter().map(|it| it.section.clone()).collect();
            // Where what counts now does not fit the file any more, calls do not go by it.
            if let Ok(before) = self.file.with_setup(&before) {
                codes::keep_used(&self.store, &section.name, &before, &whole).await?;
            }
        }
        // Files may lie on a disk that hangs.
        let line = (section.kind == SetupKind::Line).then(|| section.name.clone());
        let looking = tokio::task::spawn_blocking(move || {
            let lines: BTreeSet<_> = line.as_deref().into_iter().collect();
            prompts::problems(&whole, &lines)
        });
        let problems = looking.await.map_err(std::io::Error::other)?;
        if problems.is_empty() {
            Ok(section)
        } else {
            Err(Error::Unfit(problems))
        }
    }

    /// What only those must keep to who set things up by another way than the file.
    fn check_form(&self, section: &Section) -> Result<(), Error> {
        let Section {
            kind,
            name,
            document,
        } = section;
        let unfit = |key: &str, what: String, cure: &str| {
            let key = format!("{kind}[{name}].{key}");
            Err(Error::Unfit(vec![Problem {
                file: "setup".into(),
                place: None,
                key,
                what,
                cure: cure.to_owned(),
            }]))
        };
        let key = kind.name_key();
        let is_long = name.len() > LONGEST_NAME;
        if name.trim() != name || name.is_empty() || is_long || name.chars().any(char::is_control) {
            let what = format!("`{name}` is no name");
            return unfit(key, what, "write up to 64 bytes on one line");
        }
        let Some(document) = document else {
            return Ok(());
        };
        if document
            .iter()
            .any(|(key, value)| key.contains('\0') || has_nul(value))
        {
            let what = "a text has a NUL in it".to_owned();
            return unfit("", what, "leave it out: no database can keep it");
        }
        if document
            .get(key)
            .is_some_and(|said| said.as_str() != Some(name))
        {
            let cure = "write the name that it is set up by, or leave it out";
            return unfit(key, format!("the {kind} has another name"), cure);
        }
        let folder = document.get("holidays").and_then(Value::as_str);
        if let (SetupKind::Calendar, Some(folder)) = (kind, folder)
            && !self.has_folder(folder)
        {
            let cure = "write a folder that a calendar of the file has: what is set up while the \
                        service runs opens no other";
            return unfit(
                "holidays",
                format!("no calendar of the file has folder {folder}"),
                cure,
            );
        }
        Ok(())
    }

    fn has_folder(&self, folder: &str) -> bool {
        let own = self.file.sections(SetupKind::Calendar).into_values();
        let mut own = own.filter_map(|document| {
            let folder = document.get("holidays")?.as_str()?;
            Some(folder.to_owned())
        });
        own.any(|own| Path::new(&own) == Path::new(folder))
    }
}

impl Change {
    /// Whether whoever makes it has seen what it changes.
    fn follows(&self, known: Option<&Shown>) -> Result<(), Error> {
        let is_there = known.is_some_and(|known| known.document.is_some());
        let version = known.map_or(0, |known| known.version);
        match self.base {
            None if is_there => Err(Error::Exists),
            None if self.section.document.is_none() => Err(Error::Unknown),
            Some(_) if !is_there => Err(Error::Unknown),
            Some(base) if base != version => Err(Error::Changed(version)),
            None | Some(_) => Ok(()),
        }
    }
}

impl Shown {
    fn of_file(kind: SetupKind, name: &str, document: Document) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            version: 0,
            document: Some(document),
            author: None,
        }
    }

    fn readable(mut self) -> Self {
        if self.kind == SetupKind::Agent {
            self.document = self.document.map(seal::shown);
        }
        self
    }
}

impl From<SetupVersion> for Shown {
    fn from(version: SetupVersion) -> Self {
        Self {
            kind: version.section.kind,
            name: version.section.name,
            version: version.version,
            document: version.section.document,
            author: Some(SetupAuthor {
                by: version.by,
                at: version.at,
                reason: version.reason,
            }),
        }
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Passwords are not compared: one of them is a digest.
fn says_the_same(kind: SetupKind, one: &Document, other: &Document) -> bool {
    let read = |document: &Document| {
        let document = document.clone();
        if kind == SetupKind::Agent {
            seal::shown(document)
        } else {
            document
        }
    };
    read(one) == read(other)
}
