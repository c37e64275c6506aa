//! Who may do what: one pure function for every door of the service.
//!
//! What is asked for is an [`Action`]; whom it concerns, an [`Object`]. A role allows an action
//! with everything, or with what is one's own. What is somebody else's is not there for those who
//! may see their own only, so that ids tell nothing.

use super::role::{Role, Scope};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Ask who one is, and what one may do; log out; list and end one's own sessions and tokens.
    UseAccount,
    /// See users.
    SeeUsers,
    /// Make, change, disable users; end their sessions and tokens.
    KeepUsers,
    /// See calls, their events and tasks; numbers are masked.
    SeeCalls,
    /// Take the log of calls out as a whole, for a reason; each time is audited (R232).
    ExportCalls,
    /// See a number in full; each look is audited.
    RevealNumber,
    /// Write something about a call: its purpose, a note.
    WriteUpCall,
    /// Do something with a running call that one is in.
    ConductCall,
    /// Listen to a running call, unheard.
    ListenIn,
    /// Speak in a running call that is somebody else's, or take it over.
    JoinIn,
    /// See which recordings there are.
    SeeRecordings,
    /// Hear a recording; each play is audited.
    PlayRecording,
    /// Take a recording out, for a reason; each download is audited.
    TakeRecording,
    /// Mark places in a recording, with a word on why.
    MarkRecording,
    /// See a call's SIP messages; numbers are masked, secrets hidden.
    SeeTrace,
    /// See agents and their states.
    SeeAgents,
    /// Change an agent's state.
    SetAgent,
    /// See queues and lines as they are now.
    SeeQueues,
    /// See the day's figures of lines and queues.
    SeeStatistics,
    /// See how the service itself is, and what to do where it is not well.
    SeeHealth,
    /// See the trunks as they are now.
    SeeTrunks,
    /// Be told what happens, as it happens.
    FollowEvents,
    /// Read who did what.
    ReadAudit,
    /// See customers; numbers are masked, and each look is audited (R231, R232).
    SeeCustomers,
    /// Write customers down, change and join them (R222).
    KeepCustomers,
    /// Erase a customer.
    EraseCustomer,
    /// Keep the directory, and who answers for what (R105, R113).
    KeepDirectory,
    /// Say whose a task is to be.
    AssignTask,
    /// Switch a line to its emergency plan, and back (R279).
    SwitchLine,
    /// Report an incident, and see what came of it (R120).
    ReportIncident,
    /// Pass an incident on, and say that one knows of it.
    AnswerIncident,
    /// Read the reports to those who answer for the hotline (R110).
    ReadReports,
    /// Change lines, calendars, flows and whatever else the desk is set up by.
    SetUp,
}

/// Whom an action concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// Nobody in particular.
    Nothing,
    /// Something of the one who asks.
    Own,
    /// Something of somebody else.
    Foreign,
}

impl Object {
    /// By whether it is one's own.
    pub const fn owned(is_own: bool) -> Self {
        if is_own { Self::Own } else { Self::Foreign }
    }
}

/// What the policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may be done.
    Allowed,
    /// Nobody with these roles and scopes may do it.
    Forbidden,
    /// It may be done with one's own, and this is not: to the one who asks it is not there.
    Hidden,
}

