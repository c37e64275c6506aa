//! ITU-T G.711: A-law and mu-law to and from 16-bit linear samples, and into each other.
//!
//! Linear values are left-justified in 16 bits: A-law's 13 bits in steps of 8, mu-law's 14 bits
//! in steps of 4. Decoding loses nothing, and encoding what was decoded gives the octet back.

use crate::sdp::Codec;

/// G.711 table 1a: every second bit of an A-law octet is inverted on the wire.
const ALAW_INVERSION: u8 = 0x55;
/// The sign bit: set for positive values in both laws.
const SIGN: u8 = 0x80;
/// Mu-law's bias, in 14-bit units.
const MULAW_BIAS: u16 = 33;
/// Mu-law's largest magnitude, in 14-bit units.
const MULAW_CLIP: u16 = 8158;

static ALAW_TO_LINEAR: [i16; 256] = linear_table(Codec::Pcma);
static MULAW_TO_LINEAR: [i16; 256] = linear_table(Codec::Pcmu);
static ALAW_TO_MULAW: [u8; 256] = transcoding_table(Codec::Pcma, Codec::Pcmu);
static MULAW_TO_ALAW: [u8; 256] = transcoding_table(Codec::Pcmu, Codec::Pcma);

/// The octet that stands for silence.
pub const fn silence(codec: Codec) -> u8 {
    encode(codec, 0)
}

/// The linear value of an octet.
pub fn decode(codec: Codec, octet: u8) -> i16 {
    linear_values(codec)[usize::from(octet)]
}

/// The linear values of all octets of a law: for whoever decodes many.
pub fn linear_values(codec: Codec) -> &'static [i16; 256] {
    match codec {
        Codec::Pcma => &ALAW_TO_LINEAR,
        Codec::Pcmu => &MULAW_TO_LINEAR,
    }
}

/// The octet of a linear value.
pub const fn encode(codec: Codec, linear: i16) -> u8 {
    match codec {
        Codec::Pcma => encode_alaw(linear),
        Codec::Pcmu => encode_mulaw(linear),
    }
}

/// Rewrites octets of one law as the other's, into `to`, which has the length of `from`.
pub fn transcode(from: &[u8], law: Codec, to: &mut [u8]) {
    let table = match law {
        Codec::Pcma => &ALAW_TO_MULAW,
        Codec::Pcmu => &MULAW_TO_ALAW,
    };
    for (octet, out) in from.iter().zip(to) {
        *out = table[usize::from(*octet)];
    }
}

/// Sign, 3 bits of segment, 4 bits of step (G.711 table 1): segments 0 and 1 have the same
/// step, each later one twice the step before.
const fn encode_alaw(linear: i16) -> u8 {
    let (sign, magnitude) = if linear >= 0 {
        (SIGN, linear.cast_unsigned() >> 4)
    } else {
        (0, (!linear).cast_unsigned() >> 4) // 0..=2047, in steps of the first segment
    };
    let segment = (16 - (magnitude >> 4).leading_zeros()).to_le_bytes()[0];
    let step = if segment == 0 {
        magnitude
    } else {
        magnitude >> (segment - 1)
    };
    (sign | (segment << 4) | (step.to_le_bytes()[0] & 0x0F)) ^ ALAW_INVERSION
}

const fn decode_alaw(octet: u8) -> i16 {
    let octet = octet ^ ALAW_INVERSION;
    let segment = (octet >> 4) & 0x07;
    let step = ((octet & 0x0F) as i16) << 4;
    let magnitude = if segment == 0 {
        step + 8
    } else {
        (step + 0x108) << (segment - 1)
    };
    if octet & SIGN == 0 {
        -magnitude
    } else {
        magnitude
    }
}

/// As A-law, but with a bias that makes every segment twice the one before (G.711 table 2),
/// and all bits inverted on the wire.
const fn encode_mulaw(linear: i16) -> u8 {
    let sign = if linear < 0 { SIGN } else { 0 };
    let magnitude = linear.unsigned_abs() >> 2;
    let clipped = if magnitude > MULAW_CLIP {
        MULAW_CLIP
    } else {
        magnitude
    };
    let biased = clipped + MULAW_BIAS; // 33..=8191
    let segment = (16 - (biased >> 6).leading_zeros()).to_le_bytes()[0];
    let step = (biased >> (segment + 1)).to_le_bytes()[0] & 0x0F;
    !(sign | (segment << 4) | step)
}

const fn decode_mulaw(octet: u8) -> i16 {
    let octet = !octet;
    let segment = (octet >> 4) & 0x07;
    let biased = (((octet & 0x0F) as i16) << 3) + 0x84;
    let magnitude = (biased << segment) - 0x84;
    if octet & SIGN == 0 {
        magnitude
    } else {
        -magnitude
    }
}

