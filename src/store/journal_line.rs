//! One line of a journal on the local disk: the CRC-32 of what follows in eight hexadecimal
//! digits, a blank, JSON, a line feed. What a crash has torn, or a disk has let rot, is told from a
//! whole line.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The digits of the CRC and the blank.
const HEAD: usize = 9;

/// Adds a value's line.
pub(super) fn write<T: Serialize>(lines: &mut Vec<u8>, value: &T) -> serde_json::Result<()> {
    let json = serde_json::to_vec(value)?;
    lines.extend(format!("{:08x} ", crc32fast::hash(&json)).bytes());
    lines.extend(json);
    lines.push(b'\n');
    Ok(())
}

/// The value of a line, with or without its line feed; `None` if the line is not whole.
pub(super) fn read<T: DeserializeOwned>(line: &[u8]) -> Option<T> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let (head, json) = line.split_at_checked(HEAD)?;
    let digits = std::str::from_utf8(head).ok()?.strip_suffix(' ')?;
    let crc = u32::from_str_radix(digits, 16).ok()?;
    if crc != crc32fast::hash(json) {
        return None;
    }
    serde_json::from_slice(json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_back_and_no_damaged_one_is() {
        let mut line = Vec::new();
        write(&mut line, &["王", "\n"]).unwrap();
        assert!(!line.strip_suffix(b"\n").unwrap().contains(&b'\n'));
        let read_back: Option<Vec<String>> = read(&line);
        assert_eq!(read_back.unwrap(), ["王", "\n"]);
        for length in 0..line.len() - 1 {
            let torn: Option<Vec<String>> = read(&line[..length]);
            assert_eq!(torn, None, "{length} bytes");
        }
        for index in 0..line.len() - 1 {
            let mut rotten = line.clone();
            // The lowest bit: no digit of the CRC keeps its value.
            rotten[index] ^= 1;
            let read: Option<Vec<String>> = read(&rotten);
            assert_eq!(read, None, "byte {index}");
        }
    }
}