/// Whose things a role allows an action with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nobody's.
    Nothing,
    /// One's own.
    Own,
    /// Everybody's.
    All,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 33] = [
        Self::UseAccount,
        Self::SeeUsers,
        Self::KeepUsers,
        Self::SeeCalls,
        Self::ExportCalls,
        Self::RevealNumber,
        Self::WriteUpCall,
        Self::ConductCall,
        Self::ListenIn,
        Self::JoinIn,
        Self::SeeRecordings,
        Self::PlayRecording,
        Self::TakeRecording,
        Self::MarkRecording,
        Self::SeeTrace,
        Self::SeeAgents,
        Self::SetAgent,
        Self::SeeQueues,
        Self::SeeStatistics,
        Self::SeeHealth,
        Self::SeeTrunks,
        Self::FollowEvents,
        Self::ReadAudit,
        Self::SeeCustomers,
        Self::KeepCustomers,
        Self::EraseCustomer,
        Self::KeepDirectory,
        Self::AssignTask,
        Self::SwitchLine,
        Self::ReportIncident,
        Self::AnswerIncident,
        Self::ReadReports,
        Self::SetUp,
    ];

    /// The word that the API uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UseAccount => "use_account",
            Self::SeeUsers => "see_users",
            Self::KeepUsers => "keep_users",
            Self::SeeCalls => "see_calls",
            Self::ExportCalls => "export_calls",
            Self::RevealNumber => "reveal_number",
            Self::WriteUpCall => "write_up_call",
            Self::ConductCall => "conduct_call",
            Self::ListenIn => "listen_in",
            Self::JoinIn => "join_in",
            Self::SeeRecordings => "see_recordings",
            Self::PlayRecording => "play_recording",
            Self::TakeRecording => "take_recording",
            Self::MarkRecording => "mark_recording",
            Self::SeeTrace => "see_trace",
            Self::SeeAgents => "see_agents",
            Self::SetAgent => "set_agent",
            Self::SeeQueues => "see_queues",
            Self::SeeStatistics => "see_statistics",
            Self::SeeHealth => "see_health",
            Self::SeeTrunks => "see_trunks",
            Self::FollowEvents => "follow_events",
            Self::ReadAudit => "read_audit",
            Self::SeeCustomers => "see_customers",
            Self::KeepCustomers => "keep_customers",
            Self::EraseCustomer => "erase_customer",
            Self::KeepDirectory => "keep_directory",
            Self::AssignTask => "assign_task",
            Self::SwitchLine => "switch_line",
            Self::ReportIncident => "report_incident",
            Self::AnswerIncident => "answer_incident",
            Self::ReadReports => "read_reports",
            Self::SetUp => "set_up",
        }
    }

    /// The scope that a program needs for it; `None`: any program may.
    pub const fn scope(self) -> Option<Scope> {
        Some(match self {
            Self::UseAccount => return None,
            Self::SeeUsers
            | Self::KeepUsers
            | Self::SwitchLine
            | Self::SetUp
            | Self::KeepDirectory => Scope::Admin,
            Self::SeeCustomers => Scope::CustomersRead,
            Self::KeepCustomers | Self::EraseCustomer => Scope::CustomersWrite,
            Self::SeeCalls
            | Self::SeeTrace
            | Self::ExportCalls
            | Self::FollowEvents
            | Self::ReadReports => Scope::CallsRead,
            Self::RevealNumber => Scope::NumbersReveal,
            Self::WriteUpCall
            | Self::MarkRecording
            | Self::ConductCall
            | Self::ListenIn
            | Self::JoinIn
            | Self::ReportIncident
            | Self::AnswerIncident => Scope::CallsControl,
            Self::SeeRecordings | Self::PlayRecording | Self::TakeRecording => {
                Scope::RecordingsRead
            }
            Self::SeeAgents
            | Self::SeeQueues
            | Self::SeeStatistics
            | Self::SeeHealth
            | Self::SeeTrunks => Scope::DeskRead,
            Self::SetAgent | Self::AssignTask => Scope::AgentsControl,
            Self::ReadAudit => Scope::AuditRead,
        })
    }

    /// Whether a wallboard needs it, which may do nothing else.
    pub const fn is_for_wallboards(self) -> bool {
        matches!(
            self,
            Self::SeeAgents | Self::SeeQueues | Self::SeeStatistics | Self::FollowEvents
        )
    }
}

