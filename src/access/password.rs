//! Passwords: kept as argon2id (RFC 9106), and proved in the same time whether there is such a
//! user or not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// A shorter one is guessed too soon (NIST SP 800-63B §3.1.1).
const SHORTEST: usize = 10;
/// A longer one only costs time.
const LONGEST: usize = 256;

/// What proving a password costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for Cost {
    /// 19 MiB and two passes: what OWASP's password storage cheat sheet asks for at least.
    fn default() -> Self {
        Self {
            memory_kib: Params::DEFAULT_M_COST,
            passes: Params::DEFAULT_T_COST,
        }
    }
}

impl Cost {
    /// As cheap as argon2 can be: for tests, which prove many.
    pub const LEAST: Self = Self {
        memory_kib: Params::MIN_M_COST,
        passes: Params::MIN_T_COST,
    };
}

/// Why a password cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Guessed too soon, or endless.
    #[error("a password has {SHORTEST} to {LONGEST} characters")]
    Length,
    /// The machine gives no randomness or memory.
    #[error("the password cannot be hashed")]
    Hash,
}

/// Makes and proves passwords; cheap to clone.
#[derive(Clone, Debug)]
pub struct Passwords {
    argon2: Argon2<'static>,
    /// A hash that no password has: what unknown users are proved against.
    nobodys: Arc<str>,
    proofs: Arc<AtomicU64>,
}

impl Passwords {
    /// At this cost.
    ///
    /// # Errors
    /// The cost is outside of what argon2 allows.
    pub fn new(cost: Cost) -> Result<Self, PasswordError> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None);
        let params = params.map_err(|_| PasswordError::Hash)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        // As much work as a real one, and no password gives it.
        let (salt, output): ([u8; 16], [u8; 32]) = rand::random();
        let nobodys = format!(
            "$argon2id$v=19$m={},t={},p=1${}${}",
            cost.memory_kib,
            cost.passes,
            STANDARD_NO_PAD.encode(salt),
            STANDARD_NO_PAD.encode(output),
        );
        Ok(Self {
            argon2,
            nobodys: nobodys.into(),
            proofs: Arc::default(),
        })
    }

    /// What is kept of a password. It takes its time: not for the thread of a task.
    ///
    /// # Errors
    /// It is too short or too long.
    pub fn hash(&self, password: &str) -> Result<String, PasswordError> {
        if !(SHORTEST..=LONGEST).contains(&password.chars().count()) {
            return Err(PasswordError::Length);
        }
        hash(&self.argon2, password.as_bytes())
    }

    /// Whether the password is the one that `kept` was made of; of nobody (`None`) never, after as
    /// much work. It takes its time: not for the thread of a task.
    pub fn proves(&self, password: &str, kept: Option<&str>) -> bool {
        self.proofs.fetch_add(1, Ordering::Relaxed);
        let Ok(parsed) = PasswordHash::new(kept.unwrap_or(&self.nobodys)) else {
            tracing::error!("a password in the database cannot be read");
            return false;
        };
        let proved = self.argon2.verify_password(password.as_bytes(), &parsed);
        proved.is_ok() && kept.is_some()
    }

    /// How many passwords have been proved or refused.
    pub fn proofs(&self) -> u64 {
        self.proofs.load(Ordering::Relaxed)
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> Result<String, PasswordError> {
    let hash = argon2.hash_password(password);
    Ok(hash.map_err(|_| PasswordError::Hash)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_proves_and_nobody_has_one() {
        let passwords = Passwords::new(Cost::LEAST).unwrap();
        let kept = passwords.hash("correct horse").unwrap();
        assert!(kept.starts_with("$argon2id$v=19$"), "{kept}");
        assert_ne!(kept, passwords.hash("correct horse").unwrap());
        assert!(passwords.proves("correct horse", Some(&kept)));
        assert!(!passwords.proves("correct hors", Some(&kept)));
        assert!(!passwords.proves("correct horse", None));
        let nobodys = PasswordHash::new(&passwords.nobodys);
        assert!(nobodys.is_ok(), "nobody's hash is one to work on");
        assert_eq!(passwords.proofs(), 3, "as much work for nobody");
    }

    #[test]
    fn short_and_endless_passwords_are_not_taken() {
        let passwords = Passwords::new(Cost::LEAST).unwrap();
        for password in ["", "123456789", &"x".repeat(257)] {
            assert_eq!(passwords.hash(password), Err(PasswordError::Length));
        }
        assert!(passwords.hash("一二三四五六七八九十").is_ok());
    }
}
