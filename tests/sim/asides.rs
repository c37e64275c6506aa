//! What phones say beside the call itself: keys by INFO (RFC 6086), "I am elsewhere" (RFC 3261
//! §21.3), "not now" (§20.33).

use std::time::Duration;

use thirdring::call::EventKind;
use thirdring::call::event::{AttemptResult, Side, TransferResult};
use thirdring::sip::{Method, Request};
use thirdring::switch::Settings;

use crate::desk::{AGENT, CALLER, Desk, OUTSIDE, sdp};

/// Keys of old phones become events; an empty INFO is answered; everything else is refused.
#[test]
fn a_key_by_info_becomes_an_event() {
    let mut desk = Desk::with(|settings| {
        for line in &mut settings.lines {
            let line = std::sync::Arc::make_mut(line);
            std::sync::Arc::make_mut(&mut line.line).log_digits = true;
        }
    });
    let mut talk = desk.talk();
    let with = |content_type: &'static str, body: &'static str| {
        move |info: &mut Request| info.set_body(content_type, body.as_bytes().to_vec())
    };
    let relay = with("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n");
    desk.asks(&mut talk.caller, Method::INFO, CALLER, relay);
    desk.response(CALLER, 200);
    let plain = with("application/dtmf", "#");
    desk.asks(&mut talk.agent, Method::INFO, AGENT, plain);
    desk.response(AGENT, 200);
    desk.asks(&mut talk.agent, Method::INFO, AGENT, |_| {});
    desk.response(AGENT, 200);
    let other = with("application/media_control+xml", "<x/>");
    desk.asks(&mut talk.agent, Method::INFO, AGENT, other);
    let refusal = desk.response(AGENT, 415);
    assert!(refusal.headers.lists("Accept", "application/dtmf"));
    desk.asks(&mut talk.agent, Method::INFO, AGENT, |info| {
        info.headers.set("Info-Package", "foo");
    });
    assert!(desk.response(AGENT, 469).headers.has("Recv-Info"));
    let senseless = with("application/dtmf", "99");
    desk.asks(&mut talk.agent, Method::INFO, AGENT, senseless);
    desk.response(AGENT, 400);

    let pressed = keys(&desk);
    assert_eq!(
        pressed,
        [(Side::Caller, Some('5')), (Side::Agent, Some('#'))]
    );
}

fn keys(desk: &Desk) -> Vec<(Side, Option<char>)> {
    let call = desk.only_call();
    let pressed = call.0.iter().filter_map(|event| {
        if let EventKind::DigitPressed { by, digit } = event.kind {
            Some((by, digit))
        } else {
            None
        }
    });
    pressed.collect()
}

/// R233: somebody may type a card number, so the log says when a key was pressed, and not which.
/// The other phone is told, if it takes that, in our own words.
#[test]
fn a_key_is_passed_on_and_stands_in_no_log() {
    let body = |info: &Request| String::from_utf8(info.body.clone()).expect("text");
    for agent_takes in [true, false] {
        let mut desk = Desk::new();
        let mut talk = desk.talk_with(
            |invite| invite.headers.set("Allow", "INVITE, INFO"),
            |answer| {
                let methods = if agent_takes {
                    "INVITE, INFO"
                } else {
                    "INVITE"
                };
                answer.headers.set("Allow", methods);
            },
        );
        desk.asks(&mut talk.caller, Method::INFO, CALLER, |info| {
            let smuggled = b"Signal=7\r\nDuration=99\r\nX: <sip:1@192.0.2.99>\r\n".to_vec();
            info.set_body("application/dtmf-relay", smuggled);
        });
        desk.response(CALLER, 200);
        let told = desk.next_request(AGENT, &Method::INFO);
        let expected = agent_takes.then(|| "Signal=7\r\nDuration=99\r\n".to_owned());
        assert_eq!(told.as_ref().map(body), expected);
        desk.asks(&mut talk.agent, Method::INFO, AGENT, |info| {
            info.set_body("application/dtmf", b"*".to_vec());
        });
        let told = desk.request(CALLER, &Method::INFO);
        assert_eq!(body(&told), "*");
        desk.answers(&told, 405, "", CALLER, |_| {});
        assert_eq!(keys(&desk), [(Side::Caller, None), (Side::Agent, None)]);
        let log = format!("{:?}", desk.only_call());
        assert!(!log.contains("'7'") && !log.contains("'*'"));
    }
}

