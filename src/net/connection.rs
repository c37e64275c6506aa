//! One connection: a task that reads and frames what comes, and one that writes what waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, sleep_until, timeout};

use super::arrival::{Arrival, What};
use super::lanes::Lanes;
use super::quota::Slot;
use crate::clock::Clock;
use crate::sip::Flow;
use crate::sip::framing::{Frame, Framer, PING, PONG};
use crate::switch::{Bucket, Rate};

/// Messages that may wait to be written ...
const WAITING_MESSAGES: usize = 1024;
/// ... and their octets together: a peer that reads slower than that is cut off.
const WAITING_OCTETS: usize = 256 * 1024;
/// Messages written at once.
const BATCH: usize = 64;
/// How long one write may take.
const WRITING: Duration = Duration::from_secs(10);
/// How long a message may take from its first octet to its last.
const WHOLE_MESSAGE: Duration = Duration::from_secs(5);
/// How many messages one connection may bring, whoever's it is: those of a thousand calls a second.
/// What comes faster waits in the peer's own buffers.
const PACE: Rate = Rate::a_second(10_000, 10_000);
/// How often we show on a connection that we opened that we are there (RFC 5626 §4.4.1 has
/// clients do so every 95 to 120 s; many a NAT forgets sooner).
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long we listen to a peer whose stream we end, so that it can read our answer first.
const LINGER: Duration = Duration::from_secs(1);
/// Octets read at once.
const CHUNK: usize = 4096;

/// Names a connection among all that a process ever had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConnectionId(pub(super) u64);

impl ConnectionId {
    pub(super) fn mint() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Where messages wait to be written. The connection ends when the last one is dropped.
#[derive(Clone, Debug)]
pub(super) struct Outbox {
    messages: mpsc::Sender<Vec<u8>>,
    octets: Arc<AtomicUsize>,
}

/// Its other end.
#[derive(Debug)]
pub(super) struct Waiting {
    messages: mpsc::Receiver<Vec<u8>>,
    octets: Arc<AtomicUsize>,
    /// For our own answers to keep-alives; it does not keep the connection.
    back: mpsc::WeakSender<Vec<u8>>,
}

/// Why a message cannot wait here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The peer does not read what it is sent.
    Full,
    /// The connection is over.
    Over,
}

pub(super) fn outbox() -> (Outbox, Waiting) {
    let (sender, receiver) = mpsc::channel(WAITING_MESSAGES);
    let octets = Arc::new(AtomicUsize::new(0));
    let waiting = Waiting {
        messages: receiver,
        octets: Arc::clone(&octets),
        back: sender.downgrade(),
    };
    let outbox = Outbox {
        messages: sender,
        octets,
    };
    (outbox, waiting)
}

impl Outbox {
    pub(super) fn put(&self, message: &[u8]) -> Result<(), Refused> {
        let before = self.octets.fetch_add(message.len(), Ordering::Relaxed);
        if before + message.len() > WAITING_OCTETS {
            return Err(Refused::Full);
        }
        let put = self.messages.try_send(message.to_vec());
        put.map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Refused::Full,
            mpsc::error::TrySendError::Closed(_) => Refused::Over,
        })
    }
}

impl Waiting {
    /// Everything that was put in before nothing more could be.
    pub(super) fn give_up(mut self) -> Vec<Vec<u8>> {
        self.messages.close();
        std::iter::from_fn(|| self.messages.try_recv().ok()).collect()
    }

    /// Makes room. Keep-alives were never counted, so the count stops at nothing.
    fn written(&self, octets: usize) {
        let less = |waiting: usize| Some(waiting.saturating_sub(octets));
        let order = Ordering::Relaxed;
        // It always gives something to store.
        let _ = self.octets.fetch_update(order, order, less);
    }
}

/// What both tasks know.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: ConnectionId,
    pub(super) flow: Flow,
    pub(super) lanes: Lanes,
    pub(super) slot: Slot,
    /// We opened it, so we keep it alive.
    pub(super) is_ours: bool,
    pub(super) clock: Clock,
}

