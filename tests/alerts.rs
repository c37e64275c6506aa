//! The alert rules speak of metrics, labels and label values that the service has.

#![allow(clippy::expect_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

/// One rule.
struct Rule {
    alert: String,
    expr: String,
}

/// What `python3`'s YAML reader, which is Prometheus' own grammar, finds in the file: each rule's
/// name, `for`, severity and expression; it stops where something is missing.
const READ: &str = r#"
import sys, yaml
for group in yaml.safe_load(sys.stdin)["groups"]:
    assert group["name"]
    for rule in group["rules"]:
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}, rule
        assert rule["labels"]["severity"] in ("page", "ticket"), rule
        assert set(rule["annotations"]) == {"summary", "action"}, rule
        print(rule["alert"], rule["for"], rule["expr"], sep="\t")
"#;

fn rules() -> Vec<Rule> {
    let file = fs::File::open("deploy/alerts.yml").expect("the rules");
    let output = Command::new("python3")
        .args(["-c", READ])
        .stdin(file)
        .output()
        .expect("python3: install it with `apt-get install python3 python3-yaml`");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let said = String::from_utf8(output.stdout).expect("text");
    let rules = said.lines().map(|line| {
        let mut parts = line.splitn(3, '\t').map(str::to_owned);
        let alert = parts.next().expect("a name");
        let delay = parts.next().expect("a time");
        assert!(
            delay.ends_with(['s', 'm', 'h']),
            "{alert} waits for `{delay}`"
        );
        let expr = parts.next().expect("an expression");
        Rule { alert, expr }
    });
    rules.collect()
}

/// The words of an expression that satisfy a claim.
fn words(expr: &str, claim: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = expr.split(|c: char| !is_word(c));
    words
        .filter(|word| claim(word))
        .map(str::to_owned)
        .collect()
}

/// The metrics that an expression names, as the service calls them.
fn metrics(expr: &str) -> BTreeSet<String> {
    let named = words(expr, |word| word.starts_with("thirdring_"));
    let bare = |name: String| {
        let suffixes = ["_bucket", "_sum", "_count"];
        let suffix = suffixes.iter().find_map(|end| name.strip_suffix(end));
        suffix.map_or(name.clone(), str::to_owned)
    };
    named.into_iter().map(bare).collect()
}

/// The labels and values that an expression asks for: `{state=~"ready|ringing"}`.
fn labels(expr: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for selector in expr.split('{').skip(1) {
        let selector = selector.split('}').next().unwrap_or_default();
        for matcher in selector.split(',') {
            let (label, value) = matcher.split_once('=').expect("a matcher");
            let value = value.trim_start_matches('~').trim_matches('"');
            let values = value.split('|').map(str::to_owned).collect();
            found.push((label.to_owned(), values));
        }
    }
    found
}

/// Whether some source file has this text in quotes.
fn is_quoted_in(files: &[String], text: &str) -> bool {
    let quoted = format!("\"{text}\"");
    files.iter().any(|file| file.contains(&quoted))
}

fn source(file: &str) -> String {
    let text = fs::read_to_string(file).expect("a source file");
    // What stands in tests is no promise.
    let product = text.split("#[cfg(test)]").next();
    product.unwrap_or_default().to_owned()
}

#[test]
fn every_metric_and_label_of_the_alerts_is_the_services() {
    let metrics_file = [source("src/metrics.rs")];
    let values = [
        "src/metrics.rs",
        "src/net/tally.rs",
        "src/app/recover.rs",
        "src/rules/pickup.rs",
        "src/queue/state.rs",
        "src/switch/refusal.rs",
        "src/call/event.rs",
        "src/net/media_thread.rs",
        "src/store/recording_files.rs",
        "src/webhook/sender.rs",
    ]
    .map(source);
    for Rule { alert, expr } in rules() {
        let named = metrics(&expr);
        assert!(!named.is_empty(), "{alert} asks for nothing of ours");
        for metric in named {
            assert!(is_quoted_in(&metrics_file, &metric), "{alert}: {metric}");
        }
        for (label, wanted) in labels(&expr) {
            assert!(is_quoted_in(&metrics_file, &label), "{alert}: {label}");
            for value in wanted {
                assert!(is_quoted_in(&values, &value), "{alert}: {label}={value}");
            }
        }
    }
}

