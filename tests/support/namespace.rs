//! A network that a test has to itself, in which every address there is leads to the loopback
//! device: what is sent anywhere can be seen there, and nothing leaves the machine.

use std::process::{Command, Stdio};

/// Told to the test that runs in there.
const INSIDE: &str = "THIRDRING_TEST_NAMESPACE";
/// Makes every address one of this machine.
const EVERYWHERE: &str = "ip link set lo up && ip route add local 0.0.0.0/0 dev lo \
    && { ip -6 route add local ::/0 dev lo || true; } && exec \"$@\"";

/// Whether this is the inside. Outside, the test of this name (`module::function`) is run once
/// more, inside, to its end.
pub(crate) fn is_inside(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    // Root has networks of its own at once, others as root of a namespace of users.
    let as_root = ["--net"].as_slice();
    let as_user = ["--net", "--map-root-user"].as_slice();
    let may = |options: &&&[&str]| {
        let tried = Command::new("unshare").args(**options).arg("true").output();
        tried.is_ok_and(|tried| tried.status.success())
    };
    let options = [as_root, as_user];
    let options = options.iter().find(may);
    let options =
        options.expect("unshare makes network namespaces: run as root, or allow users to");
    let output = Command::new("unshare")
        .args(*options)
        .args(["sh", "-c", EVERYWHERE, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = said + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "inside: {}\n{said}", output.status);
    assert!(said.contains("1 passed"), "no test {test}:\n{said}");
    false
}
