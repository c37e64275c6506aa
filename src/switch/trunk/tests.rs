use std::time::Duration;

use super::*;
use crate::sip::registration::Account;
use crate::sip::{Host, Method, StatusCode};
use rand::SeedableRng;
use rand::rngs::StdRng;

const PROBE: Duration = Duration::from_secs(30);

fn at(host: u8) -> Target {
    SocketAddr::from(([203, 0, 113, host], 5060)).into()
}

fn settings(name: &str, peers: &[u8]) -> TrunkSettings {
    TrunkSettings {
        peers: peers.iter().copied().map(at).collect(),
        probe: Some(PROBE),
        ..TrunkSettings::new(name, Vec::new())
    }
}

fn account() -> Account {
    Account {
        user: "4001234567".to_owned(),
        password: "secret".to_owned(),
        domain: Host::Name("carrier.example".to_owned()),
        realm: None,
        expires: Duration::from_hours(1),
    }
}

/// Trunks, a clock, and which peers are there.
struct Net {
    trunks: Trunks,
    now: Instant,
    there: Vec<u8>,
    /// How the carrier answers a REGISTER.
    register: u16,
    /// Who was asked to register us.
    registrars: Vec<Target>,
}

impl Net {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs one arbitrary start"
    )]
    fn new(settings: &[TrunkSettings], there: &[u8]) -> Self {
        let now = Instant::now();
        let mut rng = StdRng::seed_from_u64(1);
        Self {
            trunks: Trunks::new(settings, &mut rng, now),
            now,
            there: there.to_vec(),
            register: 200,
            registrars: Vec::new(),
        }
    }

    /// Lets so much time pass; a peer that is there answers at once, another never.
    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.trunks.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.trunks.handle_timeout(self.now);
            self.answer();
        }
        self.now = end;
    }

    fn answer(&mut self) {
        while let Some(output) = self.trunks.poll_output() {
            let (inquiry, request) = match output {
                Output::Probe(inquiry) => {
                    let uri = "sip:x".parse().unwrap();
                    (inquiry, Request::new(Method::OPTIONS, uri))
                }
                Output::Register(inquiry, request, _) => {
                    self.registrars.push(inquiry.peer());
                    (inquiry, *request)
                }
            };
            let is_there = self.there.iter().any(|host| at(*host) == inquiry.peer());
            let status = if inquiry.is_probe() {
                503
            } else {
                self.register
            };
            let response = request.respond(StatusCode::new(status));
            if is_there || !inquiry.is_probe() {
                let heard = is_there.then_some(&response);
                self.trunks.answered(inquiry, heard, self.now);
            }
        }
    }

    fn carrier(&self, name: &str) -> &Carrier {
        self.trunks.get(&TrunkId::from(name)).unwrap()
    }

    fn first_way(&self, name: &str) -> Target {
        self.carrier(name).ways().next().unwrap().0
    }
}

/// R012: a trunk is up while any peer answers anything at all, and down within a minute of the
/// last one's silence; calls go to the first peer that answers.
#[test]
fn a_trunk_is_down_when_none_of_its_peers_answers() {
    let mut net = Net::new(&[settings("carrier", &[1, 2])], &[1, 2]);
    assert_eq!(net.carrier("carrier").is_up(), None);
    net.run(Duration::from_secs(1));
    assert_eq!(net.carrier("carrier").is_up(), Some(true));
    assert_eq!(net.first_way("carrier"), at(1));

    net.there = vec![2];
    net.run(Duration::from_mins(1));
    assert_eq!(net.carrier("carrier").is_up(), Some(true));
    assert_eq!(net.first_way("carrier"), at(2));

    net.there.clear();
    net.run(Duration::from_mins(1));
    assert_eq!(net.carrier("carrier").is_up(), Some(false));
    // A carrier that answers calls but no OPTIONS can still be tried.
    assert_eq!(net.carrier("carrier").ways().count(), 2);

    net.there = vec![1];
    net.run(PROBE);
    assert_eq!(net.carrier("carrier").is_up(), Some(true));
    assert_eq!(net.first_way("carrier"), at(1));
}

