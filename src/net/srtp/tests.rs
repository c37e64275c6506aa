use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;

const SUITES: [SrtpSuite; 3] = [
    SrtpSuite::AesCm128HmacSha1_80,
    SrtpSuite::AesCm128HmacSha1_32,
    SrtpSuite::AeadAes128Gcm,
];

/// Both ends of a leg: what we send is what the peer receives.
fn pair(suite: SrtpSuite) -> (SrtpKeys, SrtpKeys) {
    let mut rng = StdRng::seed_from_u64(7);
    let (ours, theirs) = (
        MasterKey::mint(suite, &mut rng),
        MasterKey::mint(suite, &mut rng),
    );
    let keys = |send: &MasterKey, receive: &MasterKey| SrtpKeys {
        suite,
        send: send.clone(),
        receive: receive.clone(),
    };
    (keys(&ours, &theirs), keys(&theirs, &ours))
}

/// Two legs that speak with each other, each in slot 3 of its table.
fn ends(suite: SrtpSuite) -> (SrtpLegs, SrtpLegs) {
    let (ours, theirs) = pair(suite);
    let (mut us, mut peer) = (SrtpLegs::default(), SrtpLegs::default());
    us.set(SLOT, Some(&ours));
    peer.set(SLOT, Some(&theirs));
    (us, peer)
}

const SLOT: usize = 3;

fn rtp(ssrc: u32, sequence: u16) -> Vec<u8> {
    let packet = crate::media::rtp::Packet {
        marker: false,
        payload_type: 8,
        sequence,
        timestamp: u32::from(sequence) * 160,
        ssrc,
        payload: &[0xD5; 160],
    };
    packet.to_bytes()
}

/// A receiver report without blocks (RFC 3550 §6.4.2).
fn rtcp(ssrc: u32) -> Vec<u8> {
    let [a, b, c, d] = ssrc.to_be_bytes();
    vec![0x80, 201, 0, 1, a, b, c, d]
}

fn sealed(legs: &mut SrtpLegs, half: Half, packet: &[u8]) -> Vec<u8> {
    legs.seal(SLOT, half, packet).unwrap().into_owned()
}

fn opened(legs: &mut SrtpLegs, half: Half, datagram: &[u8]) -> Option<Vec<u8>> {
    legs.open(SLOT, half, datagram).map(Cow::into_owned)
}

#[test]
fn what_one_end_seals_the_other_opens() {
    for suite in SUITES {
        let (mut us, mut peer) = ends(suite);
        // Over the end of the numbers and on: the rollover counter is part of the key stream.
        for n in 0..200_u16 {
            let packet = rtp(1, 65_450_u16.wrapping_add(n));
            let wire = sealed(&mut us, Half::Rtp, &packet);
            assert_eq!(wire[..12], packet[..12], "the header stays in clear");
            assert_ne!(wire[12..172], packet[12..], "{suite:?}");
            assert_eq!(opened(&mut peer, Half::Rtp, &wire), Some(packet));
        }
        let report = rtcp(1);
        let wire = sealed(&mut us, Half::Rtcp, &report);
        assert_eq!(opened(&mut peer, Half::Rtcp, &wire), Some(report));
        assert_eq!(peer.remove(SLOT), Some(0));
    }
}

/// The master key and salt of RFC 3711 appendix B.3 encrypt, with the key stream that follows
/// from the session keys given there, computed apart from this program by openssl: AES-128-CTR
/// with key C61E7A93744F39EE10734AFE3FF7A087 and salt 30CBBC08863D8C85D49DB34A9AE1, SSRC
/// 0xCAFEBABE, packet 0x1234.
#[test]
fn the_key_derivation_of_rfc_3711_b3_makes_the_key_stream() {
    let key = hex::decode("e1f97a0d3e018be0d64fa32c06de4139").unwrap();
    let salt = hex::decode("0ec675ad498afeebb6960b3aabe6").unwrap();
    let profile = ProtectionProfile::Aes128CmHmacSha1_80;
    let mut context = Context::new(&key, &salt, profile, None, None).unwrap();
    let mut packet = rtp(0xCAFE_BABE, 0x1234);
    packet.truncate(12);
    packet.extend([0; 32]);
    let header = measured(&packet).unwrap();
    let wire = context.encrypt_rtp_with_header(&packet, &header).unwrap();
    assert_eq!(hex::encode(&wire[12..44]), KEY_STREAM);
}

const KEY_STREAM: &str = "e5fe77e74c32d373270f79be3f368fa99f1093e2b54da48b51a73734af6f8d3e";

/// Threat: RTCP/DTMF/SRTP tricks. A changed octet, a short datagram and a repeated one are dropped
/// and counted; the stream goes on.
#[test]
fn what_is_not_authentic_is_dropped_and_counted() {
    for suite in SUITES {
        let (mut us, mut peer) = ends(suite);
        let first = sealed(&mut peer, Half::Rtp, &rtp(1, 1));
        assert!(opened(&mut us, Half::Rtp, &first).is_some());
        let report = sealed(&mut peer, Half::Rtcp, &rtcp(1));
        assert!(opened(&mut us, Half::Rtcp, &report).is_some());
        let mut bad = 0;
        for (half, wire, next) in [
            (Half::Rtp, &first, sealed(&mut peer, Half::Rtp, &rtp(1, 2))),
            (Half::Rtcp, &report, sealed(&mut peer, Half::Rtcp, &rtcp(1))),
        ] {
            assert_eq!(opened(&mut us, half, wire), None, "it came before");
            bad += 1;
            for at in 0..next.len() {
                let mut changed = next.clone();
                changed[at] ^= 1;
                assert_eq!(opened(&mut us, half, &changed), None, "{suite:?} {at}");
                assert_eq!(opened(&mut us, half, &next[..at]), None, "{suite:?} {at}");
                bad += 2;
            }
            assert!(opened(&mut us, half, &next).is_some(), "{suite:?} goes on");
        }
        let plain = rtp(1, 3);
        assert_eq!(opened(&mut us, Half::Rtp, &plain), None, "in clear");
        assert_eq!(us.remove(SLOT), Some(bad + 1));
    }
}

