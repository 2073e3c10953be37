#!/usr/bin/env python3
"""The commands of `aemp` that talk to a network, each as a process against three live nodes: with right and with wrong
arguments, for people and with --json, and what it ends with.

Usage: tool_network_test.py FOLDER_OF_THE_TOOL FOLDER_OF_THE_TEST_PROGRAMS
"""

import json
import subprocess
import sys

import processes
import three_nodes
from three_nodes import NAMES
from tool_runner import Tool


def messages(aemp, nodes):
    aemp("snd", "worker#sink", "hello", "42", '{"a":[1,null]}', prints="message sent successfully\n")
    nodes["worker"].wait_for('sink: ["hello","42",{"a":[1,null]}]')
    aemp("--json", "snd", "worker#sink", "again", prints="true\n")
    aemp('["snd","worker#sink",7]', prints="message sent successfully\n")
    nodes["worker"].wait_for("sink: [7]")
    for _ in range(5):
        for port in "seed#adder", "worker#adder":
            aemp("snd", port, "nonsense", prints="message sent successfully\n", says=f"{port} has dropped a message meanwhile")
            aemp("snd", port, "add", "1", "2", "seed#sink", prints="message sent successfully\n")
    aemp("snd", "closed#adder", "nonsense", prints="message sent successfully\n")  # it does not say
    aemp("snd", "worker#nobody", "x", status=1, says="worker#nobody is dead: no_such_port")
    aemp("snd", "nobody#x", "x", "--timeout", "1", status=3, says="nobody")
    aemp("snd", "worker#sink", status=2, says="aemp snd needs ARG")
    aemp("snd", "#", "x", status=2)

    aemp("cal", "seed#adder", "add", "20", "22", prints='42,"sum"\n')
    assert aemp("cal", "closed#adder", "add", "1", "2", "--json").json() == [3, "sum"]
    aemp("cal", "seed#silent", "x", "--timeout", "1", status=3, says="no answer from port seed#silent within 1 s")
    error = json.loads(aemp("cal", "seed#nobody", "x", "--json", status=1, says="port_is_dead").err)
    assert error["error"] == "port_is_dead" and "no_such_port" in error["text"], error


def lives_and_deaths(aemp, nodes):
    counter = aemp("spawn", "worker", "test::counter", "10").out.strip()
    assert counter.startswith("worker#"), counter
    aemp("snd", counter, "add", "5")
    aemp("time", "worker", "cal", counter, "total")  # one node for a whole line
    aemp("cal", counter, "total", prints="15\n")
    aemp("mon", counter, "--timeout", "0.3", status=3, says="is still alive")
    waiting = subprocess.Popen([aemp.program, "mon", counter], env=aemp.environment, stdout=subprocess.PIPE, text=True)
    watched = lambda: any(p["port"] == counter and p["monitors"] for p in aemp("--json", "ports", "worker").json())
    processes.wait_until(watched)
    assert aemp("kil", counter, "by", "hand").out == f"{counter} is dead: by hand\n"
    assert waiting.communicate(timeout=20)[0] == "by hand\n" and waiting.returncode == 0
    aemp("kil", counter, status=1, says="no_such_port")
    aemp("mon", counter, status=1)
    aemp("kil", "worker", status=2, says="cannot be killed")
    aemp("cal", "seed#fragile", "break", status=1, says="die it broke")
    aemp("mon", "seed#fragile", status=1)
    aemp("spawn", "worker", "test::nonsense", status=1, says="no_such_function")
    aemp("spawn", "closed", "test::counter", "1", status=1, says="closed")


def functions(aemp, nodes):
    aemp("call", "worker", "test::say", "hi", prints="called\n")
    nodes["worker"].wait_for("said: hi")
    aemp("call", "worker", "test::nothing", status=1, says="has no function 'test::nothing'")
    aemp("eval", "worker", "1+1", status=1, says="evaluates no code")


def times(aemp, nodes):
    time = aemp("--json", "time", "worker").json()
    assert time["node"] == "worker" and abs(time["ahead"]) < 1, time
    assert "this machine's clock" in aemp("time", "seed").out
    ping = aemp("ping", "worker", "--count", "3", "--interval", "0.01", "--json").json()
    assert len(ping["round_trips"]) == 3 and 0 < ping["min"] <= ping["avg"] <= ping["max"] < 5, ping
    lines = aemp("ping", "seed", "--count", "2", "--interval", "0.01").out.splitlines()
    assert len(lines) == 3 and lines[2].startswith("2 round trips: min "), lines
    aemp("ping", "worker", "--count", "0", status=2, says="--count")
    aemp("ping", "nobody", "--timeout", "1", status=3)


