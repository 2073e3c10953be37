"""Rounds of the torture test that are made by hand, for the tests of the verifier: three nodes a, b and c, and what
they would have written down."""

import json
import pathlib
import tempfile
import unittest

import journal
import verifier

A, B, C = range(3)
NAMES = "abc"
KEEPS = journal.NAMED, "b#r0"
TIMEOUT = 2.0
LATE = 100.0  # when the test ends


def ns(seconds):
    return int((seconds + 1000) * 10**9)


class Process:
    """The journal of one, by calls that are named as its records. Times are seconds since the round began."""

    def __init__(self, folder, node, incarnation):
        self.path = folder / f"{NAMES[node]}.{incarnation}.journal"
        self.log = journal.Writer(self.path, node, incarnation)
        self.as_sender = node << 24 | incarnation

    def note(self, kind, at, *words, text=None):
        self.log.note(kind, *words, text=text, moment=ns(at))
        return self

    def port(self, at, serial, what, name):
        return self.note(journal.PORT_OPEN, at, serial, what, text=name)

    def dying(self, at, serial, reason=""):
        return self.note(journal.PORT_DYING, at, serial, text=reason)

    def stream(self, at, number, target):
        return self.note(journal.STREAM, at, number, text=target)

    def mon(self, at, stream, epoch):
        return self.note(journal.MONITOR, at, stream, epoch)

    def sent(self, at, stream, epoch, *numbers):
        for n in numbers:
            self.note(journal.SENT, at, stream, epoch, n)
        return self

    def fired(self, at, stream, epoch, reason):
        return self.note(journal.FIRED, at, stream, epoch, text=reason)

    def cancelled(self, at, stream, epoch):
        return self.note(journal.CANCELLED, at, stream, epoch)

    def got(self, at, serial, process, stream, epoch, *numbers, kind=journal.ARRIVED, sender=0):
        for n in numbers:
            self.note(kind, at, serial, process.as_sender | sender << 16, stream, epoch, n)
        return self

    def up(self, at, node):
        return self.note(journal.NODE_UP, at, text=node)

    def down(self, at, node):
        return self.note(journal.NODE_DOWN, at, text=f"{node} it was lost")


class Round:
    """a sends stream 1 to b#r0, which is port 1 of b; both are up all the time, if nothing else is said."""

    def __init__(self, folder, raw=(), hidden=()):
        self.folder, self.events, self.ended = folder, [], set()
        facts = {"mode": "by hand", "seed": 1, "timeout": TIMEOUT, "nodes": list(NAMES)}
        facts.update(raw=list(raw), hidden=list(hidden))
        (folder / "round.json").write_text(json.dumps(facts))
        self.started = []
        self.a, self.b, self.c = (self.start(node) for node in (A, B, C))
        self.b.port(0, 1, *KEEPS)
        self.a.up(0, "b").stream(0, 1, "b#r0")
        self.b.up(0, "a")

    def event(self, kind, at, **more):
        self.events.append({"kind": kind, "t": ns(at), **more})

    def start(self, node, incarnation=1, at=-50.0):
        self.started.append((NAMES[node], incarnation))
        self.event("start", at, node=NAMES[node], incarnation=incarnation)
        return Process(self.folder, node, incarnation)

    def end(self, node, incarnation, at, how="killed", code=-9):
        self.ended.add((NAMES[node], incarnation))
        self.event("end", at, node=NAMES[node], incarnation=incarnation, how=how, code=code, took=0.1)

    def fault(self, kind, nodes, began, ended, losses=(), harmful=True):
        self.event("fault", ended, fault=kind, nodes=list(nodes), towards=[], began=ns(began), harmful=harmful,
                   losses=[ns(at) for at in losses], amount=0)  # fmt: skip

    def verdict(self):
        self.event("begin", 0)
        self.event("end_of_test", LATE)
        for name, incarnation in self.started:
            if (name, incarnation) not in self.ended:
                self.event("end", LATE + 1, node=name, incarnation=incarnation, how="stopped", code=0, took=0.1)
        (self.folder / "events.jsonl").write_text("".join(json.dumps(e) + "\n" for e in self.events))
        return verifier.verify(self.folder)


class RoundTest(unittest.TestCase):
    """A test with a round, whose verdict finds() asks for."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.round = Round(pathlib.Path(self.folder.name))

    def tearDown(self):
        self.folder.cleanup()

    def finds(self, *rules):
        """Exactly these rules are broken, as often as they are named here."""
        verdict = self.round.verdict()
        text = "\n".join(verifier.describe(verdict))
        self.assertEqual(sorted(rules), sorted(v.rule for v in verdict.violations), text)
        return text

    def stream(self, *numbers, epoch=1, at=10.0):
        """a sends these to b#r0, monitored."""
        self.round.a.mon(at, 1, epoch).sent(at, 1, epoch, *numbers)

    def got(self, *numbers, epoch=1, at=10.1):
        self.round.b.got(at, 1, self.round.a, 1, epoch, *numbers)

    def lost(self, at, epoch=1, reason="transport_error b reset"):
        """The connection is reset, and the monitor fires."""
        self.round.fault("reset", "ab", at - 0.01, at, [at - 0.01])
        self.round.a.fired(at, 1, epoch, reason)
