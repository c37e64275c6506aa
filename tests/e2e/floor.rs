//! What people at the desk do during a call, with real sockets and files: who hears whom, and what
//! is on the recording.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use thirdring::app::Service;
use thirdring::call::command::{Actor, CallCommand, Done, PassTo};
use thirdring::call::doing::{HangUpReason, SuperviseMode};
use thirdring::call::event::TransferResult;
use thirdring::call::record::CallRecord;
use thirdring::config::Config;
use thirdring::id::CallId;
use thirdring::store::CallFilter;
use thirdring::switch::Command;

use crate::loopback::Network;
use crate::patience::PATIENCE;
use crate::peer::Peer;
use crate::sipp::Sipp;
use crate::site::{Line, Site};
use crate::talk::NUMBER;
use crate::tone::Law;
use crate::voice::Speaking;
use crate::wav::Wav;

const CALLER_HZ: u32 = 1000;
const FIRST_HZ: u32 = 440;
const SECOND_HZ: u32 = 600;
/// What is whispered.
const ASIDE_HZ: u32 = 800;
/// So long nothing is heard where nothing is to be heard.
const QUIET: Duration = Duration::from_millis(400);

/// A service in this process, whose desk is ours.
struct Floor {
    service: Service,
    folder: TempDir,
    network: Network,
}

impl Floor {
    /// Agent 1 answers the hotline; 2 answers the complaints, 3 supervises.
    async fn open() -> Self {
        let line = Line::new("hotline", NUMBER, &[1]);
        let hotline = line.with("hold_music", "\"recording-notice.wav\"");
        let site = Site::new().agent(1).agent(2).agent(3);
        let site = site.line(&hotline);
        let site = site.line(&Line::new("complaints", "4007654321", &[2]));
        let (folder, network) = site
            .section(
                "[[outbound]]\nname = \"beijing\"\nagents = [\"1001\"]\nprefixes = [\"010\"]\n\
                 trunk = \"carrier\"\ncaller_id = \"01087654321\"\n",
            )
            .write();
        let config = Config::load(&folder.path().join("thirdring.toml")).unwrap();
        let service = Service::start(&config).await.unwrap();
        Self {
            service,
            folder,
            network,
        }
    }

    fn peer(&self, agent: u8) -> Peer {
        Peer::new(self.network.agent(agent), &self.network)
    }

    async fn asks(&self, by: &str, command: Command) -> Done {
        let by = Actor::Agent(by.into());
        let answer = self.service.signalling().command(by, command).await;
        answer.unwrap()
    }