/// R012: a trunk that is down, R001: late answers, R055: voice that goes one way only, R192: recordings
/// that are not whole. Each has its alert, and so has whatever keeps calls from being taken at all.
#[test]
fn what_must_not_go_unseen_has_an_alert() {
    let rules = rules();
    let names: BTreeSet<_> = rules.iter().map(|rule| rule.alert.as_str()).collect();
    assert_eq!(names.len(), rules.len(), "a name is used twice");
    for metric in [
        "thirdring_trunk_up",
        "thirdring_answers_total",
        "thirdring_answer_seconds",
        "thirdring_recordings_total",
        "thirdring_recording_faults",
        "thirdring_recording_copy_oldest_seconds",
        "thirdring_recording_gap_seconds_total",
        "thirdring_one_way_calls_total",
        "thirdring_sip_bans",
        "thirdring_agents",
        "thirdring_disk_free_bytes",
        "thirdring_journal_backlog_bytes",
        "thirdring_recorder_faults_total",
        "thirdring_recording_lag_seconds",
        "thirdring_db_up",
        "thirdring_callbacks_overdue",
        "thirdring_messages_unread",
        "thirdring_build_info",
    ] {
        let mut exprs = rules.iter().map(|rule| metrics(&rule.expr));
        assert!(exprs.any(|named| named.contains(metric)), "{metric}");
    }
}

/// Runs promtool, which is Prometheus' own, in the folder of the rules.
fn promtool(arguments: &[&str]) -> (bool, String) {
    let output = Command::new("promtool")
        .args(arguments)
        .output()
        .expect("promtool: install it with `apt-get install prometheus`");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (output.status.success(), said)
}

/// R274, R280: each alert stays quiet at what is normal and fires at what is not, as its cases have it: a
/// surge is told from a day like the others, a break that is too long from one that is not.
#[test]
fn each_alert_fires_when_it_should_and_only_then() {
    let (good, said) = promtool(&["check", "rules", "--lint-fatal", "deploy/alerts.yml"]);
    assert!(good, "{said}");
    let (good, said) = promtool(&["test", "rules", "deploy/alerts.test.yml"]);
    assert!(good, "{said}");
    let cases = fs::read_to_string("deploy/alerts.test.yml").expect("the cases");
    for Rule { alert, .. } in rules() {
        let questions = cases.lines().filter(|line| {
            line.contains("expr:") && line.contains(&format!("alertname=\"{alert}\""))
        });
        let (quiet, fires): (Vec<_>, Vec<_>) =
            questions.partition(|line| line.contains("exp_samples: []"));
        assert!(!quiet.is_empty() && !fires.is_empty(), "{alert}");
    }
}

/// The control: an alert that compares series which never meet does not fire, and that is seen.
#[test]
fn an_alert_that_can_never_fire_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let rules = fs::read_to_string("deploy/alerts.yml").expect("the rules");
    let broken = rules.replace("> ignoring (direction) 0.01", "> 0.01");
    assert_ne!(broken, rules);
    fs::write(folder.path().join("alerts.yml"), broken).expect("a file");
    let cases = folder.path().join("alerts.test.yml");
    fs::copy("deploy/alerts.test.yml", &cases).expect("a copy");
    let (good, said) = promtool(&["test", "rules", &cases.display().to_string()]);
    assert!(!good && said.contains("ThirdringAudioLost"), "{said}");
}

/// The control: what is made up is found out.
#[test]
fn a_name_that_is_made_up_is_noticed() {
    let file = [source("src/metrics.rs")];
    let made_up = metrics("rate(thirdring_made_up_total[5m]) > thirdring_answer_seconds_bucket");
    let known: Vec<_> = made_up
        .iter()
        .map(|metric| is_quoted_in(&file, metric))
        .collect();
    assert_eq!(known, [true, false], "{made_up:?}");
    let asked = labels("thirdring_agents{state=~\"ready|asleep\",line=\"x\"}");
    assert_eq!(asked[0].1, ["ready", "asleep"]);
    assert!(!is_quoted_in(&[source("src/queue/state.rs")], "asleep"));
}
