//! The demo's way into the console and the API: a user of each kind, and a token.

use super::cast::{NEWCOMER, SHIFT_LEADER};
use crate::access::TokenSecret;
use crate::cli::{init, token, user};
use crate::id::AgentId;
use crate::rules::{Role, Scope};
use crate::store::Store;

/// Who may use the demo's API, with every role that the demo shows something of.
pub(super) const USER: &str = "demo";
/// Who may look at the console as those do whose work it is, and whose phone they have.
pub(super) const LOG_INS: [(&str, Role, Option<&str>); 4] = [
    ("agent", Role::Agent, Some(NEWCOMER)),
    ("lead", Role::ShiftLeader, Some(SHIFT_LEADER)),
    ("qa", Role::Qa, None),
    ("admin", Role::Admin, None),
];
/// How long the token counts.
const DAYS: u32 = 7;

/// What opens the console and the API.
pub(super) struct Credentials {
    /// Everybody's.
    pub(super) password: String,
    pub(super) token: TokenSecret,
}

/// Makes the users, and a token with every scope.
///
/// # Errors
/// The database fails.
pub(super) async fn open(store: &Store) -> anyhow::Result<Credentials> {
    let password = init::password();
    let roles = vec![Role::Supervisor, Role::Manager, Role::Admin];
    let demo = user::new_user(USER, roles, None, &password)?;
    user::add(store, &demo, "demo").await?;
    for (name, role, extension) in LOG_INS {
        let extension = extension.map(AgentId::from);
        let somebody = user::new_user(name, vec![role], extension, &password)?;
        user::add(store, &somebody, "demo").await?;
    }
    let token = token::add(store, USER, "demo", Scope::ALL.to_vec(), DAYS, "demo").await?;
    Ok(Credentials { password, token })
}
