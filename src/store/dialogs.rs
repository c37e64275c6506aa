//! Which dialogs are open, on the local disk: written as they come and go, read after a crash.
//!
//! A journal that says of each dialog that it is up, and later that it is over; it is written anew,
//! with the open ones alone, when most of it is over. Telephone numbers stand in it: it has mode
//! 0600, and goes with its dialogs.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;

use serde::{Deserialize, Serialize};

use super::journal_folder::JournalFolder;
use super::journal_line;
use crate::call::media::MediaLeg;
use crate::call::{DialogChange, Hop, OpenDialog};
use crate::id::CallId;
use crate::sip::dialog::Kept;
use crate::sip::{Flow, SyntaxError};

/// A journal that is smaller is not written anew.
const SMALL: usize = 1 << 20;
/// It is written anew when it is so many times what is open.
const LONG: usize = 4;

/// The open dialogs.
#[derive(Debug)]
pub struct Dialogs {
    folder: JournalFolder,
    file: File,
    bytes: usize,
    /// The line of each, by its leg.
    open: BTreeMap<u64, Vec<u8>>,
    open_bytes: usize,
    /// The file does not say all that is known.
    is_behind: bool,
}

impl Dialogs {
    /// Reads which dialogs an earlier run has left open. They count as open until it is said that
    /// they are over.
    ///
    /// # Errors
    ///
    /// The journal can be neither read nor written.
    pub fn open(folder: &JournalFolder) -> io::Result<(Self, Vec<OpenDialog>)> {
        let known = match fs::read(folder.path().join(NAME)) {
            Ok(known) => known,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut open = BTreeMap::new();
        for line in known.split_inclusive(|byte| *byte == b'\n') {
            // A line that a crash has torn is of a dialog that was not up yet, or is over.
            match journal_line::read(line) {
                Some(Line::Up(up)) => drop(open.insert(up.leg, (line.to_vec(), up))),
                Some(Line::Over(leg)) => drop(open.remove(&leg)),
                None => {}
            }
        }
        let left: Vec<_> = open
            .values()
            .filter_map(|(_, up)| up.to_dialog().ok())
            .collect();
        let open: BTreeMap<_, _> = open
            .into_iter()
            .map(|(leg, (line, _))| (leg, line))
            .collect();
        let open_bytes = open.values().map(Vec::len).sum();
        let file = begin(folder, &open)?;
        let dialogs = Self {
            folder: folder.clone(),
            file,
            bytes: open_bytes,
            open,
            open_bytes,
            is_behind: false,
        };
        Ok((dialogs, left))
    }

    /// Writes down what has become of some dialogs.
    ///
    /// # Errors
    ///
    /// The disk says no: what is known is written with the next changes.
    pub fn change(&mut self, changes: &[DialogChange]) -> io::Result<()> {
        let mut lines = Vec::new();
        for change in changes {
            let begin = lines.len();
            let leg = match change {
                DialogChange::Up(open) => {
                    journal_line::write(&mut lines, &Line::Up(Box::new(Up::of(open))))?;
                    let line = lines.get(begin..).unwrap_or_default().to_vec();
                    self.open_bytes += line.len();
                    self.open.insert(open.leg.0, line)
                }
                DialogChange::Over(leg) => {
                    journal_line::write(&mut lines, &Line::Over(leg.0))?;
                    self.open.remove(&leg.0)
                }
            };
            self.open_bytes -= leg.map_or(0, |line| line.len());
        }
        self.bytes += lines.len();
        let is_long = self.bytes > SMALL && self.bytes > LONG * self.open_bytes;
        if self.is_behind || is_long {
            self.is_behind = true;
            self.file = begin(&self.folder, &self.open)?;
            self.bytes = self.open_bytes;
        } else {
            self.is_behind = true;
            self.file.write_all(&lines)?;
            self.file.sync_data()?;
        }
        self.is_behind = false;
        Ok(())
    }
}

/// How the journal is called.
const NAME: &str = "dialogs.journal";
/// How it is called until it is whole.
const NEW: &str = "dialogs.new";

/// A journal with these lines, in the place of the one before.
fn begin(folder: &JournalFolder, open: &BTreeMap<u64, Vec<u8>>) -> io::Result<File> {
    let path = folder.path().join(NEW);
    let mut options = OpenOptions::new();
    let options = options.create(true).write(true).truncate(true).mode(0o600);
    let mut file = options.open(&path)?;
    let lines: Vec<u8> = open.values().flatten().copied().collect();
    file.write_all(&lines)?;
    file.sync_data()?;
    fs::rename(path, folder.path().join(NAME))?;
    folder.sync()?;
    Ok(file)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Up(Box<Up>),
    Over(u64),
}

#[derive(Serialize, Deserialize)]
struct Up {
    leg: u64,
    call: CallId,
    way: Way,
    advertised: SocketAddr,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    larger: Option<(Way, SocketAddr)>,
    #[serde(flatten)]
    dialog: Kept,
}

/// A flow.
#[derive(Serialize, Deserialize)]
struct Way {
    transport: String,
    local: SocketAddr,
    peer: SocketAddr,
}

impl Way {
    fn of(flow: Flow) -> Self {
        Self {
            transport: flow.transport.as_str().to_owned(),
            local: flow.local,
            peer: flow.peer,
        }
    }

    fn to_flow(&self) -> Result<Flow, SyntaxError> {
        Ok(Flow {
            transport: self.transport.parse()?,
            local: self.local,
            peer: self.peer,
        })
    }
}

impl Up {
    fn of(open: &OpenDialog) -> Self {
        let hop = &open.hop;
        Self {
            leg: open.leg.0,
            call: open.call,
            way: Way::of(hop.flow),
            advertised: hop.advertised,
            larger: hop.larger.map(|(flow, address)| (Way::of(flow), address)),
            dialog: open.dialog.clone(),
        }
    }

    fn to_dialog(&self) -> Result<OpenDialog, SyntaxError> {
        let larger = self.larger.as_ref();
        let larger = larger.map(|(way, address)| Ok((way.to_flow()?, *address)));
        Ok(OpenDialog {
            call: self.call,
            leg: MediaLeg(self.leg),
            dialog: self.dialog.clone(),
            hop: Hop {
                flow: self.way.to_flow()?,
                advertised: self.advertised,
                larger: larger.transpose()?,
            },
        })
    }
}
