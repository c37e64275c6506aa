//! A call's messages as a ladder: us in the middle, a column for each peer, an arrow for each
//! message.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::SocketAddr;

use jiff::tz::TimeZone;

use super::glance::Glance;
use super::passage::Passage;
use crate::metrics::Way;
use crate::rules::Timestamp;

/// The distance between two columns, at least and at most.
const GAPS: (usize, usize) = (26, 48);
/// A label is cut at this length.
const LONGEST: usize = 36;
/// What stands before the columns: number, time of day, seconds since the first message.
const MARGIN: usize = 4 + 2 + 12 + 2 + 9 + 2;

/// One message, as an arrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// When it passed.
    pub at: Timestamp,
    /// To us or from us.
    pub way: Way,
    /// The peer's column.
    pub column: usize,
    /// The method, or status and reason, as the wire had it.
    pub what: String,
    /// It carries a session description.
    pub describes: bool,
    /// `1 INVITE`
    pub cseq: String,
    /// Which leg it belongs to, from 1.
    pub leg: usize,
    /// The number, from 1, of the message that this one repeats.
    pub repeats: Option<usize>,
}

/// What one column stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The peer's address.
    pub peer: SocketAddr,
    /// What it is called; nothing, if nobody knows.
    pub name: String,
}

impl Rung {
    fn label(&self) -> String {
        let description = if self.describes { " (SDP)" } else { "" };
        cut(&self.what, LONGEST - description.len()) + description
    }

    fn note(&self) -> String {
        let mut note = format!("{}, leg {}", self.cseq, self.leg);
        if let Some(first) = self.repeats {
            // Writing to a String cannot fail.
            let _ = write!(note, ", repeats {first}");
        }
        note
    }
}

/// The ladder of a call.
#[derive(Clone, Debug)]
pub struct Ladder {
    columns: Vec<Column>,
    rungs: Vec<Rung>,
}

impl Ladder {
    /// Of these messages, in this order, already as they may be shown. `caller` is what the
    /// column of who spoke first is called; the others are called as their To says.
    pub fn of(passages: &[Passage], caller: &str) -> Self {
        let mut ladder = Self {
            columns: Vec::new(),
            rungs: Vec::new(),
        };
        let mut seen: BTreeMap<(bool, SocketAddr, &[u8]), usize> = BTreeMap::new();
        let mut legs: Vec<String> = Vec::new();
        for (index, passage) in passages.iter().enumerate() {
            let glance = Glance::at(&passage.octets);
            let column = ladder.column(passage, &glance, caller);
            let leg = legs.iter().position(|leg| *leg == glance.call_id);
            let leg = leg.unwrap_or_else(|| {
                legs.push(glance.call_id.clone());
                legs.len() - 1
            });
            let key = (passage.way == Way::In, passage.peer, &passage.octets[..]);
            let first = *seen.entry(key).or_insert(index);
            ladder.rungs.push(Rung {
                at: passage.at,
                way: passage.way,
                column,
                what: glance.what,
                describes: glance.describes,
                cseq: glance.cseq,
                leg: leg + 1,
                repeats: (first != index).then_some(first + 1),
            });
        }
        ladder
    }

    /// The peers, as they first spoke or were spoken to.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The messages, as they passed.
    pub fn rungs(&self) -> &[Rung] {
        &self.rungs
    }

    fn column(&mut self, passage: &Passage, glance: &Glance, caller: &str) -> usize {
        let is_first = self.columns.is_empty();
        let known = self.columns.iter();
        let mut known = known.map(|column| column.peer);
        if let Some(column) = known.position(|peer| peer == passage.peer) {
            return column;
        }
        let name = if is_first && passage.way == Way::In {
            caller.to_owned()
        } else if passage.way == Way::Out && glance.opens {
            glance.callee.clone()
        } else {
            String::new()
        };
        self.columns.push(Column {
            peer: passage.peer,
            name,
        });
        self.columns.len() - 1
    }

