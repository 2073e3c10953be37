#!/usr/bin/env python3
"""`aemp shell` at a pseudo-terminal and without one, beside three live nodes.

Usage: tool_shell_test.py FOLDER_OF_THE_TOOL FOLDER_OF_THE_TEST_PROGRAMS
"""

import contextlib
import json
import os
import re
import signal
import sys

import processes
import three_nodes
from terminal import Terminal
from tool_runner import Tool


@contextlib.contextmanager
def shell(aemp, *words, **size):
    """One that others can reach, since it is connected to the seed; `me` is its port."""
    with Terminal([aemp.program, "shell", *words], aemp.environment, **size) as here:
        here.wait_for(lambda: here.line() == "aemp>")
        if not words:
            here.me = re.search(r"\S+#shell", here.screen().replace("\n", "")).group(0)
        enter(here, " ping seed --count 1 --json", "deviation")  # with a blank in front it is not kept
        yield here


def enter(here, line, answer):
    """A line, what it says, and the next prompt."""
    before = here.screen().count("aemp>")
    here.send(line + "\n")
    here.wait_for(answer)
    here.wait_for(lambda: here.screen().count("aemp>") > before and here.line() == "aemp>")


def commands_are_those_of_the_command_line(aemp, nodes):
    with shell(aemp) as here:
        enter(here, "cal seed#adder add 20 22", '42,"sum"')
        enter(here, "snd worker#sink 'one text' {\"a\": [1, null]} \"two words\" [2, 3]", "message sent successfully")
        nodes["worker"].wait_for('sink: ["one text",{"a":[1,null]},"two words",[2,3]]')
        enter(here, "time seed cal seed#adder add 1 1 --json", '[2,"sum"]')
        enter(here, "nodes", "\nclosed\nseed\nworker\n")
        enter(here, "db set facts here lives", "")
        assert aemp("db", "get", "facts", "here", prints="lives\n")
        enter(here, "db del facts here db get facts here", "no key 'here'")
        enter(here, "profile fromshell setnodeid fs", "")
        assert aemp("profile", "fromshell", "getnodeid", prints="fs\n")
        enter(here, "doctor", "ok   seed")
        enter(here, "help ping", "measure round trips to a node.")
        enter(here, "ping --help", "usage: aemp ping NODE")
        before = here.screen().count("aemp>")
        here.send("\n   \n# nothing\n")
        here.wait_for(lambda: here.screen().count("aemp>") == before + 3)
        assert here.modes() == (False, False)
        here.send("quit\n")
        assert here.wait_for_end() == 0
        assert here.modes() == (True, True), "the terminal is not as it was"


def mistakes_are_said_and_nothing_ends(aemp, nodes):
    with shell(aemp) as here:
        enter(here, "qiut", "there is no command 'qiut'; did you mean quit?")
        enter(here, "pign seed", "did you mean ping?")
        enter(here, "snd worker#sink", "aemp snd needs ARG")
        enter(here, "nodes --tmieout 1", "did you mean --timeout?")
        enter(here, "nodes --dot", "the option --dot means nothing here")
        enter(here, "cal 'seed#adder", "the line ends within 'seed#adder")
        enter(here, "cal seed#adder {\"a\": 1", "the line ends within {\"a\": 1")
        enter(here, "cal seed#adder {a}", "begins like JSON, but is none")
        enter(here, "snd nobody#x y --timeout 0.3", "nobody")
        enter(here, "snd # x", "'#' is no port ID")
        enter(here, "run seed", "'run' needs a process of its own")
        enter(here, "nodes --seed 127.0.0.1:1", "--seed and --profile belong behind 'aemp shell'")
        enter(here, "shell", "'shell' needs a process of its own")
        enter(here, "cal seed#adder add 1 1", '2,"sum"')


