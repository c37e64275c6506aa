//! Minting branches, tags and Call-IDs. None can be guessed (RFC 3261 §19.3); all but the
//! Call-IDs that begin with something of the user's are random only, and tell nothing.

use rand::Rng;

use super::via::MAGIC_COOKIE;

/// A branch of our own: the magic cookie and 96 random bits (§8.1.1.7).
pub fn new_branch(rng: &mut impl Rng) -> String {
    format!("{MAGIC_COOKIE}{}", random::<12>(rng))
}

/// A tag of 64 random bits (§19.3 asks for 32).
pub fn new_tag(rng: &mut impl Rng) -> String {
    random::<8>(rng)
}

/// A Call-ID of 128 random bits.
pub fn new_call_id(rng: &mut impl Rng) -> String {
    random::<16>(rng)
}

/// A Call-ID that begins with `prefix` and ends in 64 random bits: who knows the one call finds
/// its dialogs, and who has seen one dialog cannot guess the next.
pub fn new_call_id_after(prefix: &str, rng: &mut impl Rng) -> String {
    format!("{prefix}-{}", random::<8>(rng))
}

fn random<const BYTES: usize>(rng: &mut impl Rng) -> String {
    let mut octets = [0; BYTES];
    rng.fill_bytes(&mut octets);
    hex::encode(octets)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn ids_differ_and_branches_carry_the_cookie() {
        let mut rng = StdRng::seed_from_u64(1);
        let branch = new_branch(&mut rng);
        assert!(branch.starts_with("z9hG4bK") && branch.len() == 31);
        assert_ne!(new_tag(&mut rng), new_tag(&mut rng));
        assert_eq!(new_call_id(&mut rng).len(), 32);
        let ours = new_call_id_after("x-1", &mut rng);
        assert!(ours.starts_with("x-1-") && ours.len() == 20);
        assert_ne!(ours, new_call_id_after("x-1", &mut rng));
    }
}
