//! Encrypted voice (RFC 3711, RFC 4568): agreed on over TLS only, real phones, and what somebody
//! gets who does not have the keys.

use std::net::Ipv4Addr;

use serde_json::Value;

use crate::baresip::Baresip;
use crate::capture::Capture;
use crate::certificates::Authority;
use crate::loopback::sip;
use crate::patience::until;
use crate::peer::{Peer, described};
use crate::secure_voice::SecureVoice;
use crate::service::Service;
use crate::site::{Line, Site};
use crate::sprayer::{SPRAY_HZ, Sprayer};
use crate::talk::{AGENT_HZ, CALLER_HZ, NUMBER};
use crate::tone::{Law, is_tone};

const PASSWORD: &str = "correct-horse-battery";
const ACCOUNT: (&str, &str) = ("1001", PASSWORD);
const DROPPED: &str = "thirdring_rtp_dropped_packets_total{reason=\"srtp\"}";

/// A site with TLS where agent 1 is called, with these keys of the trunk and of the agent.
fn hotline(authority: &Authority, trunk: &str, agent: &str) -> Site {
    Site::new()
        .trunk(trunk)
        .agent_with(1, agent)
        .line(&Line::new("hotline", NUMBER, &[1]))
        .tls(authority, "")
}

fn contact(site: &Site) -> String {
    format!("contact = \"{}:5060\"", site.network().agent(1))
}

/// The figures of a leg.
fn media<'a>(row: &'a Value, side: &str) -> &'a Value {
    let legs = row["media"].as_array().unwrap();
    let leg = legs.iter().find(|leg| leg["side"] == side);
    leg.unwrap_or_else(|| panic!("no {side} in {legs:?}"))
}

/// A caller over TLS with an agent who has neither.
struct Encrypted {
    service: Service,
    caller: Peer,
    voice: SecureVoice,
    agent: Peer,
    agent_to: std::net::SocketAddr,
}

impl Encrypted {
    fn start(proto: &str) -> Self {
        let authority = Authority::new();
        let site = Site::new();
        let contact = contact(&site);
        let service = site
            .agent_with(1, &contact)
            .line(&Line::new("hotline", NUMBER, &[1]))
            .tls(&authority, "")
            .start();
        let network = service.network();
        let mut caller = Peer::by_tls(network.trunk(), network, authority.client(None));
        let mut voice = SecureVoice::bind((network.trunk(), 41_000));
        let mut agent = Peer::new(network.agent(1), network);
        caller.dial(NUMBER, voice.description(proto, ""));
        let invite = agent.ring();
        let offer = String::from_utf8(invite.body).unwrap();
        assert!(
            !offer.contains("crypto"),
            "no key is told over UDP: {offer}"
        );
        let agent_to = agent.pick_up(agent.plain());
        let answer = caller.expect(200).body;
        caller.ack(Vec::new());
        assert!(voice.agree(&answer), "{}", String::from_utf8_lossy(&answer));
        Self {
            service,
            caller,
            voice,
            agent,
            agent_to,
        }
    }

    /// Waits until the agent has heard so many packets of the caller's tone.
    fn agent_has_heard(&self, packets: usize) {
        until("the agent to hear the caller", || {
            let heard = self.agent.voice.heard();
            let tones = heard.iter().filter(|it| is_tone(&it.samples, CALLER_HZ));
            (tones.count() >= packets).then_some(())
        });
    }

    fn end(mut self) -> (Service, Value) {
        self.caller.bye();
        self.agent.expect_bye();
        let row = self.service.only_call();
        assert_eq!(row["outcome"], "answered");
        (self.service, row)
    }
}

/// Threat: RTCP/DTMF/SRTP tricks. Packets in clear, random ones, changed ones and repeated ones
/// come from the caller's own port, as from somebody who forges its address: nobody hears them,
/// they are counted, and the call goes on.
#[test]
fn what_is_not_authentic_is_neither_heard_nor_recorded() {
    for proto in ["RTP/SAVP", "RTP/AVP"] {
        let mut call = Encrypted::start(proto);
        let tone = call.agent.voice.speak(call.agent_to, Law::Pcma, AGENT_HZ);
        let mut stranger = SecureVoice::bind((call.service.network().trunk(), 42_000));
        let mut attacks = 0;
        call.voice.talk(CALLER_HZ, AGENT_HZ, |voice| {
            let clear = stranger.packet(SPRAY_HZ);
            let last = voice.sent.last().unwrap();
            let mut changed = last.clone();
            changed[40] ^= 1;
            let noise: Vec<u8> = (0..172).map(|_| rand::random()).collect();
            for attack in [&clear, last, &changed, &noise, &last[..20].to_vec()] {
                voice.send_raw(attack);
                attacks += 1;
            }
            let mut unencrypted = vec![0x81, 203, 0, 1]; // a BYE, and no E bit
            unencrypted.extend([0; 18]);
            voice.send_raw_rtcp(&unencrypted);
        });
        call.agent_has_heard(40);
        let sent = call.voice.sent.len() as u64;
        assert_eq!(call.voice.unreadable, 0);
        let on_wire = call.voice.wire.iter();
        assert_eq!(on_wire.filter(|it| is_tone(it, AGENT_HZ)).count(), 0);
        drop(tone);
        let heard = call.agent.voice.heard();
        let strange = |samples: &[i16]| !samples.is_empty() && !is_tone(samples, CALLER_HZ);
        let strange = heard.iter().filter(|it| strange(&it.samples)).count();
        assert_eq!(strange, 0, "of {} packets at the agent", heard.len());
        let (service, row) = call.end();
        let quality = media(&row, "caller");
        assert_eq!(quality["received"].as_u64(), Some(sent), "{quality}");
        let dropped = quality["srtp_dropped"].as_u64().unwrap();
        assert!(dropped >= attacks, "{dropped} of {attacks} counted");
        assert_eq!(media(&row, "agent")["srtp_dropped"], Value::Null);
        until("the metric to be counted", || {
            let counted = service.metrics().get(DROPPED).copied().unwrap_or_default();
            (counted >= 1.0).then_some(())
        });
        let wav = service.recording(&row);
        assert_eq!(wav.left.tone_ms(SPRAY_HZ), 0);
        assert!(wav.left.tone_ms(CALLER_HZ) >= 900 && wav.right.tone_ms(AGENT_HZ) >= 300);
        service.stop();
    }
}