def the_whole_network(aemp, nodes):
    aemp("nodes", prints="".join(name + "\n" for name in NAMES))
    neighbours = aemp("--json", "trace").json()
    assert sorted(neighbours) == NAMES and all("seed" in neighbours[name] for name in ("worker", "closed")), neighbours
    assert "seed -> " in aemp("trace", "worker").out
    dot = aemp("trace", "--dot").out
    assert dot.startswith("graph aemp {") and '"seed" -- "worker";' in dot, dot
    aemp("trace", "nobody", "--timeout", "1", status=3)
    assert ["test", "3"] in [line.split() for line in aemp("groups").out.splitlines()]
    assert aemp("--json", "groups").json()["test"] == 3
    aemp("groups", "test", prints="".join(f"{name}#sink\n" for name in NAMES))
    aemp("groups", "nonsense", status=1)


def inside_a_node(aemp, nodes):
    status = aemp("status", "worker", "--json").json()
    assert status["node"] == "worker" and len(status["workers"]) == 2 and status["uptime"] > 0, status
    assert "worker 1: " in aemp("status", "worker").out
    ports = {p["port"]: p for p in aemp("ports", "seed", "--json").json()}
    assert ports["seed#adder"]["handlers"] == 1, ports
    assert "PORT" in aemp("ports", "seed").out
    assert (ports["seed#slow"]["waiting"], ports["seed#slow"]["refused"]) == (2, 3), ports["seed#slow"]
    row = next(line for line in aemp("ports", "seed").out.splitlines() if line.startswith("seed#slow "))
    assert row.split() == ["seed#slow", "1", "0", "0", "0", "2", "3"], row
    assert "WAITING" not in aemp("ports", "worker").out
    assert ports["seed#shop"]["contract"] == ["close()", "price(text) -> int"], ports["seed#shop"]
    assert [line.split(None, 1) for line in aemp("ports", "seed", "--contract").out.splitlines()[1:]] == [
        ["seed#shop", "close()"], ["price(text)", "-> int"]], aemp("ports", "seed", "--contract").out
    aemp("cal", "seed#shop", "price", "apples", prints="6\n")
    assert [line.split("\t") for line in aemp("complete", "--", "cal", "seed#shop", "").out.splitlines()] == [
        ["close", "close()"], ["price", "price(text) -> int"]]
    assert aemp("complete", "--", "cal", "seed#shop", "pr").out == "price\tprice(text) -> int\n"
    assert aemp("complete", "--", "cal", "seed#shop", "price", "").out == ""
    aemp("cal", "seed#shop", "prise", "apples", "--timeout", "2", status=3,
         says="seed#shop does not answer; 'prise' is not in its contract: close(), price(text) -> int")
    aemp("cal", "seed#shop", "price", "[1]", status=1, says="seed#shop did not do that: bad_request argument 1 of 'price' is list")
    assert aemp("queue", "worker", "--json").json()[1]["worker"] == 1
    connections = {c["node"]: c for c in aemp("connections", "seed", "--json").json()}
    assert connections["worker"]["packets_in"] > 0 and connections["worker"]["round_trip"] > 0, connections
    assert "worker" in aemp("connections", "seed").out
    aemp("ports", "closed", status=1, says="does not let others look at it")
    aemp("status", "nobody", "--timeout", "1", status=3, says="cannot be reached")


def supervisors(aemp, nodes):
    def restarts():
        trees = aemp("tree", "seed", "--json").json()
        assert len(trees) == 1, trees
        (tree,) = trees
        return {child["name"]: (child["state"], child["restarts"]) for child in tree["children"]}

    assert restarts() == {"shelf": ("running", 0), "more": ("running", 0)}, restarts()
    (tree,) = aemp("tree", "seed", "--json").json()
    shelf, more = tree["children"]
    assert [child["name"] for child in more["children"]] == ["till"] and "children" not in shelf, tree
    aemp("snd", shelf["port"], "break", status=1, says="is dead: die it broke")
    processes.wait_until(lambda: restarts()["shelf"] == ("running", 1))
    lines = aemp("tree", "seed").out.splitlines()
    assert [line.split()[0] for line in lines] == ["CHILD", tree["supervisor"], "shelf", "more", "till"], lines
    aemp("cal", tree["supervisor"], "stop_child", "shelf")
    assert restarts()["shelf"][0] == "stopped"
    assert aemp("cal", tree["supervisor"], "child_of", "shelf", status=1, says="did not do that: child_stopped shelf")
    assert aemp("cal", tree["supervisor"], "child_of", "nobody", status=1, says="no_such_child nobody")
    aemp("tree", "closed", status=1, says="does not let others look at it")


