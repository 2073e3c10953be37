#!/usr/bin/env python3
"""Files that are sent on data connections, in the clear and encrypted, and how that ends: the sender is killed or hangs in the middle, the
receiver hangs, the sender closes and stops at once. Nobody takes a part for the whole, and nobody waits for ever.

Usage: data_end_test.py FOLDER_OF_THE_TEST_PROGRAMS
"""

import pathlib
import signal
import sys

import processes

SILENCE = 2.0  # of data_node.cpp
SLACK = 3.0  # of a machine that does other things
FILE = 10_000_000


class Transfer:
    def __init__(self, run, encryption, size):
        program = pathlib.Path(sys.argv[1]) / "data_node"
        self.receiver = run.start("receiver", [program, "receive", encryption])
        place = self.receiver.wait_for(lambda line: line.startswith("runs: ")).split()[1]
        self.sender = run.start("sender", [program, "send", encryption, place, size])
        self.receiver.wait_for("receives")

    def receiver_says(self, within):
        line = self.receiver.wait_for(lambda line: line.startswith("closed: "), within)
        _, size, why = line.split(": ", 2) if line.count(": ") > 1 else (*line.rstrip(": ").split(": "), "")
        return int(size), why


def expect(holds, what):
    if not holds:
        raise AssertionError(what)


def a_killed_sender(run, encryption):
    transfer = Transfer(run, encryption, 0)
    transfer.sender.kill()
    _, why = transfer.receiver_says(SLACK)
    expect(why.startswith(("ended_early: ", "broken: ")), why)


def a_sender_that_hangs(run, encryption):
    transfer = Transfer(run, encryption, 0)
    transfer.sender.process.send_signal(signal.SIGSTOP)
    _, why = transfer.receiver_says(SILENCE + SLACK)
    expect(why.startswith("timed_out: "), why)


def a_receiver_that_hangs(run, encryption):
    transfer = Transfer(run, encryption, 0)
    transfer.receiver.process.send_signal(signal.SIGSTOP)
    transfer.sender.wait_for(lambda line: line.startswith("lost: timed_out: "), SILENCE + SLACK)


def a_sender_that_stops(run, encryption):
    transfer = Transfer(run, encryption, FILE)
    size, why = transfer.receiver_says(SLACK)
    expect((size, why) == (FILE, ""), f"{size} bytes of {FILE}: {why!r}")
    expect(transfer.sender.process.wait(SLACK) == 0, "the sender did not end well")


def main():
    for case in (a_killed_sender, a_sender_that_hangs, a_receiver_that_hangs, a_sender_that_stops):
        for encryption in ("off", "required"):
            with processes.Programs("{}") as run:
                case(run, encryption)
            print(f"{case.__name__}, encryption {encryption}: fine")


main()
