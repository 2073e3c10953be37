#!/usr/bin/env python3
"""The verifier notices each kind of violation of G3, and takes nothing else for one: rounds made by hand."""

import pathlib
import sys
import tempfile
import unittest

import journal
from findings import SLACK
from handmade import KEEPS, LATE, TIMEOUT, A, B, C, Round, RoundTest


class Monitors(RoundTest):
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
        self.lost(10.5 + TIMEOUT + SLACK)
        self.round.fault("reset", "ab", 10.4, 10.4, [10.4])
        self.finds("fires_late")

    def test_a_monitor_that_fires_in_time(self):
        self.stream(1)
        self.got(1)
        self.lost(10.3 + TIMEOUT + SLACK)
        self.round.fault("reset", "ab", 10.4, 10.4, [10.4])
        self.finds()

    def test_time_in_which_the_watcher_was_stopped_does_not_count(self):
        self.stream(1)
        self.got(1)
        self.round.fault("stop_long", "a", 10.5, 13.5)
        self.lost(10.5 + TIMEOUT + SLACK + 2)
        self.round.fault("reset", "ab", 10.4, 10.4, [10.4])
        self.finds()

    def test_time_in_which_others_were_stopped_counts_and_time_in_which_all_were_held_up_does_not(self):
        for held_up, expected in ((False, ("fires_late",)), (True, ())):
            with self.subTest(held_up=held_up), tempfile.TemporaryDirectory() as folder:
                self.round = Round(pathlib.Path(folder))
                self.stream(1)
                self.got(1)
                if held_up:
                    self.round.event("lag", 12.5, lasted=2.0)
                else:
                    self.round.fault("stop_long", "c", 10.5, 12.5)
                self.lost(10.4 + TIMEOUT + SLACK + 1.5)
                self.round.fault("reset", "ab", 10.4, 10.4, [10.4])
                self.finds(*expected)

    def test_time_in_which_what_comes_may_come_later_does_not_count(self):
        for nodes, expected in (("ab", ()), ("b", ()), ("bc", ("fires_late",))):
            with self.subTest(nodes=nodes), tempfile.TemporaryDirectory() as folder:
                self.round = Round(pathlib.Path(folder))
                self.stream(1)
                self.got(1)
                self.round.fault("slow" if len(nodes) == 2 else "stop", nodes, 10.5, 12.5, harmful=False)
                self.lost(10.4 + TIMEOUT + SLACK + 1.5)
                self.round.fault("reset", "ab", 10.4, 10.4, [10.4])
                self.finds(*expected)

    def test_only_the_time_within_the_limit_in_which_the_watcher_was_stopped_does_not_count(self):
        self.stream(1)
        self.got(1)
        self.round.fault("stop_long", "a", 6, 10.6)
        self.lost(10.5 + TIMEOUT + SLACK + 1)
        self.round.fault("reset", "ab", 10.4, 10.4, [10.4])
        self.finds("fires_late")

    def test_time_in_which_the_cable_of_the_other_was_out_does_not_count(self):
        """b notices that nothing comes from a, and ends the connection, but a cannot hear that."""
        self.stream(1)
        self.got(1)
        self.round.fault("unplug", "b", 12, 13.8)
        self.lost(10.4 + TIMEOUT + SLACK + 1.7)
        self.round.fault("hold_long", "ab", 10.4, 15, [10.4])
        self.finds()

    def test_a_stop_that_outlasts_the_limit_does_not_count_to_its_end(self):
        self.stream(1)
        self.got(1)
        self.round.fault("stop_long", "a", 13, 19)
        self.lost(10.4 + TIMEOUT + SLACK + 5.9)
        self.round.fault("reset", "ab", 10.4, 10.4, [10.4])
        self.finds()

    def test_time_in_which_two_things_held_up_is_left_out_once(self):
        self.stream(1)
        self.got(1)
        self.round.fault("stop_long", "a", 10.5, 12.5)
        self.round.event("lag", 12.5, lasted=2.0)
        self.lost(10.4 + TIMEOUT + SLACK + 2.5)
        self.round.fault("reset", "ab", 10.4, 10.4, [10.4])
        self.finds("fires_late")

    def test_a_loss_concerns_nobody_but_its_pair(self):
        self.stream(1)
        self.got(1)
        self.round.a.up(0, "c")
        self.round.c.up(0, "b")
        self.round.fault("reset", "bc", 12, 12, [12])
        self.finds()

    def test_a_monitor_that_was_set_just_before_a_loss_may_belong_to_the_next_connection(self):
        self.stream(1)
        self.got(1)
        self.round.fault("reset", "ab", 10.1, 10.1, [10.1])
        self.finds()

    def test_a_connection_that_came_up_just_before_a_loss_may_be_the_next_one(self):
        self.round.a.down(8, "b").up(11.9, "b")
        self.stream(1)
        self.got(1)
        self.round.fault("reset", "ab", 12, 12, [12])
        self.finds()

    def test_a_watcher_of_the_original_is_none_of_our_business(self):
        with tempfile.TemporaryDirectory() as folder:
            self.round = Round(pathlib.Path(folder), raw="a")
            self.stream(1)
            self.got(1)
            self.round.fault("reset", "ab", 10.5, 10.5, [10.5])
            self.round.a.down(10.6, "b").fired(30, 1, 1, "transport_error b nothing was near")
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
        late = ["fires_late"]
        for raw, fault, expected in (("", "lose", late), ("b", "lose", []), ("c", "lose", late), ("b", "reset", late)):
            with self.subTest(raw=raw, fault=fault), tempfile.TemporaryDirectory() as folder:
                self.round = Round(pathlib.Path(folder), raw)
                self.stream(1)
                self.got(1)
                self.round.fault(fault, "ab", 12, 12, [12])
                self.finds(*expected)

    def test_what_silence_holds_up_comes_to_a_node_without_heartbeats_when_it_comes(self):
        for unplugged, expected in ((10, []), (50, ["fires_late"])):
            with self.subTest(unplugged=unplugged), tempfile.TemporaryDirectory() as folder:
                self.round = Round(pathlib.Path(folder), raw="a")
                self.round.b.port(1, 2, journal.PASSING, "b#x").dying(11, 2)
                self.round.a.stream(1, 2, "b#x").mon(9, 2, 1)
                self.round.fault("unplug", "b", unplugged, unplugged + 2)
                self.finds(*expected)

    def test_a_node_that_is_known_to_be_gone_while_its_monitor_keeps_still(self):
        self.stream(1)
        self.got(1)
        self.round.fault("reset", "ab", 12, 12)
        self.round.a.down(12, "b")
        self.finds("fires_late")

    def test_news_of_a_node_oblige_monitors_that_were_set_before_and_at_once(self):
        in_time, late = 12 + SLACK - 0.1, 12 + SLACK + 0.1
        for monitored, fired, expected in ((11.5, None, ()), (10, in_time, ()), (10, late, ("fires_late",))):
            with self.subTest(monitored=monitored, fired=fired), tempfile.TemporaryDirectory() as folder:
                self.round = Round(pathlib.Path(folder))
                self.stream(1, at=monitored)
                self.got(1, at=monitored + 0.1)
                self.round.fault("reset", "ab", 12, 12)
                self.round.a.down(12, "b")
                if fired:
                    self.round.a.fired(fired, 1, 1, "transport_error b reset")
                self.finds(*expected)

    def test_a_death_that_is_told_late(self):
        limit = 2 * TIMEOUT + SLACK
        for fired, expected in ((11 + limit - 0.1, ()), (11 + limit + 0.1, ("fires_late",))):
            with self.subTest(fired=fired), tempfile.TemporaryDirectory() as folder:
                self.round = Round(pathlib.Path(folder))
                self.round.b.port(1, 2, journal.PASSING, "b#x").dying(11, 2, "retired 2")
                self.round.a.stream(1, 2, "b#x").mon(10, 2, 1).fired(fired, 2, 1, "retired 2")
                self.finds(*expected)

    def test_a_port_whose_death_is_not_told(self):
        self.round.b.port(1, 2, journal.PASSING, "b#x").dying(11, 2, "retired 2")
        self.round.a.stream(1, 2, "b#x").mon(10, 2, 1)
        self.finds("fires_late")

    def test_a_port_that_is_dead_already_or_whose_process_is(self):
        self.round.b.port(1, 2, journal.PASSING, "b#x").dying(5, 2)
        self.round.c.port(1, 1, journal.PASSING, "c#x")
        self.round.end(C, 1, 6)
        self.round.a.stream(1, 2, "b#x").mon(10, 2, 1).stream(1, 3, "c#x").mon(10, 3, 1)
        self.finds("fires_late", "fires_late")

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

    def test_no_such_port_of_a_lasting_name_that_is_there_again(self):
        self.stream(1)
        self.got(1)
        self.round.end(B, 1, 10.2)
        self.round.fault("kill", "b", 10.2, 10.3, [10.2])
        self.round.start(B, 2, 10.3).port(10.3, 1, *KEEPS)
        self.round.a.fired(10.5, 1, 1, "no_such_port b#r0")
        self.finds("fires_in_vain")

    def test_no_such_port_of_a_port_that_was_never_born_because_its_birth_was_lost(self):
        self.round.fault("reset", "ab", 10.5, 10.5)
        self.round.a.stream(10, 2, "b#x").mon(10, 2, 1).fired(11, 2, 1, "no_such_port b#x")
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

    def test_a_node_that_is_not_there_yet_and_a_driver_that_was_held_up_are_an_excuse(self):
        for name in ("absent", "held up"):
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                self.round = Round(pathlib.Path(folder))
                self.stream(1)
                self.got(1)
                if name == "absent":
                    self.round.end(B, 1, 10.2)
                    self.round.start(B, 2, 10.4).port(10.4, 1, *KEEPS)
                else:
                    self.round.event("lag", 10.9, lasted=0.5)
                self.round.a.fired(11, 1, 1, "transport_error b nothing came")
                self.finds()

    def test_a_hidden_node_may_be_lost_by_a_fault_of_any_node(self):
        for hidden, expected in (("b", ()), ("c", ("fires_in_vain",))):
            with self.subTest(hidden=hidden), tempfile.TemporaryDirectory() as folder:
                self.round = Round(pathlib.Path(folder), hidden=hidden)
                self.stream(1)
                self.got(1)
                self.round.fault("kill", "c", 10.5, 10.6)
                self.round.a.fired(11, 1, 1, "transport_error b it was lost")
                self.finds(*expected)

    def test_a_hidden_node_need_not_be_lost_by_a_fault_of_the_pair_but_by_its_own_death(self):
        for fault, expected in ((("reset", "ab", 12, 12, [12]), ()), (("kill", "b", 12, 12, [12]), ("fires_late",))):
            with self.subTest(fault=fault[0]), tempfile.TemporaryDirectory() as folder:
                self.round = Round(pathlib.Path(folder), hidden="b")
                self.stream(1)
                self.got(1)
                self.round.fault(*fault)
                self.finds(*expected)

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


if __name__ == "__main__":
    sys.exit(unittest.main())