def the_database(aemp, nodes):
    aemp("db", "get", "facts", "seed", prints="seed lives\n")
    assert aemp("db", "get", "facts", "--json").json() == {name: f"{name} lives" for name in NAMES}
    aemp("db", "get", "facts", "nobody", status=1, says="no key 'nobody'")
    aemp("db", "get", "'l", status=2, says="is no family")
    aemp("db", "del", "facts", "seed", status=1, says="was not set here")
    aemp("db", "nonsense", "x", status=2, says="db get")

    watch = nodes.start("watch", [aemp.program, "db", "watch", "leader", "--json"])
    keep = nodes.start("keep", [aemp.program, "db", "set", "leader", "west", '{"at":7}'])
    added = json.loads(watch.wait_for(lambda line: "added" in line))
    assert added == {"what": "added", "key": "west", "value": {"at": 7}}, added
    aemp("db", "get", "leader", "west", "--json", prints='{"at":7}\n')
    keep.kill()
    watch.wait_for(lambda line: "deleted" in line)
    watch.kill()
    aemp("db", "set", "leader", "east", "1", "db", "del", "leader", "east", "db", "get", "leader", prints="")
    aemp("db", "set", "leader", "south", "--timeout", "0.5")

    for value in '{"at":8}', '{"at":9}':
        aemp("db", "set", "leader", "north", value, "--on", "worker", prints="")
        aemp("db", "get", "leader", "north", "--json", prints=value + "\n")
    aemp("db", "del", "leader", "north", "--on", "worker", prints="")
    aemp("db", "get", "leader", prints="")
    aemp("db", "set", "facts", "worker", "else", "--on", "worker", "--timeout", "1", status=1, says="the log of node worker")
    nodes["worker"].wait_for_error("'worker' of family 'facts', which it has set itself")
    aemp("db", "del", "facts", "worker", "--on", "worker", "--timeout", "1", status=1, says="the log of node worker")
    aemp("db", "set", "leader", "north", "--on", "closed", status=1, says="keeps no keys for others")
    aemp("db", "set", "leader", "north", "--on", "nobody", "--timeout", "1", status=3, says="nobody")
    assert aemp("db", "get", "facts", "--json").json() == {name: f"{name} lives" for name in NAMES}


def the_log(aemp, nodes):
    log = nodes.start("log", [aemp.program, "log", "3", "--json"])

    def heard():
        aemp("call", "worker", "test::say", "this")
        return log.drain() is not None

    processes.wait_until(heard)
    line = json.loads(log.lines[0])
    assert line["node"] == "worker" and line["level"] == 3 and line["text"] == "somebody had me say this", line
    log.kill()
    aemp("log", "12", status=2, says="level")
    aemp("log", "0", "--timeout", "0.3", prints="")


def ways_in(aemp, nodes):
    seed = nodes.seed
    bare = Tool(aemp.program, aemp.home / "bare")
    bare.home.mkdir()
    bare("nodes", "--timeout", "1", status=3, says="no seed is known")
    bare("setsecret", "the secret of these tests", "nodes", "--seed", seed, "getsecret")
    bare("profile", "mine", "setseeds", seed, "--profile", "mine", "nodes")
    bare("snd", "worker#sink", "x", "--profile", "nonsense", status=2, says="no profile 'nonsense'")
    bare("setsecret", "another", "nodes", "--seed", seed, "--timeout", "1", status=3, says="no seed answers")
    bare("nodes", "--seed", "127.0.0.1:nonsense", status=4)


