//! `thirdring serve`: the service, until SIGTERM or Ctrl-C.

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::{ConfigFile, systemd};
use crate::app::Service;
use crate::config::Config;
use crate::telemetry;

#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    config: ConfigFile,
}

impl Serve {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        telemetry::start(&config.log)?;
        tokio::runtime::Runtime::new()?.block_on(serve(&config))
    }
}

/// Runs the service until it is told to stop.
async fn serve(config: &Config) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let service = Service::start(config).await?;
    systemd::ready();
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = systemd::watch(service.signalling().clone()) => {}
    }
    systemd::stopping(config.service.grace);
    tokio::select! {
        stopped = service.stop(config.service.grace) => stopped,
        // Asked twice: whoever waits has lost patience.
        _ = interrupt.recv() => anyhow::bail!("stopped before every call had ended"),
    }
}
