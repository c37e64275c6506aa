//! `thirdring config check`: everything that could keep the service from starting, without
//! starting it.

use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;

use clap::Args;

use super::{ConfigFile, say};
use crate::config::{Config, ConfigError, Problem};
use crate::recording::{PromptError, PromptLibrary};

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    config: ConfigFile,
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let host = config.check_host().err();
        let mut problems = host.map(|error| error.problems).unwrap_or_default();
        problems.extend(prompt_problems(&config));
        problems.extend(port_problems(&config));
        problems.extend(
            crate::app::endpoints(&config)
                .err()
                .into_iter()
                .flat_map(|it| it.problems),
        );
        if problems.is_empty() {
            for warning in config.warnings() {
                say(format!("warning: {warning}"))?;
            }
            say(summary(&config, &self.config))
        } else {
            Err(ConfigError { problems }.into())
        }
    }
}

/// Reads every prompt file that is there; those that are missing are found by `check_host`.
fn prompt_problems(config: &Config) -> Vec<Problem> {
    let mut found = Vec::new();
    for (index, line) in config.lines.iter().enumerate() {
        for (key, name) in line.prompts() {
            let path = config.prompt_path(name);
            if !path.is_file() {
                continue;
            }
            if let Err(error) = PromptLibrary::default().load(name, &path) {
                let cure = "make it a WAV file, mono or stereo, of any usual rate: \
                            sox IN OUT.wav";
                let key = format!("line[{index}].{key}");
                found.push(config.problem(&key, prompt_fault(&error, &path), cure));
            }
        }
    }
    found
}

/// What is wrong with a prompt, in words that the cure does not repeat.
fn prompt_fault(error: &PromptError, path: &Path) -> String {
    let shown = path.display();
    match error {
        PromptError::Unreadable(error) => format!("no prompt: {error}"),
        PromptError::Format {
            channels,
            sample_rate,
            ..
        } => format!(
            "prompt file {shown} has {channels} channels at {sample_rate} Hz: \
             one or two at 4000 to 192000 Hz can be played"
        ),
        PromptError::Empty(_) => format!("prompt file {shown} is empty"),
    }
}

/// Binds every port once and lets it go again.
fn port_problems(config: &Config) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut try_bind = |key: &str, address: SocketAddr, bound: io::Result<()>| {
        let problem = |error| config.bind_problem(key, address, &error);
        found.extend(bound.err().map(problem));
    };
    for (index, listener) in config.sip.listeners.iter().enumerate() {
        let bound = UdpSocket::bind(listener.address).map(drop);
        let key = format!("sip.listener[{index}].address");
        try_bind(&key, listener.address, bound);
    }
    let any_port = SocketAddr::new(config.media.address, 0);
    try_bind(
        "media.address",
        any_port,
        UdpSocket::bind(any_port).map(drop),
    );
    let listen = config.http.listen;
    try_bind("http.listen", listen, TcpListener::bind(listen).map(drop));
    found
}

fn summary(config: &Config, file: &ConfigFile) -> String {
    format!(
        "{}: good (listeners: {}, trunks: {}, agents: {}, lines: {})",
        file.path.display(),
        config.sip.listeners.len(),
        config.trunks.len(),
        config.agents.len(),
        config.lines.len(),
    )
}
