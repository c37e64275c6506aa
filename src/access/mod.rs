//! Secrets of those who use the API: how passwords and tokens are made, kept and proved.

mod password;
mod token;

pub use password::{Cost, PasswordError, Passwords};
pub use token::{TokenSecret, fingerprint};
