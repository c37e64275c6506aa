//! Copies of recordings in an object store: a folder on another disk, or any S3.
//!
//! A copy counts when it has been proved: read back, every byte, and hashed. An `ETag` or a size
//! would not do: they are what the store believes it has.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{
    BackoffConfig, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig, WriteMultipart,
};
use sha2::{Digest, Sha256};

use super::{Error, Result};
use crate::recording::sidecars;
use crate::store::StoredFile;

/// Larger files go in parts of this size, and are read back so.
const PART_BYTES: u64 = 8 * 1024 * 1024;
/// Parts on their way at once.
const PARTS_AT_ONCE: usize = 2;
/// A request is tried so often at once; then its recording waits for its next turn.
const TRIES_AT_ONCE: usize = 2;

/// Where copies go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopySettings {
    /// `file:///folder` or `s3://bucket/prefix`.
    pub url: String,
    /// The S3 server, where it is not Amazon's.
    pub endpoint: Option<String>,
    /// The S3 region.
    pub region: Option<String>,
    /// Access key and its secret; without them the environment is asked (`AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`).
    pub credentials: Option<(String, String)>,
    /// How old a call is before its local file goes, given that the copy is proved; `None` keeps it.
    pub keep_local: Option<Duration>,
}

/// The copies.
#[derive(Clone, Debug)]
pub struct Copies {
    store: Arc<dyn ObjectStore>,
    prefix: String,
    pub(super) keep_local: Option<Duration>,
}

impl Copies {
    /// Opens the object store; nothing is sent yet.
    ///
    /// # Errors
    /// The settings name none, or none that can be opened.
    pub fn open(settings: &CopySettings) -> Result<Self> {
        let (store, prefix) = if let Some(folder) = settings.url.strip_prefix("file://") {
            (open_folder(Path::new(folder))?, String::new())
        } else if let Some(place) = settings.url.strip_prefix("s3://") {
            let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
            (open_s3(bucket, settings)?, prefix.to_owned())
        } else {
            return Err(Error::CopyUrl(settings.url.clone()));
        };
        Ok(Self {
            store,
            prefix,
            keep_local: settings.keep_local,
        })
    }

    /// Copies a recording with what stands beside it, and proves the copies.
    pub(super) async fn make(&self, folder: &Path, file: &StoredFile) -> Result<()> {
        let wav = folder.join(&file.path);
        for local in sidecars(&wav) {
            let key = self.key(folder, &local)?;
            let (sha256, size) = self.put(&local, &key).await?;
            self.prove(&key, &sha256, size).await?;
        }
        let key = self.key(folder, &wav)?;
        self.put(&wav, &key).await?;
        // What was sealed counts, not what was just read.
        self.prove(&key, &file.sha256, file.size_bytes).await
    }

    /// Proves that the copy of a WAV is what was sealed.
    pub(super) async fn prove_wav(&self, file: &StoredFile) -> Result<()> {
        let key = self.key(Path::new(""), Path::new(&file.path))?;
        self.prove(&key, &file.sha256, file.size_bytes).await
    }