/// RFC 3261 §21.3: a 3xx is a refusal, unless the line follows it, and then to our agents only.
#[test]
fn a_phone_that_is_elsewhere_is_followed_only_where_the_line_says_so() {
    for (follows, to, answers) in [
        (false, "1002", false),
        (true, "1002", true),
        (true, "01061234567", false),
    ] {
        let mut desk = Desk::with(|settings| {
            second_agent(settings);
            for line in &mut settings.lines {
                let line = std::sync::Arc::make_mut(line);
                std::sync::Arc::make_mut(&mut line.line).follow_redirects = follows;
            }
        });
        let invite = desk.invite();
        desk.hears(CALLER, invite);
        let offered = desk.request(AGENT, &Method::INVITE);
        desk.answers(&offered, 302, "agent", AGENT, |moved| {
            moved
                .headers
                .set("Contact", format!("<sip:{to}@192.0.2.99>"));
        });
        if answers {
            let second = desk.request(ELSEWHERE, &Method::INVITE);
            desk.answers(&second, 200, "second", ELSEWHERE, |_| {});
            desk.response(CALLER, 200);
        } else {
            desk.none(ELSEWHERE, "INVITE");
        }
        let results = desk.only_call().attempt_results();
        assert_eq!(results.first(), Some(&AttemptResult::Rejected));
    }
}

/// Threat: toll fraud, open relay: a phone sends a caller to an outside number only where the line
/// says so in so many words, and only to what its calls may be transferred to. Whoever answers
/// there, the call is the agent's, with the decision on its row; and no REFER is heard from there.
#[test]
fn a_phone_is_followed_outside_by_explicit_policy_only() {
    for (redirects, to, follows) in [
        (false, "01061234567", false),
        (true, "01061234567", true),
        (true, "02061234567", false),
        (true, "0013125550100", false),
    ] {
        let mut desk = Desk::with(|settings| {
            for line in &mut settings.lines {
                let line = std::sync::Arc::make_mut(line);
                line.transfer.redirects = redirects;
                std::sync::Arc::make_mut(&mut line.line).follow_redirects = true;
            }
        });
        let invite = desk.invite();
        desk.hears(CALLER, invite);
        let offered = desk.request(AGENT, &Method::INVITE);
        desk.answers(&offered, 302, "agent", AGENT, |moved| {
            moved
                .headers
                .set("Contact", format!("<sip:{to}@192.0.2.99>"));
        });
        let call = desk.only_call();
        let decided = |kind: &EventKind| {
            matches!(kind, EventKind::OutboundDecided { decision }
                if decision.by.0 == "1001" && decision.refused.is_none() == follows)
        };
        assert_eq!(call.has(decided), redirects, "{to}: {call:#?}");
        if !follows {
            desk.none(OUTSIDE, "INVITE");
            continue;
        }
        let second = desk.request(OUTSIDE, &Method::INVITE);
        desk.answers(&second, 200, "outside", OUTSIDE, |_| {});
        desk.response(CALLER, 200);
        let mut outside = thirdring::sip::dialog::Dialog::uas(&second, "outside");
        desk.asks(&mut outside, Method::REFER, OUTSIDE, |refer| {
            refer.headers.set("Refer-To", "<sip:01069999999@192.0.2.1>");
        });
        desk.response(OUTSIDE, 403);
        let answered = |kind: &EventKind| matches!(kind, EventKind::Answered { agent, .. } if agent.0 == "1001");
        assert!(desk.only_call().has(answered));
    }
}

/// Threat: toll fraud, open relay: where a phone has sent the caller outside, nobody sends them on,
/// neither to an extension nor to another number that the policy allows.
#[test]
fn an_outside_number_sends_a_caller_nowhere() {
    for to in ["1002", "01069999999"] {
        let mut desk = Desk::with(|settings| {
            second_agent(settings);
            for line in &mut settings.lines {
                let line = std::sync::Arc::make_mut(line);
                line.transfer.redirects = true;
                std::sync::Arc::make_mut(&mut line.line).follow_redirects = true;
            }
        });
        let invite = desk.invite();
        desk.hears(CALLER, invite);
        let mut sends_on = |peer, to: &str| {
            let offered = desk.request(peer, &Method::INVITE);
            desk.answers(&offered, 302, "x", peer, |moved| {
                let contact = format!("<sip:{to}@192.0.2.99>");
                moved.headers.set("Contact", contact);
            });
        };
        sends_on(AGENT, "01061234567");
        sends_on(OUTSIDE, to);
        desk.none(OUTSIDE, "INVITE");
        desk.none(ELSEWHERE, "INVITE");
    }
}

/// RFC 3261 §21.3: phones that send a caller round in circles are followed five times.
#[test]
fn a_circle_of_redirections_ends() {
    let mut desk = Desk::with(|settings| {
        second_agent(settings);
        for line in &mut settings.lines {
            let line = std::sync::Arc::make_mut(line);
            std::sync::Arc::make_mut(&mut line.line).follow_redirects = true;
        }
    });
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    let mut followed = 0;
    for (peer, to) in [(AGENT, "1002"), (ELSEWHERE, "1001")]
        .iter()
        .cycle()
        .take(8)
    {
        let Some(offered) = desk.next_request(*peer, &Method::INVITE) else {
            break;
        };
        followed += 1;
        desk.answers(&offered, 302, "x", *peer, |moved| {
            moved
                .headers
                .set("Contact", format!("<sip:{to}@192.0.2.99>"));
        });
    }
    assert_eq!(followed, 6, "the first INVITE, and five redirections");
}