const fn linear_table(codec: Codec) -> [i16; 256] {
    let mut table = [0; 256];
    let mut octet = 0_u8;
    loop {
        table[octet as usize] = match codec {
            Codec::Pcma => decode_alaw(octet),
            Codec::Pcmu => decode_mulaw(octet),
        };
        if octet == u8::MAX {
            return table;
        }
        octet += 1;
    }
}

const fn transcoding_table(from: Codec, to: Codec) -> [u8; 256] {
    let linear = linear_table(from);
    let mut table = [0; 256];
    let mut index = 0;
    while index < table.len() {
        table[index] = encode(to, linear[index]);
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The decision values of one polarity, from G.711's definition: 8 segments of 16 steps,
    /// in 16-bit units. Returns (lower edge, width) of each of the 128 steps.
    fn steps(codec: Codec) -> Vec<(i32, i32)> {
        let mut edge = 0;
        let mut steps = Vec::new();
        for segment in 0..8 {
            let width = match codec {
                Codec::Pcma => 16 << i32::max(segment - 1, 0),
                Codec::Pcmu => 8 << segment,
            };
            for step in 0..16 {
                // Mu-law's very first step is half as wide: it straddles zero.
                let width = if codec == Codec::Pcmu && segment == 0 && step == 0 {
                    4
                } else {
                    width
                };
                steps.push((edge, width));
                edge += width;
            }
        }
        steps
    }

    #[test]
    fn every_linear_value_gets_the_step_that_it_lies_in() {
        for codec in Codec::ALL {
            let steps = steps(codec);
            for value in i16::MIN..=i16::MAX {
                let magnitude = match codec {
                    Codec::Pcma if value < 0 => i32::from(!value),
                    Codec::Pcma | Codec::Pcmu => i32::from(value).abs(),
                };
                let step = steps
                    .iter()
                    .rposition(|(edge, _)| *edge <= magnitude)
                    .unwrap();
                let code = u8::try_from(step).unwrap();
                let expected = match codec {
                    Codec::Pcma => (code | if value < 0 { 0 } else { SIGN }) ^ ALAW_INVERSION,
                    Codec::Pcmu => !(code | if value < 0 { SIGN } else { 0 }),
                };
                assert_eq!(encode(codec, value), expected, "{codec:?} {value}");
            }
        }
    }

    #[test]
    fn every_octet_decodes_to_the_middle_of_its_step() {
        for codec in Codec::ALL {
            for (code, (edge, width)) in (0_u8..).zip(steps(codec)) {
                let middle = if codec == Codec::Pcmu && code == 0 {
                    0
                } else {
                    edge + width / 2
                };
                let (positive, negative) = match codec {
                    Codec::Pcma => ((code | SIGN) ^ ALAW_INVERSION, code ^ ALAW_INVERSION),
                    Codec::Pcmu => (!code, !(code | SIGN)),
                };
                assert_eq!(
                    i32::from(decode(codec, positive)),
                    middle,
                    "{codec:?} {code}"
                );
                assert_eq!(
                    i32::from(decode(codec, negative)),
                    -middle,
                    "{codec:?} {code}"
                );
            }
        }
    }

    #[test]
    fn encoding_what_was_decoded_gives_the_octet_back() {
        for codec in Codec::ALL {
            for octet in 0..=u8::MAX {
                let again = encode(codec, decode(codec, octet));
                // Mu-law has two zeros; the negative one comes back as the positive one.
                let is_negative_zero = codec == Codec::Pcmu && octet == 0x7F;
                assert_eq!(again, if is_negative_zero { 0xFF } else { octet });
            }
        }
    }

    #[test]
    fn known_octets_of_the_standard() {
        assert_eq!(silence(Codec::Pcma), 0xD5);
        assert_eq!(silence(Codec::Pcmu), 0xFF);
        assert_eq!(decode(Codec::Pcma, 0xAA), 32_256);
        assert_eq!(decode(Codec::Pcmu, 0x80), 32_124);
        assert_eq!(encode(Codec::Pcma, i16::MIN), 0x2A);
        assert_eq!(encode(Codec::Pcmu, i16::MIN), 0x00);
    }

    #[test]
    fn crossing_into_the_other_law_keeps_the_value_within_its_step() {
        for octet in 0..=u8::MAX {
            let mut crossed = [0];
            transcode(&[octet], Codec::Pcma, &mut crossed);
            let before = i32::from(decode(Codec::Pcma, octet));
            let after = i32::from(decode(Codec::Pcmu, crossed[0]));
            assert!((before - after).abs() <= 16 + before.abs() / 32, "{octet}");
        }
    }
}
