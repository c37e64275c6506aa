//! The codes that a line has which lists none of its own.

use super::{Code, CodeTree};

/// Code, Chinese name, English name; what stands before the last dot is what it is a kind of.
#[rustfmt::skip]
const PURPOSES: &[(&str, &str, &str)] = &[
    ("consultation", "咨询", "Consultation"),
    ("consultation.progress", "进度查询", "Progress of a matter"),
    ("complaint", "投诉", "Complaint"),
    ("complaint.quality", "产品质量问题", "Quality of a product"),
    ("complaint.operation", "操作问题", "Use and operation"),
    ("complaint.stability", "系统稳定性与功能", "Stability and functions"),
    ("complaint.attitude", "人员服务态度", "Manner of our people"),
    ("complaint.price", "产品价格", "Prices"),
    ("complaint.major", "重大问题", "Major matter"),
    ("report", "举报", "Report of misconduct"),
    ("repair", "报修", "Repair"),
    ("repair.urgent", "急修", "Urgent repair"),
    ("repair.leak", "渗漏水", "Water leak"),
    ("help", "求助", "Request for help"),
    ("suggestion", "意见建议", "Opinion or suggestion"),
    ("order", "订单配送", "Order or delivery"),
    ("appointment", "预约", "Appointment"),
    ("business", "业务办理", "Business to be done"),
    ("person", "找人转接", "Wants a person or an extension"),
    ("notice", "通知留言", "Notice or message"),
    ("prospect", "意向客户", "Prospective customer"),
    ("lost", "失物寻人", "Lost property or person"),
    ("fees", "费用", "Fees"),
    ("member", "会员与大客户", "Member or key customer"),
    ("media", "媒体", "Press"),
    ("private", "私人电话", "Private call"),
    ("sales", "推销", "Sales call"),
    ("wrong_number", "打错", "Wrong number"),
];

/// What came of it (R085).
#[rustfmt::skip]
const OUTCOMES: &[(&str, &str, &str)] = &[
    ("resolved", "已解决", "Resolved"),
    ("transferred", "已转办", "Passed on"),
    ("callback", "待回电", "To be called back"),
    ("complaint_opened", "已立投诉单", "Complaint opened"),
    ("refused", "不予受理", "Refused"),
    ("out_of_scope", "不属本单位职责", "Not ours; told whose it is"),
    ("no_answer_possible", "无法答复", "No answer possible"),
    ("disconnected", "通话中断", "Cut off"),
];

impl CodeTree {
    /// Why callers ring, as far as nobody says otherwise (R029).
    pub fn purposes() -> Self {
        Self::of(PURPOSES)
    }

    /// What comes of it, as far as nobody says otherwise (R085).
    pub fn outcomes() -> Self {
        Self::of(OUTCOMES)
    }

    fn of(list: &[(&str, &str, &str)]) -> Self {
        let codes = list.iter().map(|(code, name, english)| Code {
            code: (*code).to_owned(),
            parent: code.rsplit_once('.').map(|(kind, _)| kind.to_owned()),
            name: (*name).to_owned(),
            name_en: Some((*english).to_owned()),
            retired: false,
        });
        Self {
            codes: codes.collect(),
        }
    }
}
