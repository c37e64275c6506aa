//! What we ask carriers outside of calls: whether they are there, and to keep our contact.

use std::net::SocketAddr;

use super::Switch;
use super::trunk::{Inquiry, Output};
use crate::rules::Moment;
use crate::sip::endpoint::ClientTx;
use crate::sip::{Host, Method, NameAddr, Request, Response, Uri, ids};

impl Switch {
    /// Sends what the trunks want sent.
    pub(super) fn inquire(&mut self, output: Output, now: Moment) {
        match output {
            Output::Probe(inquiry) => self.probe(inquiry, now),
            Output::Register(inquiry, mut request, user) => {
                let Some(hop) = self.way_to(inquiry.peer()) else {
                    return self.trunks.answered(inquiry, None, now.instant);
                };
                let contact = Host::Ip(hop.advertised.ip());
                let port = Some(hop.advertised.port());
                let contact = NameAddr::new(Uri::sip(Some(&user), contact, port));
                request.headers.set("Contact", contact);
                let tx = self.endpoint.send(*request, hop.flow, now.instant);
                self.inquiries.insert(tx, inquiry);
            }
        }
    }

    /// A carrier's answer; what another address says to a REGISTER is not heard.
    pub(super) fn inquiry_answered(
        &mut self,
        tx: ClientTx,
        inquiry: Inquiry,
        response: &Response,
        source: SocketAddr,
        now: Moment,
    ) {
        if response.status.is_final() {
            self.inquiries.remove(&tx);
        }
        if inquiry.is_probe() || source.ip() == inquiry.peer().address.ip() {
            self.trunks.answered(inquiry, Some(response), now.instant);
        } else {
            tracing::warn!(%source, "an answer for a carrier came from elsewhere");
            self.trunks.answered(inquiry, None, now.instant);
        }
    }

    /// OPTIONS outside of a dialog (RFC 3261 §11.1): any response says that the peer is there.
    fn probe(&mut self, inquiry: Inquiry, now: Moment) {
        let peer = inquiry.peer();
        let Some(hop) = self.way_to(peer) else {
            return;
        };
        let mut uri = peer.uri("");
        uri.user = None;
        let mut from = hop.contact();
        from.set_tag(&ids::new_tag(&mut self.rng));
        let mut request = Request::new(Method::OPTIONS, uri.clone());
        let headers = &mut request.headers;
        headers.push("From", from);
        headers.push("To", NameAddr::new(uri));
        headers.push("Call-ID", ids::new_call_id(&mut self.rng));
        headers.push("CSeq", "1 OPTIONS");
        headers.push("Contact", hop.contact());
        headers.push("Accept", "application/sdp");
        let tx = self.endpoint.send(request, hop.flow, now.instant);
        self.inquiries.insert(tx, inquiry);
    }
}
