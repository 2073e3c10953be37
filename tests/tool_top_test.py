#!/usr/bin/env python3
"""`aemp top` at a pseudo-terminal and without one, beside three live nodes.

Usage: tool_top_test.py FOLDER_OF_THE_TOOL FOLDER_OF_THE_TEST_PROGRAMS
"""

import contextlib
import json
import os
import signal
import sys

import processes
import three_nodes
from terminal import Terminal

KEYS = "q quits, Enter shows ports of the marked node"


@contextlib.contextmanager
def top(aemp, *words, **size):
    size = {"columns": 110, "rows": 20, **size}
    with Terminal([aemp.program, "top", "--interval", "0.2", *words], aemp.environment, **size) as here:
        yield here


def table(here, heading="NODE"):
    """The rows below this heading, as words."""
    lines = here.screen().split("\n")
    begin = next((i for i, line in enumerate(lines) if line.startswith(heading)), None)
    if begin is None:
        return []
    end = next((i for i in range(begin, len(lines)) if not lines[i]), len(lines))
    return [line.split() for line in lines[begin + 1 : end]]


def names(here, heading="NODE"):
    return [row[0] for row in table(here, heading)]


def it_shows_nodes_and_connections(aemp, nodes):
    with top(aemp) as here:
        here.wait_for(lambda: sorted(names(here)) == three_nodes.NAMES)
        here.wait_for(lambda: {tuple(row[:2]) for row in table(here, "CONNECTION")} == {("seed", "closed"), ("worker", "seed")})
        here.wait_for("3 nodes, 2 connections, by MSGS/S")
        here.wait_for(lambda: here.lines[-1].startswith(KEYS))
        assert len(here.lines) == 20 and here.modes() == (False, False)

        row = lambda name: next((row for row in table(here) if row[0] == name and len(row) == 10), None)
        figure = lambda name, i: row(name) and row(name)[i]
        here.wait_for(lambda: figure("worker", 1) not in (None, "-"))  # a rate needs two turns
        assert row("closed")[1:] == ["-"] * 9, row("closed")
        before = int(figure("worker", 7))
        counters = [aemp("spawn", "worker", "test::counter", "1").out.strip() for _ in range(3)]
        here.wait_for(lambda: int(figure("worker", 7) or 0) >= before + 3)
        for counter in counters:
            aemp("kil", counter)
        here.wait_for(lambda: int(figure("worker", 7) or 1000) < before + 3)

        here.send("q")
        assert here.wait_for_end() == 0
        assert here.modes() == (True, True) and here.raw.endswith("\x1b[?25h\x1b[?1049l"), repr(here.raw[-40:])


def keys_sort_it(aemp, nodes):
    with top(aemp) as here:
        here.wait_for(lambda: sorted(names(here)) == three_nodes.NAMES)
        here.send("n")
        here.wait_for(lambda: names(here) == three_nodes.NAMES)
        here.send("n")
        here.wait_for(lambda: names(here) == three_nodes.NAMES[::-1])
        here.wait_for("by NODE, reversed")
        here.send("e")  # peers: seed has two, worker one, closed does not tell
        here.wait_for(lambda: names(here) == ["seed", "worker", "closed"])
        here.send("xyz\x1b[5~")  # nothing
        here.send("n")
        here.wait_for(lambda: names(here) == three_nodes.NAMES)
        here.wait_for("by NODE\n")


def enter_shows_the_ports_of_a_node(aemp, nodes):
    with top(aemp) as here:
        here.wait_for(lambda: sorted(names(here)) == three_nodes.NAMES)
        here.send("n")
        here.wait_for("by NODE")
        here.wait_for(lambda: names(here) == three_nodes.NAMES)
        here.send("\x1b[A\x1b[B\x1b[B\x1b[B\r")  # at the ends arrows do nothing
        here.wait_for("ports of worker")
        here.wait_for(lambda: {"worker#adder", "worker#sink"} <= set(names(here, "PORT")))
        here.send("p")
        here.wait_for(lambda: "by PORT" in here.screen() and names(here, "PORT") == sorted(names(here, "PORT")))
        here.send("p")
        here.wait_for(lambda: "reversed" in here.screen() and names(here, "PORT")[:1] == [max(names(here, "PORT"))])
        counter = aemp("spawn", "worker", "test::counter", "1").out.strip()
        here.wait_for(lambda: counter in names(here, "PORT"))
        aemp("kil", counter)
        here.wait_for(lambda: counter not in names(here, "PORT"))
        here.send("\x1b")
        here.wait_for(lambda: sorted(names(here)) == three_nodes.NAMES)
        here.send("n")
        here.wait_for("by NODE")
        here.send("\x1b[A\x1b[A\x1b[A\n")
        here.wait_for("does not let others look at it")
        here.send("\x7fq")
        assert here.wait_for_end() == 0
    with top(aemp, "seed") as here:
        here.wait_for(lambda: "seed#sink" in names(here, "PORT"))
        here.send("\x1b")
        here.wait_for(lambda: sorted(names(here)) == three_nodes.NAMES)


def it_fits_the_window(aemp, nodes):
    with top(aemp) as here:
        here.wait_for(lambda: sorted(names(here)) == three_nodes.NAMES)
        here.resize(30, 8)
        here.wait_for(lambda: len(here.lines) == 8 and all(len(line) <= 30 for line in here.lines))
        here.wait_for(lambda: here.screen().split("\n")[-1] == KEYS[:30].rstrip())
        here.resize(110, 12)
        here.wait_for(lambda: len(here.lines) == 12 and "CONNECTION" in here.screen())


