//! Why something is not set up.

use crate::config::{ConfigError, Problem};
use crate::store;

/// Why something is not set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The whole that would come of it is wrong in these places.
    #[error("{}", told(.0))]
    Unfit(Vec<Problem>),
    /// There is no such section, or no such version of it.
    #[error("there is no such section, or no such version of it")]
    Unknown,
    /// The section is not what whoever changes it has seen.
    #[error("the section has been changed meanwhile: its version is {0}")]
    Changed(u32),
    /// There is such a section already: whoever changes it says which version of it was seen.
    #[error("the section is there already: say which version of it is changed")]
    Exists,
    /// No file in the folder of prompts has such a name.
    #[error("a prompt's name is letters, digits, `-`, `_` and `.`, and ends in `.wav`")]
    PromptName,
    /// It cannot be played.
    #[error("{0}")]
    Prompt(String),
    /// Lines play the prompt.
    #[error("the prompt is played by {0}")]
    PromptInUse(String),
    /// The folder of prompts cannot be read or written.
    #[error("the folder of prompts: {0}")]
    Folder(#[from] std::io::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
}

fn told(problems: &[Problem]) -> String {
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    problems.join("\n")
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::Unfit(error.problems)
    }
}
