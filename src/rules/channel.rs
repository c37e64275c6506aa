//! By what people turn to us (R021): only the telephone is handled live.

use serde::{Deserialize, Serialize};

/// By what somebody has turned to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By telephone (来电).
    Phone,
    /// In person (来访).
    Visit,
    /// By letter (来函).
    Letter,
    /// By e-mail.
    Email,
    /// By chat, such as an official account (公众号).
    Chat,
    /// On a web page.
    Web,
    /// By fax.
    Fax,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Phone,
        Self::Visit,
        Self::Letter,
        Self::Email,
        Self::Chat,
        Self::Web,
        Self::Fax,
    ];

    /// The word that rows and the API use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Visit => "visit",
            Self::Letter => "letter",
            Self::Email => "email",
            Self::Chat => "chat",
            Self::Web => "web",
            Self::Fax => "fax",
        }
    }

    /// The channel with this word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|channel| channel.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R021
    #[test]
    fn every_channel_is_written_as_it_is_read() {
        for channel in Channel::ALL {
            assert_eq!(Channel::read(channel.as_str()), Some(channel));
            let word = serde_json::to_value(channel).unwrap();
            assert_eq!(word, channel.as_str());
        }
        assert_eq!(Channel::read("pigeon"), None);
    }
}
