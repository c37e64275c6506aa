//! What an operator installs: the systemd unit and the image name what is there.

#![allow(clippy::expect_used, reason = "a test may stop at the first surprise")]

use std::fs;
use std::path::Path;
use std::process::Command;

fn read(file: &str) -> String {
    fs::read_to_string(file).expect("a file of the source")
}

/// The values of a key, in the order of the file.
fn values<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let lines = text.lines().map(str::trim);
    lines
        .filter_map(|line| line.strip_prefix(key).map(str::trim))
        .collect()
}

#[test]
fn the_units_commands_are_the_programs() {
    let unit = read("deploy/thirdring.service");
    let commands = [values(&unit, "ExecStartPre="), values(&unit, "ExecStart=")].concat();
    assert_eq!(commands.len(), 2);
    for command in commands {
        let arguments = command
            .strip_prefix("/usr/local/bin/thirdring ")
            .expect("our own program");
        // `--help` after the arguments: they are read, and nothing is done.
        let output = Command::new(env!("CARGO_BIN_EXE_thirdring"))
            .args(arguments.split(' '))
            .arg("--help")
            .output()
            .expect("the program starts");
        assert!(output.status.success(), "{command}: {output:?}");
    }
    assert_eq!(values(&unit, "Type="), ["notify"]);
}

#[test]
fn the_image_is_made_of_what_is_there() {
    let dockerfile = read("deploy/Dockerfile");
    let copied = values(&dockerfile, "COPY ");
    let own = copied.iter().filter(|copy| !copy.starts_with("--from"));
    let mut sources = 0;
    for copy in own {
        let source = copy.split(' ').next().expect("a source");
        assert!(Path::new(source).exists(), "{source}");
        sources += 1;
    }
    assert!(sources >= 3, "{copied:?}");
    let wanted = read("Cargo.toml")
        .lines()
        .find_map(|line| {
            Some(
                line.strip_prefix("rust-version = \"")?
                    .trim_end_matches('"')
                    .to_owned(),
            )
        })
        .expect("a Rust version");
    let image = values(&dockerfile, "FROM rust:");
    assert_eq!(image, [format!("{wanted}-bookworm AS build")]);
}
