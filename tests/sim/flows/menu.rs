//! Menus: where a key leads, and where none does.

use super::*;

fn menu(line: &mut Line) {
    line.flow.menu = Some(Menu {
        prompt: prompt("menu.wav"),
        wrong: Some(prompt("wrong-key.wav")),
        wait: Duration::from_secs(5),
        repeats: 2,
        keys: BTreeMap::from([
            ('1', [Step::Agents].into()),
            ('2', [Step::Line(LineId::from("sales"))].into()),
            ('3', [announce("hours.wav")].into()),
        ]),
        otherwise: [Step::Agents].into(),
    });
}

fn menu_answered(desk: &Desk) -> Vec<(KeyResult, Option<char>)> {
    let kinds = kinds(desk).into_iter();
    let menus = kinds.filter_map(|kind| {
        if let EventKind::MenuAnswered(menu) = kind {
            Some((menu.result, menu.key))
        } else {
            None
        }
    });
    menus.collect()
}

/// A key leads to another line's agents, also in the middle of the prompt.
#[test]
fn a_key_leads_to_another_line() {
    let mut desk = desk(menu);
    let mut caller = is_picked_up(&mut desk);
    assert!(plays(&desk, "menu.wav"));
    presses(&mut desk, '2');
    assert_eq!(menu_answered(&desk), [(KeyResult::Key, Some('2'))]);
    desk.none(AGENT, "INVITE");
    is_answered(&mut desk, OTHER, Duration::from_secs(1));
    leaves(&mut desk, &mut caller);
    let bye = desk.request(OTHER, &Method::BYE);
    desk.answers(&bye, 200, "agent", OTHER, |_| {});
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Answered));
    desk.nothing_is_left();
}

/// A key leads to an announcement, after which the call is over.
#[test]
fn a_key_leads_to_an_announcement() {
    let mut desk = desk(menu);
    is_picked_up(&mut desk);
    hears_prompt(&mut desk, "menu.wav");
    presses(&mut desk, '3');
    hears_prompt(&mut desk, "hours.wav");
    is_let_go(&mut desk);
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Announcement));
    desk.nothing_is_left();
}

/// Wrong keys are borne with twice, each with a word and the question again; then, as without any
/// key, the call goes where the line says.
#[test]
fn wrong_keys_and_no_key_lead_to_the_agents() {
    for wrong in [true, false] {
        let mut desk = desk(menu);
        let mut caller = is_picked_up(&mut desk);
        hears_prompt(&mut desk, "menu.wav");
        if wrong {
            for _ in 0..2 {
                presses(&mut desk, '9');
                hears_prompt(&mut desk, "wrong-key.wav");
                hears_prompt(&mut desk, "menu.wav");
            }
            presses(&mut desk, '9');
            assert_eq!(menu_answered(&desk), [(KeyResult::WrongKeys, None)]);
        } else {
            desk.passes(Duration::from_millis(4_999));
            assert_eq!(menu_answered(&desk), []);
            desk.passes(Duration::from_millis(1));
            assert_eq!(menu_answered(&desk), [(KeyResult::NoKey, None)]);
        }
        is_answered(&mut desk, AGENT, Duration::from_secs(1));
        leaves(&mut desk, &mut caller);
        let bye = desk.request(AGENT, &Method::BYE);
        desk.answers(&bye, 200, "agent", AGENT, |_| {});
        desk.nothing_is_left();
    }
}
