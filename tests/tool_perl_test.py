#!/usr/bin/env python3
"""The tool beside nodes that behave as Perl nodes do (perl_peer.py): it says at once what they do not offer, and leaves nothing
behind in them that they would take for an offer from then on.

Usage: tool_perl_test.py FOLDER_OF_THE_TOOL
"""

import json
import pathlib
import sys
import tempfile
import time

from perl_peer import SECRET, PerlPeer
from tool_runner import Tool

LOOKS = ("status", "ports", "queue", "connections")
AT_ONCE = 3.0  # seconds: the limit of the tool is 5


def quick(aemp, *words, **expected):
    begin = time.monotonic()
    done = aemp(*words, **expected)
    assert time.monotonic() - begin < AT_ONCE, done
    return done


def beside(aemp, peer):
    """All commands of the tool are about this node from here on."""
    aemp("setseeds", peer.place)
    return peer


def nodes_that_cannot_be_looked_at_are_named_at_once(aemp):
    for version in 1, 2:
        with beside(aemp, PerlPeer("perl", version)) as peer:
            for command in LOOKS:
                quick(aemp, command, "perl", status=1, says=f"it is a Perl node of version {version}.x")
            error = json.loads(quick(aemp, "--json", "status", "perl", status=1, says="").err)
            assert error["error"] == "not_inspectable", error
            quick(aemp, "groups", status=1, says="aemp groups GROUP")
            table = quick(aemp, "top", "--interval", "0.3", "--timeout", "1").out
            assert "perl" in table, table
            quick(aemp, "top", "perl", "--timeout", "2", status=1, says="it is a Perl node")
            told = quick(aemp, "doctor").out
            assert "node perl at" in told and "it says no more about itself" in told, told
            assert peer.strange == ([] if version == 2 else ["can"]), peer.strange


def a_perl_node_keeps_keys_also_when_it_was_looked_at(aemp):
    with beside(aemp, PerlPeer("perl", 2)) as peer:
        for command in *LOOKS, "trace", "nodes":
            aemp.run(command, *(["perl"] if command in LOOKS else []), "--timeout", "1")
        quick(aemp, "db", "set", "facts", "it", "lives", "--on", "perl")
        assert peer.database["facts"] == {"it": "lives"}, peer.database
        peer.requests.add("aemp::inspect")  # an older tool was here
        quick(aemp, "db", "set", "facts", "more", "1", "--on", "perl")
        quick(aemp, "status", "perl", status=1, says="it is a Perl node")
        assert peer.strange == [], peer.strange


def neighbours_are_asked_for_as_the_version_wants(aemp):
    for version, code in (1, []), (2, ["AnyEvent::MP::Kernel::up_nodes"]):
        with beside(aemp, PerlPeer("perl", version)) as peer:
            found = aemp("--json", "trace", "perl", "--timeout", "1", status=0 if version == 1 else 3, says="").json()
            assert found["perl"] == ([] if version == 1 else ["elsewhere"]), found
            assert peer.evaluated == code and peer.strange == ([] if version == 2 else ["can"]), (peer.evaluated, peer.strange)
    with beside(aemp, PerlPeer("perl", 2, secure=True)):
        found = json.loads(quick(aemp, "--json", "trace", "perl", status=3, says="").out)
        assert found == {"perl": None}, found


def restart_is_that_of_the_original(aemp):
    for version in 1, 2:
        with beside(aemp, PerlPeer("perl", version)) as peer:
            quick(aemp, "restart", "perl", prints="node perl has ended\n")
            assert len(peer.evaluated) == 1 and peer.strange == ([] if version == 2 else ["can"]), (peer.evaluated, peer.strange)
        with beside(aemp, PerlPeer("perl", version, watchdog=False)) as peer:
            quick(aemp, "restart", "perl", status=1, says="node perl is not restarted: it does not run under a watchdog")
            quick(aemp, "stop", "perl", status=1, says="is a Perl node")
            assert len(peer.evaluated) == 1, peer.evaluated
    with beside(aemp, PerlPeer("perl", 2, secure=True)):
        quick(aemp, "restart", "perl", status=1, says="it is secure")


TESTS = [
    nodes_that_cannot_be_looked_at_are_named_at_once,
    a_perl_node_keeps_keys_also_when_it_was_looked_at,
    neighbours_are_asked_for_as_the_version_wants,
    restart_is_that_of_the_original,
]


def main():
    program = pathlib.Path(sys.argv[1]).resolve() / "aemp"
    for test in TESTS:
        with tempfile.TemporaryDirectory() as home:
            aemp = Tool(program, home)
            aemp("setsecret", SECRET.decode(), "setauth_offer", "hmac_sha3_512,cleartext", "setauth_accept", "hmac_sha3_512,cleartext")
            test(aemp)
        print(test.__name__, flush=True)


if __name__ == "__main__":
    main()