/// R012: a carrier that does not register us sends us nothing.
#[test]
fn a_trunk_is_down_while_its_registration_fails() {
    let with_account = TrunkSettings {
        account: Some(account()),
        ..settings("carrier", &[1, 2])
    };
    let mut net = Net::new(&[with_account], &[1, 2]);
    net.register = 403;
    net.run(Duration::from_secs(1));
    assert_eq!(net.carrier("carrier").is_up(), Some(false));
    net.register = 200;
    net.run(Duration::from_secs(30));
    assert_eq!(net.carrier("carrier").is_up(), Some(true));
    // The second try went to the second peer.
    assert_eq!(net.registrars, [at(1), at(2)]);

    // The peer that registered us goes away: the other one is asked.
    net.there = vec![1];
    net.run(Duration::from_mins(1));
    assert_eq!(net.registrars.last(), Some(&at(1)));
    assert_eq!(net.carrier("carrier").is_up(), Some(true));

    net.trunks.leave();
    assert_eq!(net.trunks.leaving(), 1);
    net.answer();
    assert_eq!(net.trunks.leaving(), 0);
    let asked = net.registrars.len();
    net.run(Duration::from_hours(2));
    assert_eq!(net.registrars.len(), asked, "it stays away");
}

#[test]
fn an_address_belongs_to_the_first_trunk_that_names_it() {
    let trunk = |name: &str, networks: &[&str]| {
        let networks = networks.iter().map(|n| n.parse().unwrap());
        TrunkSettings::new(name, networks.collect())
    };
    let named = TrunkSettings {
        domain: Some("carrier.example".to_owned()),
        ..trunk("named", &[])
    };
    let all = [
        trunk("one", &["203.0.113.0/28", "198.51.100.7/32"]),
        trunk("two", &["203.0.113.0/24", "2001:db8::/32"]),
        named,
    ];
    let mut net = Net::new(&all, &[]);
    let whose = |net: &Net, address: &str| {
        let mut trunks = net.trunks.at(address.parse().unwrap());
        trunks.next().map(|carrier| carrier.id().0.clone())
    };
    for (address, wanted) in [
        ("203.0.113.3", Some("one")),
        ("::ffff:203.0.113.3", Some("one")),
        ("203.0.113.99", Some("two")),
        ("198.51.100.7", Some("one")),
        ("198.51.100.8", None),
        ("2001:db8::1", Some("two")),
        ("192.0.2.1", None),
    ] {
        assert_eq!(whose(&net, address).as_deref(), wanted, "{address}");
    }
    let peer = "192.0.2.1:5060".parse().unwrap();
    net.trunks.resolved(&"named".into(), &[peer], net.now);
    assert_eq!(whose(&net, "192.0.2.1").as_deref(), Some("named"));
    net.trunks.resolved(&"named".into(), &[at(200)], net.now);
    assert_eq!(whose(&net, "192.0.2.1"), None);
}

#[test]
fn channels_are_counted_and_calls_are_paced() {
    let bounded = TrunkSettings {
        max_calls: Some(2),
        max_cps: Some(3),
        ..settings("carrier", &[])
    };
    let mut net = Net::new(&[bounded], &[]);
    let now = net.now;
    let carrier = net.trunks.get_mut(&"carrier".into()).unwrap();
    for free in [2, 1] {
        assert_eq!(carrier.channels_free(), Some(free));
        assert_eq!(carrier.admit(now), Ok(()));
        carrier.seize();
    }
    assert_eq!(carrier.admit(now), Err(Excess::Calls(2)));
    carrier.free();
    assert_eq!(carrier.admit(now), Ok(()));
    assert_eq!(carrier.admit(now), Err(Excess::Pace(3)));
    assert_eq!(carrier.admit(now + Duration::from_secs(1)), Ok(()));
}
