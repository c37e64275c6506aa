//! The first letters of a Chinese name as it is spoken (拼音首字母): `王小明` is `wxm`. People who look
//! somebody up type these.

/// Where each letter begins among the 3,755 characters of GB/T 2312's first level, which stand in
/// the order of their pinyin; no syllable begins with I, U or V.
const LETTERS: [(u16, char); 23] = [
    (0xB0A1, 'a'),
    (0xB0C5, 'b'),
    (0xB2C1, 'c'),
    (0xB4EE, 'd'),
    (0xB6EA, 'e'),
    (0xB7A2, 'f'),
    (0xB8C1, 'g'),
    (0xB9FE, 'h'),
    (0xBBF7, 'j'),
    (0xBFA6, 'k'),
    (0xC0AC, 'l'),
    (0xC2E8, 'm'),
    (0xC4C3, 'n'),
    (0xC5B6, 'o'),
    (0xC5BE, 'p'),
    (0xC6DA, 'q'),
    (0xC8BB, 'r'),
    (0xC8F6, 's'),
    (0xCBFA, 't'),
    (0xCDDA, 'w'),
    (0xCEF4, 'x'),
    (0xD1B9, 'y'),
    (0xD4D1, 'z'),
];
/// The last character of the first level.
const LAST: u16 = 0xD7F9;

/// The initials of a name, in small letters. What has no letter here is left out: characters of the
/// second level, which stand in another order. A character with several readings has that of its place.
pub fn initials(name: &str) -> String {
    name.chars().filter_map(initial).collect()
}

fn initial(character: char) -> Option<char> {
    if character.is_ascii() {
        let letter = character.to_ascii_lowercase();
        return letter.is_ascii_alphanumeric().then_some(letter);
    }
    let mut utf8 = [0; 4];
    let text: &str = character.encode_utf8(&mut utf8);
    let (octets, _, _) = encoding_rs::GB18030.encode(text);
    let code = match *octets {
        [high, low] => u16::from_be_bytes([high, low]),
        _ => return None,
    };
    let mut letters = LETTERS.iter().rev().filter(|_| code <= LAST);
    letters
        .find(|(from, _)| *from <= code)
        .map(|(_, letter)| *letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_the_first_letters_of_their_syllables() {
        for (name, letters) in [
            ("王小明", "wxm"),
            ("李娜", "ln"),
            ("张三丰", "zsf"),
            ("欧阳", "oy"),
            ("品质管理部", "pzglb"),
            ("IT 支持 2", "itzc2"),
            ("啊座", "az"),
            ("", ""),
        ] {
            assert_eq!(initials(name), letters, "{name}");
        }
    }

    /// GB/T 2312 has its second level by radical, and GB 18030 far more: neither has a letter.
    #[test]
    fn what_has_no_letter_is_left_out() {
        for character in ["亍", "鑫", "㐀", "😀", "é", "。"] {
            assert_eq!(initials(character), "", "{character}");
        }
    }
}
