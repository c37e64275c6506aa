//! Which dialogs stand, told to whoever keeps them over a crash: so that no peer stays connected
//! to nobody.

use rand::rngs::StdRng;

use super::leg::{Leg, Wire};
use super::media::MediaLeg;
use super::{Call, Hop, hangup};
use crate::id::CallId;
use crate::sip::dialog::{Dialog, DialogId, Kept};
use crate::sip::{Method, Reason, Request, SyntaxError, Uri};

/// A dialog that is up, with all that its BYE takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDialog {
    /// The call that it belongs to.
    pub call: CallId,
    /// Its leg.
    pub leg: MediaLeg,
    /// The dialog.
    pub dialog: Kept,
    /// The way that its requests go.
    pub hop: Hop,
}

/// What has become of a leg's dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DialogChange {
    /// It is up, or goes another way than it did.
    Up(Box<OpenDialog>),
    /// It is over.
    Over(MediaLeg),
}

/// What a leg has told of its dialog.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    leg: MediaLeg,
    id: DialogId,
    target: Uri,
    hop: Hop,
}

impl Call {
    /// What has become of its dialogs since this was last asked.
    pub fn dialog_changes(&mut self) -> impl Iterator<Item = DialogChange> {
        let call = self.id;
        let legs = self.attempts.iter_mut().map(|attempt| &mut attempt.leg);
        legs.chain([&mut self.caller])
            .filter_map(move |leg| leg.dialog_change(call))
    }
}

impl Leg {
    fn dialog_change(&mut self, call: CallId) -> Option<DialogChange> {
        // Until a BYE of ours is answered the peer may not know that it is over.
        let stands = matches!(self.wire, Wire::Up | Wire::Leaving);
        let Some(dialog) = self.dialog.as_ref().filter(|_| stands) else {
            self.told.take()?;
            return Some(DialogChange::Over(self.id));
        };
        let is_told = self.told.as_ref().is_some_and(|told| {
            told.leg == self.id
                && told.hop == self.hop
                && told.target == *dialog.remote_target()
                && told.id == *dialog.id()
        });
        if is_told {
            return None;
        }
        self.told = Some(Told {
            leg: self.id,
            id: dialog.id().clone(),
            target: dialog.remote_target().clone(),
            hop: self.hop.clone(),
        });
        let open = self.open_dialog(call, dialog);
        Some(DialogChange::Up(Box::new(open)))
    }

    /// Its dialog, with all that its BYE takes.
    pub(super) fn open_dialog(&self, call: CallId, dialog: &Dialog) -> OpenDialog {
        OpenDialog {
            call,
            leg: self.id,
            dialog: dialog.keep(),
            hop: self.hop.clone(),
        }
    }
}

impl OpenDialog {
    /// The request that ends it.
    ///
    /// # Errors
    /// What was kept cannot be read.
    pub fn bye(&self, rng: &mut StdRng) -> Result<Request, SyntaxError> {
        let mut bye = Dialog::revive(&self.dialog)?.request(Method::BYE, rng);
        let reason = Reason::q850(hangup::TEMPORARY_FAILURE);
        bye.headers.push("Reason", reason);
        Ok(bye)
    }
}