/// Hold, resume and a new key in a later offer (RFC 4568 §7.1.4); no key in the log, in the trace
/// or in the rows.
#[test]
fn a_new_key_is_taken_in_mid_call_and_no_key_is_kept() {
    let mut call = Encrypted::start("RTP/SAVP");
    let _tone = call.agent.voice.speak(call.agent_to, Law::Pcma, AGENT_HZ);
    call.voice.talk(CALLER_HZ, AGENT_HZ, |_| {});
    let mut keys = Vec::new();
    let mut told = |body: &[u8]| {
        let text = String::from_utf8(body.to_vec()).unwrap();
        let (_, key) = text.split_once("inline:").unwrap();
        keys.push(key.lines().next().unwrap().to_owned());
    };
    let hold = call.voice.description("RTP/SAVP", "a=sendonly\r\n");
    told(&hold);
    told(&call.caller.reinvite(hold));
    call.voice.rekey();
    let resume = call.voice.description("RTP/SAVP", "");
    told(&resume);
    let answer = call.caller.reinvite(resume);
    told(&answer);
    assert!(call.voice.agree(&answer));
    call.voice.talk(CALLER_HZ, AGENT_HZ, |_| {});
    call.agent_has_heard(80);
    assert_eq!(
        keys.iter().collect::<std::collections::BTreeSet<_>>().len(),
        4
    );
    let (service, row) = call.end();
    let id = row["id"].as_str().unwrap();
    let (status, trace) = service.command(&["trace", id, "--messages"]);
    assert!(status.success() && trace.contains("a=crypto:1"), "{trace}");
    let mut kept = vec![trace, service.log(), row.to_string()];
    for file in files(service.folder()) {
        kept.push(String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned());
    }
    for key in &keys {
        assert!(!kept.iter().any(|text| text.contains(key)), "{key} is kept");
    }
    service.stop();
}

/// Every file of a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// A carrier that must encrypt and does not is refused with 488, and the row says why; so is one
/// whose keys everybody could read.
#[test]
fn a_call_that_must_be_encrypted_and_is_not_is_refused() {
    let authority = Authority::new();
    let site = Site::new();
    let (agent, carrier) = (contact(&site), site.network().trunk());
    let service = site
        .trunk("srtp = \"required\"")
        .tls_peer(sip(carrier))
        .agent_with(1, &agent)
        .line(&Line::new("hotline", NUMBER, &[1]))
        .tls(&authority, "")
        .start();
    let network = service.network();
    let voice = SecureVoice::bind((carrier, 41_000));
    let mut in_clear = Peer::by_tls(carrier, network, authority.client(None));
    in_clear.dial(NUMBER, in_clear.plain());
    let mut in_the_open = Peer::new(network.caller(2), network);
    in_the_open.dial(NUMBER, voice.description("RTP/SAVP", ""));
    // Without an offer of its own it would be told our key.
    let mut silent = Peer::new(network.caller(3), network);
    silent.dial(NUMBER, Vec::new());
    for caller in [&mut in_clear, &mut in_the_open, &mut silent] {
        let refusal = caller.expect_refusal(488);
        caller.ack_refusal(&refusal);
    }
    for row in service.ended(3) {
        assert_eq!(row["outcome"], "refused");
        let reason = "SRTP is required and was not agreed on";
        assert_eq!(row["hangup_reason"], reason);
    }
    service.stop();
}

