//! The texts that are built in. The Chinese ones are those of the rules' sources; what these only
//! describe (an apology, a complaint that is taken up) is worded here.

use super::{Introduction, Occasion, Step, Template};

/// Chinese and English.
type Pair = (&'static str, &'static str);

/// What is never said (R036).
pub(super) const FORBIDDEN: &[&str] = &[
    "不在",
    "不知道",
    "我不知道",
    "不清楚",
    "这事情不归我管",
    "这不是我的事",
    "你找别人吧",
    "没办法",
    "你自己看着办",
    "急什么",
    "烦不烦",
    "刚才不是说过了吗",
];

/// What is said often (R037).
pub(super) const COURTESY: &[&str] = &["您好", "请", "谢谢", "对不起", "请稍等", "再见"];

/// The parts of a moment, in the order in which they are said.
pub(super) const fn steps(moment: Occasion) -> &'static [Step] {
    match moment {
        Occasion::Answer => &[
            Step::Greeting,
            Step::Holiday,
            Step::Identity,
            Step::Agent,
            Step::Offer,
        ],
        Occasion::Late => &[
            Step::Apology,
            Step::Greeting,
            Step::Holiday,
            Step::Identity,
            Step::Agent,
            Step::Offer,
        ],
        Occasion::Opinion => &[Step::Thanks, Step::Phrase],
        Occasion::Close => &[Step::Thanks, Step::Goodbye],
        Occasion::Outbound => &[
            Step::Greeting,
            Step::Identity,
            Step::Agent,
            Step::Wanted,
            Step::Points,
            Step::Thanks,
            Step::Goodbye,
        ],
        Occasion::Hold
        | Occasion::Return
        | Occasion::Absent
        | Occasion::Consult
        | Occasion::Transfer
        | Occasion::Unavailable
        | Occasion::Complaint
        | Occasion::Relay => &[Step::Phrase],
    }
}

/// R024, R026: an office says 你好, everybody else 您好.
pub(super) const fn greeting(template: Template, is_morning: bool) -> Pair {
    match (template, is_morning) {
        (_, true) => ("早上好!", "Good morning."),
        (Template::Office, false) => ("你好!", "Hello."),
        (_, false) => ("您好!", "Hello."),
    }
}

/// R019: from outside the company, from inside the department or post.
pub(super) const fn identity(template: Template, is_internal: bool) -> Pair {
    if is_internal {
        return ("{department}", "{department}");
    }
    match template {
        Template::Hotline => (
            "这里是{company}{department}。",
            "You have reached {company} {department}.",
        ),
        Template::Mall => (
            "这里是{company}总服务台。",
            "You have reached the service desk of {company}.",
        ),
        Template::Office | Template::FrontDesk => ("{department}", "{department}"),
        Template::Property => ("{company}", "{company}"),
        Template::Product | Template::Service => {
            ("这里是{company}。", "You have reached {company}.")
        }
        Template::Sales => ("{project}项目。", "This is the project {project}."),
    }
}

/// R024, R033.
pub(super) const fn introduction(by: Introduction) -> Pair {
    match by {
        Introduction::Number => ("工号{agent}为您服务。", "Agent {agent} speaking."),
        Introduction::Name => ("我是{agent}。", "This is {agent} speaking."),
        Introduction::None => ("", ""),
    }
}

/// R025, R029.
pub(super) const fn offer(template: Template) -> Pair {
    match template {
        Template::Mall => ("请问有什么可以帮到您的?", "How may I help you?"),
        Template::FrontDesk => ("有什么帮到您?", "How may I help you?"),
        Template::Sales => ("很高兴为您服务。", "I am glad to help you."),
        Template::Hotline
        | Template::Office
        | Template::Property
        | Template::Product
        | Template::Service => ("请问有什么可以帮您?", "How may I help you?"),
    }
}

/// R032.
pub(super) const fn goodbye(template: Template) -> Pair {
    match template {
        Template::Mall => (
            "再见,欢迎您到{company}来做客!",
            "Goodbye. You are welcome at {company} at any time.",
        ),
        Template::Hotline
        | Template::Office
        | Template::FrontDesk
        | Template::Property
        | Template::Product
        | Template::Service
        | Template::Sales => ("再见!", "Goodbye."),
    }
}

/// R027.
pub(super) fn wish(holiday: &str) -> Pair {
    if matches!(holiday, "元旦" | "春节") {
        ("新年好!", "Happy New Year.")
    } else {
        ("节日快乐!", "Happy holidays.")
    }
}

/// What is said whatever the line is.
pub(super) const fn phrase(moment: Occasion, step: Step) -> Pair {
    match (moment, step) {
        (Occasion::Late, Step::Apology) => (
            "对不起,让您久等了。",
            "I am sorry to have kept you waiting.",
        ),
        (Occasion::Hold, _) => ("对不起,请您稍等。", "I am sorry, one moment please."),
        (Occasion::Return, _) => (
            "对不起,让您久等了。",
            "Thank you for waiting, and I am sorry that it took so long.",
        ),
        (Occasion::Absent, _) => (
            "对不起,他(她)现在不在这里,有什么事可以帮您吗?",
            "I am sorry, that colleague is not here now. May I take a message?",
        ),
        (Occasion::Consult, _) => (
            "对不起,您稍等,我请其他人来给您回答,请原谅。",
            "I am sorry, one moment please: I am asking a colleague who can answer this.",
        ),
        (Occasion::Transfer, _) => (
            "请稍候,我为您转接,请不要挂机。",
            "One moment please, I am putting you through. Please do not hang up.",
        ),
        (Occasion::Unavailable, _) => (
            "对不起,您要的暂时没有,请您……",
            "I am sorry, that cannot be had at the moment. May I suggest …",
        ),
        (Occasion::Complaint, _) => (
            "您反映的问题我已经记录,我们会采取措施处理,感谢您对我们的支持。",
            "I have written this down and we will see to it. Thank you for telling us.",
        ),
        (Occasion::Relay, _) => (
            "非常抱歉,请您留下联系方式和姓名,我会迅速转告承办部门和人员。",
            "I am very sorry. Please leave your name and number, and I will tell those in charge at once.",
        ),
        (Occasion::Opinion, Step::Thanks) => (
            "谢谢您提出的宝贵建议(意见)。",
            "Thank you for your suggestion.",
        ),
        (Occasion::Opinion, _) => (
            "我会把您的建议(意见)登记下来转给公司的领导。",
            "I am writing it down and will pass it on to our managers.",
        ),
        (Occasion::Outbound, Step::Wanted) => ("请问您是……吗?", "May I speak with …?"),
        (Occasion::Outbound, Step::Points) => (
            "(按事先准备的内容逐条说明,并确认对方明白)",
            "(Go through the points that were prepared, and make sure that each is understood.)",
        ),
        (Occasion::Close, Step::Thanks) => ("感谢您的来电。", "Thank you for your call."),
        (Occasion::Outbound, Step::Thanks) => ("谢谢您。", "Thank you."),
        _ => ("", ""),
    }
}
