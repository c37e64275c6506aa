//! The service that the browser looks at: lines that each have an agent of their own, so that specs
//! run side by side.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use thirdring::app::Service;
use thirdring::config::Config;

use crate::demo::Demo;
use crate::loopback::Network;
use crate::people::People;
use crate::phones::Phones;
use crate::site::{Line, Site, extension};

/// Teams that specs can have, each of three who answer in turn and one who leads them.
pub(crate) const TEAMS: u8 = 6;
/// Phones of a team: the last one is the lead's.
pub(crate) const TEAM: u8 = 4;
/// Desks that specs can have, each with an agent's phone and a line.
pub(crate) const DESKS: u8 = 56;
/// Every agent's phone registers with this password.
pub(crate) const PHONE_PASSWORD: &str = "correct-horse-battery";
/// What is on after the last spec gets no longer than this.
const GRACE: Duration = Duration::from_secs(5);

/// Demos of the program that specs look at, beside the service: each goes with its folder.
#[derive(Default)]
pub(crate) struct Demos(Mutex<Vec<(Demo, TempDir)>>);

impl Demos {
    /// Starts one more: where its console is, and what its people log in with.
    pub(crate) fn open(&self) -> (String, String) {
        let folder = tempfile::tempdir().unwrap();
        let demo = Demo::open(&folder.path().join("demo"));
        let said = (demo.url.clone(), demo.password.clone());
        self.0.lock().unwrap().push((demo, folder));
        said
    }
}

/// The service, and the phones around it.
pub(crate) struct Stage {
    service: Service,
    pub(crate) network: Arc<Network>,
    pub(crate) phones: Arc<Phones>,
    pub(crate) people: Arc<People>,
    /// Desks that are taken.
    pub(crate) taken: Arc<AtomicU8>,
    /// Teams that are taken.
    pub(crate) teams: Arc<AtomicU8>,
    pub(crate) demos: Arc<Demos>,
    folder: TempDir,
    _prompts: TempDir,
}

impl Stage {
    pub(crate) async fn open() -> Self {
        let prompts = prompts();
        let mut site = Site::new().section(TRACE).prompts(prompts.path());
        for n in 1..=DESKS {
            let keys = format!("name = \"{}\"\npassword = \"{PHONE_PASSWORD}\"", name(n));
            let line = Line::new(&line(n), &number(n), &[n])
                .with("notice", "\"recording-notice.wav\"")
                // A browser on a busy machine needs longer than five short rings.
                .with("attempt_rings", "{ shared = 30, last = 30 }")
                .with("wrap_up", "\"3m\"")
                .with("manners", "{ private_calls = \"log\" }")
                .with(
                    "quality_desk",
                    "{ name = \"品质管理部\", number = \"01065221000\" }",
                )
                .with("purposes", PURPOSES)
                .with("default_purpose", "\"consultation\"");
            site = site.agent_with(n, &keys).line(&line);
        }
        for team in 1..=TEAMS {
            for n in members(team) {
                let keys = format!("name = \"{}\"\npassword = \"{PHONE_PASSWORD}\"", name(n));
                site = site.agent_with(n, &keys);
            }
            site = site.section(&team_toml(team));
        }
        // Breaks are asked for: the duty lead's screen is where they are allowed.
        site = site.section("[desk]\napprove_breaks = true\n");
        let (folder, network) = site.write();
        let config = Config::load(&folder.path().join("thirdring.toml")).unwrap();
        let service = Service::start(&config).await.unwrap();
        let network = Arc::new(network);
        Self {
            phones: Arc::new(Phones::new(Arc::clone(&network))),
            people: Arc::new(People::new(service.store().clone())),
            taken: Arc::new(AtomicU8::new(0)),
            teams: Arc::new(AtomicU8::new(0)),
            demos: Arc::default(),
            network,
            service,
            folder,
            _prompts: prompts,
        }
    }

    /// Where the console is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.service.addresses().http)
    }

    /// The file that the calls are in.
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("log.db")
    }

    pub(crate) async fn close(self) {
        self.phones.unplug().await;
        self.service.stop(GRACE).await.unwrap();
    }
}

/// A folder of the prompts that come with the service: what is recorded is kept there, and goes with
/// it.
fn prompts() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/prompts");
    for file in std::fs::read_dir(own).unwrap() {
        let file = file.unwrap().path();
        let name = file.file_name().unwrap();
        std::fs::copy(&file, folder.path().join(name)).unwrap();
    }
    folder
}

/// Takes the next desk that nobody has.
pub(crate) fn take(taken: &AtomicU8) -> u8 {
    let n = taken.fetch_add(1, Ordering::Relaxed) + 1;
    assert!(n <= DESKS, "there are {DESKS} desks; the specs want more");
    n
}

/// Takes the next team that nobody has.
pub(crate) fn take_team(teams: &AtomicU8) -> u8 {
    let team = teams.fetch_add(1, Ordering::Relaxed) + 1;
    assert!(
        team <= TEAMS,
        "there are {TEAMS} teams; the specs want more"
    );
    team
}

/// The phones of a team, the lead's last.
pub(crate) fn members(team: u8) -> std::ops::Range<u8> {
    let first = DESKS + TEAM * (team - 1) + 1;
    first..first + TEAM
}

/// What a team, its line and its queue are called.
pub(crate) fn team_name(team: u8) -> String {
    format!("team{team:02}")
}

/// What callers dial to reach a team.
pub(crate) fn team_number(team: u8) -> String {
    format!("40012399{team:02}")
}

/// A queue that rings its agents in the order of the list, from its beginning each time, and lacks
/// somebody as soon as one of them is away.
fn team_toml(team: u8) -> String {
    let (name, number) = (team_name(team), team_number(team));
    let who = members(team).take(usize::from(TEAM) - 1);
    let agents: Vec<_> = who.map(extension).collect();
    format!(
        "[[queue]]\nname = \"{name}\"\nagents = {agents:?}\nstrategy = \"linear\"\nminimum = 3\n\
         [[line]]\nname = \"{name}\"\nnumbers = [\"{number}\"]\nqueue = \"{name}\"\n\
         cadence = {{ on = \"200ms\", off = \"800ms\" }}\n\
         attempt_rings = {{ shared = 30, last = 30 }}\n\
         emergency = [\"closed.wav\", \"all-busy.wav\"]\n"
    )
}

/// What desk `n`'s agent is called.
pub(crate) fn name(n: u8) -> String {
    format!("坐席{n:02}")
}

/// What desk `n`'s line is called.
pub(crate) fn line(n: u8) -> String {
    format!("line{n:02}")
}

/// What callers dial to reach desk `n`.
pub(crate) fn number(n: u8) -> String {
    format!("40012300{n:02}")
}

pub(crate) fn phone_of(n: u8) -> String {
    extension(n)
}

/// The messages of calls are kept, for whoever looks at one's ladder.
const TRACE: &str = r#"
[trace]
folder = "trace"
keep = "64MB"
"#;

const PURPOSES: &str = r#"[
  { code = "consultation", name = "咨询", name_en = "Consultation" },
  { code = "complaint", name = "投诉", name_en = "Complaint" },
  { code = "repair", name = "报修", name_en = "Repair" },
  { code = "suggestion", name = "建议", name_en = "Suggestion" },
]"#;
