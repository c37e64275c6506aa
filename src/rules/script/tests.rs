use super::*;

fn scene() -> Scene {
    Scene {
        agent_number: Some("1001".to_owned()),
        agent_name: Some("李娜".to_owned()),
        hour: Some(14),
        ..Scene::default()
    }
}

fn said(script: &Script, moment: Occasion, scene: &Scene) -> Vec<(Step, String)> {
    let parts = script.parts(moment, scene).into_iter();
    parts.map(|part| (part.step, part.words.zh)).collect()
}

fn text(script: &Script, moment: Occasion, scene: &Scene) -> String {
    let parts = said(script, moment, scene).into_iter();
    parts.map(|(_, text)| text).collect()
}

fn script(template: Template) -> Script {
    Script {
        template,
        company: "步步高".to_owned(),
        department: "客服部".to_owned(),
        project: "滨江".to_owned(),
        ..Script::default()
    }
}

/// R024, R028: greet, say who one is, offer help; each a part of its own and in this order.
#[test]
fn an_answer_has_its_parts_in_order() {
    let parts = said(&script(Template::Hotline), Occasion::Answer, &scene());
    let expected = [
        (Step::Greeting, "您好!"),
        (Step::Identity, "这里是步步高客服部。"),
        (Step::Agent, "工号1001为您服务。"),
        (Step::Offer, "请问有什么可以帮您?"),
    ];
    let expected = expected.map(|(step, text)| (step, text.to_owned()));
    assert_eq!(parts, expected);
}

/// R025
#[test]
fn each_kind_of_line_has_its_own_words() {
    let spoken = |template| {
        let script = Script {
            introduction: Introduction::None,
            ..script(template)
        };
        text(&script, Occasion::Answer, &scene())
    };
    for (template, expected) in [
        (
            Template::Hotline,
            "您好!这里是步步高客服部。请问有什么可以帮您?",
        ),
        (
            Template::Mall,
            "您好!这里是步步高总服务台。请问有什么可以帮到您的?",
        ),
        (Template::Office, "你好!客服部请问有什么可以帮您?"),
        (Template::FrontDesk, "您好!客服部有什么帮到您?"),
        (Template::Property, "您好!步步高请问有什么可以帮您?"),
        (Template::Product, "您好!这里是步步高。请问有什么可以帮您?"),
        (Template::Service, "您好!这里是步步高。请问有什么可以帮您?"),
        (Template::Sales, "您好!滨江项目。很高兴为您服务。"),
    ] {
        assert_eq!(spoken(template), expected, "{template:?}");
    }
}

/// R011: the apology goes before everything else, and only where it is owed.
#[test]
fn who_answers_late_apologises_first() {
    let script = script(Template::Hotline);
    let late = said(&script, Occasion::Late, &scene());
    assert_eq!(late[0], (Step::Apology, "对不起,让您久等了。".to_owned()));
    assert_eq!(late[1..], said(&script, Occasion::Answer, &scene())[..]);
}

/// R026, R027: from inside it is the department; in the morning, and on a holiday, the greeting differs.
#[test]
fn the_greeting_goes_by_who_calls_and_when() {
    let script = script(Template::Hotline);
    let inside = Scene {
        is_internal: true,
        ..scene()
    };
    let answer = text(&script, Occasion::Answer, &inside);
    assert!(answer.starts_with("您好!客服部工号1001"), "{answer}");
    let early = Scene {
        hour: Some(9),
        ..scene()
    };
    let answer = text(&script, Occasion::Answer, &early);
    assert!(answer.starts_with("早上好!这里是"), "{answer}");
    let holiday = |name: &str| Scene {
        holiday: Some(name.to_owned()),
        ..scene()
    };
    let answer = text(&script, Occasion::Answer, &holiday("春节"));
    assert!(answer.starts_with("您好!新年好!这里是"), "{answer}");
    let own = Script {
        holidays: [("国庆节".to_owned(), Words::of("国庆快乐!", ""))].into(),
        ..script
    };
    let answer = text(&own, Occasion::Answer, &holiday("国庆节"));
    assert!(answer.starts_with("您好!国庆快乐!"), "{answer}");
}

/// R033: by number, by name, or not at all; what nobody has told us is not said.
#[test]
fn an_agent_says_the_name_or_the_work_number() {
    let with = |introduction| Script {
        introduction,
        ..script(Template::Hotline)
    };
    let answer = |script: &Script, scene: &Scene| text(script, Occasion::Answer, scene);
    assert!(answer(&with(Introduction::Name), &scene()).contains("我是李娜。"));
    let silent = answer(&with(Introduction::None), &scene());
    assert!(
        !silent.contains("李娜") && !silent.contains("1001"),
        "{silent}"
    );
    let nobody = answer(&with(Introduction::Number), &Scene::default());
    assert!(!nobody.contains("工号"), "{nobody}");
    let unnamed = said(&Script::default(), Occasion::Answer, &scene());
    assert!(unnamed.iter().all(|(step, _)| *step != Step::Identity));
}