    /// Waits until there is a row that tells something.
    async fn row_with(&self, tells: impl Fn(&CallRecord) -> bool) -> CallRecord {
        let look = async {
            loop {
                let rows = self.service.store().calls(&CallFilter::default()).await;
                let row = rows.unwrap().into_iter().map(|row| row.record).next();
                if let Some(row) = row.filter(&tells) {
                    return row;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, look).await.unwrap()
    }

    async fn call(&self) -> CallId {
        self.row_with(|_| true).await.id
    }

    async fn in_call(&self, by: &str, command: CallCommand) {
        let call = self.call().await;
        let done = self.asks(by, Command::Call(call, command)).await;
        assert_eq!(done, Done::Accepted);
    }

    /// The end of the only call: its row, and its recording.
    async fn ended(self) -> (CallRecord, Wav) {
        self.service.signalling().idle().await;
        let row = self.row_with(|row| row.recording.is_some()).await;
        let path = row.recording.as_ref().unwrap().path.clone();
        let path: PathBuf = self.folder.path().join("recordings").join(path);
        let wav = Wav::read(&path);
        self.service.stop(Duration::from_secs(5)).await.unwrap();
        (row, wav)
    }
}

/// A caller and the first agent, who hear each other.
struct Talk {
    caller: Peer,
    first: Peer,
    to_caller: SocketAddr,
    to_first: SocketAddr,
    speaking: Speaking,
}

impl Talk {
    fn begin(floor: &Floor) -> Self {
        let mut caller = Peer::new(floor.network.trunk(), &floor.network);
        let mut first = floor.peer(1);
        caller.dial(NUMBER, caller.plain());
        first.ring();
        let to_first = first.pick_up(first.plain());
        let to_caller = caller.talk();
        let speaking = caller.voice.speak(to_caller, Law::Pcma, CALLER_HZ);
        first.voice.hears(CALLER_HZ);
        Self {
            caller,
            first,
            to_caller,
            to_first,
            speaking,
        }
    }
}

/// R058, R059, R115, R103, R188: the caller is muted, held, kept waiting while a colleague is asked,
/// and passed on to the colleague; the recording has what the caller heard, and nothing of what the
/// agents said among themselves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_is_held_asked_about_and_passed_on() {
    let floor = Floor::open().await;
    let mut talk = Talk::begin(&floor);
    let first = talk.first.voice.speak(talk.to_first, Law::Pcma, FIRST_HZ);
    talk.caller.voice.hears(FIRST_HZ);
    floor.in_call("1001", CallCommand::Mute(true)).await;
    talk.caller.voice.falls_silent(QUIET);
    floor.in_call("1001", CallCommand::Mute(false)).await;
    talk.caller.voice.hears(FIRST_HZ);
    // Keys make no sound of their own at this agent.
    let keys = CallCommand::Press("5".to_owned());
    floor.in_call("1001", keys).await;
    let hold = CallCommand::PutOnHold { reason: None };
    floor.in_call("1001", hold).await;
    talk.first.voice.falls_silent(QUIET);
    floor.in_call("1001", CallCommand::Retrieve).await;
    talk.first.voice.hears(CALLER_HZ);
    talk.caller.voice.hears(FIRST_HZ);

    let colleague = PassTo::Agent("1002".into());
    floor.in_call("1001", CallCommand::Consult(colleague)).await;
    let mut second = floor.peer(2);
    second.ring();
    drop(first);
    let to_second = second.pick_up(second.plain());
    let aside = talk.first.voice.speak(talk.to_first, Law::Pcma, ASIDE_HZ);
    second.voice.hears(ASIDE_HZ);
    let answering = second.voice.speak(to_second, Law::Pcma, SECOND_HZ);
    talk.first.voice.hears(SECOND_HZ);
    drop(aside);
    floor.in_call("1001", CallCommand::CompleteConsult).await;
    talk.first.expect_bye();
    talk.caller.voice.hears(SECOND_HZ);
    second.voice.hears(CALLER_HZ);
    talk.caller.bye();
    second.expect_bye();
    drop((answering, talk.speaking));

    let (row, wav) = floor.ended().await;
    assert_eq!(row.holds.count, 2);
    assert_eq!(row.desk.mutes.len(), 1);
    let transfer = row.transfer().unwrap();
    assert_eq!(transfer.result, Some(TransferResult::Answered));
    assert!(row.desk.consults.iter().all(|consult| consult.answered));
    assert_eq!(wav.right.tone_ms(ASIDE_HZ), 0, "said among the agents");
    let (_, to) = wav.right.tone_span_ms(FIRST_HZ).unwrap();
    let (from, _) = wav.right.tone_span_ms(SECOND_HZ).unwrap();
    assert!(to < from, "the first agent to {to}, the second from {from}");
    // The caller heard music in between: neither silence nor a tone of anybody's.
    let music = wav.right.between(to, from);
    assert!(music.iter().any(|sample| sample.unsigned_abs() > 500));
    assert!(wav.left.tone_ms(CALLER_HZ) + 500 > wav.length_ms());
}

/// R066: a supervisor hears both, whispers to the agent only, speaks with both and takes over; what
/// is whispered is not on the recording.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supervisor_listens_whispers_barges_and_takes_over() {
    let floor = Floor::open().await;
    let mut talk = Talk::begin(&floor);
    let call = floor.call().await;
    let supervise = Command::Supervise {
        call,
        supervisor: "1003".into(),
        mode: SuperviseMode::Listen,
    };
    assert_eq!(floor.asks("1003", supervise).await, Done::Accepted);
    let mut leader = floor.peer(3);
    leader.ring();
    let to_leader = leader.pick_up(leader.plain());
    leader.voice.hears(CALLER_HZ);
    drop(talk.speaking);
    let first = talk.first.voice.speak(talk.to_first, Law::Pcma, FIRST_HZ);
    leader.voice.hears(FIRST_HZ);
    talk.caller.voice.hears(FIRST_HZ);
    drop(first);

    let turn = |mode| CallCommand::TurnSupervision(mode);
    floor.in_call("1003", turn(SuperviseMode::Whisper)).await;
    let whispering = leader.voice.speak(to_leader, Law::Pcma, ASIDE_HZ);
    talk.first.voice.hears(ASIDE_HZ);
    talk.caller.voice.falls_silent(QUIET);
    drop(whispering);
    talk.first.voice.falls_silent(QUIET);
    floor.in_call("1003", turn(SuperviseMode::Barge)).await;
    let speaking = leader.voice.speak(to_leader, Law::Pcma, SECOND_HZ);
    talk.caller.voice.hears(SECOND_HZ);
    talk.first.voice.hears(SECOND_HZ);
    floor.in_call("1003", CallCommand::TakeOver).await;
    talk.first.expect_bye();
    talk.caller.voice.hears(SECOND_HZ);
    let answering = talk
        .caller
        .voice
        .speak(talk.to_caller, Law::Pcma, CALLER_HZ);
    leader.voice.hears(CALLER_HZ);
    talk.caller.bye();
    leader.expect_bye();
    drop((speaking, answering));