impl Connection {
    /// Carries messages both ways until either end has enough.
    pub(super) async fn run<S>(self, stream: S, waiting: Waiting)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let (reader, writer) = tokio::io::split(stream);
        let (written, mut done) = oneshot::channel::<()>();
        let pongs = waiting.back.clone();
        let is_ours = self.is_ours;
        let write_task = tokio::spawn(async move {
            write(writer, waiting, is_ours).await;
            drop(written);
        });
        let reader = self.read(reader, &pongs, &mut done).await;
        let over = What::Down(self.id);
        self.lanes.end(self.arrival(over)).await;
        if let Some(reader) = reader {
            let _ = timeout(LINGER, discard(reader)).await;
        }
        // What waits is still written, in the time that a write may take.
        let _ = write_task.await;
        drop(self.slot);
    }

    /// It could not be opened: gives back what waited for it.
    pub(super) async fn failed(self, waiting: Waiting, error: &std::io::Error) {
        tracing::debug!(peer = %self.flow.peer, %error, "no connection");
        let what = What::Failed(self.id, waiting.give_up());
        self.lanes.tell(self.arrival(what)).await;
    }

    fn arrival(&self, what: What) -> Arrival {
        Arrival {
            flow: self.flow,
            what,
        }
    }

    /// Reads until the stream ends. Where it is we who end it, the half that is left to be read.
    async fn read<S: AsyncRead + AsyncWrite>(
        &self,
        mut reader: ReadHalf<S>,
        pongs: &mpsc::WeakSender<Vec<u8>>,
        done: &mut oneshot::Receiver<()>,
    ) -> Option<ReadHalf<S>> {
        let mut framer = Framer::default();
        let mut chunk = vec![0; CHUNK];
        let mut pace = Bucket::default();
        // After so long a silence it is asked whether anybody needs the connection.
        let idle = self.slot.idle();
        let mut quiet_at = self.clock.now() + idle;
        let mut whole_at: Option<Instant> = None;
        loop {
            let wake_at = whole_at.unwrap_or(quiet_at);
            tokio::select! {
                read = reader.read(&mut chunk) => {
                    let count = read.unwrap_or(0);
                    if count == 0 {
                        self.last_words(&mut framer).await;
                        return None;
                    }
                    framer.push(chunk.get(..count).unwrap_or_default());
                    let now = self.clock.now();
                    quiet_at = now + idle;
                    while let Some(frame) = framer.poll() {
                        whole_at = None;
                        let wait = pace.take_ahead(PACE, self.clock.now());
                        if !wait.is_zero() {
                            sleep(wait).await;
                        }
                        if !self.frame(frame, pongs).await {
                            return Some(reader);
                        }
                    }
                    whole_at = match (framer.is_amid(), whole_at) {
                        (true, None) => Some(now + WHOLE_MESSAGE),
                        (true, since) => since,
                        (false, _) => None,
                    };
                }
                () = sleep_until(wake_at.into()) => {
                    if whole_at.is_some() {
                        self.last_words(&mut framer).await;
                        return Some(reader);
                    }
                    quiet_at = self.clock.now() + idle;
                    let quiet = self.arrival(What::Quiet);
                    if !self.lanes.tell(quiet).await {
                        return None;
                    }
                }
                _ = &mut *done => return None,
            }
        }
    }

    /// Passes one frame on; whether the stream goes on.
    async fn frame(&self, frame: Frame, pongs: &mpsc::WeakSender<Vec<u8>>) -> bool {
        match frame {
            Frame::Message(bytes) => self.lanes.pass(&bytes, self.flow).await,
            Frame::Broken(bytes) => {
                tracing::debug!(peer = %self.flow.peer, "a stream without bounds is closed");
                self.lanes.pass(&bytes, self.flow).await;
                false
            }
            Frame::Ping => {
                // A peer that asks faster than it reads gets no more answers.
                pongs
                    .upgrade()
                    .is_some_and(|pongs| pongs.try_send(PONG.to_vec()).is_ok())
            }
        }
    }

    /// A message that broke off may still be answered.
    async fn last_words(&self, framer: &mut Framer) {
        if let Some(Frame::Broken(bytes)) = framer.finish() {
            self.lanes.pass(&bytes, self.flow).await;
        }
    }
}

async fn write<S: AsyncWrite>(mut writer: WriteHalf<S>, mut waiting: Waiting, is_ours: bool) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let received = waiting.messages.recv_many(&mut batch, BATCH);
        let count = if is_ours {
            timeout(KEEP_ALIVE, received).await
        } else {
            Ok(received.await)
        };
        let mut octets = Vec::new();
        match count {
            Ok(0) => break,
            Ok(_) => batch.drain(..).for_each(|one| octets.extend(one)),
            Err(_) => octets.extend_from_slice(PING),
        }
        let written = timeout(WRITING, async {
            writer.write_all(&octets).await?;
            writer.flush().await
        });
        if !matches!(written.await, Ok(Ok(()))) {
            return;
        }
        waiting.written(octets.len());
    }
    // The peer may be gone already.
    let _ = timeout(WRITING, writer.shutdown()).await;
}

