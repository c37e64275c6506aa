//! `thirdring trace`: a call's SIP messages as a ladder, in full, and as a capture file.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use anyhow::Context;
use clap::Args;

use super::calls::find;
use super::calls::view::{View, printable};
use super::database::with_store;
use super::{ConfigFile, say};
use crate::call::record::CallRecord;
use crate::clock::Clock;
use crate::config::Config;
use crate::telemetry;
use crate::trace::{Ladder, Numbers, Passage, Wanted, mask, messages_of, to_pcap};

/// The name that stands for standard output.
const STANDARD_OUTPUT: &str = "-";

#[derive(Debug, Args)]
pub(super) struct Trace {
    /// The call's id, or the beginning of it
    call: String,
    /// Print the messages as well, each in full
    #[arg(long)]
    messages: bool,
    /// Write the call's messages as a capture file (pcap); `-` writes it to standard output, and
    /// nothing else
    #[arg(long, value_name = "FILE")]
    pcap: Option<String>,
    /// Show telephone numbers unmasked; who does so for which call is logged. Secrets stay hidden
    #[arg(long)]
    show_numbers: bool,
    #[command(flatten)]
    config: ConfigFile,
}

impl Trace {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let view = View::of(&config, self.show_numbers)?;
        let record = with_store(&config, async |store| {
            let call = find(store, &self.call).await?;
            Ok(store.call(call).await?.call.record)
        })?;
        let passages = self.passages(&config, &record)?;
        if self.show_numbers {
            log_disclosure(&config, &record)?;
        }
        if self.pcap.as_deref() == Some(STANDARD_OUTPUT) {
            return Ok(io::stdout().lock().write_all(&to_pcap(&passages))?);
        }
        say(ladder(&passages, &record, &view))?;
        if self.messages {
            for (index, passage) in passages.iter().enumerate() {
                say(format_args!("\n{}", in_full(index + 1, passage, &view)))?;
            }
        }
        if let Some(file) = &self.pcap {
            write_pcap(Path::new(file), &passages)?;
            let count = passages.len();
            say(format_args!(
                "\n{count} messages are in {}",
                printable(file)
            ))?;
        }
        Ok(())
    }

    /// The call's messages as they may be shown.
    fn passages(&self, config: &Config, record: &CallRecord) -> anyhow::Result<Vec<Passage>> {
        let wanted = Wanted::of_call(
            record.id,
            record.sip_call_id.clone(),
            record.arrived_at,
            record.ended_at.unwrap_or(Clock.wall()),
        );
        let folder = &config.trace.folder;
        let shown = folder.display();
        let mut passages = match messages_of(folder, &wanted) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            found => found.with_context(|| format!("cannot read {shown}"))?,
        };
        anyhow::ensure!(
            !passages.is_empty(),
            "no message of call {} is in {shown}: none was kept, or newer ones have taken its \
             place; `keep` in [trace] says how much is kept",
            record.id
        );
        let numbers = if self.show_numbers {
            Numbers::Shown
        } else {
            Numbers::Masked
        };
        for passage in &mut passages {
            passage.octets = mask(&passage.octets, numbers);
        }
        Ok(passages)
    }
}

/// The call, and its ladder.
fn ladder(passages: &[Passage], record: &CallRecord, view: &View) -> String {
    let trunk = record.trunk.as_ref();
    let caller = trunk.map_or_else(|| "caller".to_owned(), |trunk| format!("trunk {trunk}"));
    let drawn = Ladder::of(passages, &caller).draw(view.zone());
    let mut text = format!(
        "call {}, arrived {}\n\n",
        record.id,
        view.exact_time(record.arrived_at)
    );
    for line in drawn.lines() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", printable(line));
    }
    text.trim_end().to_owned()
}

/// Number, time and way of a message, then the message.
fn in_full(number: usize, passage: &Passage, view: &View) -> String {
    let (from, to) = passage.ends();
    let time = view.exact_time(passage.at);
    let mut text = format!("--- {number}  {time}  {from} -> {to}\n");
    for line in passage.octets.split(|octet| *octet == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        for chunk in line.utf8_chunks() {
            text += &printable(chunk.valid());
            for octet in chunk.invalid() {
                // Writing to a String cannot fail.
                let _ = write!(text, "\\x{octet:02x}");
            }
        }
        text.push('\n');
    }
    text.trim_end().to_owned()
}

/// Writes a capture file that only its owner reads.
fn write_pcap(file: &Path, passages: &[Passage]) -> anyhow::Result<()> {
    let written = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut file| file.write_all(&to_pcap(passages)));
    written.with_context(|| format!("cannot write {}", file.display()))
}

/// Leaves a line in the log: who saw the numbers of which call.
fn log_disclosure(config: &Config, record: &CallRecord) -> anyhow::Result<()> {
    telemetry::start(&config.log)?;
    // The kernel's word, which no variable of the environment changes.
    let uid = std::fs::metadata("/proc/self").map(|process| process.uid());
    let uid = uid.map_or_else(|_| "unknown".to_owned(), |uid| uid.to_string());
    let behind = std::env::var("SUDO_USER").unwrap_or_default();
    let call = record.id;
    tracing::info!(%call, %uid, sudo_user = %printable(&behind), "numbers in a call's trace are shown");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Timestamp;
    use crate::trace::Way;

    #[test]
    fn nothing_from_the_wire_steers_the_terminal_in_a_message() {
        let passage = Passage {
            at: Timestamp(1_790_000_000_000_000),
            way: Way::In,
            local: "192.0.2.10:5060".parse().unwrap(),
            peer: "203.0.113.1:5060".parse().unwrap(),
            octets: b"BYE sip:\x1b[2J SIP/2.0\r\nX: \xffa\rb\xe2\x80\xae\r\n\r\n".to_vec(),
        };
        let config = Config::parse(
            "[[sip.listener]]\naddress = \"192.0.2.10:5060\"\n[media]\naddress = \"192.0.2.10\"\n",
            Path::new("t.toml"),
        );
        let view = View::of(&config.unwrap(), false).unwrap();
        let shown = in_full(7, &passage, &view);
        let expected = "--- 7  2026-09-21 22:13:20.000 +08:00  203.0.113.1:5060 -> 192.0.2.10:5060\n\
            BYE sip:\\u{1b}[2J SIP/2.0\nX: \\xffa\\u{d}b\\u{202e}";
        assert_eq!(shown, expected);
    }
}
