//! A report as a document that can be printed and passed on: Markdown and HTML.

use std::fmt::Write;

use jiff::tz::TimeZone;

use crate::rules::Timestamp;
use crate::store::{ReportCause, TopicReport};

/// A report in the site's time, with the topic's name.
pub(super) struct ReportText<'a> {
    pub(super) report: &'a TopicReport,
    pub(super) name: &'a str,
    pub(super) zone: TimeZone,
}

impl ReportText<'_> {
    fn time(&self, at: Timestamp) -> String {
        let here = at.to_jiff().to_zoned(self.zone.clone());
        here.strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// What a line says, and a value.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let report = self.report;
        let cause = match report.cause {
            ReportCause::Count => "反映较多 (many calls)",
            ReportCause::Major => "重大事项 (major matter)",
        };
        let mut facts = vec![
            ("类别 Topic", format!("{} ({})", self.name, report.topic)),
            ("原因 Cause", cause.to_owned()),
            ("报告时间 Written at", self.time(report.at)),
            ("报告人 By", report.by.clone()),
        ];
        if report.cause == ReportCause::Count {
            facts.push(("统计自 Counted from", self.time(report.from)));
        }
        facts.push(("来电数 Calls", report.count.to_string()));
        if let Some(reason) = &report.reason {
            facts.push(("说明 Reason", reason.clone()));
        }
        facts
    }

    const TITLE: &'static str = "情况报告 Report";

    /// As Markdown.
    pub(super) fn markdown(&self) -> String {
        let mut text = format!("# {}\n\n", Self::TITLE);
        for (what, value) in self.facts() {
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            // Writing to a String cannot fail.
            let _ = writeln!(text, "- **{what}:** {}", plain(&value));
        }
        text.push_str("\n## 来电 Calls\n\n");
        for call in &self.report.calls {
            let _ = writeln!(text, "- `{call}`");
        }
        text
    }

    /// As a page of its own: nothing in it comes from elsewhere, and nothing runs.
    pub(super) fn html(&self) -> String {
        let mut text = format!(
            "<!doctype html>\n<html lang=\"zh-CN\">\n<head><meta charset=\"utf-8\">\
             <title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n<dl>\n",
            title = Self::TITLE,
        );
        for (what, value) in self.facts() {
            let _ = writeln!(
                text,
                "<dt>{}</dt><dd>{}</dd>",
                escaped(what),
                escaped(&value)
            );
        }
        text.push_str("</dl>\n<h2>来电 Calls</h2>\n<ul>\n");
        for call in &self.report.calls {
            let _ = writeln!(text, "<li><code>{call}</code></li>");
        }
        text.push_str("</ul>\n</body>\n</html>\n");
        text
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// What people wrote makes no headings, links or markup.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if "\\`*_{}[]<>()#!|~".contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::id::{CallId, EventId};

    /// R110: the report says what, why, when and how many; what people wrote is text and no markup.
    #[test]
    fn a_report_is_a_document_in_which_nothing_runs() {
        let report = TopicReport {
            id: EventId(Uuid::from_u128(1)),
            topic: "repair.leak".to_owned(),
            cause: ReportCause::Major,
            at: Timestamp(1_795_248_000_000_000),
            by: "li.na".to_owned(),
            reason: Some("<script>alert(1)</script>\n# x [a](b)".to_owned()),
            from: Timestamp(1_795_248_000_000_000),
            count: 1,
            calls: vec![CallId(Uuid::from_u128(2))],
        };
        let text = ReportText {
            report: &report,
            name: "渗漏水",
            zone: TimeZone::get("Asia/Shanghai").unwrap(),
        };
        let html = text.html();
        assert!(
            html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
            "{html}"
        );
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("<dd>2026-11-21 16:00</dd>"), "{html}");
        let markdown = text.markdown();
        assert!(markdown.contains("渗漏水 \\(repair.leak\\)"), "{markdown}");
        assert!(markdown.contains("\\<script\\>"), "{markdown}");
        assert_eq!(markdown.matches("\n#").count(), 1, "{markdown}");
        assert!(markdown.contains("`00000000-0000-0000-0000-000000000002`"));
    }
}
