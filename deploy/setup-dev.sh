#!/bin/sh
# Makes a machine ready for work on thirdring.
#
#   setup-dev.sh rust    only looks at the compilers: all that `make demo` needs
#   setup-dev.sh         also gets the programs that the tests talk to, on Debian or Ubuntu
#
# As root, or where sudo asks no password, missing packages are installed by apt-get. Otherwise it
# lists what is missing and exits 1. Nothing is asked; nothing is done where nothing is missing.
set -eu
cd "$(dirname "$0")/.."

packages="sip-tester baresip-core linphone-cli tshark sox libsox-fmt-base espeak-ng postgresql python3 python3-yaml rtpengine-daemon sipvicious iproute2 libfaketime ffmpeg sndfile-programs xfsprogs prometheus"

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

has() {
    command -v "$1" >/dev/null 2>&1
}

check_rust() {
    for program in cc c++; do
        has "$program" || fail "There is no C or C++ compiler ($program). On Debian or Ubuntu:" \
            "    apt-get install gcc g++"
    done
    has cargo || fail "There is no Rust here (cargo). Get it from https://rustup.rs:" \
        "    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
    needed=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
    found=$(cargo --version | cut -d ' ' -f 2)
    oldest=$(printf '%s\n%s\n' "$needed" "$found" | sort -V | head -n 1)
    [ "$oldest" = "$needed" ] || fail "thirdring needs Rust $needed or newer; this is $found." \
        "    rustup update stable"
}

check_rust_tools() {
    for component in rustfmt clippy; do
        program=cargo-${component#rust}
        has "$program" && continue
        has rustup || fail "There is no $program. Install your distribution's $component."
        rustup component add "$component"
    done
    has cargo-fuzz || cargo install cargo-fuzz --locked
}

# The programs that the tests start and that are not on the PATH or, as Debian has the database
# server, below /usr/lib/postgresql.
missing_programs() {
    for program in sipp baresip linphonec tshark dumpcap sox espeak-ng python3 rtpengine svmap ip ffprobe sndfile-info mkfs.xfs prometheus promtool; do
        has "$program" || printf ' %s' "$program"
    done
    python3 -c 'import yaml' 2>/dev/null || printf ' python3-yaml'
    ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || printf ' libfaketime'
    has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || printf ' initdb'
}

get_programs() {
    missing=$(missing_programs)
    [ -n "$missing" ] || return 0
    has apt-get || fail "The tests need these programs, which are missing:$missing" \
        "On Debian or Ubuntu they are in the packages: $packages"
    if [ "$(id -u)" = 0 ]; then
        as_root="env"
    elif has sudo && sudo -n true 2>/dev/null; then
        as_root="sudo env"
    else
        fail "The tests need these programs, which are missing:$missing" \
            "As root:" \
            "    apt-get update && apt-get install --no-install-recommends $packages"
    fi
    export DEBIAN_FRONTEND=noninteractive
    echo "Installing:$missing"
    # sudo cleans the environment, so the variable goes with the command.
    $as_root DEBIAN_FRONTEND=noninteractive apt-get update -qq
    # shellcheck disable=SC2086  # the list is words
    $as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages </dev/null
    missing=$(missing_programs)
    [ -z "$missing" ] || fail "These programs are still missing:$missing"
}

check_rust
if [ "${1:-all}" != rust ]; then
    get_programs
    check_rust_tools
fi