/// RFC 3261 §21.5.4: a phone that says when to come back is left alone so long, by every call,
/// but for five minutes at most.
#[test]
fn a_phone_that_is_overloaded_is_left_alone_for_as_long_as_it_says() {
    let mut desk = Desk::with(|settings| {
        for line in &mut settings.lines {
            let line = std::sync::Arc::make_mut(line);
            std::sync::Arc::make_mut(&mut line.line).max_preanswer = Duration::from_mins(10);
        }
    });
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    for (asked, wait_s) in [(30, 30), (86_400, 300)] {
        let offered = desk.request(AGENT, &Method::INVITE);
        desk.answers(&offered, 503, "agent", AGENT, |busy| {
            busy.headers.set("Retry-After", asked);
        });
        desk.passes(Duration::from_secs(wait_s - 1));
        desk.none(AGENT, "INVITE");
        desk.passes(Duration::from_secs(1));
    }
    desk.request(AGENT, &Method::INVITE);
}

/// RFC 3515 §2.4.5: a phone that has passed the call on may still change its session before it
/// leaves. Its ports are closed by then, and nobody orders anything for them.
#[test]
fn a_phone_that_has_passed_the_call_on_moves_nothing_any_more() {
    let mut desk = Desk::with(second_agent);
    let mut talk = desk.talk();
    desk.asks(&mut talk.agent, Method::REFER, AGENT, |refer| {
        refer.headers.set("Refer-To", "<sip:1002@192.0.2.1>");
        refer.headers.set("Contact", format!("<sip:x@{AGENT}>"));
    });
    desk.response(AGENT, 202);
    let second = desk.request(ELSEWHERE, &Method::INVITE);
    desk.answers(&second, 200, "second", ELSEWHERE, |_| {});
    desk.orders.clear();
    for direction in ["sendonly", "sendrecv"] {
        let reinvite = desk.asks(&mut talk.agent, Method::INVITE, AGENT, |reinvite| {
            reinvite.set_body("application/sdp", sdp(AGENT, direction));
        });
        desk.response(AGENT, 200);
        desk.acks(&talk.agent, reinvite.cseq().number, AGENT);
    }
    assert_eq!(desk.orders, []);
    desk.asks(&mut talk.agent, Method::BYE, AGENT, |_| {});
    desk.response(AGENT, 200);
    let call = desk.only_call();
    assert!(!call.has(|kind| matches!(kind, EventKind::Held { .. } | EventKind::HungUp { .. })));
}

/// Some phones hang up as soon as they hear that their transfer has failed (baresip 1.0, for one): the
/// caller is not let go by that, but rung through to the line's agents again. Who hangs up later does.
#[test]
fn a_phone_that_gives_up_on_its_failed_transfer_lets_nobody_go() {
    for (waits, is_kept) in [(0, true), (3_500, false)] {
        let mut desk = Desk::with(second_agent);
        let mut talk = desk.talk();
        desk.asks(&mut talk.agent, Method::REFER, AGENT, |refer| {
            refer.headers.set("Refer-To", "<sip:1002@192.0.2.1>");
            refer.headers.set("Contact", format!("<sip:x@{AGENT}>"));
        });
        desk.response(AGENT, 202);
        let second = desk.request(ELSEWHERE, &Method::INVITE);
        desk.answers(&second, 486, "second", ELSEWHERE, |_| {});
        desk.passes(Duration::from_millis(waits));
        desk.asks(&mut talk.agent, Method::BYE, AGENT, |_| {});
        desk.response(AGENT, 200);
        if !is_kept {
            desk.request(CALLER, &Method::BYE);
            continue;
        }
        desk.none(CALLER, "BYE");
        desk.passes(Duration::from_secs(1));
        let again = desk.request(AGENT, &Method::INVITE);
        desk.answers(&again, 200, "again", AGENT, |_| {});
        let call = desk.only_call();
        assert_eq!(call.transfer_results(), [TransferResult::Refused]);
        let has_hung_up = call.has(|kind| matches!(kind, EventKind::HungUp { .. }));
        assert!(!has_hung_up, "the agent has hung up on nobody");
    }
}

const ELSEWHERE: std::net::SocketAddr = crate::world::at(102, 5060);

/// An agent of ours who is not the line's.
fn second_agent(settings: &mut Settings) {
    let mut second = settings.agents.first().expect("an agent").clone();
    second.id = thirdring::id::AgentId::from("1002");
    second.contact = Some(ELSEWHERE.into());
    settings.agents.push(second);
}