    let (row, wav) = floor.ended().await;
    let supervision = row.desk.supervisions.first().unwrap();
    assert_eq!(supervision.modes.len(), 3);
    assert!(supervision.took_over);
    assert_eq!(wav.right.tone_ms(ASIDE_HZ), 0, "whispered");
    assert!(wav.right.tone_ms(FIRST_HZ) >= 100);
    assert!(wav.right.tone_ms(SECOND_HZ) >= 100);
}

/// R103: to a department, whose agent's phone is SIPp's: the caller waits there, and its agent is
/// heard.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_is_passed_on_to_a_department() {
    let floor = Floor::open().await;
    let mut talk = Talk::begin(&floor);
    let tone = floor.folder.path().join("tone.al");
    std::fs::write(&tone, Law::Pcma.second_of(SECOND_HZ)).unwrap();
    let second = Sipp::new("agent_speaks", floor.network.agent(2))
        .with("tone", tone.display())
        .start_at(floor.folder.path(), floor.network.signalling());
    let to = PassTo::Line("complaints".into());
    floor.in_call("1001", CallCommand::Transfer(to)).await;
    talk.first.expect_bye();
    talk.caller.voice.hears(SECOND_HZ);
    talk.caller.bye();
    second.finish();
    drop(talk.speaking);
    let (row, _) = floor.ended().await;
    let transfer = row.transfer().unwrap();
    assert_eq!(transfer.result, Some(TransferResult::Answered));
    assert_eq!(row.answered_by, Some("1001".into()));
}

/// A call that rings at a colleague's phone is picked up (代接), parked, and fetched by a third.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_picked_up_parked_and_fetched() {
    let floor = Floor::open().await;
    let mut caller = Peer::new(floor.network.trunk(), &floor.network);
    let mut first = floor.peer(1);
    caller.dial(NUMBER, caller.plain());
    first.ring();
    let call = floor.row_with(|row| !row.attempts.is_empty()).await.id;
    let picked = floor.asks("1002", Command::PickUp(call)).await;
    assert_eq!(picked, Done::Accepted);
    let mut second = floor.peer(2);
    second.ring();
    let to_second = second.pick_up(second.plain());
    first.expect_cancel();
    let to_caller = caller.talk();
    let speaking = second.voice.speak(to_second, Law::Pcma, SECOND_HZ);
    caller.voice.hears(SECOND_HZ);
    drop(speaking);
    floor.in_call("1002", CallCommand::Park).await;
    second.expect_bye();
    let fetched = floor.asks("1003", Command::PickUp(call)).await;
    assert_eq!(fetched, Done::Accepted);
    let mut leader = floor.peer(3);
    leader.ring();
    let to_leader = leader.pick_up(leader.plain());
    let speaking = leader.voice.speak(to_leader, Law::Pcma, FIRST_HZ);
    caller.voice.hears(FIRST_HZ);
    let answering = caller.voice.speak(to_caller, Law::Pcma, CALLER_HZ);
    leader.voice.hears(CALLER_HZ);
    // R047: an agent who ends it says why.
    let reason = HangUpReason::CallerAsked;
    floor
        .in_call("1003", CallCommand::HangUp(Some(reason)))
        .await;
    caller.expect_bye();
    leader.expect_bye();
    drop((speaking, answering));
    let (row, _) = floor.ended().await;
    assert_eq!(row.answered_by, Some("1002".into()));
    assert_eq!(row.desk.parks, 1);
    assert!(row.agent_first);
    assert_eq!(row.desk.hang_up_reason, Some(reason));
}

/// R042, R049: a click rings the agent's phone, then the number by the agent's policy; both voices
/// are on the recording.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_is_called_by_a_click() {
    let floor = Floor::open().await;
    let dial = Command::Dial {
        number: "01061234567".to_owned(),
        record: "case-7".to_owned(),
    };
    assert!(matches!(floor.asks("1001", dial).await, Done::Began(_)));
    let mut agent = floor.peer(1);
    let mut outside = Peer::new(floor.network.trunk(), &floor.network);
    agent.ring();
    let to_agent = agent.pick_up(agent.plain());
    let invite = outside.ring();
    let from = invite.from_addr().uri.user_unescaped();
    assert_eq!(from.as_deref(), Some("01087654321"));
    let to_outside = outside.pick_up(outside.plain());
    let speaking = agent.voice.speak(to_agent, Law::Pcma, FIRST_HZ);
    let answering = outside.voice.speak(to_outside, Law::Pcma, CALLER_HZ);
    agent.voice.hears(CALLER_HZ);
    outside.voice.hears(FIRST_HZ);
    agent.bye();
    outside.expect_bye();
    drop((speaking, answering));
    let (row, wav) = floor.ended().await;
    assert_eq!(row.desk.dialled_from.as_deref(), Some("case-7"));
    assert!(row.outbound.iter().all(|it| it.refused.is_none()));
    assert!(wav.left.tone_ms(FIRST_HZ) >= 100);
    assert!(wav.right.tone_ms(CALLER_HZ) >= 100);
}
