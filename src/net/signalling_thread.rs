//! One thread for the signalling loop and the UDP sockets that feed it, with a runtime of its own:
//! a datagram that wakes the loop wakes no second thread, which would cost more than the message.

use std::future::Future;
use std::io;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;

/// The thread before it runs.
#[derive(Debug)]
pub struct SignallingThread {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl SignallingThread {
    /// A thread that does not run yet.
    ///
    /// # Errors
    /// The system gives no more descriptors.
    pub fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    /// Where the sockets live that the loop hears.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Runs `work` to its end, and says so. The receiver fails if the work panics.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub(super) fn run(
        mut self,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<oneshot::Receiver<()>> {
        let (ended, end) = oneshot::channel();
        let runtime = self.runtime.take();
        std::thread::Builder::new()
            .name("signalling".to_owned())
            .spawn(move || {
                if let Some(runtime) = runtime {
                    runtime.block_on(work);
                }
                // Whoever does not wait for the end need not hear of it.
                let _ = ended.send(());
            })?;
        Ok(end)
    }
}

impl Drop for SignallingThread {
    /// One that never ran is dropped where nothing may wait for its tasks.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
