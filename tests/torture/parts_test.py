#!/usr/bin/env python3
"""The parts of the torture test do what its rounds rely on: the digests of the peers, the schedule of faults, and the
proxies, which need network namespaces."""

import asyncio
import json
import pathlib
import socket
import subprocess
import sys
import unittest

import hosts
import md6
import proxies
import raw_session
import schedule

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = json.loads((HERE.parent / "vectors" / "aemp.json").read_text())
PATIENCE = 10.0
NODES, APART = ["n0", "n1", "n2", "n3"], ["n2", "n3"]


class Digests(unittest.TestCase):
    def test_md6_is_that_of_the_original(self):
        self.assertEqual("230637d4e6845cf0d092b558e87625f03881dd53a7439da34cf3b94ed0d8b2c5", md6.md6_256(b"abc").hex())
        self.assertEqual("bca38b24a804aa37d821d31af00f5598230122c5bbfc4c4ad5ed40e4258f04ca", md6.md6_256(b"").hex())
        for vector in VECTORS["md6_256_strings"]:
            self.assertEqual(vector["md6_256"], md6.md6_256(vector["input"].encode()).hex(), vector["input"])

    def test_proofs_are_those_of_captured_handshakes(self):
        for dialect, name in ((1, "handshakes_1x"), (2, "handshakes_2x")):
            seen = captured(VECTORS[name], raw_session.METHODS[dialect])
            self.assertTrue(seen)
            for own, peer, secret, data in seen:
                self.assertEqual(data, raw_session.proof(dialect, secret, own, peer))


def captured(handshakes, method):
    """Both sides of the captured handshakes that use that method: own lines, the peer's lines, secret, proof."""
    found = []
    for handshake in handshakes:
        sides = [value for value in handshake.values() if isinstance(value, dict) and "auth_line" in value]
        for own, peer in (sides, sides[::-1]) if len(sides) == 2 else ():
            if own["auth_line"].split(";")[0] == method:
                lines = [[side["greeting1"].encode(), side["greeting2_nonce"].encode()] for side in (own, peer)]
                found.append((*lines, handshake["secret"].encode(), own["auth_line"].split(";")[1]))
    return found


class Schedules(unittest.TestCase):
    def make(self, seed, kinds=None):
        return schedule.Schedule(seed, NODES, APART, 60.0, 2.0, kinds)

    def test_follows_from_the_seed(self):
        self.assertEqual(self.make(1).faults, self.make(1).faults)
        self.assertNotEqual(self.make(1).faults, self.make(2).faults)

    def test_spares_one_pair_of_nodes(self):
        for seed in range(50):
            plan = self.make(seed)
            self.assertEqual(2, len(plan.spared))
            self.assertFalse(set(plan.spared) & set(APART))
            for fault in plan.faults:
                self.assertFalse(set(fault.nodes) <= set(plan.spared), fault)
                self.assertNotEqual(APART, fault.nodes)

    def test_has_one_fault_of_a_node_or_pair_at_a_time_and_ends_in_time(self):
        for seed in range(50):
            free = {}
            for fault in self.make(seed).faults:
                names = tuple(fault.nodes)
                self.assertLessEqual(free.get(names, 0.0), fault.at, fault)
                free[names] = fault.at + fault.lasts
                self.assertLess(fault.at + fault.lasts, 60.0)

    def test_has_all_kinds_or_those_that_are_asked_for(self):
        self.assertEqual(set(schedule.KINDS), {f.kind for seed in range(20) for f in self.make(seed).faults})
        self.assertEqual({"kill", "hold"}, {f.kind for f in self.make(1, ("kill", "hold")).faults})


