//! G.711 as its tables say (ITU-T G.711), tones made and found: written again here, so that the
//! service's own code is not its own judge.

/// A G.711 law, by its static RTP payload type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Law {
    /// µ-law.
    Pcmu = 0,
    /// A-law.
    Pcma = 8,
}

impl Law {
    pub(crate) const fn payload_type(self) -> u8 {
        self as u8
    }

    pub(crate) fn of_payload_type(payload_type: u8) -> Option<Self> {
        match payload_type {
            0 => Some(Self::Pcmu),
            8 => Some(Self::Pcma),
            _ => None,
        }
    }

    /// One sample, 16 bit.
    pub(crate) fn decode(self, code: u8) -> i16 {
        match self {
            Self::Pcma => {
                let code = code ^ 0x55;
                let mantissa = i32::from(code & 0x0f) << 4;
                let exponent = (code >> 4) & 0x07;
                let magnitude = match exponent {
                    0 => mantissa + 8,
                    _ => (mantissa + 0x108) << (exponent - 1),
                };
                signed(magnitude, code & 0x80 == 0)
            }
            Self::Pcmu => {
                let code = !code;
                let mantissa = i32::from(code & 0x0f) << 3;
                let magnitude = ((mantissa + 0x84) << ((code >> 4) & 0x07)) - 0x84;
                signed(magnitude, code & 0x80 != 0)
            }
        }
    }

    /// The code whose sample is nearest.
    fn encode(self, sample: i16) -> u8 {
        let distance =
            |code: &u8| (i32::from(self.decode(*code)) - i32::from(sample)).unsigned_abs();
        (0..=u8::MAX).min_by_key(distance).unwrap()
    }

    /// A second of a tone at a quarter of full scale.
    pub(crate) fn second_of(self, hz: u32) -> Vec<u8> {
        let sample = |n: u32| {
            let phase = f64::from(n) * f64::from(hz) * std::f64::consts::TAU / 8000.0;
            #[expect(clippy::cast_possible_truncation, reason = "within ±8,000")]
            let sample = (phase.sin() * 8000.0) as i16;
            sample
        };
        let period = (1..=8000).find(|n| (n * hz).is_multiple_of(8000)).unwrap();
        let period: Vec<_> = (0..period).map(|n| self.encode(sample(n))).collect();
        period.iter().copied().cycle().take(8000).collect()
    }
}

fn signed(magnitude: i32, negative: bool) -> i16 {
    let sample = if negative { -magnitude } else { magnitude };
    i16::try_from(sample).unwrap()
}

/// Whether these samples (8 kHz) are loud and mostly this tone.
pub(crate) fn is_tone(samples: &[i16], hz: u32) -> bool {
    level(samples) > 500.0 && share_of_tone(samples, hz) > 0.7
}

/// Whether there is nothing to hear in these samples.
pub(crate) fn is_silence(samples: &[i16]) -> bool {
    level(samples) < 50.0
}

/// The root mean square.
pub(crate) fn level(samples: &[i16]) -> f64 {
    (energy(samples) / count(samples)).sqrt()
}

fn energy(samples: &[i16]) -> f64 {
    samples.iter().map(|s| f64::from(*s).powi(2)).sum()
}

/// Goertzel's algorithm: how much of the energy is in one tone, 0 to 1.
pub(crate) fn share_of_tone(samples: &[i16], hz: u32) -> f64 {
    let coefficient = 2.0 * (std::f64::consts::TAU * f64::from(hz) / 8000.0).cos();
    let (mut last, mut before) = (0.0, 0.0);
    for sample in samples {
        let next = f64::from(*sample) + coefficient * last - before;
        before = last;
        last = next;
    }
    let power = last * last + before * before - coefficient * last * before;
    2.0 * power / (count(samples) * energy(samples)).max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "a few million samples at most")]
fn count(samples: &[i16]) -> f64 {
    samples.len() as f64
}
