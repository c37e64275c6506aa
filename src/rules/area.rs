//! Where a land line is, by its area code (归属地). Mobile numbers say nothing of that: their owners
//! take them along.

mod table;

use self::table::PROVINCES;

/// Where a number is at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// The area code, without the trunk prefix.
    pub code: &'static str,
    /// What people call it: province and city, or the cities that have the code together.
    pub name: (&'static str, &'static str),
    /// The same in English.
    pub name_en: (&'static str, &'static str),
}

/// Where a number in E.164 is at home; `None` for mobiles, and for what is not in China.
pub fn area_of(e164: &str) -> Option<Area> {
    let national = e164.strip_prefix("+86")?;
    // Beijing's and those that begin with 2 have two digits, all others three; mobiles begin with 1.
    let length = match national.as_bytes() {
        [b'1', b'0', ..] | [b'2', ..] => 2,
        [b'3'..=b'9', ..] => 3,
        _ => return None,
    };
    let wanted = national.get(..length)?;
    PROVINCES
        .iter()
        .find_map(|(province, province_en, cities)| {
            let city = cities.iter().find(|(code, _, _)| *code == wanted)?;
            Some(Area {
                code: city.0,
                name: (province, city.1),
                name_en: (province_en, city.2),
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(e164: &str) -> Option<(&'static str, &'static str)> {
        area_of(e164).map(|area| area.name)
    }

    #[test]
    fn a_land_line_is_at_home_somewhere() {
        assert_eq!(told("+861065221234"), Some(("", "北京")));
        assert_eq!(told("+8675512345678"), Some(("广东", "深圳")));
        assert_eq!(told("+862888881234"), Some(("四川", "成都、眉山、资阳")));
        assert_eq!(told("+8699978901234"), Some(("新疆", "伊犁")));
        let area = area_of("+8657188888888").unwrap();
        assert_eq!((area.code, area.name_en), ("571", ("Zhejiang", "Hangzhou")));
    }

    #[test]
    fn mobiles_and_what_is_abroad_are_nowhere() {
        for number in [
            "+8613800005678",
            "+85223456789",
            "+8640012345678",
            "+86",
            "1001",
            "",
        ] {
            assert_eq!(told(number), None, "{number}");
        }
    }

    #[test]
    fn each_code_stands_there_once_and_has_both_names() {
        let mut codes: Vec<_> = PROVINCES
            .iter()
            .flat_map(|(_, _, cities)| *cities)
            .collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup_by_key(|city| city.0);
        assert_eq!(codes.len(), all);
        for (code, name, english) in codes {
            assert!(!name.is_empty() && !name.is_ascii(), "{code}");
            assert!(!english.is_empty() && english.is_ascii(), "{code}");
            assert_eq!(area_of(&format!("+86{code}23456789")).unwrap().code, *code);
        }
    }
}
