#!/usr/bin/env python3
"""A mesh of processes: two seeds and seven nodes, each in a network namespace of its own, on two bridges with a trunk between
them. Some nodes listen nowhere, one is hidden behind a seed, some speak only version 1 of the global protocol, some only
version 2, some both. Everybody has to know everybody's port: soon after the start, after a seed was killed, in both halves
when the trunk is down, and again when it is up. All of it in TLS, since it leaves the machine.

Usage: mesh_test.py FOLDER_OF_THE_TEST_PROGRAMS
"""

import pathlib
import subprocess
import sys
import time

import processes

SOON = 5.0  # seconds, from the last start, and from the death of a seed

# Where each node is, and how it differs from the others.
LEFT, RIGHT = "left", "right"
NODES = {
    "seed1": (LEFT, ""),
    "seed2": (RIGHT, ""),
    "old1": (LEFT, '"global_versions" : "1"'),
    "old2": (RIGHT, '"global_versions" : "1", "binds" : []'),
    "new1": (LEFT, '"global_versions" : "2"'),
    "new2": (RIGHT, '"global_versions" : "2", "binds" : []'),
    "both1": (LEFT, '"binds" : []'),
    "both2": (RIGHT, ""),
    "hidden1": (LEFT, '"binds" : []'),
}
MASTERS = {"hidden1": "seed1"}


def address(name):
    return f"10.9.8.{list(NODES).index(name) + 1}"


def master_of(name):
    """Where the master of a hidden node is; nothing for other nodes."""
    return [f"{address(MASTERS[name])}:4040"] if name in MASTERS else []


def node_id(name):
    return "@".join([name, *master_of(name)])


def configuration():
    profiles = []
    for name, (_, more) in NODES.items():
        keys = [f'"nodeid" : "{name}"'] + ([more] if more else [])
        if "binds" not in more:
            keys.append(f'"binds" : "{address(name)}:4040"')
        profiles.append(f'"{name}" : {{ {", ".join(keys)} }}')
    return f"""{{
   "secret" : "the secret of these tests",
   "seeds" : [ "{address("seed1")}:4040", "{address("seed2")}:4040" ],
   "monitor_timeout" : 2,
   "connect_interval" : 0.5,
   "profile" : {{ {", ".join(profiles)} }}
}}"""


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


class Mesh:
    """The bridges are here; a node's namespace lives as long as its process, and its cable with it."""

    def __init__(self, run, program):
        self.run, self.program, self.nodes, self.started = run, program, {}, 0
        for bridge in (LEFT, RIGHT):
            ip("link", "add", bridge, "type", "bridge")
            ip("link", "set", bridge, "up")
        ip("link", "add", "trunk", "type", "veth", "peer", "name", "trunk.r")
        for end, bridge in (("trunk", LEFT), ("trunk.r", RIGHT)):
            ip("link", "set", end, "master", bridge, "up")

    def start(self, name):
        # It waits for a line on its standard input, so that its cable is there when it begins.
        wait = ("unshare", "--net", "--", "sh", "-c", 'echo "has a namespace"; read go; exec "$@"', "sh")
        node = self.run.start(name, [self.program, name, *master_of(name)], wait)
        node.wait_for("has a namespace")
        process = str(node.process.pid)
        self.started += 1
        cable = f"cable{self.started}"
        # A machine that is started again has the hardware address that it had, so nobody has to find out that it has not.
        hardware = f"02:00:00:00:00:{list(NODES).index(name) + 1:02}"
        ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "address", hardware, "netns", process)
        ip("link", "set", cable, "master", NODES[name][0], "up")
        inside = ("nsenter", "--target", process, "--net", "--", "ip")
        for command in ("link set lo up", f"addr add {address(name)}/24 dev eth0", "link set eth0 up"):
            subprocess.run([*inside, *command.split()], check=True)
        node.write("go")
        node.wait_for(f"runs: {node_id(name)}")
        self.nodes[name] = node

    def kill(self, name):
        self.nodes.pop(name).kill()

    def trunk(self, state):
        ip("link", "set", "trunk", state)

    def expect(self, within, *halves):
        """All nodes of each half know all ports of their half, and no others."""
        begin = time.monotonic()
        lines = {name: "all: " + " ".join(sorted(map(node_id, names))) for names in halves for name in names}
        for name, line in lines.items():
            self.nodes[name].wait_for(line, max(0.0, begin + within - time.monotonic()))
        print(f"{len(self.nodes)} nodes in {len(halves)} parts after {time.monotonic() - begin:.2f} s", flush=True)
        for name, line in lines.items():
            assert self.nodes[name].drain() == line, self.nodes[name].story()


def main():
    program = pathlib.Path(sys.argv[1]) / "mesh_node"
    with processes.Programs(configuration()) as run:
        run.environment["AEMP_WARNLEVEL"] = "7"  # who is up, and how
        mesh = Mesh(run, program)
        for name in NODES:
            mesh.start(name)
        mesh.expect(SOON, set(NODES))

        mesh.kill("seed1")
        mesh.expect(SOON, set(NODES) - {"seed1"})
        mesh.start("seed1")
        mesh.expect(SOON, set(NODES))

        mesh.trunk("down")
        halves = [{name for name in NODES if NODES[name][0] == side} for side in (LEFT, RIGHT)]
        mesh.expect(processes.PATIENCE, *halves)
        mesh.trunk("up")
        mesh.expect(processes.PATIENCE, set(NODES))

        for node in mesh.nodes.values():
            story = node.story()
            assert "dropped" not in story, story  # they take each other's word
            assert "encrypted by the secret" in story and "in the clear" not in story, story


if __name__ == "__main__":
    processes.in_own_network()
    main()
