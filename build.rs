//! Makes the console's files for [`rust_embed`]: from `src/console/web`, where Node is there to
//! make them, else one page that says how to get it.
//!
//! `THIRDRING_CONSOLE=off` makes the page in any case, for those who work on something else.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The oldest Node that Vite works with.
const OLDEST_NODE: (u32, u32) = (20, 19);
/// What the build reads, in the console's folder.
const READ: [&str; 8] = [
    ".npmrc",
    "build",
    "index.html",
    "package-lock.json",
    "package.json",
    "public",
    "src",
    "vite.config.ts",
];
const WEB: &str = "src/console/web";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    // The pure core, as the fuzz targets link it, has no console.
    if env::var_os("CARGO_FEATURE_SERVICE").is_none() {
        return Ok(());
    }
    println!("cargo:rerun-if-env-changed=THIRDRING_CONSOLE");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("console");
    let web = root.join(WEB);
    if env::var_os("THIRDRING_CONSOLE").is_some_and(|wish| wish == "off") {
        return explain(&out, &web);
    }
    for name in READ {
        println!("cargo:rerun-if-changed={WEB}/{name}");
    }
    let Some(node) = Node::find(&root) else {
        // A path that is never there: whoever gets Node gets the console with the next build.
        println!("cargo:rerun-if-changed={WEB}/node-is-missing");
        let (major, minor) = OLDEST_NODE;
        println!(
            "cargo:warning=there is no Node {major}.{minor} or newer: the console is left out"
        );
        return explain(&out, &web);
    };
    match node.install(&web) {
        Ok(()) => node.build(&web, &out),
        Err(error) => {
            println!("cargo:rerun-if-changed={WEB}/packages-are-missing");
            println!("cargo:warning=the console is left out: {error}");
            explain(&out, &web)
        }
    }
}

/// The page that says how to get the console, instead of the console.
fn explain(out: &Path, web: &Path) -> io::Result<()> {
    empty(out)?;
    let page = web.join("without.html");
    println!("cargo:rerun-if-changed={WEB}/without.html");
    fs::copy(page, out.join("index.html")).map(|_| ())
}

fn empty(folder: &Path) -> io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)
}

/// Node, and the npm that came with it.
struct Node {
    /// The folder that holds both; `None`: they are on the path.
    folder: Option<PathBuf>,
}

impl Node {
    /// The machine's, or what `deploy/setup-dev.sh` got.
    fn find(root: &Path) -> Option<Self> {
        let own = root.join("target/node/bin");
        let folders = [None, Some(own)];
        let mut found = folders.into_iter().map(|folder| Self { folder });
        found.find(|node| node.version().is_some_and(|version| version >= OLDEST_NODE))
    }

    fn version(&self) -> Option<(u32, u32)> {
        let output = self.command("node").arg("--version").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let mut numbers = text.trim().strip_prefix('v')?.split('.');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    }

    /// A program of Node's, which finds Node itself on its path.
    fn command(&self, program: &str) -> Command {
        let Some(folder) = &self.folder else {
            return Command::new(program);
        };
        let mut command = Command::new(folder.join(program));
        let others = env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(folder.clone()).chain(env::split_paths(&others));
        if let Ok(path) = env::join_paths(all) {
            command.env("PATH", path);
        }
        command
    }

    /// Gets the packages, if those that are there are of another lock file.
    fn install(&self, web: &Path) -> Result<(), String> {
        let text = |error: io::Error| error.to_string();
        let modules = web.join("node_modules");
        fs::create_dir_all(&modules).map_err(text)?;
        // Another build of the same sources may be at it; its end opens the lock.
        let lock = File::create(modules.join(".thirdring-lock")).map_err(text)?;
        lock.lock().map_err(text)?;
        let wanted = fs::read(web.join("package-lock.json")).map_err(text)?;
        let mark = modules.join(".thirdring-installed");
        if fs::read(&mark).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        let mut npm = self.command("npm");
        npm.args(["ci", "--ignore-scripts"]).current_dir(web);
        succeed(npm.output().map_err(text)?).map_err(|said| format!("npm ci failed: {said}"))?;
        fs::write(&mark, wanted).map_err(text)
    }

    fn build(&self, web: &Path, out: &Path) -> io::Result<()> {
        empty(out)?;
        let vite = web.join("node_modules/vite/bin/vite.js");
        let mut node = self.command("node");
        node.arg(vite)
            .args([OsStr::new("build"), "--outDir".as_ref(), out.as_os_str()])
            .args(["--logLevel", "warn"])
            .current_dir(web);
        succeed(node.output()?).map_err(|said| {
            let error = format!("the console cannot be built: {said}");
            io::Error::other(error)
        })
    }
}

/// What a program said that failed.
fn succeed(output: Output) -> Result<(), String> {
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(String::from_utf8_lossy(&said).trim().to_owned())
}
