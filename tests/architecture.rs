//! The layering of `src/ARCHITECTURE.md`, checked: who may import whom, and which
//! module is the one home of each outside crate.

#![allow(clippy::expect_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module of `src/` with the modules it may name, bottom layer first.
const LAYERS: &[(&str, &[&str])] = &[
    ("id", &["rules"]),
    ("rules", &[]),
    ("sip", &[]),
    ("sdp", &[]),
    ("media", &["sdp"]),
    ("queue", &["id", "rules"]),
    ("call", &["id", "rules", "sdp", "sip"]),
    ("statistics", &["call", "id", "rules"]),
    ("switch", &["call", "id", "queue", "rules", "sdp", "sip"]),
    ("clock", &["rules"]),
    ("config", &["rules", "sip"]),
    ("metrics", &[]),
    ("telemetry", &["config"]),
    ("trace", &["clock", "id", "metrics", "rules", "sip"]),
    ("recording", &["call", "id", "media", "rules", "sdp"]),
    (
        "store",
        &[
            "call",
            "clock",
            "config",
            "id",
            "queue",
            "recording",
            "rules",
            "sip",
            "switch",
        ],
    ),
    (
        "archive",
        &["clock", "id", "metrics", "recording", "rules", "store"],
    ),
    ("export", &["call", "id", "rules", "store"]),
    (
        "webhook",
        &["call", "clock", "id", "metrics", "rules", "store"],
    ),
    (
        "net",
        &[
            "call",
            "clock",
            "config",
            "id",
            "media",
            "metrics",
            "recording",
            "rules",
            "sdp",
            "sip",
            "switch",
            "trace",
        ],
    ),
    ("phone", &["clock", "id", "media", "net", "sdp", "sip"]),
    ("load", &["clock", "media", "recording", "sdp", "sip"]),
    ("access", &[]),
    ("console", &[]),
    ("setup", &["config", "recording", "rules", "sip", "store"]),
    (
        "http",
        &[
            "access",
            "archive",
            "call",
            "clock",
            "config",
            "console",
            "export",
            "id",
            "metrics",
            "net",
            "queue",
            "rules",
            "setup",
            "statistics",
            "store",
            "switch",
            "trace",
        ],
    ),
    (
        "app",
        &[
            "access",
            "archive",
            "call",
            "clock",
            "config",
            "http",
            "id",
            "metrics",
            "net",
            "queue",
            "recording",
            "rules",
            "sdp",
            "setup",
            "sip",
            "store",
            "switch",
            "telemetry",
            "trace",
            "webhook",
        ],
    ),
    (
        "cli",
        &[
            "access",
            "app",
            "archive",
            "call",
            "clock",
            "config",
            "export",
            "id",
            "load",
            "phone",
            "queue",
            "recording",
            "rules",
            "setup",
            "store",
            "switch",
            "telemetry",
            "trace",
        ],
    ),
];

/// Outside crates that only the named modules may touch.
const HOMES: &[(&str, &[&str])] = &[
    ("argon2", &["access"]),
    ("axum", &["console", "http"]),
    ("axum_login", &["http"]),
    ("bytesize", &["config"]),
    ("crc32fast", &["recording", "store"]),
    ("etherparse", &["trace"]),
    ("hickory_resolver", &["net"]),
    ("hound", &["recording"]),
    ("metrics", &["metrics"]),
    ("mio", &["net"]),
    ("csv", &["cli", "export"]),
    ("object_store", &["archive"]),
    ("pcap_file", &["trace"]),
    ("reqwest", &["webhook"]),
    ("rsip", &["sip"]),
    ("rubato", &["recording"]),
    // `net` describes to webrtc_srtp the headers that `media` has the crate write.
    ("rtp", &["media", "net"]),
    ("rust_embed", &["console"]),
    ("rustls", &["archive", "net", "webhook"]),
    ("sd_notify", &["cli"]),
    ("sqlx", &["store"]),
    ("standardwebhooks", &["webhook"]),
    (
        "tokio",
        &[
            "app", "archive", "cli", "console", "http", "net", "phone", "setup", "store", "webhook",
        ],
    ),
    ("tokio_rustls", &["net"]),
    ("tower_governor", &["http"]),
    ("tower_http", &["http"]),
    ("utoipa", &["http"]),
    ("utoipa_axum", &["http"]),
    ("webpki_roots", &["net", "webhook"]),
    ("webrtc_srtp", &["net"]),
    ("webrtc_util", &["media"]),
];

#[test]
fn modules_import_only_downwards() {
    let mut broken = Vec::new();
    for file in rust_files(Path::new("src")) {
        let module = module_of(&file);
        if module == "lib" || module == "main" {
            continue; // they may name everything
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
            broken.push(format!("{} is in no layer", file.display()));
            continue;
        };
        for named in roots_named(&file, "crate::") {
            let known = LAYERS.iter().any(|(name, _)| *name == named);
            if known && named != module && !allowed.contains(&named.as_str()) {
                broken.push(format!("{} names crate::{named}", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "upward imports:\n{}", broken.join("\n"));
}

#[test]
fn outside_crates_stay_at_home() {
    let mut broken = Vec::new();
    for file in rust_files(Path::new("src")) {
        for (outside, homes) in HOMES {
            let at_home = homes.contains(&module_of(&file).as_str());
            if !at_home && names_crate(&file, outside) {
                broken.push(format!("{} names {outside}", file.display()));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "outside crates away from home:\n{}",
        broken.join("\n")
    );
}

/// Whether the file's code has a path starting at the outside crate `name`.
fn names_crate(file: &Path, name: &str) -> bool {
    let path = format!("{name}::");
    code(file).lines().any(|line| {
        line.match_indices(&path).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
        })
    })
}

/// `src/sip/dialog.rs` and `src/sip.rs` both belong to `sip`.
fn module_of(file: &Path) -> String {
    let first = file.components().nth(1).expect("a file under src");
    first
        .as_os_str()
        .to_string_lossy()
        .trim_end_matches(".rs")
        .to_owned()
}

/// The first path segments after each `prefix` in the file's code.
fn roots_named(file: &Path, prefix: &str) -> BTreeSet<String> {
    let code = code(file);
    code.match_indices(prefix)
        .map(|(at, _)| &code[at + prefix.len()..])
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(group) => group_roots(group),
            None => vec![first_segment(rest)],
        })
        .collect()
}

/// The roots of `{call, http::{a, b}, sip}`, given the text after its opening brace.
fn group_roots(group: &str) -> Vec<String> {
    let mut depth = 0_i32;
    let mut roots = vec![first_segment(group)];
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => roots.push(first_segment(&group[at + 1..])),
            _ => {}
        }
    }
    roots
}

fn first_segment(path: &str) -> String {
    path.trim()
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// The file without its comment lines.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("a readable source file");
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("a readable directory");
    let paths = entries.map(|entry| entry.expect("a directory entry").path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                rust_files(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|ext| ext == "rs"))
        .collect()
}
