//! How to speak with whom: the five kinds of callers who are hard to speak with, and what helps with
//! everybody (R044, R223).

/// A kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustomerType {
    /// What a record keeps it by.
    pub code: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// The same in English.
    pub name_en: &'static str,
    /// By what it is known.
    pub signs: Hint,
    /// What is behind it.
    pub analysis: Hint,
    /// What helps.
    pub response: Hint,
}

/// A piece of advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hint {
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

const fn hint(zh: &'static str, en: &'static str) -> Hint {
    Hint { zh, en }
}

/// What helps with every caller.
pub const HINTS: [Hint; 5] = [
    hint(
        "让客户把话说完,并适时回应",
        "Let the customer finish, and respond now and then.",
    ),
    hint(
        "适时复述,记录客户有关信息和投诉重点",
        "Repeat back; write down who it is and what matters.",
    ),
    hint(
        "运用开放式、封闭式、引导式的提问",
        "Ask open, closed and leading questions.",
    ),
    hint(
        "明确告诉客户理解并认同其感受,安抚其情绪",
        "Say that you understand how the customer feels.",
    ),
    hint("保持冷静和礼貌", "Stay calm and polite."),
];

impl CustomerType {
    /// Those there are.
    pub const ALL: [Self; 5] = [
        Self {
            code: "controlled_anger",
            name: "控制愤怒型",
            name_en: "Controlled anger",
            signs: hint(
                "语言简洁,直接找有决策权的人说话,不回答客服人员提问,始终在质问",
                "Brief; wants somebody who decides; answers no question and keeps asking.",
            ),
            analysis: hint(
                "一般级别较高,想发火又要顾及身份,不肯耽误时间,想尽快解决问题",
                "Often of rank: angry, mindful of it, and in a hurry.",
            ),
            response: hint(
                "关注客户对话重点,让客户感受到尊重、受重视,多用敬语",
                "Keep to the point, show respect, be formal.",
            ),
        },
        Self {
            code: "venting",
            name: "发泄愤怒型",
            name_en: "Venting",
            signs: hint(
                "接听电话使用不雅语言,有关无关的都抱怨",
                "Rude words; complains of everything.",
            ),
            analysis: hint(
                "此前就投诉过,想找人发泄心中不满",
                "Has complained before and wants to be heard.",
            ),
            response: hint(
                "耐心倾听,给客户发泄的机会,认同及体谅客户感受并安抚其情绪",
                "Listen, give it time, acknowledge and calm.",
            ),
        },
        Self {
            code: "endless_talker",
            name: "喋喋不休型",
            name_en: "Endless talker",
            signs: hint("话多,没完没了", "Talks on and on."),
            analysis: hint("喜欢畅所欲言", "Likes to talk."),
            response: hint(
                "避免闲谈,用提问方式主导客户(最好是封闭式提问),获得谈话主动权",
                "No small talk; lead by questions, best by closed ones.",
            ),
        },
        Self {
            code: "demanding",
            name: "要求诸多型",
            name_en: "Demanding",
            signs: hint(
                "要求满足其合理和不合理要求,要求有明确答复",
                "Wants everything, reasonable or not, and a clear answer.",
            ),
            analysis: hint(
                "怕吃亏,怕承担责任,对客服人员不信任,也许有过投诉不愉快的经历",
                "Afraid of losing out; does not trust us, perhaps after a bad experience.",
            ),
            response: hint(
                "尽量满足客户的合理要求;不能及时答复的,要说明工作流程,请求谅解",
                "Meet what is reasonable; else explain what happens next and ask for patience.",
            ),
        },
        Self {
            code: "expert",
            name: "各类专业人士",
            name_en: "Expert",
            signs: hint(
                "通过电话从自己掌握的专业知识向客服人员发难",
                "Challenges us with professional knowledge.",
            ),
            analysis: hint(
                "只从自己的专业角度分析问题",
                "Sees the matter from one profession only.",
            ),
            response: hint(
                "明确客户来电目的,抓住对方关注的重要问题,不要在对方专业的领域与其争辩;感谢对方提供专业意见",
                "Find out the purpose; do not argue within that field; give thanks for the advice.",
            ),
        },
    ];
}
