//! Whether anything is said, whatever packets come.

use super::*;

/// Packets of the caller's for so long, of this octet: 0xD5 is the least value of A-law, 0x95 a loud
/// one.
fn sends(call: &mut Call, octet: u8, first: u16, packets: u16) {
    for index in first..first + packets {
        let payload = [octet; 160];
        call.receive(
            CALLER,
            Packet {
                payload: &payload,
                ..packet(CALLER, index)
            },
        );
        call.receive(AGENT, packet(AGENT, index));
        call.pass(PACKET);
    }
}

const SILENCE: u8 = 0xd5;
const WORD: u8 = 0x95;
const QUIET: Duration = Duration::from_secs(3);

/// X03: silence in packets is silence: it is told of once, and the first word after it.
#[test]
fn silence_is_noticed_though_packets_come() {
    let mut call = Call::connected();
    call.session.heed(CALLER, QUIET, true, call.now);
    sends(&mut call, SILENCE, 1, 140);
    assert_eq!(call.out.noticed, []);
    sends(&mut call, SILENCE, 141, 500);
    assert_eq!(call.out.noticed, [(CALLER, Notice::Quiet)]);
    // A click is no word.
    sends(&mut call, WORD, 641, 1);
    sends(&mut call, SILENCE, 642, 50);
    assert_eq!(call.out.noticed.len(), 1);
    sends(&mut call, WORD, 692, 50);
    let told = [(CALLER, Notice::Quiet), (CALLER, Notice::Spoke)];
    assert_eq!(call.out.noticed, told);
    // Who has spoken may listen for as long as it takes.
    sends(&mut call, SILENCE, 742, 500);
    assert_eq!(call.out.noticed, told);
}

/// X03: who speaks at once is told of once, and never called quiet.
#[test]
fn a_first_word_is_told_of() {
    let mut call = Call::connected();
    call.session.heed(CALLER, QUIET, true, call.now);
    sends(&mut call, WORD, 1, 50);
    sends(&mut call, SILENCE, 51, 500);
    assert_eq!(call.out.noticed, [(CALLER, Notice::Spoke)]);
}

/// R186: where every pause counts, each that is long enough is told of, and its end.
#[test]
fn each_long_pause_is_told_of_where_it_counts() {
    let mut call = Call::connected();
    call.session.heed(CALLER, QUIET, false, call.now);
    sends(&mut call, WORD, 1, 100);
    sends(&mut call, SILENCE, 101, 100);
    sends(&mut call, WORD, 201, 100);
    assert_eq!(call.out.noticed, [], "a breath");
    sends(&mut call, SILENCE, 301, 200);
    sends(&mut call, WORD, 501, 50);
    let told = [(CALLER, Notice::Quiet), (CALLER, Notice::Spoke)];
    assert_eq!(call.out.noticed, told);
}
