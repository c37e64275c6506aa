//! INFO within a call (RFC 6086): digits of old phones; everything else is not for us.

use super::event::EventKind;
use super::media::MediaLeg;
use super::{Call, Output, request};
use crate::rules::Moment;
use crate::sip::endpoint::ServerTx;
use crate::sip::{Request, StatusCode, dtmf};

impl Call {
    /// A digit becomes an event of the call. An empty INFO is a question whether we are there
    /// (RFC 6086 §4.2.2); a package was never agreed on, so it is 469, and another body 415.
    pub(super) fn info(&mut self, leg: MediaLeg, tx: ServerTx, request: &Request, now: Moment) {
        if request.headers.has("Info-Package") {
            let status = StatusCode::BAD_INFO_PACKAGE;
            return self.refuse_info(leg, tx, request, status, ("Recv-Info", ""));
        }
        if request.body.is_empty() {
            return self.respond(leg, tx, request, StatusCode::OK);
        }
        let content_type = request.headers.content_type().unwrap_or_default();
        if ![dtmf::RELAY_TYPE, dtmf::PLAIN_TYPE].contains(&content_type.as_str()) {
            let accept = format!("{}, {}", dtmf::RELAY_TYPE, dtmf::PLAIN_TYPE);
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return self.refuse_info(leg, tx, request, status, ("Accept", &accept));
        }
        let Some(digit) = dtmf::digit(&content_type, &request.body) else {
            return self.respond(leg, tx, request, StatusCode::BAD_REQUEST);
        };
        self.respond(leg, tx, request, StatusCode::OK);
        if let Some(owner) = self.leg_mut(leg) {
            let by = owner.side;
            self.store(EventKind::DigitPressed { by, digit }, now);
        }
    }

    fn refuse_info(
        &mut self,
        leg: MediaLeg,
        tx: ServerTx,
        request: &Request,
        status: StatusCode,
        (name, value): (&'static str, &str),
    ) {
        let tag = self.local_tag.clone();
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        let mut response = request::reply(request, status, &tag, &owner.hop);
        response.headers.set(name, value);
        self.emit(Output::Respond(tx, response));
    }
}
