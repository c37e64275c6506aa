//! Reading sealed recordings piece by piece: from our disk, or from the copy where that is all
//! there is. Whoever reads has written the audit row before (R191).

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;

use super::{Archive, Error, Result};
use crate::recording::sidecars;
use crate::store::{FileState, StoredFile};

impl Archive {
    /// The bytes `range` of a recording's WAV. A file that is shorter than it was gives less.
    ///
    /// # Errors
    /// The disk or the copies do not give them.
    pub async fn read_audio(&self, file: &StoredFile, range: Range<u64>) -> Result<Vec<u8>> {
        if file.state == FileState::Remote {
            let copies = self.copies.as_ref().ok_or(Error::NoCopies)?;
            return copies.read_range(file, range).await;
        }
        let path = self.folder.join(&file.path);
        read_file(path, move |file, into| {
            file.seek(SeekFrom::Start(range.start))?;
            let length = range.end.saturating_sub(range.start);
            file.take(length).read_to_end(into)
        })
        .await
    }

    /// A recording's peaks, as `deploy/docs/recordings.md` has their form.
    ///
    /// # Errors
    /// There are none, or the disk or the copies do not give them.
    pub async fn read_peaks(&self, file: &StoredFile) -> Result<Vec<u8>> {
        if file.state == FileState::Remote {
            let copies = self.copies.as_ref().ok_or(Error::NoCopies)?;
            return copies.read_peaks(file).await;
        }
        let [peaks, _manifest] = sidecars(&self.folder.join(&file.path));
        read_file(peaks, File::read_to_end).await
    }
}

/// Reads off the task's thread.
async fn read_file(
    path: PathBuf,
    read: impl FnOnce(&mut File, &mut Vec<u8>) -> io::Result<usize> + Send + 'static,
) -> Result<Vec<u8>> {
    let reading = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        let mut file = File::open(&path).map_err(Error::io(&path))?;
        read(&mut file, &mut bytes).map_err(Error::io(&path))?;
        Ok(bytes)
    });
    reading.await.map_err(|_| Error::Interrupted)?
}
