//! Every rule that code or tests name stands in `deploy/docs/rules.md`, and every threat by SIP and
//! RTP, and at the desk, is met by a test that names it.

#![allow(clippy::expect_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_rule_named_in_code_is_explained() {
    let table = fs::read_to_string("deploy/docs/rules.md").expect("the table of rules");
    let rows = table.lines().filter(|line| line.starts_with("| R"));
    let explained: BTreeSet<String> = rows.flat_map(rules_in).collect();
    let mut missing = Vec::new();
    for file in ["src", "tests"]
        .map(Path::new)
        .into_iter()
        .flat_map(rust_files)
    {
        let text = fs::read_to_string(&file).expect("a readable source file");
        let unknown = rules_in(&text)
            .into_iter()
            .filter(|rule| !explained.contains(rule));
        missing.extend(unknown.map(|rule| format!("{rule} in {}", file.display())));
    }
    assert!(
        missing.is_empty(),
        "not in deploy/docs/rules.md: {missing:?}"
    );
}

#[test]
fn the_table_has_each_rule_once_and_in_order() {
    let table = fs::read_to_string("deploy/docs/rules.md").expect("the table of rules");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| "));
    let ids: Vec<_> = rows
        .filter_map(|row| row.get(..4))
        .filter(|id| id.starts_with('R'))
        .collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    assert!(ids.len() >= 17);
}

/// What somebody on the wire, or at the desk, may try.
const THREATS: [&str; 12] = [
    "toll fraud, open relay",
    "registration brute force, enumeration",
    "digest",
    "RTP bleed and injection",
    "SDP address tricks",
    "flood, memory",
    "header injection, smuggling",
    "RTCP/DTMF/SRTP tricks",
    "path traversal",
    "IDOR, roles, CSRF",
    "session theft, passwords",
    "privacy",
];

#[test]
fn every_threat_is_named_by_a_test() {
    let files = ["src", "tests"]
        .map(Path::new)
        .into_iter()
        .flat_map(rust_files);
    let texts: Vec<_> = files
        .map(|file| fs::read_to_string(file).expect("a readable source file"))
        .collect();
    for threat in THREATS {
        let is_named = texts.iter().any(|text| names(text, threat));
        assert!(is_named, "no test's comment names the threat: {threat}");
    }
}

/// Whether a comment on a test names the threat.
fn names(text: &str, threat: &str) -> bool {
    let mut is_named = false;
    text.lines().map(str::trim).any(|line| {
        if let Some(comment) = line.strip_prefix("///") {
            is_named |= comment.contains(&format!("hreat: {threat}"));
        } else if !line.starts_with("#[") && !is_case(line) {
            is_named = false;
        }
        is_named && (line.ends_with("test]") || is_case(line))
    })
}

/// Whether this is a row of a table that makes a test of each case: `module::case as name,`.
fn is_case(line: &str) -> bool {
    let case = line
        .strip_suffix(',')
        .and_then(|line| line.split_once(" as "));
    case.is_some_and(|(path, name)| path.contains("::") && !name.contains(' '))
}

/// An `R` and exactly three digits, standing as a word of its own.
fn rules_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let is_rule = |word: &&str| {
        let digits = word.strip_prefix('R').unwrap_or_default();
        digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    words.filter(is_rule).map(str::to_owned).collect()
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("a readable directory");
    let paths = entries.map(|entry| entry.expect("a directory entry").path());
    let files = paths.flat_map(|path| {
        if path.is_dir() {
            // What cargo or cargo-fuzz built is nobody's source.
            let is_built = path.ends_with("target");
            if is_built {
                Vec::new()
            } else {
                rust_files(&path)
            }
        } else {
            vec![path]
        }
    });
    files
        .filter(|path| path.extension().is_some_and(|ext| ext == "rs"))
        .collect()
}
