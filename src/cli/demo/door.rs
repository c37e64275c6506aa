//! The demo's way into the API: somebody who may see and hear everything, and a token.

use crate::access::TokenSecret;
use crate::cli::{init, token, user};
use crate::rules::{Role, Scope};
use crate::store::Store;

/// Who may use the demo's API.
pub(super) const USER: &str = "demo";
/// How long the token counts.
const DAYS: u32 = 7;

/// What opens the API.
pub(super) struct Credentials {
    pub(super) password: String,
    pub(super) token: TokenSecret,
}

/// Makes a user with every role that the demo shows something of, and a token with every scope.
///
/// # Errors
/// The database fails.
pub(super) async fn open(store: &Store) -> anyhow::Result<Credentials> {
    let password = init::password();
    let roles = vec![Role::Supervisor, Role::Manager, Role::Admin];
    let demo = user::new_user(USER, roles, None, &password)?;
    user::add(store, &demo, "demo").await?;
    let token = token::add(store, USER, "demo", Scope::ALL.to_vec(), DAYS, "demo").await?;
    Ok(Credentials { password, token })
}
