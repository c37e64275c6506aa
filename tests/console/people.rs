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
            self.add(&name, role, has_phone.then_some(extension)).await;
            names.push((word, name));
        }
        names
    }

    /// Adds a team's first two agents, and its lead, who has a phone as well.
    pub(crate) async fn team(
        &self,
        team: &str,
        agents: [&str; 2],
        lead: &str,
    ) -> Vec<(&'static str, String)> {
        let mut names = Vec::new();
        let [agent, colleague] = agents;
        for (role, word, extension) in [
            (Role::Agent, "agent", agent),
            (Role::Agent, "colleague", colleague),
            (Role::ShiftLeader, "lead", lead),
        ] {
            let name = format!("{word}-{team}");
            self.add(&name, role, Some(extension)).await;
            names.push((word, name));
        }
        names
    }

    async fn add(&self, name: &str, role: Role, extension: Option<&str>) {
        let user = User {
            name: name.to_owned(),
            password: self.hash.clone(),
            roles: vec![role],
            extension: extension.map(AgentId::from),
            disabled: false,
            created_at: Timestamp(1_795_248_000_000_000),
            password_at: Timestamp(1_795_248_000_000_000),
        };
        self.store.add_user(&user).await.unwrap();
    }
}