class Proxies(unittest.IsolatedAsyncioTestCase):
    """a dials b through a proxy; what each end sees."""

    async def asyncSetUp(self):
        try:
            self.hosts = hosts.Hosts(["a", "b"])
        except (OSError, subprocess.CalledProcessError) as failure:
            self.skipTest(f"no network namespaces: {failure}")
        self.loop = asyncio.get_running_loop()
        self.way = proxies.Way(self.loop, self.hosts, "a", "b", 4040)
        self.listener = self.hosts.socket("b")
        self.listener.bind((self.hosts.addresses["b"], 4040))
        self.listener.listen()
        self.a = self.hosts.socket("a")
        await self.soon(self.loop.sock_connect(self.a, self.way.target))
        self.b, _ = await self.soon(self.loop.sock_accept(self.listener))
        await self.soon(self.sends(self.a, self.b, b"hello"))

    async def asyncTearDown(self):
        for each in (self.a, self.b, self.listener, self.way, self.hosts):
            each.close()

    async def soon(self, what):
        return await asyncio.wait_for(what, PATIENCE)

    async def sends(self, source, target, data):
        await self.loop.sock_sendall(source, data)
        got = b""
        while len(got) < len(data):
            got += await self.loop.sock_recv(target, 1 << 20)
        self.assertEqual(data, got)

    async def reads(self, end):
        return await self.soon(self.loop.sock_recv(end, 1 << 20))

    def set(self, towards, **what):
        for name, value in what.items():
            setattr(self.way.conditions[towards], name, value)
        self.way.changed()

    async def nothing_comes(self, end):
        """While something that was sent later the other way arrives."""
        back = self.a if end is self.b else self.b
        await self.soon(self.sends(end, back, b"later"))
        with self.assertRaises(BlockingIOError):
            end.recv(1)

    async def test_pass_bytes_on_in_both_directions(self):
        await self.soon(self.sends(self.b, self.a, b"world"))
        much = bytes(range(256)) * 20_000
        await self.soon(asyncio.gather(self.sends(self.a, self.b, much), self.sends(self.b, self.a, much)))

    async def test_pass_the_end_of_a_stream_on(self):
        self.a.shutdown(socket.SHUT_WR)
        self.assertEqual(b"", await self.reads(self.b))
        await self.soon(self.sends(self.b, self.a, b"still"))
        self.b.close()
        self.assertEqual(b"", await self.reads(self.a))

    async def test_hold_one_direction_and_let_go(self):
        self.set("b", stalled=True)
        await self.loop.sock_sendall(self.a, b"held")
        await self.nothing_comes(self.b)
        self.set("b", stalled=False)
        self.assertEqual(b"held", await self.reads(self.b))

    async def test_delay(self):
        self.set("b", delay=0.2)
        begin = self.loop.time()
        await self.soon(self.sends(self.a, self.b, b"late"))
        self.assertGreaterEqual(self.loop.time() - begin, 0.19)

    async def test_limit_the_bandwidth(self):
        self.set("b", rate=200_000)
        begin = self.loop.time()
        await self.soon(self.sends(self.a, self.b, b"x" * 60_000))
        self.assertGreaterEqual(self.loop.time() - begin, 0.2)

    async def test_reset_both_ends(self):
        self.way.reset()
        for end in (self.a, self.b):
            with self.assertRaises(ConnectionResetError):
                await self.reads(end)

    async def test_reset_one_end_and_lose_what_the_other_one_sends(self):
        self.way.reset_one("a")
        with self.assertRaises(ConnectionResetError):
            await self.reads(self.a)
        await self.soon(self.loop.sock_sendall(self.b, b"lost" * 100_000))
        self.way.reset()
        with self.assertRaises(ConnectionResetError):
            await self.reads(self.b)

    async def test_end_one_direction_and_lose_what_follows(self):
        self.way.finish_one("b")
        self.assertEqual(b"", await self.reads(self.b))
        await self.soon(self.loop.sock_sendall(self.a, b"lost"))
        await self.soon(self.sends(self.b, self.a, b"still passes"))

    async def test_lose_one_direction(self):
        self.way.lose({"b"})
        await self.soon(self.loop.sock_sendall(self.a, b"lost"))
        await self.nothing_comes(self.b)

    async def test_refuse_and_ignore_who_dials(self):
        self.way.refusing = True
        with self.hosts.socket("a") as other:
            with self.assertRaises(ConnectionResetError):
                await self.soon(self.loop.sock_connect(other, self.way.target))
                await self.reads(other)
        self.way.refusing = False
        self.way.answer(False)
        with self.hosts.socket("a") as other:
            await self.soon(self.loop.sock_connect(other, self.way.target))
            self.way.answer(True)
            taken, _ = await self.soon(self.loop.sock_accept(self.listener))
            await self.soon(self.sends(other, taken, b"at last"))
            taken.close()

    async def test_a_host_that_is_unplugged_is_told_nothing(self):
        self.hosts.plug("b", False)
        await self.soon(self.loop.sock_sendall(self.a, b"waits"))
        self.hosts.plug("b", True)
        self.assertEqual(b"waits", await self.reads(self.b))


if __name__ == "__main__":
    hosts.in_own_network()
    sys.exit(unittest.main())
