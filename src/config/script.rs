//! `[line.script]`: what a line's agents say.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::rules::script::{Introduction, Occasion, OwnWords, Step, Template, Words};

/// What a line's agents say (R024, R025).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Script {
    /// The texts that are built in: `hotline`, `mall`, `office`, `front_desk`, `property`,
    /// `product`, `service` or `sales`. Default `hotline`.
    pub template: Template,
    /// What `{company}` stands for. Default empty: parts with nothing else are left out.
    pub company: String,
    /// What `{department}` stands for: also the post that answers. Default empty.
    pub department: String,
    /// What `{project}` stands for. Default empty.
    pub project: String,
    /// How agents introduce themselves: `number`, `name` or `none`. Default `number`.
    pub introduction: Introduction,
    /// Before this hour of the site the greeting is the morning's, 0 to 24. Default 10.
    pub morning_until: u8,
    /// What is said on a holiday of the line's calendar, by its name. Default: what is built in.
    pub holidays: BTreeMap<String, String>,
    /// The line's own words. Default none.
    pub texts: Vec<ScriptText>,
    /// What nobody says. Default: what is built in.
    pub forbidden: Option<Vec<String>>,
    /// What is said often. Default: what is built in.
    pub courtesy: Option<Vec<String>>,
}

/// A line's own words for a part of a moment.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptText {
    /// `answer`, `hold`, `close` ... No default.
    pub moment: Occasion,
    /// `greeting`, `identity`, `offer`, `phrase` ... No default.
    pub part: Step,
    /// What is said; "" leaves the part out. No default.
    pub text: String,
    /// The same in English. Default: `text`.
    #[serde(default)]
    pub text_en: String,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            template: Template::default(),
            company: String::new(),
            department: String::new(),
            project: String::new(),
            introduction: Introduction::default(),
            morning_until: crate::rules::Script::MORNING_UNTIL,
            holidays: BTreeMap::new(),
            texts: Vec::new(),
            forbidden: None,
            courtesy: None,
        }
    }
}

impl Script {
    /// As the rules have it, at a site in this time zone.
    pub fn rules(&self, time_zone: &str) -> crate::rules::Script {
        let built_in = crate::rules::Script::default();
        let holidays = self.holidays.iter().map(|(name, wish)| {
            let words = Words {
                zh: wish.clone(),
                en: String::new(),
            };
            (name.clone(), words)
        });
        let own = self.texts.iter().map(|own| OwnWords {
            moment: own.moment,
            step: own.part,
            words: Words {
                zh: own.text.clone(),
                en: own.text_en.clone(),
            },
        });
        crate::rules::Script {
            template: self.template,
            company: self.company.clone(),
            department: self.department.clone(),
            project: self.project.clone(),
            introduction: self.introduction,
            morning_until: self.morning_until,
            time_zone: time_zone.to_owned(),
            holidays: holidays.collect(),
            own: own.collect(),
            forbidden: self.forbidden.clone().unwrap_or(built_in.forbidden),
            courtesy: self.courtesy.clone().unwrap_or(built_in.courtesy),
        }
    }
}
