//! A caller and an agent, both played by hand, who talk with each other.

use std::net::SocketAddr;

use serde_json::Value;

use crate::peer::Peer;
use crate::service::Service;
use crate::site::{Line, Site};
use crate::tone::Law;
use crate::voice::Speaking;

/// The number of the only line.
pub(crate) const NUMBER: &str = "4001234567";
/// The caller's tone and the agent's.
pub(crate) const CALLER_HZ: u32 = 1000;
pub(crate) const AGENT_HZ: u32 = 440;

/// Two peers that talk, each speaking its tone.
pub(crate) struct Talk {
    pub(crate) service: Service,
    pub(crate) caller: Peer,
    pub(crate) agent: Peer,
    /// Where the service wants the caller's voice.
    pub(crate) caller_to: SocketAddr,
    /// Where the service wants the agent's voice.
    pub(crate) agent_to: SocketAddr,
    /// The caller's, then the agent's.
    pub(crate) tones: Vec<Speaking>,
}

impl Talk {
    /// A talk that has begun: both hear each other.
    pub(crate) fn start() -> Self {
        let site = Site::new()
            .agent(1)
            .line(&Line::new("hotline", NUMBER, &[1]));
        let talk = Self::answered(site.start());
        talk.both_hear();
        talk
    }

    /// A call to [`NUMBER`] of which agent 1 is about to hear the first word.
    pub(crate) fn answered(service: Service) -> Self {
        let mut talk = Self::between(service, &[], Peer::plain, Peer::plain);
        talk.tones = vec![
            talk.caller
                .voice
                .speak(talk.caller_to, Law::Pcma, CALLER_HZ),
            talk.agent.voice.speak(talk.agent_to, Law::Pcma, AGENT_HZ),
        ];
        talk
    }

    /// The same of two who have something to say of themselves, in the caller's INVITE, its
    /// description and the agent's, and who say nothing yet.
    pub(crate) fn between(
        service: Service,
        headers: &[(&str, &str)],
        caller_says: impl Fn(&Peer) -> Vec<u8>,
        agent_says: impl Fn(&Peer) -> Vec<u8>,
    ) -> Self {
        let network = service.network();
        let mut caller = Peer::new(network.trunk(), network);
        let mut agent = Peer::new(network.agent(1), network);
        caller.dial_with(NUMBER, headers, caller_says(&caller));
        agent.ring();
        let agent_to = agent.pick_up(agent_says(&agent));
        let caller_to = caller.talk();
        Self {
            service,
            caller,
            agent,
            caller_to,
            agent_to,
            tones: Vec::new(),
        }
    }

    /// Waits until each hears the other, from the port that the service has promised.
    pub(crate) fn both_hear(&self) {
        assert_eq!(self.caller.voice.hears(AGENT_HZ).source, self.caller_to);
        assert_eq!(self.agent.voice.hears(CALLER_HZ).source, self.agent_to);
    }

    /// The caller hangs up; the service and the row.
    pub(crate) fn end(mut self) -> (Service, Value) {
        self.tones.clear();
        self.caller.bye();
        self.agent.expect_bye();
        let row = self.service.only_call();
        assert_eq!(row["outcome"], "answered");
        (self.service, row)
    }
}
