#!/usr/bin/env python3
"""A node of the torture test that is none of the library's: it speaks the dialect of version 1.x or 2.x of the
original, sends numbered streams to the ports of others, and receives them, with a journal like that of
torture_node. Of the global protocol it knows nothing. usage: raw_peer.py NAME=VALUE...
"""

import asyncio
import random
import signal
import sys

import journal
from raw_session import Session

_MASK = (1 << 64) - 1


def _mixed(x):
    x = (x ^ x >> 33) * 0xFF51AFD7ED558CCD & _MASK
    x = (x ^ x >> 29) * 0xC4CEB9FE1A85EC53 & _MASK
    return x ^ x >> 32


def payload(sender, stream, epoch, number, size):
    """As payload.cpp makes it."""
    state = _mixed(sender << 32 | stream) ^ _mixed(epoch << 32 | number)
    parts = []
    for _ in range(0, size, 8):
        state = state + 0x9E3779B97F4A7C15 & _MASK
        parts.append(((_mixed(state) & 0x3F3F3F3F3F3F3F3F) + 0x3030303030303030).to_bytes(8, "little"))
    return b"".join(parts)[:size].decode()


class Stream:
    def __init__(self, number, node, port):
        self.number, self.node, self.port = number, node, port
        self.epoch = self.sent = 0
        self.watched = self.over = False
        self.fin_at = 0.0  # when the last message of this epoch was sent


class Place:
    """Where a receiver is to be found: a lasting name, or what the node's directory says."""

    def __init__(self, node, index, passing):
        self.node, self.index, self.passing = node, index, passing
        self.stream = None
        self.asked = -1.0
        self.confirmed = False


