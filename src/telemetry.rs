//! Logs: one `tracing` subscriber for the process, on standard error.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use crate::config::{Log, LogFormat};

/// Starts logging as the configuration says; `RUST_LOG` goes before its level.
///
/// # Errors
/// Logging was started before, or no filter can be made of the level (which loading a
/// configuration rules out).
pub fn start(log: &Log) -> Result<(), Error> {
    let filter = EnvFilter::try_from_default_env().or_else(|_| EnvFilter::try_new(&log.level))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    let started = match log.format {
        LogFormat::Human => {
            let coloured = io::stderr().is_terminal();
            builder.with_ansi(coloured).finish().try_init()
        }
        LogFormat::Json => builder.json().flatten_event(true).finish().try_init(),
    };
    Ok(started?)
}

/// Why logging cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The level is no filter.
    #[error("bad log level: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The process logs already.
    #[error("logging was started before: {0}")]
    Started(#[from] TryInitError),
}
