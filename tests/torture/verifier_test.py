#!/usr/bin/env python3
"""The verifier notices each kind of violation of G1, G2 and G4, and takes nothing else for one: rounds made by hand.
"""

import pathlib
import sys
import tempfile
import unittest

import journal
from evidence import FOREIGN
from findings import SLACK
from handmade import KEEPS, LATE, TIMEOUT, A, B, C, Round, RoundTest


class Verifier(RoundTest):
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

    def test_a_message_that_was_never_sent_behind_a_gap_is_no_hole(self):
        self.stream(1)
        self.got(1, 7)
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

    def test_a_message_that_arrives_at_two_processes(self):
        self.stream(1, 2)
        self.got(1, 2)
        self.round.end(B, 1, 10.2)
        self.round.fault("kill", "b", 10.2, 10.3, [10.2])
        b2 = self.round.start(B, 2, 10.3).port(10.3, 1, *KEEPS)
        b2.got(10.4, 1, self.round.a, 1, 1, 1)
        self.round.a.fired(10.5, 1, 1, "transport_error b reset")
        self.finds("twice")

    def foreign_hole(self, arrived):
        """A foreign thread's third message arrives then, but not the second one; its monitor fires at 11."""
        a = self.round.a.note(journal.STREAM, 1, 9, FOREIGN, text="b#r0").mon(10, 9, 1).sent(10, 9, 1, 1, 2, 3)
        self.round.b.got(10.1, 1, a, 9, 1, 1, sender=FOREIGN).got(arrived, 1, a, 9, 1, 3, sender=FOREIGN)
        self.round.fault("reset", "ab", 10.9, 10.9, [10.9])
        a.fired(11, 9, 1, "transport_error b reset")

    def test_a_hole_of_a_foreign_thread_before_its_monitor_fires(self):
        self.foreign_hole(10.95)
        self.finds("hole")

    def test_a_hole_of_a_foreign_thread_after_its_monitor_has_fired_is_a_note(self):
        for arrived in (10.999, 11.2):
            with self.subTest(arrived=arrived), tempfile.TemporaryDirectory() as folder:
                self.round = Round(pathlib.Path(folder))
                self.foreign_hole(arrived)
                self.assertIn("note: 1 holes before what a foreign thread had sent", self.finds())

    def test_what_was_sent_by_a_process_that_was_killed_may_be_missing(self):
        self.stream(1, 2)
        self.got(1)
        self.round.end(A, 1, 10.2)
        self.finds()

    def test_what_was_waited_for_has_to_be_there_however_late_it_was_sent(self):
        self.stream(1, 2, at=LATE - 1)
        self.got(1, at=LATE - 0.9)
        self.finds("silent")

    def test_what_a_foreign_thread_sent_at_the_very_end_may_be_under_way(self):
        for at, expected in ((LATE - 1, ()), (LATE - 3 * TIMEOUT - SLACK, ("silent",))):
            with self.subTest(at=at), tempfile.TemporaryDirectory() as folder:
                self.round = Round(pathlib.Path(folder))
                self.round.a.note(journal.STREAM, at, 9, FOREIGN, text="b#r0").mon(at, 9, 1).sent(at, 9, 1, 1)
                self.finds(*expected)

    def test_what_was_sent_to_a_port_that_is_dead_at_the_end_may_be_missing(self):
        self.round.b.port(1, 2, journal.PASSING, "b#x").dying(LATE - 1, 2)
        self.round.a.stream(1, 2, "b#x").mon(10, 2, 1).sent(10, 2, 1, 1)
        self.finds()

    def test_what_waits_for_a_connection_when_time_is_over_may_be_missing(self):
        self.round.event("unfinished", LATE, text="a waits for b#r0")
        self.stream(1, at=LATE - 1)
        self.finds("heals")

    def test_what_has_waited_longer_than_a_monitor_may_take_may_not_be_missing(self):
        self.round.event("unfinished", LATE, text="a waits for b#r0")
        self.stream(1, at=LATE - 3 * TIMEOUT - SLACK)
        self.finds("heals", "silent")

    def test_what_was_sent_to_a_spawned_port_at_the_very_end_may_be_under_way(self):
        self.round.b.port(LATE - 1, 2, journal.SPAWNED, "b#x")
        self.round.a.stream(LATE - 1, 2, "b#x").mon(LATE - 1, 2, 1).sent(LATE - 1, 2, 1, 1)
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
        self.round.start(C, 2, 23)
        self.round.end(C, 2, 24, "stopped", -15)
        self.finds("crash", "crash")

    # ---- journals ----

    def test_a_process_that_is_killed_before_its_journal_began_has_done_nothing(self):
        for incarnation, content in ((2, b""), (3, bytes(64)), (4, bytes(4096))):
            self.round.started.append(("c", incarnation))
            self.round.event("start", 20 + incarnation, node="c", incarnation=incarnation)
            self.round.end(C, incarnation, 20.5 + incarnation)
            (self.round.folder / f"n2.{incarnation}.journal").write_bytes(content)
        self.finds()

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
        for content in (journal.MAGIC, b"x" * 100):
            path.write_bytes(content)
            with self.assertRaises(ValueError):
                journal.read(path)


if __name__ == "__main__":
    sys.exit(unittest.main())