def every_command(aemp, nodes):
    """Whatever help lists, also with --json, with too few words, and for a node that is not there."""
    port = lambda: aemp("spawn", "worker", "test::counter", "1").out.strip()
    right = {
        "snd": ["worker#sink", "x"], "cal": ["seed#adder", "add", "1", "2"], "kil": [port], "call": ["worker", "test::say", "x"],
        "spawn": ["worker", "test::counter", "1"], "time": ["worker"], "ping": ["worker", "--count", "1"], "nodes": [], "trace": [],
        "groups": [], "status": ["worker"], "ports": ["worker"], "tree": ["worker"], "queue": ["worker"], "connections": ["worker"],
        "log": ["--timeout", "0.3"], "db": ["get", "facts"],
    }
    refused = {"mon": ["worker#nobody"], "eval": ["worker", "1"]}  # a dead port, and a node without Perl
    at_once = {"nodes", "trace", "groups", "log"}  # need no word
    text = aemp("help").out
    listed = text[text.index("\nMessages:") : text.index("\nAt the terminal:")]
    commands = {line.split()[0] for line in listed.splitlines() if line.startswith("  ")}
    assert commands == {*right, *refused}, commands ^ {*right, *refused}

    for command, words in right.items():
        for json_too in [], ["--json"]:
            done = aemp(command, *(word() if callable(word) else word for word in words), *json_too)
            if json_too:
                [json.loads(line) for line in done.out.splitlines()]
            assert done.out or command == "log", command
    assert aemp("mon", *refused["mon"], "--json", status=1).json()[0] == "no_such_port"
    assert json.loads(aemp("eval", *refused["eval"], "--json", status=1).err)["error"] == "eval_failed"
    for command in commands - at_once:
        aemp(command, status=2, says="did you mean db get" if command == "db" else f"aemp {command} needs")
    for command in commands - {"nodes", "groups", "log", "db"}:
        of_port = command in ("snd", "cal", "mon", "kil")
        rest = (right.get(command) or refused.get(command) or ["worker"])[1:]
        node = "nobody#x" if of_port else "nobody"
        lost = aemp(command, node, *rest, "--timeout", "1", status=3)
        assert "nobody" in lost.out + lost.err, lost
    for command in commands:
        name = ["db", "get"] if command == "db" else [command]
        aemp(*name, "--nonsense", status=2, says="--nonsense")
        assert "\nExample" in aemp(*name, "--help").out, command


def states(result):
    return {line["about"]: line["state"] for line in map(json.loads, result.out.splitlines())}


def the_doctor(aemp, nodes):
    told = aemp("doctor").out
    assert f"ok   seed {nodes.seed}: node seed at {nodes.seed}" in told and "BAD" not in told, told
    worker = states(aemp("--json", "doctor", "worker"))
    assert worker[f"seed {nodes.seed}"] == "ok" and worker["secret"] == "ok", worker

    sick = Tool(aemp.program, aemp.home / "sick")
    sick.home.mkdir()
    found = states(sick("--json", "doctor", status=1))
    assert found == {"configuration": "doubtful", "secret": "bad", "seeds": "doubtful"}, found
    sick("setsecret", "another", "setseeds", f"{nodes.seed},127.0.0.1:1,nosuch.invalid:1")
    told = sick("doctor", "--timeout", "1", status=1).out
    assert "the shared secrets differ" in told and "Connection refused" in told and "has no address" in told, told
    assert "hm   secret: it has only 7 characters" in told and "aemp gensecret" in told, told
    sick("setbinds", f"8.8.8.8:1,{nodes.seed}", "delseeds", "gencert")
    found = states(sick("--json", "doctor", status=1))
    assert (found["bind 8.8.8.8:1"], found[f"bind {nodes.seed}"], found["certificate"]) == ("bad", "doubtful", "ok"), found
    sick.file.write_text('{ "secret" : "a long enough secret", "profile" : { "p" : { "workers" : "many" } } }')
    sick.file.chmod(0o644)
    found = states(sick("--json", "doctor", status=1))
    assert (found["configuration"], found["profile p"], found["secret"]) == ("bad", "bad", "ok"), found
    sick("doctor", "nonsense", status=1, says="no profile 'nonsense'")


def main():
    with three_nodes.three_nodes(*sys.argv[1:]) as (aemp, nodes):
        tests = (messages, lives_and_deaths, functions, times, the_whole_network, inside_a_node, supervisors, the_database)
        for test in (*tests, the_log, ways_in, every_command, the_doctor):
            test(aemp, nodes)
            print(test.__name__, flush=True)


if __name__ == "__main__":
    main()
