//! Which numbers of a stream have come.

/// The numbers that came, and in what order.
#[derive(Clone, Debug, Default)]
pub(super) struct Sequence {
    seen: Vec<u64>,
    next: u32,
}

/// What a number is to its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// After all that came before.
    InOrder,
    /// After one that was sent later.
    Overtaken,
    /// It came already.
    Again,
    /// Beyond all that can have been sent.
    Nowhere,
}

/// No stream is longer: 23 days of packets of 20 ms.
const MOST: u32 = 100_000_000;

impl Sequence {
    pub(super) fn take(&mut self, number: u32) -> Place {
        let word = number as usize / 64;
        let bit = 1_u64 << (number % 64);
        if number >= MOST {
            return Place::Nowhere;
        }
        if self.seen.len() <= word {
            self.seen.resize(word + 1, 0);
        }
        let Some(word) = self.seen.get_mut(word) else {
            return Place::Nowhere;
        };
        if *word & bit != 0 {
            return Place::Again;
        }
        *word |= bit;
        if number < self.next {
            return Place::Overtaken;
        }
        self.next = number + 1;
        Place::InOrder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_its_place() {
        use Place::{Again, InOrder, Nowhere, Overtaken};
        let mut sequence = Sequence::default();
        let numbers = [0, 1, 3, 2, 2, 70, 69, 0, u32::MAX];
        let places = numbers.map(|number| sequence.take(number));
        let expected = [
            InOrder, InOrder, InOrder, Overtaken, Again, InOrder, Overtaken, Again, Nowhere,
        ];
        assert_eq!(places, expected);
    }
}
