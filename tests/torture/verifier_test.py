#!/usr/bin/env python3
"""The verifier notices each kind of violation, and takes nothing else for one: rounds made by hand, of three nodes a, b and c."""

import json
import pathlib
import sys
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

    def got(self, at, serial, sender, stream, epoch, *numbers, kind=journal.ARRIVED):
        for n in numbers:
            self.note(kind, at, serial, sender.as_sender, stream, epoch, n)
        return self

    def up(self, at, node):
        return self.note(journal.NODE_UP, at, text=node)

    def down(self, at, node):
        return self.note(journal.NODE_DOWN, at, text=f"{node} it was lost")


class Round:
    """a sends stream 1 to b#r0, which is port 1 of b; both are up all the time, if nothing else is said."""

    def __init__(self, folder, raw=()):
        self.folder, self.events, self.ended = folder, [], set()
        facts = {"mode": "by hand", "seed": 1, "timeout": TIMEOUT, "nodes": list(NAMES), "raw": list(raw), "spared": []}
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
        self.event("end", at, node=NAMES[node], incarnation=incarnation, how=how, code=code)

    def fault(self, kind, nodes, began, ended, losses=(), harmful=True):
        self.event("fault", ended, fault=kind, nodes=list(nodes), towards=[], began=ns(began), harmful=harmful,
                   losses=[ns(at) for at in losses], amount=0)  # fmt: skip

    def verdict(self):
        self.event("begin", 0)
        self.event("end_of_test", LATE)
        for name, incarnation in self.started:
            if (name, incarnation) not in self.ended:
                self.event("end", LATE + 1, node=name, incarnation=incarnation, how="stopped", code=0)
        (self.folder / "events.jsonl").write_text("".join(json.dumps(e) + "\n" for e in self.events))
        return verifier.verify(self.folder)


