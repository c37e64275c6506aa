//! The command line: one subcommand a file. A subcommand is an arguments type with a `run`.

mod agents;
mod calendar;
mod calls;
mod check;
mod customers;
mod database;
mod demo;
mod directory;
mod doctor;
mod init;
mod load;
mod purposes;
mod rebuild;
mod recordings;
mod serve;
mod setup;
mod systemd;
mod tasks;
mod token;
mod trace;
mod user;
mod webhooks;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::ConfigError;

/// The exit code for a configuration that cannot be used.
const BAD_CONFIGURATION: u8 = 2;

/// The telephone service behind a 400 hotline: rings, answers, times, records and logs every call.
#[derive(Debug, Parser)]
#[command(name = "thirdring", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[expect(clippy::large_enum_variant, reason = "there is one of it in a run")]
#[derive(Debug, Subcommand)]
enum Command {
    /// Write a starter configuration and say what to type into trunk and phones
    Init(init::Init),
    /// Take calls, until SIGTERM or Ctrl-C
    Serve(serve::Serve),
    /// Set up lines, queues, agents and calendars while the service runs: list, change, restore
    Setup(setup::Setup),
    /// Look at the configuration without starting the service
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Take in a year's holidays and shifted workdays; see which lines are staffed now
    Calendar(calendar::Calendars),
    /// List calls, newest first; show one; say why its caller rang
    Calls(calls::Calls),
    /// List why callers ring and what comes of it, as each line has it
    Purposes(purposes::Purposes),
    /// Say who has which number: list, import from a table, erase
    Customers(customers::Customers),
    /// Say who can be reached, in the house and outside: a table in and out
    Directory(directory::Directory),
    /// Say who answers for what: a table in and out
    Matters(directory::Matters),
    /// Show the SIP messages of a call, both legs, as a ladder and as a capture file
    Trace(trace::Trace),
    /// Show who is registered where, since when, and whether the phone answers
    Agents(agents::Agents),
    /// Look at addresses, ports, limits, disk, clock and database, and say what to do
    Doctor(doctor::Doctor),
    /// See calls ring, be answered, recorded, passed on and logged, all on this machine
    Demo(demo::Demo),
    /// Make many calls at once, and see what is lost, how late it comes and what it costs
    Load(load::Load),
    /// Verify, hold, copy out and delete recordings; see who did
    Recordings(recordings::Recordings),
    /// List who is to be called back and which messages are to be heard; say what came of it
    Tasks(tasks::Tasks),
    /// See which programs are told what happens, what they were told; send a message again
    Webhooks(webhooks::Webhooks),
    /// Say who may use the API: add, list, disable users, set passwords and roles
    User(user::UserCommand),
    /// Make, list and take back tokens of programs that use the API
    Token(token::TokenCommand),
    /// Make every call's rows again from its events, and say what differed
    Rebuild(rebuild::Rebuild),
    /// Say which version this is
    Version,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Check everything that `serve` would: keys, values, folders, prompts, free ports
    Check(check::Check),
}

/// Which configuration file a subcommand uses.
#[derive(Debug, clap::Args)]
pub(crate) struct ConfigFile {
    /// The configuration file
    #[arg(
        long = "config",
        value_name = "FILE",
        default_value = "thirdring.toml",
        env = "THIRDRING_CONFIG"
    )]
    pub(crate) path: PathBuf,
}

/// Runs the subcommand that the process was started with.
pub fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Init(init) => init.run(),
        Command::Serve(serve) => serve.run(),
        Command::Setup(setup) => setup.run(),
        Command::Config(ConfigCommand::Check(check)) => check.run(),
        Command::Calendar(calendar) => calendar.run(),
        Command::Calls(calls) => calls.run(),
        Command::Purposes(purposes) => purposes.run(),
        Command::Customers(customers) => customers.run(),
        Command::Directory(directory) => directory.run(),
        Command::Matters(matters) => matters.run(),
        Command::Trace(trace) => trace.run(),
        Command::Agents(agents) => agents.run(),
        Command::Doctor(doctor) => doctor.run(),
        Command::Demo(demo) => demo.run(),
        Command::Load(load) => load.run(),
        Command::Recordings(recordings) => recordings.run(),
        Command::Tasks(tasks) => tasks.run(),
        Command::Webhooks(webhooks) => webhooks.run(),
        Command::User(user) => user.run(),
        Command::Token(token) => token.run(),
        Command::Rebuild(rebuild) => rebuild.run(),
        Command::Version => say(concat!("thirdring ", env!("CARGO_PKG_VERSION"))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(&error),
    }
}

/// Prints a line for the person who typed the command; a closed pipe is no error of ours.
///
/// # Errors
/// Standard output cannot be written.
pub(crate) fn say(line: impl std::fmt::Display) -> anyhow::Result<()> {
    match writeln!(io::stdout().lock(), "{line}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Writes the error for a person and gives the exit code: 2 for the configuration, else 1.
fn report(error: &anyhow::Error) -> ExitCode {
    let mut stderr = io::stderr().lock();
    if let Some(problems) = error.downcast_ref::<ConfigError>() {
        // Nobody is left to tell when standard error is closed as well.
        let _ = writeln!(stderr, "{problems}");
        ExitCode::from(BAD_CONFIGURATION)
    } else {
        let _ = writeln!(stderr, "thirdring: {error:#}");
        ExitCode::FAILURE
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
