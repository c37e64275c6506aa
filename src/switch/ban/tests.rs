//! What a guesser can and cannot do.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
fn start() -> Instant {
    Instant::now() + Duration::from_hours(1)
}

fn source(last: u8) -> Source {
    Source::of(std::net::Ipv4Addr::new(198, 51, 100, last).into())
}

fn numbered(number: u32) -> Source {
    Source::of(std::net::Ipv4Addr::from(0x0a00_0000 + number).into())
}

fn bans(settings: BanSettings) -> Bans {
    Bans::new(settings, ["1001".to_owned(), "1002".to_owned()].into_iter())
}

/// One wrong password: whether it was looked at, and whether it led to a ban.
fn guess(bans: &mut Bans, from: Source, user: &str, is_proven: bool, now: Instant) -> (bool, bool) {
    let whose = Whose::Source(from);
    let looked_at = bans.may_try(whose, from, user, is_proven, now);
    (looked_at, bans.failed(whose, user, is_proven, true, now))
}

/// Threat: registration brute force, enumeration. However a guesser spreads his tries over time,
/// no minute holds more than 20 of them.
#[test]
fn a_source_gets_twenty_tries_a_minute_at_any_pace() {
    for pause_ms in [10, 500, 2_000, 2_900, 3_100, 7_000] {
        let settings = BanSettings {
            time: 5 * SECOND,
            ..BanSettings::default()
        };
        let (mut bans, begun) = (bans(settings), start());
        let mut tried = VecDeque::new();
        for n in 0..600 {
            let now = begun + Duration::from_millis(pause_ms) * n;
            if bans.is_banned(source(1), now) {
                continue;
            }
            let user = format!("10{:02}", n % 40);
            if guess(&mut bans, source(1), &user, n % 5 > 0, now).0 {
                tried.push_back(now);
            }
            while tried
                .front()
                .is_some_and(|at| *at + Duration::from_mins(1) <= now)
            {
                tried.pop_front();
            }
            assert!(
                tried.len() <= 20,
                "{} tries, one in {pause_ms} ms",
                tried.len()
            );
        }
    }
}

/// Threat: registration brute force, enumeration.
#[test]
fn the_twentieth_failure_bans_for_ten_minutes() {
    let (mut bans, now) = (bans(BanSettings::default()), start());
    for n in 1..20 {
        assert_eq!(
            guess(&mut bans, source(1), "1001", true, now),
            (true, false),
            "{n}"
        );
    }
    assert!(!bans.is_banned(source(1), now));
    assert_eq!(guess(&mut bans, source(1), "1001", true, now), (true, true));
    assert!(bans.is_banned(source(1), now + 599 * SECOND));
    assert!(!bans.is_banned(source(1), now + Duration::from_mins(10)));
    assert!(!bans.is_banned(source(2), now));
    assert!(
        !guess(&mut bans, source(1), "1002", true, now).0,
        "one try more"
    );
}

/// Threat: registration brute force, enumeration. A forged source address bans nobody, and leaves
/// the one whose address it is his own tries.
#[test]
fn forged_sources_ban_nobody() {
    let (mut bans, now) = (bans(BanSettings::default()), start());
    let looked_at = (0..1000).filter(|_| {
        let (looked_at, banned) = guess(&mut bans, source(1), "1001", false, now);
        assert!(!banned);
        looked_at
    });
    assert_eq!(looked_at.count(), 5);
    assert!(bans.may_try(Whose::Source(source(1)), source(1), "1001", true, now));
}

/// Threat: registration brute force, enumeration. The phone's own address and port are another
/// count than the address that it shares with the attacker.
#[test]
fn a_registered_phone_behind_the_attackers_address_goes_on() {
    let (mut bans, now) = (bans(BanSettings::default()), start());
    for _ in 0..40 {
        guess(&mut bans, source(1), "1001", true, now);
    }
    assert!(bans.is_banned(source(1), now));
    let phone = Whose::Phone(([198, 51, 100, 1], 5060).into());
    assert!(bans.may_try(phone, source(1), "1002", true, now));
}

