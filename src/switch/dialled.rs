//! Which number was dialled, and so which line a call is for. Behind a 400 platform the
//! Request-URI may name a number that no caller ever saw.

use std::sync::Arc;

use super::{LineSettings, Settings};
use crate::id::TrunkId;
use crate::rules::national;
use crate::sip::{NameAddr, Request, Uri, diversion};

/// Where a trunk writes the number dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialledFrom {
    /// The Request-URI.
    RequestUri,
    /// The To header.
    To,
    /// The Diversion headers (RFC 5806).
    Diversion,
    /// The History-Info headers (RFC 7044).
    HistoryInfo,
}

impl Settings {
    /// The number dialled, as received, and its line: the first number of `sources` that leads to
    /// a line which takes calls from `trunk`. If none does, the Request-URI's, and no line.
    pub(super) fn dialled(
        &self,
        request: &Request,
        sources: &[DialledFrom],
        trunk: Option<&TrunkId>,
    ) -> (String, Option<Arc<LineSettings>>) {
        let named = sources.iter().flat_map(|source| numbers(request, *source));
        for number in named {
            if let Some(line) = self.line_for(&number, trunk) {
                return (number, Some(Arc::clone(line)));
            }
        }
        (user(&request.uri).unwrap_or_default(), None)
    }

    /// The line that a dialled number leads to, whoever dials it.
    pub(super) fn line_of(&self, dialled: &str) -> Option<&Arc<LineSettings>> {
        self.line_for(dialled, None)
    }

    /// The line of a number in either spelling: as received, and as it is dialled within China.
    fn line_for(&self, dialled: &str, trunk: Option<&TrunkId>) -> Option<&Arc<LineSettings>> {
        let takes = |line: &&Arc<LineSettings>| {
            trunk.is_none_or(|trunk| line.trunks.is_empty() || line.trunks.contains(trunk))
        };
        self.line_of_number(dialled, takes)
            .or_else(|| self.line_of_number(&national(dialled, None), takes))
    }
}

fn numbers(request: &Request, source: DialledFrom) -> Vec<String> {
    match source {
        DialledFrom::RequestUri => user(&request.uri).into_iter().collect(),
        DialledFrom::To => {
            let NameAddr { uri, .. } = request.to_addr();
            user(&uri).into_iter().collect()
        }
        DialledFrom::Diversion => {
            let diversions = diversion::diversions(request).into_iter();
            diversions.map(|diversion| diversion.number).collect()
        }
        DialledFrom::HistoryInfo => diversion::history(request),
    }
}

/// A URI's user, without visual separators and parameters.
pub(super) fn user(uri: &Uri) -> Option<String> {
    uri.number().or_else(|| uri.user_unescaped())
}
