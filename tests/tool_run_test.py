#!/usr/bin/env python3
"""`aemp run`: a node without a program, under signals, under a service manager, and under its watchdog.

Usage: tool_run_test.py FOLDER_OF_THE_TOOL FOLDER_OF_SERVICES
"""

import json
import os
import pathlib
import re
import signal
import socket
import sys

import processes
from terminal import Terminal
from tool_runner import Tool

CONFIGURATION = """{
   "secret" : "the secret of these tests",
   "connect_interval" : 0.5,
   "profile" : { "seed" : { "nodeid" : "seed", "binds" : "127.0.0.1:0" } }
}"""


class Manager:
    """What a service manager hears."""

    def __init__(self, path):
        self.path = str(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(processes.PATIENCE)

    def wait_for(self, state):
        while state not in (heard := self.socket.recv(4096).decode()).split("\n"):
            assert heard == "WATCHDOG=1", heard


def started(node):
    """Where it listens, once it says so."""
    return node.wait_for(lambda line: line.startswith("node ") and " listens on " in line).split(" listens on ")[1]


def signals_end_and_renew_it(aemp, run):
    manager = Manager(run.home / "notify")
    run.environment.update(NOTIFY_SOCKET=manager.path, WATCHDOG_USEC="200000")
    node = run.start("seed", [aemp.program, "run", "seed"])
    del run.environment["NOTIFY_SOCKET"], run.environment["WATCHDOG_USEC"]
    place = started(node)
    manager.wait_for("READY=1")
    manager.wait_for("WATCHDOG=1")
    aemp("nodes", "--seed", place, prints="seed\n")

    aemp("profile", "seed", "setnodeid", "renewed")
    node.process.send_signal(signal.SIGHUP)
    manager.wait_for("RELOADING=1")
    place = started(node)
    manager.wait_for("READY=1")
    aemp("nodes", "--seed", place, prints="renewed\n")

    good = aemp.file.read_text()
    aemp.file.write_text('{ "workers" : "many" }')
    node.process.send_signal(signal.SIGHUP)
    node.wait_for_error("the configuration stays as it was")
    aemp.file.write_text(good)
    aemp("nodes", "--seed", place, prints="renewed\n")

    node.process.send_signal(signal.SIGTERM)
    manager.wait_for("STOPPING=1")
    assert node.process.wait(processes.PATIENCE) == 0


def children_of(process):
    return [int(pid) for pid in pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def signals_that_mean_nothing_change_nothing(aemp, run):
    for watchdog in (), ("--watchdog",):
        node = run.start("seed", [aemp.program, "run", "seed", *watchdog])
        place = started(node)
        for process in [node.process.pid, *children_of(node.process)]:
            for stray in signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE, signal.SIGWINCH, signal.SIGCONT, signal.SIGURG:
                os.kill(process, stray)
        aemp("nodes", "--seed", place, prints="seed\n")
        node.process.send_signal(signal.SIGHUP)
        aemp("nodes", "--seed", started(node), prints="seed\n")
        node.process.send_signal(signal.SIGUSR1)
        node.process.send_signal(signal.SIGTERM)
        assert node.process.wait(processes.PATIENCE) == 0


def an_end_is_not_lost_whatever_else_comes(aemp, run):
    def node_that_gets(*signals, watchdog=(), to=os.kill):
        node = run.start("seed", [aemp.program, "run", "seed", *watchdog], prefix=("setsid",))
        started(node)
        for one in signals:
            to(node.process.pid, one)
        return node.process.wait(processes.PATIENCE)

    for _ in range(3):
        for end in signal.SIGTERM, signal.SIGINT:
            assert node_that_gets(signal.SIGHUP, end) == 0
            assert node_that_gets(end, signal.SIGHUP) == 0
            # As Ctrl-C, and as a service manager: the watchdog and the node get it, and the watchdog passes it on.
            assert node_that_gets(end, watchdog=("--watchdog",), to=os.killpg) == 0
            assert node_that_gets(signal.SIGHUP, end, watchdog=("--watchdog",), to=os.killpg) == 0


class SlowStart:
    """The secret's file is a pipe that nobody writes into, so a node that is being made waits for it."""

    def __init__(self, aemp, run):
        settings = json.loads(aemp.file.read_text())
        self.secret = settings.pop("secret")
        aemp.file.write_text(json.dumps(settings))
        self.path, self.writer = run.home / ".aemp-secret", None
        os.mkfifo(self.path, 0o600)

    def wait_for_reader(self):
        def somebody_reads():
            try:
                self.writer = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                return False  # nobody has opened it yet
            return True

        processes.wait_until(somebody_reads)

    def forget_reader(self):
        os.close(self.writer)

    def let_go_on(self):
        """The reader gets the secret, and who reads it later, too."""
        self.path.unlink()
        self.path.touch(mode=0o600)
        self.path.write_text(self.secret)
        os.write(self.writer, self.secret.encode())
        os.close(self.writer)


def signals_count_while_it_starts(aemp, run):
    slow = SlowStart(aemp, run)
    node = run.start("seed", [aemp.program, "run", "seed"])
    slow.wait_for_reader()
    node.process.send_signal(signal.SIGTERM)
    assert node.process.wait(processes.PATIENCE) == 0
    slow.forget_reader()

    for command in "shell", "top":
        with Terminal([aemp.program, command], aemp.environment) as here:
            slow.wait_for_reader()
            here.send("\x03")
            assert here.wait_for_end() == 128 + signal.SIGINT
        slow.forget_reader()

    node = run.start("seed", [aemp.program, "run", "seed"])
    slow.wait_for_reader()
    node.process.send_signal(signal.SIGHUP)
    slow.let_go_on()
    started(node)
    started(node)  # anew, as the signal said
    node.process.send_signal(signal.SIGTERM)
    assert node.process.wait(processes.PATIENCE) == 0


def others_stop_it(aemp, run):
    node = run.start("seed", [aemp.program, "run", "seed"])
    place = started(node)
    aemp("restart", "seed", "--seed", place, status=1, says="with --watchdog")
    aemp("stop", "seed", "--seed", place, prints="node seed has ended\n")
    assert node.process.wait(processes.PATIENCE) == 0
    aemp("stop", "seed", "--seed", place, "--timeout", "1", status=3)
    secure = run.start("secure", [aemp.program, "run", "seed", "secure", "1"])
    aemp("stop", "seed", "--seed", started(secure), status=1, says="or it is secure")


def its_watchdog_starts_it_again(aemp, run):
    dog = run.start("watchdog", [aemp.program, "run", "seed", "--watchdog"])
    first = started(dog)
    aemp("restart", "seed", "--seed", first, prints="node seed has ended\n")
    second = started(dog)
    aemp("nodes", "--seed", second, prints="seed\n")
    os.kill(children_of(dog.process)[0], signal.SIGKILL)
    third = started(dog)
    assert "was ended by signal 9; it is started again in 500 ms" in dog.errors(), dog.errors()
    aemp("nodes", "--seed", third, prints="seed\n")
    dog.process.send_signal(signal.SIGTERM)
    assert dog.process.wait(processes.PATIENCE) == 0


def its_services_are_shared_objects(aemp, run):
    aemp("profile", "seed", "setservices", '[["greet::serve","Hello"]]')
    node = run.start("seed", [aemp.program, "run", "seed", "--services", aemp.services])
    place = started(node)
    node.wait_for("greets with Hello")
    aemp("cal", "seed#greeter", "Ann", "--seed", place, prints='"Hello, Ann"\n')
    aemp("call", "seed", "greet::serve", "Good evening", "--seed", place, prints="called\n")
    aemp("cal", "seed#greeter", "Ann", "--seed", place, prints='"Good evening, Ann"\n')

    aemp("profile", "seed", "setservices", '["nowhere::serve"]')
    node.process.send_signal(signal.SIGHUP)
    node.wait_for_error("the configuration stays as it was: there is no service nowhere.so")
    aemp("cal", "seed#greeter", "Ann", "--seed", place, prints='"Good evening, Ann"\n')
    aemp("profile", "seed", "setservices", '[["greet::serve","Again"],"thrower::"]')
    node.process.send_signal(signal.SIGHUP)
    node.wait_for_error("thrower.so failed to define its functions: there is no paper in the printer")
    started(node)
    node.wait_for("greets with Again")
    node.process.send_signal(signal.SIGTERM)
    assert node.process.wait(processes.PATIENCE) == 0


def services_that_cannot_be_used_are_said(aemp, run):
    good = (aemp.services / "greet.so").read_bytes()
    mark = re.search(rb"aemp service for version ([0-9.]+);", good)
    others = run.home / "others"
    others.mkdir()
    (others / "other.so").write_bytes(good.replace(mark[0], mark[0].replace(mark[1], re.sub(rb"[0-9]", b"9", mark[1]))))
    (others / "plain.so").write_bytes(b"anything")
    (others / "broken.so").write_bytes(mark[0])
    (others / "greet.so").write_bytes(b"the one that is found first")
    for service, says in (
        ("nowhere::serve", f"there is no service nowhere.so in {others}, {aemp.services}, /"),
        ("../others/plain::serve", "there is no service ../others/plain.so"),
        ("other::serve", f"{others}/other.so was built for version 9"),
        ("plain::serve", f"{others}/plain.so has no entry point: "),
        ("broken::serve", f"{others}/broken.so cannot be loaded: "),
        ("greet::serve", f"{others}/greet.so has no entry point: "),
        ("thrower::", f"{aemp.services}/thrower.so failed to define its functions: there is no paper in the printer"),
    ):
        aemp("profile", "seed", "setservices", f'["{service}"]')
        aemp.environment["AEMP_SERVICES"] = f"{others}::{aemp.services}"
        for watchdog in (), ("--watchdog",):
            aemp("run", "seed", *watchdog, status=4, says=says)
        del aemp.environment["AEMP_SERVICES"]
    aemp("run", "seed", "--services", others, status=4, says="no service thrower.so")
    aemp("profile", "seed", "setservices", '["greet::serve","nowhere::serve"]')
    found = [json.loads(line) for line in aemp("doctor", "seed", "--services", aemp.services, "--json").out.splitlines()]
    states = {point["about"]: point["state"] for point in found}
    assert states["service greet::serve"] == "ok" and states["service nowhere::serve"] == "doubtful", found
    unit = aemp("unit", "seed", "--services", "one:/two").out
    assert f"{aemp.file} --services {os.getcwd()}/one:/two run seed\n" in unit, unit


def mistakes_are_said(aemp, run):
    aemp("run", "nonsense", status=2, says="no profile 'nonsense'")
    aemp("run", "seed", "workers", status=2, says="the key workers has no value")
    aemp("run", "seed", "workers", "many", status=2, says="a number of threads is expected")
    aemp("run", "seed", "wokers", "4", status=2, says="did you mean workers?")
    aemp("run", "profile", "sed", status=2, says="did you mean seed?")
    aemp("run", "profile", "seed", "wokers", "4", status=2, says="did you mean workers?")
    aemp("profile", "bad", "setbinds", "8.8.8.8:1")
    for watchdog in (), ("--watchdog",):
        aemp("run", "bad", *watchdog, status=4, says="8.8.8.8:1")
    unit = aemp("unit", "seed").out
    assert "Type=notify" in unit and f"ExecStart={aemp.program} --config {aemp.file} run seed\n" in unit, unit


def main():
    program = (pathlib.Path(sys.argv[1]) / "aemp").resolve()
    for test in (
        signals_end_and_renew_it,
        signals_that_mean_nothing_change_nothing,
        an_end_is_not_lost_whatever_else_comes,
        signals_count_while_it_starts,
        others_stop_it,
        its_watchdog_starts_it_again,
        its_services_are_shared_objects,
        services_that_cannot_be_used_are_said,
        mistakes_are_said,
    ):
        with processes.Programs(CONFIGURATION) as run:
            aemp = Tool(program, run.home)
            aemp.services = pathlib.Path(sys.argv[2]).resolve()
            aemp.file = run.home / "config.json"
            aemp.environment["AEMP_CONFIG"] = str(aemp.file)
            test(aemp, run)
        print(test.__name__, flush=True)


if __name__ == "__main__":
    main()
