//! Who may use the console: for each desk a person of every role.

use thirdring::access::{Cost, Passwords};
use thirdring::id::AgentId;
use thirdring::rules::{Role, Timestamp};
use thirdring::store::{Store, User};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The roles, and what their people are called.
const ROLES: [(Role, &str); 10] = [
    (Role::Agent, "agent"),
    (Role::Trainee, "trainee"),
    (Role::ShiftLeader, "lead"),
    (Role::Supervisor, "supervisor"),
    (Role::Qa, "qa"),
    (Role::DeptHandler, "handler"),
    (Role::Manager, "manager"),
    (Role::Auditor, "auditor"),
    (Role::Admin, "admin"),
    (Role::Ops, "ops"),
];

pub(crate) struct People {
    store: Store,
    hash: String,
}

impl People {
    pub(crate) fn new(store: Store) -> Self {
        let passwords = Passwords::new(Cost::LEAST).unwrap();
        let hash = passwords.hash(PASSWORD).unwrap();
        Self { store, hash }
    }

    /// Adds desk `n`'s people: what each role's is called. Who takes calls has the desk's phone.
    pub(crate) async fn join(&self, n: u8, extension: &str) -> Vec<(&'static str, String)> {
        let mut names = Vec::new();
        for (role, word) in ROLES {
            let name = format!("{word}{n:02}");
            let has_phone = matches!(role, Role::Agent | Role::Trainee);
            let user = User {
                name: name.clone(),
                password: self.hash.clone(),
                roles: vec![role],
                extension: has_phone.then(|| AgentId::from(extension)),
                disabled: false,
                created_at: Timestamp(1_795_248_000_000_000),
                password_at: Timestamp(1_795_248_000_000_000),
            };
            self.store.add_user(&user).await.unwrap();
            names.push((word, name));
        }
        names
    }
}