/// What a role may do: with everybody's things, and with its own. What is not listed is denied.
#[rustfmt::skip]
const fn rights(role: Role) -> (&'static [Action], &'static [Action]) {
    use Action as A;
    match role {
        Role::Agent => (
            &[A::UseAccount, A::SeeAgents, A::SeeQueues, A::SeeStatistics, A::FollowEvents,
              A::SeeCustomers, A::KeepCustomers],
            &[A::SeeCalls, A::RevealNumber, A::WriteUpCall, A::ConductCall, A::SeeRecordings,
              A::PlayRecording, A::MarkRecording, A::SetAgent, A::ReportIncident],
        ),
        Role::Trainee => (
            &[A::UseAccount, A::SeeAgents, A::SeeQueues, A::SeeStatistics, A::FollowEvents],
            &[A::SeeCalls, A::ConductCall, A::SeeRecordings, A::PlayRecording, A::SetAgent,
              A::ReportIncident],
        ),
        Role::ShiftLeader => (
            &[A::UseAccount, A::SeeCalls, A::RevealNumber, A::WriteUpCall, A::ConductCall,
              A::ListenIn, A::JoinIn, A::SeeRecordings, A::PlayRecording, A::MarkRecording,
              A::SeeTrace, A::SeeAgents, A::SetAgent, A::SeeQueues, A::SeeStatistics,
              A::SeeHealth, A::SeeTrunks, A::FollowEvents, A::SeeCustomers, A::KeepCustomers,
              A::KeepDirectory, A::AssignTask, A::SwitchLine, A::ReportIncident,
              A::AnswerIncident],
            &[],
        ),
        Role::Supervisor => (
            &[A::UseAccount, A::SeeUsers, A::SeeCalls, A::ExportCalls, A::RevealNumber, A::WriteUpCall,
              A::ConductCall, A::ListenIn, A::JoinIn, A::SeeRecordings, A::PlayRecording,
              A::TakeRecording, A::MarkRecording, A::SeeTrace, A::SeeAgents, A::SetAgent,
              A::SeeQueues, A::SeeStatistics, A::SeeHealth, A::SeeTrunks, A::FollowEvents,
              A::SeeCustomers, A::KeepCustomers, A::EraseCustomer, A::KeepDirectory,
              A::AssignTask, A::SwitchLine, A::SetUp, A::ReportIncident, A::AnswerIncident,
              A::ReadReports],
            &[],
        ),
        Role::Qa => (
            &[A::UseAccount, A::SeeCalls, A::WriteUpCall, A::ListenIn, A::SeeRecordings,
              A::PlayRecording, A::TakeRecording, A::MarkRecording, A::SeeTrace, A::SeeAgents,
              A::SeeQueues, A::SeeStatistics, A::FollowEvents],
            &[A::ReportIncident],
        ),
        Role::DeptHandler => (
            &[A::UseAccount, A::SeeAgents, A::SeeQueues, A::SeeStatistics, A::FollowEvents,
              A::SeeCustomers],
            &[A::SeeCalls, A::RevealNumber, A::WriteUpCall, A::ConductCall, A::SetAgent,
              A::ReportIncident],
        ),
        Role::Manager => (
            &[A::UseAccount, A::SeeUsers, A::SeeCalls, A::ExportCalls, A::RevealNumber, A::WriteUpCall,
              A::ListenIn, A::SeeRecordings, A::PlayRecording, A::TakeRecording,
              A::MarkRecording, A::SeeTrace, A::SeeAgents, A::SeeQueues, A::SeeStatistics,
              A::SeeHealth, A::SeeTrunks, A::FollowEvents, A::ReadAudit,
              A::SeeCustomers, A::KeepCustomers, A::EraseCustomer, A::KeepDirectory,
              A::AssignTask, A::SwitchLine, A::SetUp, A::ReportIncident, A::AnswerIncident,
              A::ReadReports],
            &[],
        ),
        Role::Auditor => (
            &[A::UseAccount, A::SeeUsers, A::SeeCalls, A::SeeRecordings, A::PlayRecording,
              A::SeeTrace, A::SeeAgents, A::SeeQueues, A::SeeStatistics, A::SeeTrunks,
              A::ReadAudit, A::ReadReports],
            &[],
        ),
        Role::Admin => (
            &[A::UseAccount, A::SeeUsers, A::KeepUsers, A::SeeCalls, A::SeeRecordings,
              A::SeeTrace, A::SeeAgents, A::SetAgent, A::SeeQueues, A::SeeStatistics,
              A::SeeHealth, A::SeeTrunks, A::FollowEvents, A::ReadAudit,
              A::KeepDirectory, A::SwitchLine, A::SetUp],
            &[],
        ),
        Role::Ops => (
            &[A::UseAccount, A::SeeTrace, A::SeeQueues, A::SeeStatistics, A::SeeHealth,
              A::SeeTrunks],
            &[],
        ),
    }
}

