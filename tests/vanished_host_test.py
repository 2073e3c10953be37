#!/usr/bin/env python3
"""Hosts that vanish: two Perl nodes of 2.x, which know no heartbeats, each in a network namespace of its own, on a bridge with a node
of ours. Nothing is ever said to the one, the other gets a message every 100 ms, and neither says anything. As long as their
cables are in, they are not lost; when those are pulled, which no socket is told, monitors fire within the time of docs/protocol.md.

Usage: vanished_host_test.py FOLDER_OF_THE_TEST_PROGRAMS
"""

import pathlib
import socket
import subprocess
import sys
import time

import perl_peer
import processes

MONITOR_TIMEOUT = 3.0
LATEST = 1.1 * MONITOR_TIMEOUT
SLACK = 1.5  # of a machine that does other things
PLACE = ("10.9.7.1", 4040)
PEERS = ("idle", "busy")

CONFIGURATION = f"""{{
   "secret" : "{perl_peer.SECRET.decode()}",
   "monitor_timeout" : {MONITOR_TIMEOUT:g},
   "profile" : {{ "node" : {{ "nodeid" : "node", "binds" : "{PLACE[0]}:{PLACE[1]}" }} }}
}}"""


def be_a_peer(name):
    with socket.create_connection(PLACE) as connection:
        perl_peer.PerlPeer(name, 2).serve(connection)


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def start_peer(run, name, number):
    """In its namespace it waits for a line, so that its cable is there when it begins."""
    wait = ("unshare", "--net", "--", "sh", "-c", 'echo "has a namespace"; read go; exec "$@"', "sh")
    peer = run.start(name, [sys.executable, __file__, "--peer", name], wait)
    peer.wait_for("has a namespace")
    process = str(peer.process.pid)
    ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", process)
    ip("link", "set", name, "master", "bridge", "up")
    for command in ("link set lo up", f"addr add 10.9.7.{number}/24 dev eth0", "link set eth0 up"):
        subprocess.run(["nsenter", "--target", process, "--net", "--", "ip", *command.split()], check=True)
    peer.write("go")


def main():
    ip("link", "add", "bridge", "type", "bridge")
    ip("addr", "add", f"{PLACE[0]}/24", "dev", "bridge")
    ip("link", "set", "bridge", "up")
    with processes.Programs(CONFIGURATION) as run:
        node = run.start("node", [pathlib.Path(sys.argv[1]) / "watching_node", "node"])
        node.wait_for(f"runs: node {PLACE[0]}:{PLACE[1]}")
        for number, name in enumerate(PEERS, 2):
            start_peer(run, name, number)
            node.wait_for(f"up: {name}")

        time.sleep(3 * MONITOR_TIMEOUT)  # nothing may happen
        node.drain()
        assert not any(line.startswith("lost") for line in node.lines), node.story()

        for name in PEERS:
            ip("link", "set", name, "down")
        pulled = time.monotonic()
        for _ in PEERS:
            line = node.wait_for(lambda line: line.startswith("lost: "), LATEST + SLACK)
            print(f"{time.monotonic() - pulled:.2f} s after the cable was pulled: {line}", flush=True)
            assert "transport_error" in line and "timed out" in line, node.story()
        assert {line.split()[1] for line in node.lines if line.startswith("lost")} == {f"{name}:" for name in PEERS}


if __name__ == "__main__":
    if sys.argv[1] == "--peer":
        be_a_peer(sys.argv[2])
    else:
        processes.in_own_network()
        main()
