//! The console in a browser: Chromium, as Debian has it, against the real service, with phones that
//! the desk controls. What is looked at stands in the `*.spec.ts` files beside this one; they are run
//! by Playwright, and this test is red where one of them is.
//!
//! With `THIRDRING_MEASURE` it is measured instead how soon things are on the screen (`*.measure.ts`):
//! figures, which nothing is asked of.
//!
//! `THIRDRING_SPECS` names what to run of them, `THIRDRING_SCREENSHOTS` a folder for pictures of
//! every screen in both languages and themes.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "a browser lives in real time, and has no core to be told it by"
)]

#[path = "../support/certificates.rs"]
#[allow(dead_code, reason = "other tests want the rest of it")]
mod certificates;
#[path = "../support/demo.rs"]
mod demo;
mod door;
mod forgeries;
mod history;
#[path = "../support/loopback.rs"]
#[allow(dead_code, reason = "other tests want the rest of it")]
mod loopback;
#[path = "../support/patience.rs"]
#[allow(dead_code, reason = "other tests want the rest of it")]
mod patience;
mod people;
mod phones;
#[path = "../support/service.rs"]
#[allow(dead_code, reason = "other tests want the rest of it")]
mod service;
#[path = "../support/site.rs"]
#[allow(dead_code, reason = "other tests want the rest of it")]
mod site;
mod stage;
#[path = "../support/tone.rs"]
#[allow(dead_code, reason = "other tests want the rest of it")]
mod tone;
#[path = "../support/wav.rs"]
#[allow(dead_code, reason = "other tests want the rest of it")]
mod wav;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;

use self::stage::Stage;

/// All specs together take a few minutes; a browser that hangs is not waited for.
const LONGEST: Duration = Duration::from_mins(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_console_does_what_its_specs_say() {
    let stage = Stage::open().await;
    let door = door::open(&stage).await;
    let mut node = Command::new(program());
    node.arg("node_modules/@playwright/test/cli.js")
        .args(["test", "--config", "playwright.config.ts"])
        .args(specs())
        .current_dir(web())
        .env("THIRDRING_STAGE", format!("http://{door}"))
        .env("THIRDRING_CONSOLE_URL", stage.url())
        .kill_on_drop(true);
    let run = tokio::time::timeout(LONGEST, node.status()).await;
    let status = run.expect("Playwright ends").expect("Node is there");
    stage.close().await;
    assert!(
        status.success(),
        "Playwright: {status}; what failed stands above"
    );
}

fn web() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console/web")
}

/// The machine's Node, or the one that `deploy/setup-dev.sh` got.
fn program() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/node/bin/node");
    if own.is_file() { own } else { "node".into() }
}

fn specs() -> Vec<String> {
    let named = std::env::var("THIRDRING_SPECS").unwrap_or_default();
    named.split_whitespace().map(str::to_owned).collect()
}
