#!/bin/sh
# Starts thirdring for a load generator and stays in the foreground, as `exec` of the service.
#
# One line takes every number, one agent with a fixed address takes every call; nothing is
# announced or probed, so that what is measured is signalling, voice and the log. Reads
#   PEER_IP PEER_PORT    where to listen (UDP); voice goes over the same address
#   AGENT_IP AGENT_PORT  the agent's phone
#   UAC_IP               where calls come from
#   REC_DIR RUN_DIR      where recordings and everything else go
#   RECORD               1: record every call, 0: record none
#   THIRDRING            the program, target/release/thirdring unless given
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
program=${THIRDRING:-$here/target/release/thirdring}
record=required
[ "${RECORD:-1}" = 1 ] || record=off

cat >"$RUN_DIR/thirdring.toml" <<TOML
[service]
grace = "2s"
[log]
level = "warn"
[http]
listen = "$PEER_IP:8080"
[[sip.listener]]
address = "$PEER_IP:$PEER_PORT"
[media]
address = "$PEER_IP"
ports = "20000-59999"
allow_loopback = true
[recording]
folder = "$REC_DIR"
[database]
url = "sqlite:$RUN_DIR/thirdring.db"
[[trunk]]
name = "load"
addresses = ["$UAC_IP"]
[[agent]]
extension = "1001"
contact = "$AGENT_IP:$AGENT_PORT"
max_calls = 100000
[[line]]
name = "all"
numbers = ["7*", "8*", "9*"]
agents = ["1001"]
record = "$record"
TOML
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true
exec "$program" serve --config "$RUN_DIR/thirdring.toml"
