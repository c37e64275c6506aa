//! Every expression of the Grafana dashboard says something of a demo run: a real Prometheus
//! scrapes it, and is asked as Grafana would.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "programs are waited for in real time"
)]

#[path = "support/patience.rs"]
mod patience;

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use patience::{until, within};

/// What the demo may take: its calls ring in real time.
const DEMO: Duration = Duration::from_mins(5);

/// A program that ends with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The service's address for HTTP, as its configuration has it.
fn address(folder: &Path) -> String {
    until("the demo's configuration", || {
        let text = fs::read_to_string(folder.join("thirdring.toml")).ok()?;
        let (_, http) = text.split_once("[http]\nlisten = \"")?;
        Some(http.split_once('"')?.0.to_owned())
    })
}

struct Prometheus {
    _program: Program,
    address: String,
}

impl Prometheus {
    fn start(folder: &Path, target: &str) -> Self {
        let config = format!(
            "global: {{ scrape_interval: 1s }}\nscrape_configs:\n  - job_name: thirdring\n    static_configs: [{{ targets: ['{target}'] }}]\n"
        );
        fs::write(folder.join("prometheus.yml"), config).unwrap();
        let free = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let program = Command::new("prometheus")
            .arg(format!(
                "--config.file={}",
                folder.join("prometheus.yml").display()
            ))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.join("series").display()
            ))
            .arg(format!("--web.listen-address={free}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus: install it with `apt-get install prometheus`");
        Self {
            _program: Program(program),
            address: free.to_string(),
        }
    }

    /// The series that an expression has now; `None` while it does not answer.
    fn ask(&self, expr: &str) -> Option<Vec<Value>> {
        let url = format!("http://{}/api/v1/query", self.address);
        let mut answer = ureq::post(url).send_form([("query", expr)]).ok()?;
        let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()?;
        answer["data"]["result"].as_array().cloned()
    }
}

/// The dashboard's expressions by panel, with Grafana's variables filled in.
fn expressions() -> Vec<(String, String)> {
    let text = fs::read_to_string("deploy/grafana/answer-times.json").expect("the dashboard");
    let dashboard: Value = serde_json::from_str(&text).expect("JSON");
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let expressions = panels.flat_map(|panel| {
        let title = panel["title"].as_str().unwrap().to_owned();
        let targets = panel["targets"].as_array().cloned().unwrap_or_default();
        targets.into_iter().map(move |target| {
            let expr = target["expr"].as_str().unwrap();
            let expr = expr
                .replace("$__rate_interval", "5m")
                .replace("$__range", "1h")
                .replace("$line", ".*");
            (title.clone(), expr)
        })
    });
    expressions.collect()
}

/// Whether an expression has a series with a number in it.
fn has_data(series: &[Value]) -> bool {
    series.iter().any(|series| {
        let value = series["value"][1]
            .as_str()
            .and_then(|value| value.parse().ok());
        value.is_some_and(f64::is_finite)
    })
}

#[test]
fn every_expression_of_the_dashboard_has_data_after_a_demo() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("demo");
    let mut demo = Command::new(env!("CARGO_BIN_EXE_thirdring"))
        .args(["demo", "--fast", "--folder"])
        .arg(&site)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let said = BufReader::new(demo.stdout.take().unwrap());
    let _demo = Program(demo);
    let prometheus = Prometheus::start(folder.path(), &address(&site));
    // On a thread of its own: a demo that hangs must not hang the test.
    let (over, calls_are_over) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in said.lines().map_while(Result::ok) {
            if line.contains("stays up until") {
                let _ = over.send(());
            }
        }
    });
    calls_are_over
        .recv_timeout(DEMO)
        .expect("the demo's calls are over");
    let expressions = expressions();
    assert!(expressions.len() >= 20, "{}", expressions.len());
    let mut empty = expressions;
    within(Duration::from_mins(1), "data for each expression", || {
        empty.retain(|(_, expr)| !prometheus.ask(expr).is_some_and(|series| has_data(&series)));
        if !empty.is_empty() {
            eprintln!("still without data: {empty:#?}");
        }
        empty.is_empty().then_some(())
    });
    // The control: a metric that nobody exports has none.
    let made_up = prometheus.ask("sum(increase(thirdring_made_up_total[5m]))");
    assert!(!has_data(&made_up.unwrap()));
}