def what_arrives_stands_above_the_line(aemp, nodes):
    with shell(aemp) as here:
        here.send("cal seed#adder add 4")
        here.wait_for(lambda: here.line() == "aemp> cal seed#adder add 4")
        here.send("\x1b[D")  # the cursor stays where it is
        aemp("snd", here.me, "hello", '{"from":["outside"]}')
        here.wait_for('$me: "hello" {"from":["outside"]}')
        here.wait_for(lambda: here.line() == "aemp> cal seed#adder add 4")
        here.send("3\x1b[C 8\n")
        here.wait_for('42,"sum"')
        assert here.screen().count("add 4\n") == 0, here.screen()

        enter(here, "snd $me to myself", '$me: "to" "myself"')
        enter(here, "spawn worker test::counter 1", re.compile("worker#").pattern)
        counter = here.screen().split("aemp>")[-2].split("\n")[1].strip()
        enter(here, f"mon {counter}", "")
        here.send("x" * 250)  # more than two rows
        here.wait_for(lambda: "x" * 250 in here.screen().replace("\n", ""))
        aemp("kil", counter, "by", "hand")
        here.wait_for(f"{counter} is dead: by hand")
        here.wait_for(lambda: "aemp> " + "x" * 250 == "".join(here.lines[-3:]).rstrip())
        assert here.screen().replace("\n", "").count("x" * 250) == 1, here.screen()
        here.send("\x03")
        enter(here, "mon worker#nobody", "worker#nobody is dead: no_such_port")
        enter(here, "mon seed#adder --timeout 0.2", "seed#adder is still alive")
        here.send("cal seed#silent x --timeout 20\n")
        aemp("snd", here.me, "while it waits")
        here.wait_for('$me: "while it waits"')
        here.send("\x03")
        here.wait_for(lambda: here.line() == "aemp>")

    with shell(aemp, "--json") as here:
        enter(here, "mon seed#nobody", '{"died":["no_such_port"')
        enter(here, "snd $me 1", '"message":["1"]')
    with shell(aemp, "--timeout", "0.4") as here:  # as if each line had it, but what only watches goes on
        enter(here, "mon seed#adder", "")
        enter(here, "cal seed#silent x", "no answer from port seed#silent within 0.4 s")
        assert "still alive" not in here.screen(), here.screen()


def tab_completes(aemp, nodes):
    with shell(aemp) as here:
        here.send("conn\t")
        here.wait_for(lambda: here.line() == "aemp> connections")
        here.send("wor\t\n")
        here.wait_for("ENCRYPTION")
        here.wait_for(lambda: here.line() == "aemp>")
        here.send("snd wor\tsin\thello\n")
        nodes["worker"].wait_for('sink: ["hello"]')
        here.wait_for(lambda: here.line() == "aemp>")
        here.send("groups te\t\n")
        here.wait_for(lambda: all(f"{name}#sink" in here.lines for name in three_nodes.NAMES))
        here.wait_for(lambda: here.line() == "aemp>")
        here.send("status \t\t")
        here.wait_for("\nclosed  node\nseed    node\nworker  node\n")
        here.wait_for(lambda: here.line() == "aemp> status")
        here.send("\x15db \t\t")
        here.wait_for("print a family of the database")
        here.send("w\tfac\t--ti\t")
        here.wait_for(lambda: here.line() == "aemp> db watch facts --timeout")
        here.send("\x15snd $\t")
        here.wait_for(lambda: here.line() == "aemp> snd $me")
        here.send("\x15# a comment\t\x15nonsense x\t")
        here.wait_for(lambda: "\a" in here.raw)