/// Threat: registration brute force, enumeration. A thousand sources on one account: none of them
/// is banned, yet together they get three sources' worth of tries, and the phone's own place is
/// heard.
#[test]
fn many_sources_at_one_account_do_not_lock_its_phone_out() {
    let (mut bans, now) = (bans(BanSettings::default()), start());
    bans.succeeded(source(1), "1001");
    let looked_at = (0..1000).filter(|n| guess(&mut bans, numbered(*n), "1001", true, now).0);
    assert_eq!(looked_at.count(), 60);
    let may = |bans: &mut Bans, from: Source, user: &str, now| {
        bans.may_try(Whose::Source(from), from, user, true, now)
    };
    assert!(may(&mut bans, source(1), "1001", now), "its own place");
    assert!(may(&mut bans, source(2), "1002", now), "another account");
    assert!(!may(&mut bans, source(2), "1001", now), "a new place");
    assert!(may(
        &mut bans,
        source(2),
        "1001",
        now + Duration::from_mins(1)
    ));
}

/// Threat: flood, memory. Nobody gets out of his ban by having others banned.
#[test]
fn a_full_list_keeps_its_bans_and_newcomers_gain_nothing() {
    let settings = BanSettings {
        entries: 8,
        ..BanSettings::default()
    };
    let (mut bans, now) = (bans(settings), start());
    for n in 0..100 {
        for _ in 0..20 {
            guess(&mut bans, numbered(n), "9999", true, now);
        }
    }
    assert_eq!(bans.iter().count(), 8);
    assert!((0..8).all(|n| bans.is_banned(numbered(n), now)));
    let whose = Whose::Source(numbered(50));
    assert!(!bans.may_try(whose, numbered(50), "1001", true, now));
}

/// Threat: flood, memory. To fail from everywhere does not wipe out what is known of a guesser.
#[test]
fn counts_are_bounded_and_those_with_many_failures_stay() {
    let (mut bans, now) = (bans(BanSettings::default()), start());
    for _ in 0..15 {
        guess(&mut bans, source(1), "9999", true, now);
    }
    for n in 0..3 * COUNTED {
        let now = now + Duration::from_micros(100) * u32::try_from(n).unwrap();
        guess(
            &mut bans,
            numbered(u32::try_from(n).unwrap()),
            "9999",
            true,
            now,
        );
    }
    // Within a second, no more come in than the gate lets through.
    assert!(bans.failures.len() < 2 * COUNTED, "{}", bans.failures.len());
    let kept = bans.failures.get(&Whose::Source(source(1)));
    assert_eq!(kept.map(Failures::len), Some(15));
}

#[test]
fn a_banned_source_is_let_through_by_a_trickle_once_its_minute_is_over() {
    let (mut bans, now) = (bans(BanSettings::default()), start());
    for _ in 0..20 {
        guess(&mut bans, source(1), "1001", true, now);
    }
    let mut through = |from_s: u32| {
        let ten_a_second = (0..600).map(|n| now + SECOND * from_s + SECOND * n / 10);
        let through = ten_a_second.filter(|now| {
            let passes = bans.take_trickle(source(1), *now);
            if passes {
                // A further failure does not fill the bucket again.
                guess(&mut bans, source(1), "1001", true, *now);
            }
            passes
        });
        through.count()
    };
    assert_eq!(through(0), 0);
    assert!((7..=8).contains(&through(60)));
    assert!((6..=7).contains(&through(120)));
}

#[test]
fn addresses_that_may_not_be_banned_are_only_counted() {
    let (mut bans, now) = (bans(BanSettings::default()), start());
    for _ in 0..40 {
        assert!(!bans.failed(Whose::Source(source(1)), "1001", true, false, now));
    }
    assert!(!bans.is_banned(source(1), now));
}