    /// Removes the copies of WAV and peaks; the manifest stays.
    pub(super) async fn remove(&self, file: &StoredFile) -> Result<()> {
        let wav = Path::new(&file.path);
        let [peaks, _manifest] = sidecars(wav);
        for path in [peaks.as_path(), wav] {
            let key = self.key(Path::new(""), path)?;
            match self.store.delete(&key).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Reads a copy, part by part; gives its SHA-256.
    pub(super) async fn read(
        &self,
        file: &StoredFile,
        mut take: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<String> {
        let key = self.key(Path::new(""), Path::new(&file.path))?;
        self.read_key(&key, file.size_bytes, &mut take).await
    }

    /// A part of a WAV's copy.
    pub(super) async fn read_range(&self, file: &StoredFile, range: Range<u64>) -> Result<Vec<u8>> {
        let key = self.key(Path::new(""), Path::new(&file.path))?;
        Ok(self.store.get_range(&key, range).await?.into())
    }

    /// The copy of a recording's peaks.
    pub(super) async fn read_peaks(&self, file: &StoredFile) -> Result<Vec<u8>> {
        let [peaks, _manifest] = sidecars(Path::new(&file.path));
        let key = self.key(Path::new(""), &peaks)?;
        Ok(self.store.get(&key).await?.bytes().await?.into())
    }

    async fn prove(&self, key: &Key, sha256: &str, size: u64) -> Result<()> {
        let differs = || Error::CopyDiffers(key.to_string());
        if self.store.head(key).await?.size != size {
            return Err(differs());
        }
        let hash = self.read_key(key, size, &mut |_| Ok(())).await?;
        if hash == sha256 {
            Ok(())
        } else {
            Err(differs())
        }
    }

    async fn read_key(
        &self,
        key: &Key,
        size: u64,
        take: &mut impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<String> {
        let mut hasher = Sha256::new();
        for range in parts(size) {
            let bytes = self.store.get_range(key, range).await?;
            hasher.update(&bytes);
            take(&bytes)?;
        }
        Ok(hex::encode(hasher.finalize()))
    }

    /// Sends a file; gives the SHA-256 and size of what was sent.
    async fn put(&self, local: &Path, key: &Key) -> Result<(String, u64)> {
        let mut source = Source::open(local)?;
        let first = source.next().await?;
        if source.size <= PART_BYTES {
            self.store.put(key, PutPayload::from(first)).await?;
            return Ok((hex::encode(source.hasher.finalize()), source.size));
        }
        let upload = self.store.put_multipart(key).await?;
        let part = usize::try_from(PART_BYTES).unwrap_or(usize::MAX);
        let mut writer = WriteMultipart::new_with_chunk_size(upload, part);
        let mut block = first;
        while !block.is_empty() {
            writer.wait_for_capacity(PARTS_AT_ONCE).await?;
            writer.write(&block);
            block = source.next().await?;
        }
        writer.finish().await?;
        Ok((hex::encode(source.hasher.finalize()), source.size))
    }

    /// Where a file's copy is: as below the recordings folder.
    fn key(&self, folder: &Path, file: &Path) -> Result<Key> {
        let outside = || Error::CopyUrl(file.display().to_string());
        let relative = file.strip_prefix(folder).map_err(|_| outside())?;
        let relative = relative.to_str().ok_or_else(outside)?;
        let separator = if self.prefix.is_empty() { "" } else { "/" };
        let whole = format!("{}{separator}{relative}", self.prefix.trim_end_matches('/'));
        Key::parse(whole).map_err(|_| outside())
    }
}

/// A local file that is read in parts.
struct Source {
    file: Option<File>,
    path: PathBuf,
    size: u64,
    hasher: Sha256,
}

impl Source {
    fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::io(path))?;
        let size = file.metadata().map_err(Error::io(path))?.len();
        Ok(Self {
            file: Some(file),
            path: path.to_owned(),
            size,
            hasher: Sha256::new(),
        })
    }

    /// The next part; empty at the end.
    async fn next(&mut self) -> Result<Vec<u8>> {
        let Some(mut file) = self.file.take() else {
            return Ok(Vec::new());
        };
        let read = tokio::task::spawn_blocking(move || {
            let mut part = Vec::new();
            let read = (&mut file).take(PART_BYTES).read_to_end(&mut part);
            read.map(|_| (file, part))
        });
        let read = read.await.map_err(|_| Error::Interrupted)?;
        let (file, part) = read.map_err(Error::io(&self.path))?;
        self.file = Some(file);
        self.hasher.update(&part);
        Ok(part)
    }
}

fn parts(size: u64) -> impl Iterator<Item = Range<u64>> {
    let starts = (0..size.div_ceil(PART_BYTES)).map(|n| n * PART_BYTES);
    starts.map(move |from| from..size.min(from + PART_BYTES))
}

fn open_folder(folder: &Path) -> Result<Arc<dyn ObjectStore>> {
    std::fs::create_dir_all(folder).map_err(Error::io(folder))?;
    let store = LocalFileSystem::new_with_prefix(folder)?;
    Ok(Arc::new(store.with_fsync(true)))
}

fn open_s3(bucket: &str, settings: &CopySettings) -> Result<Arc<dyn ObjectStore>> {
    // The HTTP client takes the process' TLS; whoever set it before us has set the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(bucket)
        // Not every S3 server knows how to delete many at once.
        .with_disable_bulk_delete(true)
        .with_retry(RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(100),
                ..BackoffConfig::default()
            },
            max_retries: TRIES_AT_ONCE,
            retry_timeout: Duration::from_mins(1),
        });
    if let Some(endpoint) = &settings.endpoint {
        let is_plain = endpoint.starts_with("http://");
        builder = builder.with_endpoint(endpoint).with_allow_http(is_plain);
    }
    if let Some(region) = &settings.region {
        builder = builder.with_region(region);
    }
    if let Some((key, secret)) = &settings.credentials {
        builder = builder
            .with_access_key_id(key)
            .with_secret_access_key(secret);
    }
    Ok(Arc::new(builder.build()?))
}
