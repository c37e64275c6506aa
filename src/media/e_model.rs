//! What a line is worth to the ear: the E-model of ITU-T G.107 (06/2015) with its default values,
//! for G.711 (Ie 0, Bpl 4.3: ITU-T G.113 Appendix I), from loss and delay alone.
//!
//! A phone may make up for lost packets better than that; what it does, nobody tells us, and the
//! recording does not. So the figure says what the line delivered.

/// `Ro`, the basic signal-to-noise ratio (G.107 §7.2), at the default values.
const BASIC: f64 = 94.769;
/// `Is`, what comes with the voice itself (§7.3), at the default values.
const SIMULTANEOUS: f64 = 1.414;
/// `TELR`: how much quieter than his voice the talker's echo is, in dB.
const TALKER_ECHO_DB: f64 = 65.0;
/// `WEPL`: the same of an echo that goes round twice, for the listener.
const LISTENER_ECHO_DB: f64 = 110.0;
/// `Bpl` of G.711: the loss, in percent, that takes half of what there is to lose.
const LOSS_ROBUSTNESS: f64 = 4.3;
/// Delay that nobody notices, in milliseconds (§7.4: `mT`).
const UNNOTICED_DELAY_MS: f64 = 100.0;

/// `R`, from 0 to 93.2, given the packets lost in percent and the delay from mouth to ear.
pub fn rating(loss_percent: f64, delay_ms: f64) -> f64 {
    let delay_ms = delay_ms.max(0.0);
    let echoes = talker_echo(delay_ms) + listener_echo(2.0 * delay_ms);
    let impaired = echoes + too_late(delay_ms) + equipment(loss_percent.clamp(0.0, 100.0));
    (BASIC - SIMULTANEOUS - impaired).max(0.0)
}

/// The mean opinion score that a rating stands for, from 1 to 4.5 (Annex B).
pub fn opinion(rating: f64) -> f64 {
    if rating <= 0.0 {
        return 1.0;
    }
    if rating >= 100.0 {
        return 4.5;
    }
    let score = 1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6;
    // Below R = 6.5 the polynomial dips under its own lowest score.
    score.max(1.0)
}

/// `Idd`: so late that people talk at the same time (§7.4).
fn too_late(delay_ms: f64) -> f64 {
    if delay_ms <= UNNOTICED_DELAY_MS {
        return 0.0;
    }
    let x = (delay_ms / UNNOTICED_DELAY_MS).log2();
    let sixth_root = |value: f64| (1.0 + value.powi(6)).powf(1.0 / 6.0);
    25.0 * (sixth_root(x) - 3.0 * sixth_root(x / 3.0) + 2.0)
}

/// `Idte`: one's own voice coming back (§7.4).
fn talker_echo(delay_ms: f64) -> f64 {
    let masked = 6.0 * (-0.3 * delay_ms * delay_ms).exp();
    let heard = 40.0 * ((1.0 + delay_ms / 10.0) / (1.0 + delay_ms / 150.0)).log10();
    let loudness = 80.0 + 2.5 * (TALKER_ECHO_DB - heard + masked - 14.0);
    let distance = (BASIC - loudness) / 2.0;
    (distance + (distance * distance + 100.0).sqrt() - 1.0) * (1.0 - (-delay_ms).exp())
}

/// `Idle`: the other one's voice, heard twice (§7.4).
fn listener_echo(round_trip_ms: f64) -> f64 {
    let loudness = 10.5 * (LISTENER_ECHO_DB + 7.0) * (round_trip_ms + 1.0).powf(-0.25);
    let distance = (BASIC - loudness) / 2.0;
    distance + (distance * distance + 169.0).sqrt()
}

/// `Ie,eff`: what loss does, when it strikes at random (§7.5, `BurstR` = 1, `Ie` = 0).
fn equipment(loss_percent: f64) -> f64 {
    95.0 * loss_percent / (loss_percent + LOSS_ROBUSTNESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_near(value: f64, expected: f64, tolerance: f64) {
        assert!((value - expected).abs() <= tolerance, "{value} {expected}");
    }

    /// G.107 §7.7: "with all parameters at their default values, R = 93.2", MOS 4.41.
    #[test]
    fn a_line_without_fault_is_worth_93_2() {
        is_near(rating(0.0, 0.0), 93.2, 0.05);
        is_near(opinion(rating(0.0, 0.0)), 4.41, 0.005);
    }

    /// G.107 Annex B, table B.1: the lower limits of the classes of satisfaction.
    #[test]
    fn a_rating_is_turned_into_an_opinion_as_annex_b_has_it() {
        for (rating, score) in [
            (90.0, 4.34),
            (80.0, 4.03),
            (70.0, 3.60),
            (60.0, 3.10),
            (50.0, 2.58),
        ] {
            is_near(opinion(rating), score, 0.0065); // the table's own rounding
        }
        is_near(opinion(-3.0), 1.0, 0.0);
        is_near(opinion(3.0), 1.0, 0.0);
        is_near(opinion(120.0), 4.5, 0.0);
    }

    /// G.107 §7.4, worked by hand: 25 ((1+X⁶)^⅙ − 3 (1+(X/3)⁶)^⅙ + 2), X = log₂(Ta/100).
    #[test]
    fn delay_costs_nothing_up_to_100_ms_and_much_from_300() {
        for (delay_ms, costs) in [(100.0, 0.0), (200.0, 3.04), (300.0, 14.76), (400.0, 24.07)] {
            is_near(too_late(delay_ms), costs, 0.01);
        }
        // G.114: up to 150 ms is fine for nearly everybody, 400 ms is not.
        assert!(opinion(rating(0.0, 150.0)) > 4.2);
        assert!(rating(0.0, 400.0) < 70.0);
    }

    /// G.113 Appendix I: at a loss of Bpl percent half of what loss can take is gone.
    #[test]
    fn loss_costs_as_g_113_has_it() {
        is_near(equipment(0.0), 0.0, 0.0);
        is_near(equipment(1.0), 17.92, 0.01);
        is_near(equipment(4.3), 47.5, 0.001);
        is_near(rating(1.0, 0.0), 75.3, 0.1);
    }

    #[test]
    fn worse_lines_are_never_worth_more() {
        let delays = [0.0, 20.0, 99.0, 101.0, 150.0, 250.0, 600.0, 5000.0];
        for loss in [0.0, 0.5, 2.0, 20.0, 100.0, 900.0] {
            let ratings = delays.map(|delay| rating(loss, delay));
            assert!(ratings.is_sorted_by(|a, b| a >= b), "{ratings:?}");
            assert!(ratings.iter().all(|r| (0.0..=93.3).contains(r)));
        }
    }
}