async fn discard<S: AsyncRead>(mut reader: ReadHalf<S>) {
    let mut chunk = vec![0; CHUNK];
    while reader.read(&mut chunk).await.is_ok_and(|count| count > 0) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::lanes::Arrivals;
    use crate::net::quota::{Limits, Quota};
    use crate::switch::Acquaintance;

    const MESSAGE: &[u8] = b"OPTIONS sip:a SIP/2.0\r\nl: 0\r\n\r\n";

    fn connection(idle: Duration) -> (Connection, Arrivals) {
        let (lanes, arrivals) = Lanes::new();
        let peer = ([192, 0, 2, 9], 40_000).into();
        lanes.learn(Arc::new(Acquaintance {
            peers: [peer].into(),
            ..Acquaintance::default()
        }));
        let limits = Limits {
            total: 1,
            per_source: 1,
            idle,
        };
        let connection = Connection {
            id: ConnectionId::mint(),
            flow: Flow {
                transport: crate::sip::Transport::Tcp,
                local: ([192, 0, 2, 1], 5060).into(),
                peer,
            },
            lanes,
            slot: Quota::new(limits).take(peer.ip()).unwrap(),
            is_ours: false,
            clock: Clock,
        };
        (connection, arrivals)
    }

    /// Threat: flood, memory. A peer of ours that has run wild brings its messages no faster than
    /// its pace, and none is lost.
    #[tokio::test]
    async fn a_connection_keeps_its_pace() {
        const BEYOND: u32 = 20_000;
        let (connection, mut arrivals) = connection(Duration::from_mins(2));
        let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
        let (_outbox, waiting) = outbox();
        tokio::spawn(connection.run(ours, waiting));
        let begun = Clock.now();
        let count = PACE.burst + BEYOND;
        tokio::spawn(async move {
            for _ in 0..count {
                theirs.write_all(MESSAGE).await.unwrap();
            }
            // It stays open.
            std::future::pending::<()>().await;
        });
        for _ in 0..count {
            let arrival = arrivals.next().await.unwrap();
            assert!(matches!(arrival.what, What::Message(bytes) if bytes == MESSAGE));
        }
        let taken = Clock.now() - begun;
        assert!(taken >= PACE.every * (BEYOND - 1), "{taken:?}");
    }

    /// Threat: flood, memory. A connection by which nothing comes is told of, again and again; one
    /// that speaks is not.
    #[tokio::test]
    async fn a_silence_is_told_of() {
        let (connection, mut arrivals) = connection(Duration::from_millis(50));
        let (ours, mut theirs) = tokio::io::duplex(1024);
        let (_outbox, waiting) = outbox();
        tokio::spawn(connection.run(ours, waiting));
        for _ in 0..2 {
            let arrival = arrivals.next().await.unwrap();
            assert!(matches!(arrival.what, What::Quiet));
        }
        theirs.write_all(MESSAGE).await.unwrap();
        loop {
            let arrival = arrivals.next().await.unwrap();
            if matches!(arrival.what, What::Message(_)) {
                break;
            }
            assert!(matches!(arrival.what, What::Quiet), "{arrival:?}");
        }
    }

    /// Threat: flood, memory. What waits for a peer that does not read is bounded, by octets and by
    /// messages.
    #[test]
    fn what_waits_for_a_peer_that_does_not_read_is_bounded() {
        let (large, _waiting) = outbox();
        let message = vec![b'a'; 8192];
        let fit = std::iter::repeat_with(|| large.put(&message)).take_while(Result::is_ok);
        assert_eq!(fit.count(), WAITING_OCTETS / 8192);
        let (small, waiting) = outbox();
        let fit = std::iter::repeat_with(|| small.put(b"a")).take_while(Result::is_ok);
        assert_eq!(fit.count(), WAITING_MESSAGES);
        assert_eq!(small.put(b"a"), Err(Refused::Full));
        assert_eq!(waiting.give_up().len(), WAITING_MESSAGES);
        assert_eq!(small.put(b"a"), Err(Refused::Over));
    }
}