class RawPeer:
    def __init__(self, settings):
        self.name, self.index = settings["id"], int(settings["index"])
        self.incarnation = int(settings["incarnation"])
        self.dialect, self.secret = int(settings["dialect"]), settings["secret"].encode()
        self.bind = settings["bind"].rsplit(":", 1)
        self.dials = dict(word.split("=") for word in settings["dials"].split(",") if word)
        self.log = journal.Writer(settings["journal"], self.index, self.incarnation)
        self.dice = random.Random(f"{settings['seed']} {self.name} {self.incarnation}")
        self.sender = self.index << 24 | self.incarnation
        self.sessions = {}  # by node
        self.watchers = {}  # by own port: sessions
        self.ports = {}  # name: (serial, class)
        self.serials = 0
        self.streams = {}  # by (node, port name), the last one
        self.made = 0
        self.finishing = self.finished = False
        self.over = asyncio.Event()
        self.places = []
        for words in (word.split(":") for word in settings["nodes"].split(",")):
            if len(words) > 3:
                if words[0] == self.name:
                    self.named, self.passing = int(words[1]), int(words[2])
                continue
            self.places += [Place(words[0], i, False) for i in range(int(words[1]))]
            self.places += [Place(words[0], i, True) for i in range(int(words[2]))]
        for place in self.places:
            if not place.passing:
                place.stream = self.new_stream(place.node, f"r{place.index}")

    def say(self, line):
        print(line, flush=True)

    def complain(self, line):
        print(line, file=sys.stderr, flush=True)

    # ---- own ports ----

    def open(self, name, what):
        self.serials += 1
        self.ports[name] = (self.serials, what)
        self.log.note(journal.PORT_OPEN, self.serials, what, text=f"{self.name}#{name}")

    def open_passing(self, place):
        name = f"d{self.incarnation}x{self.serials + 1}"
        self.open(name, journal.PASSING)
        self.where[place] = name
        life = 0.2 + self.dice.expovariate(1 / 4.0)
        asyncio.get_running_loop().call_later(life, self.end_passing, place, name)

    def end_passing(self, place, name):
        if self.finishing:
            return
        serial, _ = self.ports.pop(name)
        reason = self.dice.choice([[], ["retired", serial]])
        self.log.note(journal.PORT_DYING, serial, text=" ".join(map(str, reason)))
        self.open_passing(place)
        for session in self.watchers.pop(name, ()):
            session.send("", "kil0", name, *reason)

    # ---- connections ----

    async def dial(self, node, address):
        host, port = address.rsplit(":", 1)
        loop = asyncio.get_running_loop()
        while not self.over.is_set():
            if node not in self.sessions:
                session = self.new_session()
                try:
                    async with asyncio.timeout(1.0):
                        await loop.create_connection(lambda made=session: made, host, int(port))
                        await session.settled.wait()
                except (OSError, TimeoutError):
                    session.close()
            await asyncio.sleep(0.1 + self.dice.random() * 0.4)

    def new_session(self):
        session = Session(self, self.name, self.dialect, self.secret)
        session.settled = asyncio.Event()
        return session

    def ready(self, session):
        session.settled.set()
        old = self.sessions.pop(session.peer, None)
        if old is not None:
            self.gone(session.peer, old, "switched connections")
            old.close()
        self.sessions[session.peer] = session
        self.log.note(journal.NODE_UP, text=session.peer)

    def lost(self, session, why):
        session.settled.set()
        if self.sessions.get(session.peer) is session:
            del self.sessions[session.peer]
            self.gone(session.peer, session, why)

    def gone(self, node, session, why):
        self.log.note(journal.NODE_DOWN, text=f"{node} {why}")
        for watching in self.watchers.values():
            watching.discard(session)
        for stream in list(self.streams.values()):
            if stream.node == node and stream.watched:
                self.fired(stream, f"transport_error {node} {why}")

    # ---- packets ----

    def packet(self, session, packet):
        port, *words = packet
        if not port:
            if words and isinstance(words[0], str):
                handler = getattr(self, f"on_{words[0]}", None)
                if handler is not None:
                    handler(session, *words[1:])
            return
        if port == "s" and words[0] in ("at", "fin_ack"):
            getattr(self, f"on_{words[0]}")(session, *words[1:])
        elif port == "directory" and words[0] == "where":
            self.reply(words[2], "at", self.index, words[1], f"{self.name}#{self.where[int(words[1])]}")
        elif port in self.ports:
            self.message(self.ports[port][0], *words)

    def message(self, serial, tag, sender, stream, epoch, number, *more):
        if tag == "seq":
            size, content, reply_to = more
            whole = len(content) == size and content[:24] == payload(sender, stream, epoch, number, min(size, 24))
            kind = journal.ARRIVED if whole else journal.CORRUPT
            self.log.note(kind, serial, sender, stream, epoch, number)
            if not self.finishing and self.dice.random() < 1 / 64:
                self.reply(reply_to, "poke", 1 + self.dice.randrange(8))
        elif tag == "fin":
            self.log.note(journal.ARRIVED, serial, sender, stream, epoch, number)
            self.reply(more[0], "fin_ack", stream, epoch)

    def reply(self, port_id, *words):
        node, name = port_id.split("#", 1)
        if node in self.sessions:
            self.sessions[node].send(name, *words)

    def on_mon1(self, session, name):
        if name in self.ports:
            self.watchers.setdefault(name, set()).add(session)
        else:
            session.send("", "kil0", name, "no_such_port", "cannot monitor nonexistent port", f"{self.name}#{name}")

    def on_mon0(self, session, name):
        self.watchers.get(name, set()).discard(session)

    def on_kil0(self, session, name, *reason):
        stream = self.streams.get((session.peer, name))
        if stream is not None and stream.epoch > 0:
            self.fired(stream, " ".join(map(str, reason)))

    def on_snd(self, session, to, *words):
        node, _, name = to.partition("#")
        if node == session.peer:
            session.send(name, *words)

    def on_at(self, _, node_index, place_index, port_id):
        node, name = port_id.split("#", 1)
        for place in self.places:
            if place.passing and (place.node, place.index) == (node, int(place_index)):
                if place.stream is None or place.stream.port != name:
                    place.stream = self.new_stream(node, name)

    def on_fin_ack(self, _, stream, epoch):
        for place in self.places:
            if place.stream is not None and (place.stream.number, place.stream.epoch) == (stream, epoch):
                place.confirmed = True

    # ---- sending ----

    def new_stream(self, node, port):
        self.made += 1
        stream = Stream(self.made, node, port)
        self.streams[node, port] = stream
        self.log.note(journal.STREAM, stream.number, 0, text=f"{node}#{port}")
        return stream

    def fired(self, stream, reason):
        self.log.note(journal.FIRED, stream.number, stream.epoch, stream.sent, text=reason)
        stream.watched = False
        stream.over = not reason.startswith("transport_error")

    def begin_epoch(self, session, stream):
        stream.epoch += 1
        stream.sent = 0
        stream.watched, stream.fin_at = True, 0.0
        self.log.note(journal.MONITOR, stream.number, stream.epoch)
        session.send("", "mon1", stream.port)

    def next_number(self, session, stream, size):
        if not stream.watched:
            self.begin_epoch(session, stream)
        stream.sent += 1
        self.log.note(journal.SENT, stream.number, stream.epoch, stream.sent, size)
        return self.sender, stream.number, stream.epoch, stream.sent

    def something(self):
        place = self.dice.choice(self.places)
        session = self.sessions.get(place.node)
        if session is None or session.is_full:
            return
        if self.finishing:
            self.last(session, place)
        elif place.stream is None or place.stream.over:
            self.look_for(session, place)
        else:
            for _ in range(1 if self.dice.random() < 0.7 else self.dice.randrange(2, 30)):
                size = self.dice.randrange(2000 if self.dice.random() < 0.2 else 60)
                number = self.next_number(session, place.stream, size)
                session.send(place.stream.port, "seq", *number, size, payload(*number, size), f"{self.name}#s")

    def look_for(self, session, place):
        now = asyncio.get_running_loop().time()
        if not place.passing:
            place.stream.over = False  # the name lasts; so the node was started anew
        elif now - place.asked > 0.5:
            place.asked = now
            session.send("directory", "where", place.index, f"{self.name}#s")

    def last(self, session, place):
        stream = place.stream
        if place.confirmed:
            if not self.finished and all(p.confirmed for p in self.places):
                self.finished = True
                self.say("finished")
        elif stream is None or stream.over:
            self.look_for(session, place)
        elif not stream.watched or asyncio.get_running_loop().time() - stream.fin_at > 1.0:  # the answer may be lost
            number = self.next_number(session, stream, 0)
            stream.fin_at = asyncio.get_running_loop().time()
            session.send(stream.port, "fin", *number, f"{self.name}#s")

    # ---- the driver's words ----

    def obey(self):
        line = sys.stdin.readline()
        if not line:
            self.over.set()
        elif line == "finish\n":
            self.finishing = True
        elif line == "report\n":
            for place in self.places:
                if not place.confirmed:
                    self.say(f"waits for {place.node} {'place ' if place.passing else '#r'}{place.index}")

    async def run(self):
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.over.set)
        loop.add_reader(sys.stdin, self.obey)
        self.where = [None] * self.passing
        for i in range(self.named):
            self.open(f"r{i}", journal.NAMED)
        for i in range(self.passing):
            self.open_passing(i)
        server = None
        if not self.dials:
            server = await loop.create_server(self.new_session, self.bind[0], int(self.bind[1]))
        tasks = [loop.create_task(self.dial(node, address)) for node, address in self.dials.items()]
        self.say("runs")
        while not self.over.is_set():
            self.something()
            try:
                async with asyncio.timeout(self.dice.expovariate(1 / 0.015)):
                    await self.over.wait()
            except TimeoutError:
                pass
        self.log.note(journal.STOPPED)
        for task in tasks:
            task.cancel()
        if server is not None:
            server.close()
        self.log.close()


if __name__ == "__main__":
    asyncio.run(RawPeer(dict(word.split("=", 1) for word in sys.argv[1:])).run())
