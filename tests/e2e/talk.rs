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
        let network = service.network();
        let mut caller = Peer::new(network.trunk(), network);
        let mut agent = Peer::new(network.agent(1), network);
        caller.dial(NUMBER, caller.plain());
        agent.ring();
        let agent_to = agent.pick_up(agent.plain());
        let caller_to = caller.talk();
        let tones = vec![
            caller.voice.speak(caller_to, Law::Pcma, CALLER_HZ),
            agent.voice.speak(agent_to, Law::Pcma, AGENT_HZ),
        ];
        Self {
            service,
            caller,
            agent,
            caller_to,
            agent_to,
            tones,
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