/// Whose things `role` allows `action` with.
pub fn reach(role: Role, action: Action) -> Reach {
    let (all, own) = rights(role);
    if all.contains(&action) {
        Reach::All
    } else if own.contains(&action) {
        Reach::Own
    } else {
        Reach::Nothing
    }
}

/// Whether a role that leads a team does this with the own team only, and not with everybody (R275).
pub fn is_of_the_team(role: Role, action: Action) -> bool {
    let with_people = matches!(
        action,
        Action::SeeCalls
            | Action::RevealNumber
            | Action::WriteUpCall
            | Action::ConductCall
            | Action::ListenIn
            | Action::JoinIn
            | Action::SeeRecordings
            | Action::PlayRecording
            | Action::MarkRecording
            | Action::SeeTrace
            | Action::SetAgent
    );
    role == Role::ShiftLeader && with_people
}

/// Whether somebody with these roles, and a program with these scopes (`None`: the person
/// himself), may do `action` with `object`.
pub fn may(roles: &[Role], scopes: Option<&[Scope]>, action: Action, object: Object) -> Decision {
    let in_scope = match (scopes, action.scope()) {
        (None, _) | (_, None) => true,
        (Some(scopes), Some(needed)) => {
            let is_wallboard = scopes.contains(&Scope::WallboardRead);
            scopes.contains(&needed) || is_wallboard && action.is_for_wallboards()
        }
    };
    let reaches = || roles.iter().map(|role| reach(*role, action));
    if !in_scope || reaches().all(|reach| reach == Reach::Nothing) {
        return Decision::Forbidden;
    }
    match object {
        Object::Nothing | Object::Own => Decision::Allowed,
        Object::Foreign if reaches().any(|reach| reach == Reach::All) => Decision::Allowed,
        Object::Foreign => Decision::Hidden,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_without_a_role_may_do_anything() {
        for action in Action::ALL {
            assert_eq!(may(&[], None, action, Object::Own), Decision::Forbidden);
        }
    }

    #[test]
    fn what_is_foreign_is_not_there_for_those_who_see_their_own() {
        let agent = [Role::Agent];
        let see = |object| may(&agent, None, Action::SeeCalls, object);
        assert_eq!(see(Object::Own), Decision::Allowed);
        assert_eq!(see(Object::Foreign), Decision::Hidden);
        let both = [Role::Agent, Role::Supervisor];
        let decision = may(&both, None, Action::SeeCalls, Object::Foreign);
        assert_eq!(decision, Decision::Allowed);
    }

    #[test]
    fn a_scope_gives_nothing_that_the_role_does_not() {
        let own = |roles: &[Role], scopes: &[Scope], action| {
            may(roles, Some(scopes), action, Object::Own)
        };
        let play = Action::PlayRecording;
        let scope = [Scope::RecordingsRead];
        assert_eq!(own(&[Role::Qa], &scope, play), Decision::Allowed);
        assert_eq!(
            own(&[Role::Qa], &[Scope::CallsRead], play),
            Decision::Forbidden
        );
        assert_eq!(own(&[Role::Admin], &scope, play), Decision::Forbidden);
    }

    #[test]
    fn a_wallboard_sees_queues_and_states_and_no_call() {
        let scopes = [Scope::WallboardRead];
        let may = |action| may(&[Role::Manager], Some(&scopes), action, Object::Own);
        for action in Action::ALL {
            let wanted = action.is_for_wallboards() || action.scope().is_none();
            assert_eq!(may(action) == Decision::Allowed, wanted, "{action:?}");
        }
        assert_eq!(may(Action::SeeCalls), Decision::Forbidden);
    }

    #[test]
    fn ops_meets_no_personal_data_and_the_admin_no_voice() {
        let personal = [
            Action::SeeCalls,
            Action::RevealNumber,
            Action::SeeRecordings,
            Action::PlayRecording,
            Action::FollowEvents,
            Action::ListenIn,
        ];
        for action in personal {
            assert_eq!(reach(Role::Ops, action), Reach::Nothing, "{action:?}");
        }
        let voice = [
            Action::PlayRecording,
            Action::TakeRecording,
            Action::ListenIn,
            Action::JoinIn,
        ];
        for action in voice {
            assert_eq!(reach(Role::Admin, action), Reach::Nothing, "{action:?}");
        }
    }
}