/// R032, R034, R035, R038, R040, R064: there are words for each moment, in both languages.
#[test]
fn there_are_words_for_every_moment() {
    let script = script(Template::Mall);
    for moment in Occasion::ALL {
        let parts = script.parts(moment, &scene());
        assert!(!parts.is_empty(), "{moment}");
        for part in &parts {
            assert!(
                !part.words.zh.is_empty() && !part.words.en.is_empty(),
                "{moment} {part:?}"
            );
            assert!(
                !part.words.zh.contains('{') && !part.words.en.contains('{'),
                "{part:?}"
            );
        }
        assert_eq!(moment.as_str().parse(), Ok(moment));
    }
    let close = text(&script, Occasion::Close, &scene());
    assert_eq!(close, "感谢您的来电。再见,欢迎您到步步高来做客!");
    let outbound = said(&script, Occasion::Outbound, &scene());
    let steps: Vec<_> = outbound.into_iter().map(|(step, _)| step).collect();
    assert_eq!(steps.first(), Some(&Step::Greeting));
    assert!(steps.contains(&Step::Wanted) && steps.contains(&Step::Points));
    assert!("tomorrow".parse::<Occasion>().is_err());
}

/// R025: a line's own words go before those that are built in, and can leave a part out.
#[test]
fn a_line_has_words_of_its_own() {
    let own = |moment, step, zh: &str| OwnWords {
        moment,
        step,
        words: Words::of(zh, ""),
    };
    let script = Script {
        own: vec![
            own(Occasion::Answer, Step::Offer, "{company}竭诚为您服务。"),
            own(Occasion::Answer, Step::Agent, ""),
            own(Occasion::Close, Step::Goodbye, "祝您生活愉快,再见!"),
        ],
        ..script(Template::Hotline)
    };
    for moment in [Occasion::Answer, Occasion::Late] {
        let parts = said(&script, moment, &scene());
        let last = parts.last().unwrap();
        assert_eq!(last, &(Step::Offer, "步步高竭诚为您服务。".to_owned()));
        assert!(parts.iter().all(|(step, _)| *step != Step::Agent));
    }
    let close = script.parts(Occasion::Close, &scene());
    let last = &close.last().unwrap().words;
    assert_eq!(
        (last.zh.as_str(), last.en.as_str()),
        ("祝您生活愉快,再见!", "祝您生活愉快,再见!")
    );
}

/// R030: each change is another version, and a script that was written down reads as it was.
#[test]
fn each_change_of_a_script_is_another_version() {
    let first = script(Template::Hotline);
    let other = Script {
        company: "海尔斯".to_owned(),
        ..first.clone()
    };
    assert_eq!(first.version().len(), VERSION_DIGITS);
    assert_ne!(first.version(), other.version());
    let written = serde_json::to_value(&first).unwrap();
    let read: Script = serde_json::from_value(written).unwrap();
    assert_eq!(read.version(), first.version());
}

/// R036: nobody answers 不知道.
#[test]
fn some_phrases_are_forbidden_and_stand_in_no_script() {
    let script = script(Template::Hotline);
    for phrase in ["不在", "不知道", "这事情不归我管"] {
        assert!(
            script.forbidden.iter().any(|known| known == phrase),
            "{phrase}"
        );
    }
    for moment in Occasion::ALL
        .into_iter()
        .filter(|moment| *moment != Occasion::Absent)
    {
        let spoken = text(&script, moment, &scene());
        for phrase in &script.forbidden {
            assert!(!spoken.contains(phrase.as_str()), "{moment}: {phrase}");
        }
    }
}

/// What a company is called is not looked through for placeholders.
#[test]
fn what_is_filled_in_is_said_as_it_is() {
    let script = Script {
        company: "{agent}".to_owned(),
        ..script(Template::Product)
    };
    let answer = text(&script, Occasion::Answer, &scene());
    assert!(answer.contains("这里是{agent}。"), "{answer}");
}

/// R044: each kind of caller has signs and something that helps.
#[test]
fn there_is_advice_for_each_kind_of_caller() {
    let mut codes: Vec<_> = CustomerType::ALL.iter().map(|kind| kind.code).collect();
    codes.dedup();
    assert_eq!(codes.len(), 5);
    for kind in CustomerType::ALL {
        assert!(
            !kind.response.zh.is_ascii() && kind.response.en.is_ascii(),
            "{kind:?}"
        );
    }
}