/// A phone behind a NAT is learnt from packets that have its key, and from no others: whoever
/// speaks first from its address gets nothing. The control: in clear he does.
#[test]
fn a_source_is_not_learnt_from_packets_that_fail() {
    for (proto, policy) in [("RTP/SAVP", "required"), ("RTP/AVP", "off")] {
        let authority = Authority::new();
        let site = Site::new();
        let place = site.network().agent(1);
        let keys = format!("contact = \"tls:{place}:5061\"\nnat = true\nsrtp = \"{policy}\"");
        let site = site.agent_with(1, &keys);
        let site = site.line(&Line::new("hotline", NUMBER, &[1]));
        let service = site.tls(&authority, "").start();
        let network = service.network();
        let ip = network.agent(1);
        let mut phone = Peer::by_tls(ip, network, authority.client(None));
        let mut voice = SecureVoice::bind((ip, 41_000));
        phone.dial("*43", voice.description(proto, ""));
        let answer = phone.expect(200).body;
        phone.ack(Vec::new());
        let is_secure = voice.agree(&answer);
        assert_eq!(is_secure, policy == "required");
        let sprayer = Sprayer::start((ip, 7000), &[described(&answer)]);
        until("the sprayer to be busy", || {
            (sprayer.sent() >= 300).then_some(())
        });
        if is_secure {
            // The echo of its own voice, whatever else was sent before and meanwhile.
            voice.talk(AGENT_HZ, AGENT_HZ, |_| {});
        }
        let (_, got) = sprayer.finish();
        assert_eq!(
            got > 0,
            !is_secure,
            "{policy}: {got} datagrams at the sprayer"
        );
        phone.bye();
        let row = service.only_call();
        let dropped = media(&row, "caller")["srtp_dropped"].as_u64();
        assert_eq!(dropped.is_some_and(|dropped| dropped > 0), is_secure);
        service.stop();
    }
}

/// baresip is called, with keys on a line of SRTP's own and on a plain one; and in clear, the
/// control: then the tones are on the wire, otherwise in the recording only.
#[test]
fn a_desk_phone_with_srtp_is_called_and_only_the_recording_has_the_tones() {
    for (policy, encryption) in [("required", "srtp-mand"), ("optional", "srtp"), ("off", "")] {
        let authority = Authority::new();
        let agent = format!("password = \"{PASSWORD}\"\nsrtp = \"{policy}\"");
        let service = hotline(&authority, "srtp = \"off\"", &agent).start();
        let network = service.network();
        let phone = Baresip::start_srtp(&service, ACCOUNT, AGENT_HZ, encryption);
        let place = network.service().into();
        let capture = Capture::of(service.folder(), (network.stranger(), 9), place);
        let mut caller = Peer::new(network.trunk(), network);
        caller.dial(NUMBER, caller.plain());
        let to = caller.talk();
        let tone = caller.voice.speak(to, Law::Pcma, CALLER_HZ);
        for _ in 0..5 {
            caller.voice.hears(AGENT_HZ);
        }
        until("the phone to hear the caller", || {
            (phone.heard_ms(CALLER_HZ) >= 400).then_some(())
        });
        drop(tone);
        caller.bye();
        let row = service.only_call();
        let wav = service.recording(&row);
        assert!(wav.left.tone_ms(CALLER_HZ) >= 400 && wav.right.tone_ms(AGENT_HZ) >= 400);
        let is_secure = policy != "off";
        let dropped = media(&row, "agent")["srtp_dropped"].as_u64();
        assert_eq!(dropped, is_secure.then_some(0), "{policy}");
        // What went between the service and the phone, both ways.
        let audible = capture.payloads(place, Ipv4Addr::LOCALHOST.into());
        assert!(audible.len() > 50, "{} packets captured", audible.len());
        for hz in [CALLER_HZ, AGENT_HZ] {
            let tones = audible.iter().filter(|packet| is_tone_in(packet, hz));
            assert_eq!(
                tones.count() > 10,
                !is_secure,
                "{policy}: {hz} Hz on the wire"
            );
        }
        drop(phone);
        service.stop();
    }
}

/// The 20 ms of a packet, read as if they were in clear.
fn is_tone_in(packet: &[u8], hz: u32) -> bool {
    let audio = packet.get(12..172).unwrap_or_default();
    let samples: Vec<_> = audio.iter().map(|code| Law::Pcma.decode(*code)).collect();
    !samples.is_empty() && is_tone(&samples, hz)
}

/// baresip calls, with its own offer, and hears itself.
#[test]
fn a_desk_phone_with_srtp_calls_and_hears_its_echo() {
    for (policy, encryption) in [("required", "srtp-mand"), ("optional", "srtp")] {
        let authority = Authority::new();
        // Known by its address, it may call before it has registered.
        let account = format!("password = \"{PASSWORD}\"\ncontact = \"tls:127.0.0.1:5061\"");
        let agent = format!("{account}\nsrtp = \"{policy}\"");
        let service = hotline(&authority, "", &agent).start();
        let phone = Baresip::dial_srtp(&service, ACCOUNT, AGENT_HZ, encryption, "*43");
        until("the phone to hear its echo", || {
            (phone.heard_ms(AGENT_HZ) >= 400).then_some(())
        });
        phone.leave();
        let row = service.only_call();
        // As it goes, baresip says a last RTCP BYE, in clear: that is dropped.
        let dropped = media(&row, "caller")["srtp_dropped"].as_u64();
        assert!(dropped.is_some_and(|dropped| dropped <= 10), "{dropped:?}");
        service.stop();
    }
}
