//! `[[emergency]]`: whom an agent can put a caller through to by one key, whatever else may be called.

use serde::Deserialize;

/// An emergency contact (R281). Police, fire brigade and ambulance are there without it; a section with
/// one of their names changes them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emergency {
    /// Its name in the log and the API. No default.
    pub name: String,
    /// What people read. Default: the built-in one, or the name.
    #[serde(default)]
    pub label: Option<String>,
    /// What people read in English. Default: the built-in one, or none.
    #[serde(default)]
    pub label_en: Option<String>,
    /// The number outside. It needs this, `agent` or `line`; default: the built-in one.
    #[serde(default)]
    pub number: Option<String>,
    /// The extension of somebody of ours.
    #[serde(default)]
    pub agent: Option<String>,
    /// The line whose agents answer.
    #[serde(default)]
    pub line: Option<String>,
    /// The trunk that the number goes by, or several to be tried in turn. Default: those of the line's
    /// `transfer`, or else every trunk that calls can be sent to.
    #[serde(default, deserialize_with = "super::line::one_or_several")]
    pub trunk: Vec<String>,
}

/// Name, number, label, English label of those that are there by themselves.
const BUILT_IN: [(&str, &str, &str, &str); 3] = [
    ("police", "110", "报警", "Police"),
    ("fire", "119", "火警", "Fire brigade"),
    ("ambulance", "120", "急救", "Ambulance"),
];

impl Emergency {
    /// Whether a section with this name needs to say nothing else.
    pub fn is_built_in(name: &str) -> bool {
        BUILT_IN.iter().any(|(built_in, ..)| *built_in == name)
    }

    /// Every contact: those that are built in, as `own` changes them, and `own`'s others.
    pub fn all(own: &[Self]) -> Vec<Self> {
        let built_in = BUILT_IN.iter().map(|(name, number, label, english)| {
            let said = own.iter().find(|said| said.name == *name).cloned();
            let mut contact = said.unwrap_or_default();
            (*name).clone_into(&mut contact.name);
            contact.label.get_or_insert_with(|| (*label).to_owned());
            contact
                .label_en
                .get_or_insert_with(|| (*english).to_owned());
            if contact.agent.is_none() && contact.line.is_none() {
                contact.number.get_or_insert_with(|| (*number).to_owned());
            }
            contact
        });
        let others = own.iter().filter(|said| !Self::is_built_in(&said.name));
        built_in.chain(others.cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R281: police 110, fire 119 and ambulance 120 are there by themselves, and can be changed.
    #[test]
    fn police_fire_and_ambulance_are_there_by_themselves() {
        let numbers = |own: &[Emergency]| {
            let all = Emergency::all(own).into_iter();
            let all = all.map(|it| (it.name, it.number.or(it.agent).unwrap_or_default()));
            all.collect::<Vec<_>>()
        };
        let pair = |name: &str, number: &str| (name.to_owned(), number.to_owned());
        let built_in = [
            pair("police", "110"),
            pair("fire", "119"),
            pair("ambulance", "120"),
        ];
        assert_eq!(numbers(&[]), built_in);
        let own = [
            Emergency {
                name: "fire".to_owned(),
                agent: Some("1009".to_owned()),
                ..Emergency::default()
            },
            Emergency {
                name: "guard".to_owned(),
                number: Some("8110".to_owned()),
                ..Emergency::default()
            },
        ];
        let changed = numbers(&own);
        assert_eq!(changed[1], pair("fire", "1009"));
        assert_eq!(changed[3], pair("guard", "8110"));
    }
}
