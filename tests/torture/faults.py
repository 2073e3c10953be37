"""Carries out the faults of a schedule on a cluster, and writes down what was done and when, for the verifier."""

import asyncio
import signal
import time


class Faults:
    """run() until all of the schedule has happened. Afterwards everything is as it was, and every node runs."""

    def __init__(self, cluster, plan):
        self._cluster, self._plan = cluster, plan

    async def run(self):
        begin = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            for fault in self._plan.faults:
                await asyncio.sleep(max(0.0, begin + fault.at - asyncio.get_running_loop().time()))
                group.create_task(self._one(fault))

    async def _one(self, fault):
        began = time.monotonic_ns()
        losses = []  # when connections were broken for certain
        self._cluster.events.note("fault_begins", fault=fault.kind, nodes=fault.nodes, towards=fault.towards)
        try:
            await getattr(self, "_" + fault.kind)(fault, lambda: losses.append(time.monotonic_ns()))
        finally:
            self._cluster.events.note(
                "fault", fault=fault.kind, nodes=fault.nodes, towards=fault.towards, began=began, losses=losses,
                harmful=fault.harmful, amount=fault.amount,
            )  # fmt: skip

    def _ways(self, fault):
        return self._cluster.ways_between(*fault.nodes)

    def _set(self, fault, **what):
        for way in self._ways(fault):
            for node in fault.towards:
                for name, value in what.items():
                    setattr(way.conditions[node], name, value)
            way.changed()

    def _reset_all(self, fault, lost):
        for way in self._ways(fault):
            way.reset()
        lost()

    # ---- of a pair ----

    async def _reset(self, fault, lost):
        self._reset_all(fault, lost)

    async def _half_open(self, fault, lost):
        for way in self._ways(fault):
            way.reset_one(fault.towards[0])
        lost()
        await asyncio.sleep(fault.lasts)
        for way in self._ways(fault):
            way.each(lambda c: c.reset() if c.half_open else None)

    async def _finish(self, fault, lost):
        for way in self._ways(fault):
            way.finish_one(fault.towards[0])
        lost()

    async def _hold_and_reset(self, fault, lost):
        self._set(fault, stalled=True)
        await asyncio.sleep(fault.lasts)
        self._reset_all(fault, lost)
        self._set(fault, stalled=False)

    async def _hold(self, fault, _):
        self._set(fault, stalled=True)
        await asyncio.sleep(fault.lasts)
        self._set(fault, stalled=False)

    async def _hold_long(self, fault, lost):
        lost()
        await self._hold(fault, lost)

    async def _delay(self, fault, _):
        self._set(fault, delay=fault.amount)
        await asyncio.sleep(fault.lasts)
        self._set(fault, delay=0.0)

    async def _slow(self, fault, _):
        self._set(fault, rate=fault.amount)
        await asyncio.sleep(fault.lasts)
        self._set(fault, rate=None)

    async def _lose(self, fault, lost):
        for way in self._ways(fault):
            way.lose(fault.towards)
            way.answer(False)
        await asyncio.sleep(fault.lasts)
        self._reset_all(fault, lost)
        for way in self._ways(fault):
            way.answer(True)

    async def _refuse(self, fault, lost):
        for way in self._ways(fault):
            way.refusing = True
        self._reset_all(fault, lost)
        await asyncio.sleep(fault.lasts)
        for way in self._ways(fault):
            way.refusing = False

    async def _ignore(self, fault, lost):
        for way in self._ways(fault):
            way.answer(False)
        self._reset_all(fault, lost)
        await asyncio.sleep(fault.lasts)
        for way in self._ways(fault):
            way.answer(True)

    async def _flap(self, fault, lost):
        end = time.monotonic() + fault.lasts
        while time.monotonic() < end:
            self._reset_all(fault, lost)
            await asyncio.sleep(fault.amount)

    # ---- of a node ----

    def _node(self, fault):
        return self._cluster.nodes[fault.nodes[0]]

    async def _kill(self, fault, lost):
        async with self._node(fault).lock:
            lost()
            await self._node(fault).kill()
            await asyncio.sleep(fault.lasts)
            self._node(fault).start()

    async def _restart(self, fault, lost):
        async with self._node(fault).lock:
            lost()
            await self._node(fault).stop()
            await asyncio.sleep(fault.lasts)
            self._node(fault).start()

    async def _stop(self, fault, _):
        async with self._node(fault).lock:
            self._node(fault).signal(signal.SIGSTOP)
            await asyncio.sleep(fault.lasts)
            self._node(fault).signal(signal.SIGCONT)

    async def _stop_long(self, fault, lost):
        lost()
        await self._stop(fault, lost)

    async def _unplug(self, fault, _):
        self._cluster.hosts.plug(fault.nodes[0], False)
        await asyncio.sleep(fault.lasts)
        self._cluster.hosts.plug(fault.nodes[0], True)

    async def _unplug_long(self, fault, lost):
        lost()
        await self._unplug(fault, lost)

    async def _unplug_and_kill(self, fault, lost):
        async with self._node(fault).lock:
            self._cluster.hosts.plug(fault.nodes[0], False)
            lost()
            await self._node(fault).kill()
            await asyncio.sleep(fault.lasts)
            self._cluster.hosts.plug(fault.nodes[0], True)
            self._node(fault).start()