/// Threat: RTCP/DTMF/SRTP tricks. SRTCP that says it is not encrypted is not let through unseen.
#[test]
fn srtcp_without_its_e_bit_is_dropped() {
    let (mut us, _) = ends(SrtpSuite::AesCm128HmacSha1_80);
    let mut forged = rtcp(1);
    forged.extend([0; 14]);
    assert_eq!(opened(&mut us, Half::Rtcp, &forged), None);
}

/// Threat: RTCP/DTMF/SRTP tricks. Forged packets with the peer's own SSRC, and a number far ahead,
/// that come before its first one do not keep it out; nor do forged sources without end.
#[test]
fn forged_packets_before_the_first_do_not_keep_the_peer_out() {
    for suite in SUITES {
        let (mut us, mut peer) = ends(suite);
        for n in 0..2_000_u32 {
            let mut forged = rtp(if n % 2 == 0 { 1 } else { n }, 30_000);
            forged.extend([0; 10]);
            assert_eq!(opened(&mut us, Half::Rtp, &forged), None);
        }
        let wire = sealed(&mut peer, Half::Rtp, &rtp(1, 10));
        assert!(opened(&mut us, Half::Rtp, &wire).is_some(), "{suite:?}");
    }
}

/// A peer that sends from another source again and again takes no memory without end.
#[test]
fn a_peer_has_a_bounded_number_of_sources() {
    let (mut us, mut peer) = ends(SrtpSuite::AesCm128HmacSha1_80);
    let heard = (0..1_000_u32).filter(|ssrc| {
        let wire = sealed(&mut peer, Half::Rtp, &rtp(*ssrc, 1));
        opened(&mut us, Half::Rtp, &wire).is_some()
    });
    assert_eq!(heard.count(), MOST_SOURCES);
}

/// The same keys again leave counter and window as they are; a new key of the peer's begins anew,
/// and what we send goes on.
#[test]
fn a_description_with_the_same_keys_changes_nothing() {
    let suite = SrtpSuite::AesCm128HmacSha1_80;
    let (ours, theirs) = pair(suite);
    let (mut us, mut peer) = ends(suite);
    let first = sealed(&mut peer, Half::Rtp, &rtp(1, 1));
    assert!(opened(&mut us, Half::Rtp, &first).is_some());
    us.set(SLOT, Some(&ours));
    assert_eq!(opened(&mut us, Half::Rtp, &first), None, "it came before");

    let mut rng = StdRng::seed_from_u64(8);
    let fresh = MasterKey::mint(suite, &mut rng);
    peer.set(
        SLOT,
        Some(&SrtpKeys {
            send: fresh.clone(),
            ..theirs
        }),
    );
    let next = sealed(&mut peer, Half::Rtp, &rtp(1, 2));
    assert_eq!(
        opened(&mut us, Half::Rtp, &next),
        None,
        "the key is unknown"
    );
    us.set(
        SLOT,
        Some(&SrtpKeys {
            receive: fresh,
            ..ours
        }),
    );
    assert!(opened(&mut us, Half::Rtp, &next).is_some());
    let back = sealed(&mut us, Half::Rtp, &rtp(2, 1));
    assert!(opened(&mut peer, Half::Rtp, &back).is_some());
    assert_eq!(us.remove(SLOT), Some(2));
    assert_eq!(us.remove(SLOT), None, "the slot's next leg begins anew");
}

#[test]
fn a_leg_in_clear_is_passed_on_untouched() {
    let mut legs = SrtpLegs::default();
    let packet = rtp(1, 1);
    let opened = legs.open(SLOT, Half::Rtp, &packet);
    assert!(matches!(opened, Some(Cow::Borrowed(_))));
    let sealed = legs.seal(SLOT, Half::Rtp, &packet);
    assert!(matches!(sealed, Some(Cow::Borrowed(_))));
    assert_eq!(legs.remove(SLOT), None);
}

/// A header extension with gaps, and a list of sources: only what is behind them is encrypted.
#[test]
fn the_header_is_measured_with_all_that_belongs_to_it() {
    for suite in SUITES {
        let (mut us, mut peer) = ends(suite);
        let packet = std::fs::read("proto-fixtures/rtp/csrc-extension-padding.bin").unwrap();
        let audio = packet.windows(8).position(|at| at == [0xD5; 8]).unwrap();
        let wire = sealed(&mut peer, Half::Rtp, &packet);
        assert_eq!(wire[..audio], packet[..audio]);
        assert_ne!(wire[audio..audio + 8], packet[audio..audio + 8]);
        assert_eq!(opened(&mut us, Half::Rtp, &wire), Some(packet));
    }
}

proptest! {
    #[test]
    fn no_datagram_breaks_the_reader(
        first in any::<u8>(),
        rest in proptest::collection::vec(any::<u8>(), 0..80),
        suite in 0..3_usize,
    ) {
        let (mut us, _) = ends(SUITES[suite]);
        let datagram: Vec<_> = [0x80 | first & 0x3F].into_iter().chain(rest).collect();
        prop_assert_eq!(opened(&mut us, Half::Rtp, &datagram), None);
        prop_assert_eq!(opened(&mut us, Half::Rtcp, &datagram), None);
        let _ = us.seal(SLOT, Half::Rtp, &datagram);
        let _ = us.seal(SLOT, Half::Rtcp, &datagram);
    }
}
