//! The service is killed in the middle of its calls: nobody stays connected to it.

use thirdring::sip::dialog::DialogId;
use thirdring::sip::{Message, Method, Request};

use crate::peer::Peer;
use crate::service::Service;
use crate::site::{Line, Site};

const CALLS: u8 = 50;

/// Callers and agents, talking in pairs.
struct Calls {
    service: Service,
    callers: Vec<Peer>,
    agents: Vec<Peer>,
}

fn number(n: u8) -> String {
    format!("40012345{n:02}")
}

impl Calls {
    fn talking(calls: u8) -> Self {
        let site = (1..=calls).fold(Site::new(), |site, n| {
            let line = Line::new(&format!("line-{n}"), &number(n), &[n]);
            site.agent(n).line(&line.with("record", "\"off\""))
        });
        // Those callers live where the carrier of other tests has nobody.
        let network = site.network();
        let callers: Vec<_> = (1..=calls).map(|n| network.at(100 + n)).collect();
        let addresses: Vec<_> = callers.iter().map(ToString::to_string).collect();
        let trunk = format!("[[trunk]]\nname = \"second\"\naddresses = {addresses:?}\n");
        let service = site.section(&trunk).start();
        let network = service.network();
        let deaf = |ip| Peer::deaf(ip, network);
        let mut callers: Vec<_> = callers.into_iter().map(deaf).collect();
        let mut agents: Vec<_> = (1..=calls).map(|n| deaf(network.agent(n))).collect();
        for (n, (caller, agent)) in (1..).zip(callers.iter_mut().zip(&mut agents)) {
            caller.dial(&number(n), caller.plain());
            agent.ring();
            agent.pick_up(agent.plain());
            caller.talk();
        }
        Self {
            service,
            callers,
            agents,
        }
    }

    fn everybody(&mut self) -> impl Iterator<Item = &mut Peer> {
        self.callers.iter_mut().chain(&mut self.agents)
    }

    fn wait_until_kept(&self, dialogs: usize) {
        let journal = self.service.folder().join("data/journal/dialogs.journal");
        crate::patience::until("the dialogs to be written down", || {
            let lines = std::fs::read_to_string(&journal).ok()?;
            (lines.matches("\"up\"").count() >= dialogs).then_some(())
        });
    }
}

/// The BYE names the peer's dialog, and its number is above that of the INVITE, if we sent that.
fn assert_in_order(peer: &Peer, bye: &Request, invited_by_us: bool) {
    let dialog = DialogId::of_request(bye);
    let own = peer.replaces();
    let expected = (own.call_id, own.from_tag, own.to_tag);
    assert_eq!(
        (dialog.call_id, dialog.local_tag, dialog.remote_tag),
        expected
    );
    if invited_by_us {
        assert!(bye.cseq().number > peer.keep_invite().cseq().number);
    }
}

/// Asks something within the dialog; by the answer everything that was sent before has come.
fn has_no_dialog(peer: &mut Peer) {
    let options = peer.within(Method::OPTIONS);
    peer.send(&Message::Request(options));
    peer.response(&Method::OPTIONS, 481);
}

/// Threat: crash of the service. After a restart every dialog that was open gets its BYE, on both
/// sides, and the rows say what happened.
#[test]
fn after_a_crash_both_ends_of_50_calls_are_told() {
    let mut calls = Calls::talking(CALLS);
    calls.wait_until_kept(2 * usize::from(CALLS));
    let killed = now();
    calls.service.crash_and_restart();
    for caller in &mut calls.callers {
        let bye = caller.expect_bye();
        assert_in_order(caller, &bye, false);
        let reason = bye.headers.get("Reason").unwrap();
        assert!(reason.starts_with("Q.850;cause=41"), "{reason}");
    }
    for agent in &mut calls.agents {
        let bye = agent.expect_bye();
        assert_in_order(agent, &bye, true);
    }
    eprintln!("all 100 ends told {:?} after the crash", killed.elapsed());
    calls.everybody().for_each(has_no_dialog);
    let rows = calls.service.calls();
    let interrupted = rows.iter().filter(|row| row["outcome"] == "interrupted");
    assert_eq!((rows.len(), interrupted.count()), (50, 50));

    // Whoever has answered is not told a second time.
    let told: Vec<_> = calls.everybody().map(byes).collect();
    calls.service.stop_and_start();
    calls.everybody().for_each(has_no_dialog);
    let told_again: Vec<_> = calls.everybody().map(byes).collect();
    assert_eq!(told_again, told);
}

#[expect(clippy::disallowed_methods, reason = "the figure is of the real clock")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

fn byes(peer: &mut Peer) -> u64 {
    let bye = ("BYE".to_owned(), "out", String::new());
    peer.tally().get(&bye).copied().unwrap_or(0)
}

/// The control: where nothing says which dialogs were open, nobody is told.
#[test]
fn without_what_was_kept_nobody_is_told_after_a_crash() {
    let mut calls = Calls::talking(2);
    calls.wait_until_kept(4);
    let journal = calls.service.folder().join("data/journal/dialogs.journal");
    calls.service.crash_and_restart_after(|| {
        std::fs::remove_file(journal).unwrap();
    });
    calls.everybody().for_each(has_no_dialog);
    assert!(calls.everybody().all(|peer| byes(peer) == 0));
}

/// A phone whose connection went with the service is called back to where it says that it listens.
#[test]
fn a_phone_on_tcp_is_told_over_a_new_connection() {
    let site = Site::new().tcp();
    let contact = format!("contact = \"tcp:{}:5060\"", site.network().agent(1));
    let line = Line::new("hotline", "4001234567", &[1]);
    let mut service = site.agent_with(1, &contact).line(&line).start();
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    let mut agent = Peer::by_tcp(network.agent(1), network);
    caller.dial("4001234567", caller.plain());
    agent.ring();
    agent.pick_up(agent.plain());
    caller.talk();
    let journal = service.folder().join("data/journal/dialogs.journal");
    crate::patience::until("the dialogs to be written down", || {
        let lines = std::fs::read_to_string(&journal).ok()?;
        (lines.matches("\"up\"").count() >= 2).then_some(())
    });
    service.crash_and_restart();
    let bye = agent.expect_bye();
    assert_in_order(&agent, &bye, true);
    caller.expect_bye();
}
