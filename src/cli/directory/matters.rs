//! Who answers for what, as a table.

use super::table::{Names, SEVERAL, Sheet, several, text};
use crate::rules::Matter;
use crate::store::Store;

/// What matters can name: entries of the directory.
pub(super) struct MatterSheet {
    names: Names,
}

impl Sheet for MatterSheet {
    type Document = Matter;

    const COLUMNS: &'static [&'static str] = &[
        "name",
        "purposes",
        "keywords",
        "department",
        "contacts",
        "hours",
        "substitute",
        "out_of_scope",
        "say",
    ];

    async fn read(store: &Store) -> anyhow::Result<Self> {
        let names = Names::read(store).await?;
        Ok(Self { names })
    }

    fn name(matter: &Matter) -> &str {
        &matter.name
    }

    fn cell(&self, matter: &Matter, column: &str) -> String {
        match column {
            "name" => matter.name.clone(),
            "purposes" => matter.purposes.join(SEVERAL),
            "keywords" => matter.keywords.join(SEVERAL),
            "department" => matter.department.clone(),
            "contacts" => {
                let contacts = matter.contacts.iter().map(|id| self.names.shown(*id));
                contacts.collect::<Vec<_>>().join(SEVERAL)
            }
            "hours" => matter.hours.join(SEVERAL),
            "substitute" => {
                let substitute = matter.substitute.map(|id| self.names.shown(id));
                substitute.unwrap_or_default()
            }
            "out_of_scope" => if matter.out_of_scope { "yes" } else { "no" }.to_owned(),
            _ => matter.say.clone().unwrap_or_default(),
        }
    }

    fn take(&self, matter: &mut Matter, column: &str, cell: &str) -> Result<(), String> {
        match column {
            "name" => cell.clone_into(&mut matter.name),
            "purposes" => matter.purposes = several(cell),
            "keywords" => matter.keywords = several(cell),
            "department" => cell.clone_into(&mut matter.department),
            "contacts" => {
                let contacts = several(cell);
                let contacts = contacts.iter().map(|contact| self.names.find(contact));
                let contacts: Vec<_> = contacts.collect::<Result<_, _>>()?;
                matter.contacts = contacts.into_iter().flatten().collect();
            }
            "hours" => matter.hours = several(cell),
            "substitute" => matter.substitute = self.names.find(cell)?,
            "out_of_scope" => {
                matter.out_of_scope = match cell {
                    "yes" => true,
                    "" | "no" => false,
                    other => return Err(format!("`{other}`: write yes or no")),
                };
            }
            _ => matter.say = text(cell),
        }
        Ok(())
    }
}