def shells_complete_from_the_network(aemp, nodes):
    completed = lambda *words: [line.split("\t")[0] for line in aemp("complete", "--", *words).out.splitlines()]
    assert completed("snd", "wor") == ["worker#"]
    assert completed("snd", "worker#si") == ["worker#silent", "worker#sink"]
    assert completed("ping", "") == three_nodes.NAMES
    assert completed("groups", "te") == ["test"]
    elsewhere = Tool(aemp.program, aemp.home / "elsewhere")
    elsewhere.home.mkdir()
    elsewhere("setsecret", "the secret of these tests")
    elsewhere("complete", "--", "ping", "", prints="")
    elsewhere("complete", "--", "--seed", nodes.seed, "ping", "wor", prints="worker\tnode\n")
    elsewhere("complete", "--", "--seed", "127.0.0.1:1", "ping", "wor", prints="", says="")


def history_stays_for_the_next_shell(aemp, nodes):
    with shell(aemp) as here:
        enter(here, "cal seed#adder add 7 8", '15,"sum"')
        enter(here, " cal seed#adder add 70 80", '150,"sum"')
        enter(here, "getsecret", "the secret")
        here.send("\x1b[A")
        here.wait_for(lambda: here.line() == "aemp> cal seed#adder add 7 8")
        here.send("\x03\x04")
        assert here.wait_for_end() == 0
    with shell(aemp) as here:
        here.send("\x1b[A")
        here.wait_for(lambda: here.line() == "aemp> cal seed#adder add 7 8")
        here.send("1\n")
        here.wait_for('88,"sum"')
    file = aemp.home / ".local/state/aemp/shell_history"
    assert file.stat().st_mode & 0o777 == 0o600 and file.parent.stat().st_mode & 0o777 == 0o700
    assert file.read_text().splitlines()[-2:] == ["cal seed#adder add 7 8", "cal seed#adder add 7 81"], file.read_text()
    aemp.environment["XDG_STATE_HOME"] = str(aemp.home / "state")
    with shell(aemp) as here:
        enter(here, "version", "speaks AnyEvent::MP")
    del aemp.environment["XDG_STATE_HOME"]
    assert (aemp.home / "state/aemp/shell_history").read_text() == "version\n"


def ctrl_c_ends_the_line_or_the_command(aemp, nodes):
    with shell(aemp) as here:
        here.send("cal seed#ad")
        here.wait_for(lambda: here.line() == "aemp> cal seed#ad")
        here.send("\x03")
        here.wait_for("cal seed#ad^C")
        enter(here, "cal seed#adder add 1 2", '3,"sum"')
        for waiting in "cal seed#silent x", "log 0", "db watch facts", "ping seed --count 1000000 --interval 0.01":
            before = here.screen().count("aemp>")
            here.send(waiting + "\n")
            here.wait_for(waiting + "\n")
            here.send("\x03")
            here.wait_for(lambda: here.screen().count("aemp>") > before and here.line() == "aemp>")
        enter(here, "cal seed#adder add 2 2 ", '4,"sum"')
        here.send("x\x04")  # with something on the line it is no end
        here.send("\x08cal seed#adder add 3 3\n")
        here.wait_for('6,"sum"')
        here.wait_for(lambda: here.line() == "aemp>")
        here.send("\x04")
        assert here.wait_for_end() == 0
        assert here.modes() == (True, True)
    with shell(aemp) as here:  # what is typed while a command runs stands only where it belongs
        here.send("ping seed --count 2 --interval 0.1\n")
        here.wait_for("seed: 1:")
        assert here.modes() == (False, False)
        here.send("cal seed#adder add 5 5\nnod\tx")
        here.wait_for('10,"sum"')
        here.wait_for(lambda: here.line() == "aemp> nodes x")
        assert here.lines.count("aemp> cal seed#adder add 5 5") == 1 and here.screen().count("add 5 5") == 1, here.screen()
    with shell(aemp) as here:
        os.kill(here.pid, signal.SIGTERM)
        assert here.wait_for_end() == 0
        assert here.modes() == (True, True)


