#!/usr/bin/env bash
# The examples that are two processes: they use a fixed port, so they run in a network namespace of their own, and in a home
# directory with a secret. Usage: examples_network_test.sh DIRECTORY_OF_PROGRAMS
set -euo pipefail

if [ "${2:-}" != inside ]; then
  exec "$(dirname "$0")/in_own_network" "$0" "$1" inside
fi

programs=$1
HOME=$(mktemp -d)
export HOME
unset AEMP_CONFIG XDG_CONFIG_HOME PERL_ANYEVENT_MP_RC
(umask 077 && echo "the secret of these tests" >"$HOME/.aemp-secret")
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$HOME"' EXIT

expect() {  # what it should be, what it is
  if [ "$1" != "$2" ]; then
    printf 'expected:\n%s\nbut it was:\n%s\n' "$1" "$2" >&2
    exit 1
  fi
}

# The client may come first: what it spawns and sends waits for the node.
timeout 30 "$programs/spawn_client" ann "hello from ann" >"$HOME/ann" &
ann=$!
pids+=("$ann")
"$programs/spawn_server" &
pids+=("$!")
wait "$ann" || { echo "spawn_client ended with status $?" >&2; exit 1; }
expect $'ann joins\nann: hello from ann' "$(cat "$HOME/ann")"

# A second client hears of its own only: ann has left with her process.
expect $'bob joins\nbob: good evening' "$(timeout 30 "$programs/spawn_client" bob "good evening")"

kill "${pids[-1]}"  # the server, for the next ones use its port
wait "${pids[-1]}" || true

# The receiver is the seed, and its group is found through it, whoever comes first.
"$programs/sender" &
pids+=("$!")
mkfifo "$HOME/received"
"$programs/receiver" >"$HOME/received" &
pids+=("$!")
received=$(timeout 30 head -n 2 "$HOME/received")
expect $'Received data: N\nReceived data: N' "$(sed 's/[0-9][0-9]*$/N/' <<<"$received")"