class Verifier(unittest.TestCase):
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

    # ---- G1 and G2 ----

    def test_all_in_order_is_fine(self):
        self.stream(1, 2, 3)
        self.got(1, 2, 3)
        self.finds()

    def test_a_tail_may_be_lost_when_the_monitor_fires_and_the_next_epoch_begins_at_1(self):
        self.stream(1, 2, 3)
        self.got(1, 2)
        self.lost(11)
        self.stream(1, 2, epoch=2, at=12)
        self.got(1, 2, epoch=2, at=12.1)
        self.finds()

    def test_an_epoch_of_which_nothing_arrives_is_fine_when_its_monitor_fires(self):
        self.stream(1, 2)
        self.lost(11)
        self.stream(1, epoch=2, at=12)
        self.got(1, epoch=2, at=12.1)
        self.finds()

    def test_a_hole_before_the_monitor_fires(self):
        self.stream(1, 2, 3, 4)
        self.got(1, 4)
        self.lost(11)
        self.assertIn("message 4 arrived at b.1, but not 2 to 3; 900.0 ms before the monitor fired", self.finds("hole"))

    def test_a_hole_whose_later_message_was_sent_before_the_monitor_fired_and_arrives_after(self):
        self.stream(1, 2, 3)
        self.got(1)
        self.lost(11)
        self.got(3, at=11.5)
        self.assertIn("but not 2; after the monitor fired, sent 1000.0 ms before it did", self.finds("hole"))

    def test_a_hole_whose_monitor_never_fires(self):
        self.stream(1, 2, 3)
        self.got(1, 3)
        self.assertIn("the monitor has not fired at all", self.finds("hole", "silent"))

    def test_a_hole_at_the_beginning_of_an_epoch(self):
        self.stream(1)
        self.got(1)
        self.lost(11)
        self.stream(1, 2, epoch=2, at=12)
        self.got(2, epoch=2, at=12.1)
        self.lost(13, epoch=2)
        self.finds("hole")

    def test_each_hole_counts(self):
        self.stream(1, 2, 3, 4, 5)
        self.got(1, 3, 5)
        self.lost(11)
        self.finds("hole", "hole")

    def test_a_hole_in_an_epoch_whose_monitor_was_taken_back_is_a_note(self):
        self.stream(1, 2, 3)
        self.got(1, 3)
        self.round.a.cancelled(11, 1, 1)
        self.stream(1, epoch=2, at=11)
        self.got(1, epoch=2, at=11.1)
        self.assertIn("note: 1 holes in an epoch whose monitor", self.finds())

    def test_a_stream_that_goes_on_in_the_next_process_of_the_receiver(self):
        self.stream(1, 2)
        self.got(1)
        self.round.end(B, 1, 10.2)
        self.round.fault("kill", "b", 10.2, 10.3, [10.2])
        b2 = self.round.start(B, 2, 10.3).port(10.3, 1, *KEEPS)
        b2.got(10.4, 1, self.round.a, 1, 1, 2)
        self.round.a.fired(10.5, 1, 1, "transport_error b reset")
        self.assertIn("message 2 arrived at b.2, but not 1 (those went to b.1)", self.finds("crossing"))

    def test_a_loss_that_spans_two_processes_is_a_hole(self):
        self.stream(1, 2, 3)
        self.got(1)
        self.round.end(B, 1, 10.2)
        self.round.fault("kill", "b", 10.2, 10.3, [10.2])
        b2 = self.round.start(B, 2, 10.3).port(10.3, 1, *KEEPS)
        b2.got(10.4, 1, self.round.a, 1, 1, 3)
        self.round.a.fired(10.5, 1, 1, "transport_error b reset")
        self.finds("hole")

    def test_a_message_that_was_passed_by_the_next(self):
        self.stream(1, 2, 3)
        self.got(1, 3, 2)
        self.finds("hole", "order")

    def test_a_message_of_an_old_epoch_after_one_of_a_new_epoch(self):
        self.stream(1, 2)
        self.got(1)
        self.lost(11)
        self.stream(1, epoch=2, at=12)
        self.got(1, epoch=2, at=12.1)
        self.got(2, at=12.2)
        self.finds("order")

    def test_a_message_that_arrives_twice(self):
        self.stream(1, 2)
        self.got(1, 2, 2)
        self.finds("twice")

    def test_another_payload_than_was_sent(self):
        self.stream(1)
        self.round.b.got(10.1, 1, self.round.a, 1, 1, 1, kind=journal.CORRUPT)
        self.finds("altered")

    def test_a_message_that_was_never_sent(self):
        self.stream(1)
        self.got(1, 2)
        self.finds("altered")

    def test_a_message_of_nobody(self):
        self.stream(1)
        self.got(1)
        self.round.b.note(journal.ARRIVED, 10.2, 1, 7 << 24 | 1, 1, 1, 1)
        self.finds("altered")

    def test_a_message_at_another_port(self):
        self.round.b.port(1, 2, journal.NAMED, "b#r1")
        self.stream(1)
        self.round.b.got(10.1, 2, self.round.a, 1, 1, 1)
        self.finds("altered")

    def test_a_message_that_is_lost_without_a_word(self):
        self.stream(1, 2)
        self.got(1)
        self.finds("silent")

    def test_what_was_sent_by_a_process_that_was_killed_may_be_missing(self):
        self.stream(1, 2)
        self.got(1)
        self.round.end(A, 1, 10.2)
        self.finds()

    def test_what_was_sent_to_a_spawned_port_at_the_very_end_may_be_under_way(self):
        self.round.b.port(LATE - 1, 2, journal.SPAWNED, "b#x")
        self.round.a.stream(LATE - 1, 2, "b#x").mon(LATE - 1, 2, 1).sent(LATE - 1, 2, 1, 1)
        self.finds()

    # ---- G3 ----

    def test_a_monitor_that_fires_twice(self):
        self.stream(1)
        self.got(1)
        self.lost(11)
        self.round.a.fired(11.1, 1, 1, "transport_error b again")
        self.finds("fires_twice")

    def test_a_monitor_that_fires_after_it_was_taken_back(self):
        self.stream(1)
        self.got(1)
        self.round.a.cancelled(10.5, 1, 1)
        self.lost(11)
        self.finds("fires_twice")

    def test_a_monitor_that_nobody_has_set(self):
        self.lost(11, epoch=4)
        self.finds("fires_twice")

    def test_a_killed_process_that_no_monitor_tells_of(self):
        self.stream(1)
        self.got(1)
        self.round.end(B, 1, 12)
        self.round.fault("kill", "b", 12, 12.5, [12])
        self.round.start(B, 2, 12.5).port(12.5, 1, *KEEPS)
        self.assertIn("it fired: never", self.finds("fires_late"))

    def test_a_monitor_that_fires_too_late(self):
        self.stream(1)
        self.got(1)
        self.lost(10.5 + 2 * TIMEOUT + verifier.SLACK)
        self.round.fault("reset", "ab", 10.4, 10.4, [10.4])
        self.finds("fires_late")

    def test_a_monitor_that_fires_in_time(self):
        self.stream(1)
        self.got(1)
        self.lost(10.3 + 2 * TIMEOUT + verifier.SLACK)
        self.round.fault("reset", "ab", 10.4, 10.4, [10.4])
        self.finds()

    def test_time_in_which_the_watcher_was_stopped_does_not_count(self):
        self.stream(1)
        self.got(1)
        self.round.fault("stop_long", "a", 10.5, 13.5)
        self.lost(10.5 + 2 * TIMEOUT + verifier.SLACK + 2)
        self.round.fault("reset", "ab", 10.4, 10.4, [10.4])
        self.finds()

    def test_a_node_that_was_not_connected_loses_no_connection(self):
        self.round.a.down(9, "b")
        self.stream(1)
        self.got(1)
        self.round.fault("reset", "ab", 12, 12, [12])
        self.finds()

    def test_a_monitor_that_was_set_after_the_loss_need_not_fire(self):
        self.stream(1)
        self.got(1)
        self.round.fault("reset", "ab", 9.9, 9.9, [9.9])
        self.finds()

    def test_a_watcher_that_was_killed_soon_need_not_have_been_told(self):
        self.stream(1)
        self.got(1)
        self.round.fault("reset", "ab", 12, 12, [12])
        self.round.end(A, 1, 13)
        self.finds()

    def test_the_silence_of_a_node_without_heartbeats_need_not_be_noticed(self):
        for raw, expected in (((), ("fires_late",)), (("b",), ())):
            with self.subTest(raw=raw), tempfile.TemporaryDirectory() as folder:
                self.round = Round(pathlib.Path(folder), raw)
                self.stream(1)
                self.got(1)
                self.round.fault("lose", "ab", 12, 12, [12])
                self.finds(*expected)

    def test_a_node_that_is_known_to_be_gone_while_its_monitor_keeps_still(self):
        self.stream(1)
        self.got(1)
        self.round.fault("reset", "ab", 12, 12)
        self.round.a.down(12, "b")
        self.finds("fires_late")

    def test_a_port_whose_death_is_not_told(self):
        self.round.b.port(1, 2, journal.PASSING, "b#x").dying(11, 2, "retired 2")
        self.round.a.stream(1, 2, "b#x").mon(10, 2, 1)
        self.finds("fires_late")

    def test_a_port_whose_death_is_told_with_its_reason(self):
        self.round.b.port(1, 2, journal.PASSING, "b#x").dying(11, 2, "retired 2")
        self.round.a.stream(1, 2, "b#x").mon(10, 2, 1).fired(11.1, 2, 1, "retired 2")
        self.finds()

    def test_a_port_whose_death_is_told_with_another_reason(self):
        self.round.b.port(1, 2, journal.PASSING, "b#x").dying(11, 2, "retired 2")
        self.round.a.stream(1, 2, "b#x").mon(10, 2, 1).fired(11.1, 2, 1, "retired 3")
        self.finds("fires_in_vain")

    def test_a_reason_of_a_port_that_lives(self):
        self.stream(1)
        self.got(1)
        self.round.a.fired(11, 1, 1, "")
        self.finds("fires_in_vain")

    def test_no_such_port_of_a_port_that_lives(self):
        self.stream(1)
        self.got(1)
        self.round.a.fired(11, 1, 1, "no_such_port cannot monitor nonexistent port b#r0")
        self.finds("fires_in_vain")

    def test_no_such_port_of_a_port_that_is_dead(self):
        self.round.b.port(1, 2, journal.PASSING, "b#x").dying(9, 2)
        self.round.a.stream(1, 2, "b#x").mon(10, 2, 1).fired(11, 2, 1, "no_such_port b#x")
        self.finds()

    def test_no_such_port_of_a_port_that_was_never_born_though_nothing_happened(self):
        self.round.a.stream(10, 2, "b#x").mon(10, 2, 1).fired(11, 2, 1, "no_such_port b#x")
        self.finds("fires_in_vain")

    def test_a_transport_error_out_of_nothing(self):
        self.stream(1)
        self.got(1)
        self.round.a.fired(11, 1, 1, "transport_error b nothing came")
        self.finds("fires_in_vain")

    def test_a_transport_error_needs_a_harmful_fault_of_these_nodes_that_was_not_long_ago(self):
        near = {"reset of the pair": ("reset", "ab", 10.5, 10.5), "unplug of one": ("unplug", "a", 10, 12)}
        far = {
            "another pair": ("reset", "bc", 10.5, 10.5),
            "another node": ("kill", "c", 10, 11),
            "long ago": ("reset", "ab", 1, 2),
            "later": ("reset", "ab", 11.5, 11.5),
        }
        for name, fault in {**near, **far}.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                self.round = Round(pathlib.Path(folder))
                self.stream(1)
                self.got(1)
                self.round.fault(*fault)
                self.round.a.fired(11, 1, 1, "transport_error b nothing came")
                self.finds(*(() if name in near else ("fires_in_vain",)))

    def test_a_gentle_fault_is_no_excuse(self):
        self.stream(1)
        self.got(1)
        self.round.fault("delay", "ab", 10, 12, harmful=False)
        self.round.a.fired(11, 1, 1, "transport_error b nothing came")
        self.finds("fires_in_vain")

    def test_what_fires_when_everybody_ends_does_not_count(self):
        self.stream(1)
        self.got(1)
        self.round.a.fired(LATE + 0.5, 1, 1, "transport_error b Unexpected end-of-file")
        self.finds()

    # ---- G4 and the rest ----

    def test_a_port_id_that_is_used_again_by_the_next_process(self):
        self.round.b.port(1, 2, journal.PASSING, "b#x")
        self.round.end(B, 1, 20)
        self.round.start(B, 2, 21).port(21, 1, *KEEPS).port(22, 2, journal.PASSING, "b#x")
        self.finds("port_id")

    def test_a_port_id_that_is_used_again_by_the_same_process(self):
        self.round.b.port(1, 2, journal.SPAWNED, "b#x").dying(2, 2).port(3, 3, journal.PASSING, "b#x")
        self.finds("port_id")

    def test_nodes_that_do_not_find_each_other_again(self):
        self.round.event("unfinished", LATE - 1, text="nodes that have not finished: a")
        self.finds("heals")

    def test_processes_that_end_by_themselves_or_badly(self):
        self.round.end(A, 1, 20, "by itself", -11)
        self.round.end(B, 1, 21, "stopped", 1)
        self.round.end(C, 1, 22, "killed", -9)
        self.finds("crash", "crash")

    # ---- journals ----

    def test_a_record_that_was_cut_and_a_slot_that_was_never_filled_are_left_out(self):
        path = pathlib.Path(self.folder.name) / "x"
        log = journal.Writer(path, 3, 4)
        log.note(journal.NODE_UP, text="a name that is much longer than what has room in one slot, and in two")
        log.note(journal.NONE)
        log.note(journal.SENT, 1, 2, 3, 4)
        log.note(journal.SENT, 5, 6, 7, 8)
        log.close()
        path.write_bytes(path.read_bytes()[:-5])
        node, incarnation, records = journal.read(path)
        self.assertEqual((3, 4), (node, incarnation))
        first, second = records
        self.assertEqual("a name that is much longer than what has room in one slot, and in two", first.text)
        self.assertEqual((journal.SENT, 1, 2, 3, 4), second[:5])

    def test_a_file_that_is_no_journal_is_refused(self):
        path = pathlib.Path(self.folder.name) / "x"
        for content in (b"", b"x" * 100):
            path.write_bytes(content)
            with self.assertRaises(ValueError):
                journal.read(path)


if __name__ == "__main__":
    sys.exit(unittest.main())