    /// The ladder as text, times in `zone`. Texts of the wire are in it as they are: whoever
    /// prints it sees to what could steer a terminal.
    pub fn draw(&self, zone: &TimeZone) -> String {
        let gap = self.gap();
        let addresses = self.columns.iter().map(|column| column.peer.to_string());
        let names = self.columns.iter().map(|column| column.name.clone());
        let mut text = Self::heading(gap, addresses.collect(), "thirdring");
        text += &Self::heading(gap, names.collect(), "");
        let Some(first) = self.rungs.first() else {
            return text;
        };
        for (index, rung) in self.rungs.iter().enumerate() {
            let time = rung.at.to_jiff().to_zoned(zone.clone());
            let time = time.strftime("%H:%M:%S%.3f").to_string();
            let since = (rung.at.unix_us() - first.at.unix_us()) / 1000;
            let sign = if since < 0 { '-' } else { '+' };
            let since = since.unsigned_abs();
            let since = format!("{sign}{}.{:03}", since / 1000, since % 1000);
            let arrow = self.arrow(rung, gap);
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{:>4}  {time}  {since:>9}  {arrow}  {}",
                index + 1,
                rung.note()
            );
        }
        text
    }

    /// Wide enough for every label and heading.
    fn gap(&self) -> usize {
        let labels = self.rungs.iter().map(|rung| width(&rung.label()) + 6);
        let names = self.columns.iter().map(|column| width(&column.name) + 2);
        let peers = self
            .columns
            .iter()
            .map(|column| column.peer.to_string().len() + 2);
        let widest = labels.chain(names).chain(peers).max().unwrap_or(0);
        widest.clamp(GAPS.0, GAPS.1)
    }

    /// Where a peer's line stands: the first left of ours, the others right of it.
    fn place(column: usize, gap: usize) -> usize {
        gap / 2 + if column == 0 { 0 } else { (column + 1) * gap }
    }

    fn heading(gap: usize, texts: Vec<String>, ours: &str) -> String {
        let mut line = Vec::new();
        let places = (0..).map(|column| Self::place(column, gap));
        let ours = (gap / 2 + gap, ours.to_owned());
        for (place, text) in places.zip(texts).chain([ours]) {
            let text = cut(&text, gap - 2);
            let start = MARGIN + place - width(&text) / 2;
            put(&mut line, start, &text);
        }
        let text: String = line.into_iter().collect();
        format!("{}\n", text.trim_end())
    }

    fn arrow(&self, rung: &Rung, gap: usize) -> String {
        let ours = gap / 2 + gap;
        let mut line = Vec::new();
        for place in (0..self.columns.len()).map(|column| Self::place(column, gap)) {
            put(&mut line, place, "|");
        }
        put(&mut line, ours, "|");
        let theirs = Self::place(rung.column, gap);
        let (left, right) = (ours.min(theirs), ours.max(theirs));
        put(&mut line, left + 1, &"-".repeat(right - left - 1));
        let points_right = (rung.way == Way::Out) == (theirs > ours);
        if points_right {
            put(&mut line, right - 1, ">");
        } else {
            put(&mut line, left + 1, "<");
        }
        let label = format!(" {} ", rung.label());
        let start = left + (right - left).saturating_sub(width(&label)) / 2;
        put(&mut line, start, &label);
        line.into_iter().collect()
    }
}

/// Writes `text` into a line at `start`.
fn put(line: &mut Vec<char>, start: usize, text: &str) {
    for (offset, character) in text.chars().enumerate() {
        if line.len() <= start + offset {
            line.resize(start + offset + 1, ' ');
        }
        if let Some(place) = line.get_mut(start + offset) {
            *place = character;
        }
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn cut(text: &str, longest: usize) -> String {
    if width(text) <= longest {
        return text.to_owned();
    }
    let kept: String = text.chars().take(longest.saturating_sub(1)).collect();
    kept + "…"
}

#[cfg(test)]
mod tests;