def the_window_may_change_and_texts_may_be_foreign(aemp, nodes):
    with shell(aemp, columns=120) as here:
        here.send("snd worker#sink " + "é" * 40)
        here.wait_for("é" * 40)
        here.resize(50, 20)
        here.wait_for(lambda: here.line().startswith("é") or here.line().startswith("aemp>"))
        here.send("\n")
        nodes["worker"].wait_for('sink: ["' + "é" * 40 + '"]')
        here.wait_for(lambda: here.line() == "aemp>")
        aemp("snd", here.me, "ünter")
        here.wait_for('$me: "ünter"')
        here.wait_for(lambda: here.line() == "aemp>")


def ctrl_z_stops_it_and_then_the_line_is_there_again(aemp, nodes):
    stopped = lambda pid: os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG) is not None
    with shell(aemp) as here:
        here.send("cal seed#adder add 4 33")
        here.wait_for(lambda: here.line() == "aemp> cal seed#adder add 4 33")
        here.send("\x1b[D")  # the cursor stays where it is
        here.wait_for(lambda: here.raw.endswith("\b"))
        here.send("\x1a")
        processes.wait_until(lambda: stopped(here.pid))
        assert here.modes() == (True, True), "the terminal is as it was before"
        before = here.screen().count("aemp> cal")
        os.kill(here.pid, signal.SIGCONT)
        here.wait_for(lambda: here.screen().count("aemp> cal") == before + 1 and here.raw.endswith("33\b"))
        assert here.line() == "aemp> cal seed#adder add 4 33"
        here.send("\x088\n")
        here.wait_for('87,"sum"')
        here.wait_for(lambda: here.line() == "aemp>")
        here.send("log 0\n")
        here.wait_for("log 0\n")
        here.send("\x1a")
        processes.wait_until(lambda: stopped(here.pid))
        assert here.modes() == (True, True), "the terminal is as it was before"
        os.kill(here.pid, signal.SIGCONT)
        here.send("\x03")
        enter(here, "cal seed#adder add 1 1", '2,"sum"')


def scripts_need_no_terminal(aemp, nodes):
    run = lambda script, *options, **expected: aemp("shell", *options, input=script, **expected)
    run("cal seed#adder add 1 2\n# nothing\n\ncal seed#adder add 3 4", prints='3,"sum"\n7,"sum"\n')
    assert json.loads(run("cal seed#adder add 1 2", "--json").out) == [3, "sum"]
    run("cal seed#nobody x\ncal seed#adder add 1 2\n", status=1, says="no_such_port", prints='3,"sum"\n')
    run("nonsense\n", status=2, says="there is no command 'nonsense'")
    run("snd nobody#x y\n", "--timeout", "0.3", status=3, says="nobody")
    run("cal seed#adder add 1 2\nquit\nnonsense\n", prints='3,"sum"\n')
    run("", prints="")
    aemp("quit", status=2, says="aemp shell starts one")

    script = nodes.start("script", [aemp.program, "shell", "--json"])
    script.write("snd $me first")
    first = json.loads(script.wait_for(lambda line: "first" in line))
    assert first["message"] == ["first"], first
    script.write("mon worker#nobody")
    script.wait_for(lambda line: "no_such_port" in line)
    aemp("snd", first["port"], "second")
    assert json.loads(script.wait_for(lambda line: "second" in line))["message"] == ["second"]
    script.process.stdin.close()
    assert script.process.wait(processes.PATIENCE) == 0


def main():
    with three_nodes.three_nodes(*sys.argv[1:]) as (aemp, nodes):
        for test in (
            commands_are_those_of_the_command_line,
            mistakes_are_said_and_nothing_ends,
            what_arrives_stands_above_the_line,
            tab_completes,
            shells_complete_from_the_network,
            history_stays_for_the_next_shell,
            ctrl_c_ends_the_line_or_the_command,
            the_window_may_change_and_texts_may_be_foreign,
            ctrl_z_stops_it_and_then_the_line_is_there_again,
            scripts_need_no_terminal,
        ):
            test(aemp, nodes)
            print(test.__name__, flush=True)


if __name__ == "__main__":
    main()
