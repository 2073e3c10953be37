#!/usr/bin/env python3
"""A node that may have few descriptors, and strangers that take as many as they get: they connect and say nothing, or say what is
no greeting, and stay. A node with the secret is let in at once all the same, and so is a second one.

Usage: few_descriptors_test.py FOLDER_OF_THE_TEST_PROGRAMS
"""

import pathlib
import socket
import sys
import time

import processes

STRANGERS = 300
SOON = 5.0  # seconds; a sixth of the time that a silent stranger has

CONFIGURATION = """{
   "secret" : "the secret of these tests",
   "profile" : {
      "node" : { "nodeid" : "node", "binds" : "127.0.0.1:4040" },
      "friend" : { "nodeid" : "friend", "binds" : "127.0.0.1:0", "seeds" : "127.0.0.1:4040" },
      "other" : { "nodeid" : "other", "binds" : "127.0.0.1:0", "seeds" : "127.0.0.1:4040" }
   }
}"""


def come_as_strangers(words):
    strangers = []
    for _ in range(STRANGERS):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", 4040))
        strangers.append(one)
    if words:
        for one in strangers:
            try:
                one.send(words)
            except OSError:
                pass  # it has been closed already, or waits to be accepted
    return strangers


def let_in_beside_strangers(program, limit, words):
    with processes.Programs(CONFIGURATION) as run:
        node = run.start("node", [program, "node"], ["prlimit", f"--nofile={limit}:{limit}", "--"])
        node.wait_for("runs: node")
        strangers = come_as_strangers(words)
        for name, members in (("friend", "friend node"), ("other", "friend node other")):
            begin = time.monotonic()
            run.start(name, [program, name]).wait_for(f"all: {members}", SOON)
            print(f"{limit} descriptors, {len(strangers)} strangers: {name} is in after {time.monotonic() - begin:.2f} s", flush=True)
        for one in strangers:
            one.close()


def main():
    program = pathlib.Path(sys.argv[1]) / "mesh_node"
    for limit in (64, 200):
        for words in (b"", b"let me in\n"):
            let_in_beside_strangers(program, limit, words)


if __name__ == "__main__":
    processes.in_own_network()
    main()
