//! The door to what is going on: commands in, news and the state of things out.

use std::pin::Pin;

use tokio::sync::broadcast;

use crate::call::CallNow;
use crate::call::command::{Actor, Answer};
use crate::net::{Handle, Live};
use crate::switch::{Board, Command, Overview};

/// What a method of the desk gives, some time.
pub type Soon<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Whoever carries out commands and knows how things stand.
pub trait Desk: Send + Sync + 'static {
    /// Has a command carried out.
    fn command(&self, by: Actor, command: Command) -> Soon<'_, Answer>;
    /// Everything that happens from now on.
    fn live(&self) -> broadcast::Receiver<Live>;
    /// How things stand; `None` when the service is over.
    fn overview(&self) -> Soon<'_, Option<Overview>>;
    /// How every running call stands; `None` when the service is over.
    fn calls_now(&self) -> Soon<'_, Option<Vec<CallNow>>>;
    /// How every agent and every queue stands.
    fn board(&self) -> Board;
}

impl Desk for Handle {
    fn command(&self, by: Actor, command: Command) -> Soon<'_, Answer> {
        Box::pin(Self::command(self, by, command))
    }

    fn live(&self) -> broadcast::Receiver<Live> {
        Self::live(self)
    }

    fn overview(&self) -> Soon<'_, Option<Overview>> {
        Box::pin(Self::overview(self))
    }

    fn calls_now(&self) -> Soon<'_, Option<Vec<CallNow>>> {
        Box::pin(Self::calls_now(self))
    }

    fn board(&self) -> Board {
        self.desk()
    }
}
