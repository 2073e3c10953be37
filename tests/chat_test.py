#!/usr/bin/env python3
"""The chat examples as what they are: a server, clients and a seed, each a process of its own.

Usage: chat_test.py FOLDER_OF_THE_EXAMPLES FOLDER_OF_THE_TEST_PROGRAMS
"""

import pathlib
import re
import sys

import processes

CONFIGURATION = """{
   "secret" : "the secret of these tests",
   "monitor_timeout" : 5,
   "connect_interval" : 1,
   "profile" : {
      "seed" : { "nodeid" : "seed", "binds" : "127.0.0.1:4040" },
      "chat" : { %s "seeds" : "127.0.0.1:4040" },
   }
}"""


def is_lost(reason):
    """Whether it is the reason of ports on a node whose process was killed (the system says how, by what was unread)."""
    return re.fullmatch("transport_error chat/[A-Za-z0-9]+ (Unexpected end-of-file|Connection reset by peer)", reason)


def main():
    examples, programs = map(pathlib.Path, sys.argv[1:3])
    talk(examples, programs)
    share_one_name(examples, programs)


def share_one_name(examples, programs):
    """The mistake that makes the pair hang: a profile of several processes has a node ID. The seed's log says so."""
    with processes.Programs(CONFIGURATION % '"nodeid" : "chat",') as run:
        seed = run.start("seed", [programs / "mesh_node", "seed"])
        seed.wait_for("runs: seed")
        run.start("server", [examples / "chat_server"])
        run.start("ann", [examples / "chat_client", "ann"])
        seed.wait_for_error("two nodes call themselves chat: ")


def talk(examples, programs):
    with processes.Programs(CONFIGURATION % "") as run:
        # The server comes first, so everybody's first attempt to connect to the seed fails.
        server = run.start("server", [examples / "chat_server"])
        ann = run.start("ann", [examples / "chat_client", "ann"])
        run.start("seed", [programs / "mesh_node", "seed"]).wait_for("runs: seed")
        ann.wait_for("ann (joins)")
        bob = run.start("bob", [examples / "chat_client", "bob"])
        bob.wait_for("bob (joins)")
        ann.wait_for("bob (joins)")
        server.wait_for("relaying: bob (joins)")

        ann.write("hello, \u263a")
        ann.wait_for("ann: hello, \u263a")
        bob.wait_for("ann: hello, \u263a")
        bob.write("hello yourself")
        ann.wait_for("bob: hello yourself")

        # A client that is killed: the others read why.
        bob.kill()
        quits = ann.wait_for(lambda line: line.startswith("bob (quits, "))
        assert is_lost(quits.removeprefix("bob (quits, ").removesuffix(")")), quits

        # A server that is killed, and one that takes its place.
        server.kill()
        lost = ann.wait_for(lambda line: line.startswith("disconnected "))
        assert is_lost(lost.removeprefix("disconnected ")), lost
        server = run.start("second server", [examples / "chat_server"])
        ann.wait_for("ann (joins)")
        ann.write("still here")
        ann.wait_for("ann: still here")

        # A client that leaves as one does, at the end of its input.
        ann.process.stdin.close()
        assert ann.process.wait(processes.PATIENCE) == 0
        server.wait_for(lambda line: line.startswith("relaying: ann (quits, "))


if __name__ == "__main__":
    processes.in_own_network()
    main()
