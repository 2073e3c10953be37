"""The nodes of one round of the torture test as processes, each on a host of its own, and the ways between them."""

import asyncio
import fcntl
import json
import os
import pathlib
import signal
import subprocess
import time

import hosts as hosts_module
from proxies import Way

PORT = 4040
SECRET = "the secret of the torture test"
STOP_PATIENCE = 5.0  # seconds, for a clean end


class Events:
    """What the driver did, with the clock of the journals: lines of JSON in a file."""

    def __init__(self, path):
        self._file = open(path, "w", buffering=1, encoding="utf-8")

    def note(self, kind, **more):
        self._file.write(json.dumps({"kind": kind, "t": time.monotonic_ns(), **more}) + "\n")

    def close(self):
        self._file.close()


class Node:
    """One node ID, and the process that it is now. tell(line) is called with each line that it prints.

    Who ends or stops the process holds the lock until it goes on or has a successor: an end may take its time.
    """

    def __init__(self, cluster, name, index, command):
        self.cluster, self.name, self.index, self._command = cluster, name, index, command
        self.incarnation = 0
        self.lock = asyncio.Lock()
        self.process = None
        self.tell = None
        self._rest = b""

    def start(self):
        self.incarnation += 1
        folder = self.cluster.folder
        stem = folder / f"{self.name}.{self.incarnation}"
        words = [*self._command, f"incarnation={self.incarnation}", f"journal={stem}.journal"]
        command, descriptors = self.cluster.hosts.command(self.name, words)
        with open(f"{stem}.log", "wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, pass_fds=descriptors,
                env=self.cluster.environment,
            )  # fmt: skip
        self.cluster.events.note("start", node=self.name, incarnation=self.incarnation)
        fcntl.fcntl(self.process.stdout, fcntl.F_SETFL, os.O_NONBLOCK)
        self._rest = b""
        self.cluster.loop.add_reader(self.process.stdout, self._read, self.process.stdout)

    def _read(self, stream):
        data = stream.read()
        if data is None:
            return
        if not data:
            self.cluster.loop.remove_reader(stream)
            if self.process is not None and self.process.stdout is stream:
                self.cluster.loop.create_task(self.ended("by itself"))
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if self.tell is not None:
                self.tell(self, line.decode("utf-8", "replace"))

    def signal(self, number):
        if self.process is not None:
            self.process.send_signal(number)

    def write(self, line):
        if self.process is not None:
            try:
                self.process.stdin.write(line.encode() + b"\n")
                self.process.stdin.flush()
            except OSError:
                pass  # it has just ended, which its output says too

    async def ended(self, how):
        """After the process has ended or was told to; waits for it."""
        process, self.process = self.process, None
        incarnation = self.incarnation
        if process is None:
            return
        self.cluster.loop.remove_reader(process.stdout)
        began = time.monotonic()
        try:
            code = await asyncio.to_thread(process.wait, STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code, how = "hung", f"did not end within {STOP_PATIENCE:g} s"
        process.stdout.close()
        try:
            process.stdin.close()
        except OSError:
            pass
        facts = {"how": how, "code": code, "took": time.monotonic() - began}
        self.cluster.events.note("end", node=self.name, incarnation=incarnation, **facts)

    async def kill(self):
        if self.process is not None:
            self.process.kill()
            await self.ended("killed")

    async def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            await self.ended("stopped")


class Cluster:
    """commands: the words of each node's command, by name and in order. Nobody can dial the silent ones."""

    def __init__(self, loop, folder, commands, silent=()):
        self.loop, self.folder = loop, pathlib.Path(folder)
        self.events = Events(self.folder / "events.jsonl")
        self.environment = dict(os.environ, AEMP_WARNLEVEL="7", AEMP_CONFIG="/dev/null", HOME=str(self.folder))
        self.hosts = hosts_module.Hosts(list(commands))
        self.nodes = {name: Node(self, name, i, words) for i, (name, words) in enumerate(commands.items())}
        self.ways = {
            (a, b): Way(loop, self.hosts, a, b, PORT) for a in commands for b in commands if a != b and b not in silent
        }

    def ways_between(self, a, b):
        return [self.ways[pair] for pair in ((a, b), (b, a)) if pair in self.ways]

    async def close(self):
        for node in self.nodes.values():
            await node.kill()
        for way in self.ways.values():
            way.close()
        self.hosts.close()
        self.events.close()