def it_gives_the_terminal_back_however_it_ends(aemp, nodes):
    for how in signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT:
        with top(aemp) as here:
            here.wait_for(lambda: sorted(names(here)) == three_nodes.NAMES)
            os.kill(here.pid, how)
            assert here.wait_for_end() == 0
            assert here.modes() == (True, True) and "\x1b[?1049l" in here.raw
    with top(aemp) as here:
        here.wait_for(lambda: sorted(names(here)) == three_nodes.NAMES)
        here.send("\x03")
        assert here.wait_for_end() == 0 and here.modes() == (True, True)
    with top(aemp, "--timeout", "0.5") as here:
        assert here.wait_for_end() == 0 and here.modes() == (True, True)
        assert "\x1b[?1049h" in here.raw and "\x1b[?1049l" in here.raw
    with top(aemp) as here:
        here.wait_for(lambda: sorted(names(here)) == three_nodes.NAMES)
        here.send("\x1a")
        here.wait_for(lambda: "\x1b[?1049l" in here.raw)
        processes.wait_until(lambda: open(f"/proc/{here.pid}/stat").read().split()[2] == "T")
        assert here.modes() == (True, True)
        before = len(here.raw)
        os.kill(here.pid, signal.SIGCONT)
        here.wait_for(lambda: "\x1b[?1049h" in here.raw[before:])
        here.send("q")
        assert here.wait_for_end() == 0


def the_shell_has_it_too(aemp, nodes):
    with Terminal([aemp.program, "shell"], aemp.environment, columns=110, rows=20) as here:
        here.wait_for(lambda: here.line() == "aemp>")
        here.send("top --interval 0.2\n")
        here.wait_for(lambda: sorted(names(here)) == three_nodes.NAMES)
        aemp("snd", here.screen_before().split("#shell")[0].split()[-1] + "#shell", "meanwhile")
        assert "meanwhile" not in here.screen()
        here.send("q")
        here.wait_for(lambda: "\x1b[?1049l" in here.raw and here.line() == "aemp>")
        here.wait_for('$me: "meanwhile"')
        here.send("cal seed#adder add 1 2\n")
        here.wait_for('3,"sum"')
        here.send("top\n")
        here.wait_for(lambda: here.raw.count("\x1b[?1049h") == 2)
        os.kill(here.pid, signal.SIGTERM)
        assert here.wait_for_end() == 0 and here.modes() == (True, True)


def without_a_terminal_it_prints(aemp, nodes):
    text = nodes.start("top", [aemp.program, "top", "--interval", "0.1"])
    for _ in range(2):
        text.wait_for(lambda line: line.startswith("NODE "))
        text.wait_for(lambda line: line.startswith("worker "))
        text.wait_for(lambda line: line.startswith("CONNECTION "))
        text.wait_for("")
    assert "\x1b" not in "".join(text.lines)
    text.kill()

    turns = nodes.start("top --json", [aemp.program, "top", "--interval", "0.1", "--json"])
    first = json.loads(turns.wait_for(lambda line: line))
    assert sorted(first) == ["connections", "nodes"] and all(node.get("messages") is None for node in first["nodes"]), first

    def has_rates(line):
        """a turn with rates"""
        return any(node["node"] == "worker" and node.get("messages") is not None for node in json.loads(line)["nodes"])

    last = json.loads(turns.wait_for(has_rates))
    turns.kill()
    told = {node["node"]: node for node in last["nodes"]}
    assert sorted(told) == three_nodes.NAMES and told["closed"] == {"node": "closed", "told": False}, told
    assert told["worker"]["ports"] > 3 and told["seed"]["peers"] == 2, told
    assert {(c["node"], c["peer"]) for c in last["connections"]} == {("seed", "closed"), ("worker", "seed")}, last

    ports = nodes.start("top seed", [aemp.program, "top", "seed", "--json"])
    found = json.loads(ports.wait_for(lambda line: line))
    ports.kill()
    assert found["node"] == "seed" and "seed#sink" in [p["port"] for p in found["ports"]], found
    aemp("top", "--timeout", "0.2")


def mistakes_are_said(aemp, nodes):
    aemp("top", "closed", "--timeout", "5", status=1, says="does not let others look at it")
    for patience in "0.5", "1.5":
        aemp("top", "nobody", "--timeout", patience, status=3, says="cannot be reached")
    aemp("top", "--interval", "never", status=2, says="--interval is 'never'")
    aemp("top", "", status=2, says="a node ID is expected")
    aemp("top", "--seed", "127.0.0.1:1", "--timeout", "0.5", status=3, says="no seed answers")


def main():
    with three_nodes.three_nodes(*sys.argv[1:]) as (aemp, nodes):
        for test in (
            it_shows_nodes_and_connections,
            keys_sort_it,
            enter_shows_the_ports_of_a_node,
            it_fits_the_window,
            it_gives_the_terminal_back_however_it_ends,
            the_shell_has_it_too,
            without_a_terminal_it_prints,
            mistakes_are_said,
        ):
            test(aemp, nodes)
            print(test.__name__, flush=True)


if __name__ == "__main__":
    main()
