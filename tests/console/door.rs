//! What the specs ask of the world around the service, by HTTP on loopback: a desk of their own, a
//! caller, a button of a phone.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use thirdring::phone::{Command, Event};
use thirdring::sip::StatusCode as SipStatus;

use crate::forgeries::Forgeries;
use crate::people::{PASSWORD, People};
use crate::phones::Phones;
use crate::stage::{
    Demos, Stage, line, members, name, number, phone_of, take, take_team, team_name, team_number,
};

#[derive(Clone)]
struct Door {
    phones: Arc<Phones>,
    people: Arc<People>,
    forgeries: Arc<Forgeries>,
    taken: Arc<AtomicU8>,
    teams: Arc<AtomicU8>,
    demos: Arc<Demos>,
    database: Arc<path::Path>,
}

/// A desk that one spec has to itself.
#[derive(Serialize)]
struct Desk {
    extension: String,
    name: String,
    line: String,
    number: String,
    password: &'static str,
    /// What the person of each role is called.
    users: BTreeMap<&'static str, String>,
}

/// Three who answer in turn, and one who leads them, with a phone too.
#[derive(Serialize)]
struct Team {
    /// The name of its queue, and of its line.
    queue: String,
    number: String,
    /// The phones of those who answer, in the order of the list.
    extensions: Vec<String>,
    /// The phone of the lead.
    lead: String,
    password: &'static str,
    /// What the first two agents are called, and the lead.
    users: BTreeMap<&'static str, String>,
}

/// What the demo tells a newcomer.
#[derive(Serialize)]
struct Newcomer {
    url: String,
    password: String,
}

#[derive(Deserialize)]
struct Caller {
    /// What the phone is called from now on.
    phone: String,
    from: String,
    name: Option<String>,
    to: String,
}

/// Somebody who calls with this text wherever a text can be.
#[derive(Deserialize)]
struct Forger {
    from: String,
    to: String,
    text: String,
}

/// A button of a phone.
#[derive(Deserialize)]
#[serde(tag = "press", rename_all = "snake_case")]
enum Button {
    Answer,
    Reject,
    Cancel,
    HangUp,
    Hold,
    Resume,
    Key { key: char },
}

/// Something that may have happened to a phone.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sight {
    Incoming,
    Ringing,
    Answered,
    Rejected,
    Ended,
}

type Done = Result<StatusCode, (StatusCode, String)>;

/// Opens the door on a free port of the service's own address.
pub(crate) async fn open(stage: &Stage) -> SocketAddr {
    let door = Door {
        phones: Arc::clone(&stage.phones),
        people: Arc::clone(&stage.people),
        forgeries: Arc::new(Forgeries::new(Arc::clone(&stage.network))),
        taken: Arc::clone(&stage.taken),
        teams: Arc::clone(&stage.teams),
        demos: Arc::clone(&stage.demos),
        database: stage.database().into(),
    };
    let router = Router::new()
        .route("/desks", post(desk))
        .route("/teams", post(team))
        .route("/demos", post(demo))
        .route("/history", post(history))
        .route("/callers", post(call))
        .route("/forgeries", post(forge))
        .route("/forgeries/{from}/cancel", post(cancel_forgery))
        .route("/phones/{phone}/press", post(press))
        .route("/phones/{phone}/sees", post(sees))
        .with_state(door);
    let listener = tokio::net::TcpListener::bind((stage.network.service(), 0));
    let listener = listener.await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

async fn desk(State(door): State<Door>) -> Json<Desk> {
    let n = take(&door.taken);
    let extension = phone_of(n);
    door.phones.agent(n, &extension).await;
    let users = door.people.join(n, &extension).await;
    Json(Desk {
        extension,
        name: name(n),
        line: line(n),
        number: number(n),
        password: PASSWORD,
        users: users.into_iter().collect(),
    })
}

async fn team(State(door): State<Door>) -> Json<Team> {
    let team = take_team(&door.teams);
    let mut extensions = Vec::new();
    for n in members(team) {
        let extension = phone_of(n);
        door.phones.agent(n, &extension).await;
        extensions.push(extension);
    }
    let lead = extensions.pop().unwrap();
    let queue = team_name(team);
    let agents = [extensions[0].as_str(), extensions[1].as_str()];
    let users = door.people.team(&queue, agents, &lead).await;
    Json(Team {
        number: team_number(team),
        queue,
        extensions,
        lead,
        password: PASSWORD,
        users: users.into_iter().collect(),
    })
}

async fn demo(State(door): State<Door>) -> Json<Newcomer> {
    let opening = tokio::task::spawn_blocking(move || door.demos.open());
    let (url, password) = opening.await.unwrap();
    Json(Newcomer { url, password })
}

async fn history(State(door): State<Door>, Json(calls): Json<u32>) -> StatusCode {
    crate::history::write(&door.database, calls).await;
    StatusCode::NO_CONTENT
}

async fn call(State(door): State<Door>, Json(caller): Json<Caller>) -> StatusCode {
    let Caller {
        phone,
        from,
        name,
        to,
    } = caller;
    door.phones.call(&phone, &from, name, &to).await;
    StatusCode::NO_CONTENT
}

async fn forge(State(door): State<Door>, Json(forger): Json<Forger>) -> Done {
    let Forger { from, to, text } = forger;
    done(door.forgeries.ring(&from, &to, &text).await)
}

async fn cancel_forgery(State(door): State<Door>, Path(from): Path<String>) -> Done {
    done(door.forgeries.cancel(&from).await)
}

async fn press(
    State(door): State<Door>,
    Path(phone): Path<String>,
    Json(button): Json<Button>,
) -> Done {
    let command = match button {
        Button::Answer => Command::Answer,
        Button::Reject => Command::Reject(SipStatus::BUSY_HERE),
        Button::Cancel => Command::Cancel,
        Button::HangUp => Command::HangUp,
        Button::Hold => Command::Hold,
        Button::Resume => Command::Resume,
        Button::Key { key } => Command::Press(key),
    };
    done(door.phones.press(&phone, command).await)
}

async fn sees(
    State(door): State<Door>,
    Path(phone): Path<String>,
    Json(sight): Json<Sight>,
) -> Done {
    let wanted = move |event: &Event| match sight {
        Sight::Incoming => matches!(event, Event::Incoming { .. }),
        Sight::Ringing => matches!(event, Event::Ringing { .. }),
        Sight::Answered => matches!(event, Event::Answered),
        Sight::Rejected => matches!(event, Event::Rejected(_)),
        Sight::Ended => matches!(event, Event::Ended { .. }),
    };
    done(door.phones.sees(&phone, wanted).await)
}

fn done(result: Result<(), String>) -> Done {
    match result {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(why) => Err((StatusCode::INTERNAL_SERVER_ERROR, why)),
    }
}
