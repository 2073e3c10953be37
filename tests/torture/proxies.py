"""What lies between the hosts of the torture test: a proxy for each way from one node to another, in one event loop.

A proxy accepts in the one host, connects in the other, and passes bytes on in both directions, unless it is told to
hold, delay, limit, lose or break what passes.
"""

import collections
import errno
import socket
import struct

CHUNK = 65536
MOST_HELD = 256 * 1024  # bytes, of one direction; then the sender has to wait
AT_A_TIME = 8192  # bytes, where the bandwidth is limited
_END = b""


class Conditions:
    """Of one direction of a way. Who changes them calls Way.changed()."""

    def __init__(self):
        self.stalled = False  # nothing passes; what comes is held as far as there is room
        self.delay = 0.0  # seconds
        self.rate = None  # bytes a second


def _reset(connected):
    """Closes with a RST instead of a FIN."""
    try:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    connected.close()


class _Flow:
    """The bytes of one connection in one direction."""

    def __init__(self, connection, source, target, conditions):
        self.connection, self.source, self.target, self.conditions = connection, source, target, conditions
        self.loop = connection.way.loop
        self.queue = collections.deque()  # of (when it may go on, bytes)
        self.held = 0
        self.free_at = 0.0
        self.timer = None
        self.reading = self.writing = False
        self.lost = False  # all that comes is read and thrown away
        self.over = False
        self.read_on()

    def read_on(self):
        if not self.reading and not self.over:
            self.reading = True
            self.loop.add_reader(self.source, self.readable)

    def read_no_more(self):
        if self.reading:
            self.reading = False
            self.loop.remove_reader(self.source)

    def readable(self):
        try:
            data = self.source.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            self.connection.reset()
            return
        if data == _END:
            self.read_no_more()
        if not self.lost:
            self.held += len(data)
            self.queue.append((self.loop.time() + self.conditions.delay, memoryview(data)))
            if self.held > MOST_HELD:
                self.read_no_more()
            self.pump()
        elif data == _END:
            self.end()

    def pump(self):
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        while self.queue and not self.writing and not self.conditions.stalled and not self.over:
            due, data = self.queue[0]
            due = max(due, self.free_at)
            if due > self.loop.time():
                self.timer = self.loop.call_at(due, self.pump)
                return
            if len(data) == 0:
                self.end()
                return
            self.write(data)
        if not self.reading and self.held <= MOST_HELD // 2 and not (self.queue and len(self.queue[-1][1]) == 0):
            self.read_on()

    def write(self, data):
        rate = self.conditions.rate
        try:
            sent = self.target.send(data[:AT_A_TIME] if rate else data)
        except BlockingIOError:
            self.writing = True
            self.loop.add_writer(self.target, self.writable)
            return
        except OSError:
            self.connection.reset()
            return
        self.held -= sent
        if rate:
            self.free_at = self.loop.time() + sent / rate
        if sent == len(data):
            self.queue.popleft()
        else:
            self.queue[0] = (0.0, data[sent:])

    def writable(self):
        self.stop_writing()
        self.pump()

    def stop_writing(self):
        if self.writing:
            self.writing = False
            self.loop.remove_writer(self.target)

    def lose(self):
        self.lost = True
        self.queue.clear()
        self.held = 0
        self.stop_writing()
        self.read_on()

    def end(self):
        """Passes the end of the stream on."""
        self.stop()
        try:
            self.target.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.connection.ended()

    def stop(self):
        self.over = True
        self.queue.clear()
        self.read_no_more()
        self.stop_writing()
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class _Connection:
    """near is the side that dialled, far the other one. There are flows once far has answered."""

    def __init__(self, way, near, far):
        self.way, self.near, self.far = way, near, far
        self.flows = []
        self.closed = False
        self.half_open = False
        way.connections.add(self)
        code = far.connect_ex(way.target)
        if code not in (0, errno.EINPROGRESS):
            self.reset()
        else:
            way.loop.add_writer(far, self._answered)

    def _answered(self):
        self.way.loop.remove_writer(self.far)
        if self.far.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0:
            self.reset()
            return
        for s in (self.near, self.far):
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.flows = [
            _Flow(self, self.near, self.far, self.way.conditions[self.way.b]),
            _Flow(self, self.far, self.near, self.way.conditions[self.way.a]),
        ]

    def ended(self):
        if all(flow.over for flow in self.flows):
            self._forget()
            self.near.close()
            self.far.close()

    def _forget(self):
        self.closed = True
        self.way.connections.discard(self)
        if self.far.fileno() >= 0:
            self.way.loop.remove_writer(self.far)
        for flow in self.flows:
            flow.stop()

    def reset(self):
        if not self.closed:
            self._forget()
            _reset(self.near)
            _reset(self.far)

    def reset_one(self, node):
        """That node's end is reset. The other one's stays, and what comes from there is lost, until reset()."""
        if self.closed or self.half_open or not self.flows:
            return self.reset()
        self.half_open = True
        gone, flow = (self.near, self.flows[1]) if node == self.way.a else (self.far, self.flows[0])
        for each in self.flows:
            if each is not flow:
                each.stop()
        flow.lose()
        _reset(gone)
        return None

    def finish_one(self, node):
        """That node reads the end of the stream. What comes from the other one is lost; what it sends itself passes."""
        if not self.flows:
            return self.reset()
        flow = self.flows[1] if node == self.way.a else self.flows[0]
        if not flow.over:
            flow.lose()
            try:
                flow.target.shutdown(socket.SHUT_WR)
            except OSError:
                self.reset()
        return None

    def lose(self, nodes):
        for flow, to in zip(self.flows, (self.way.b, self.way.a)):
            if to in nodes and not flow.over:
                flow.lose()


class Way:
    """The way on which node a dials node b."""

    def __init__(self, loop, hosts, a, b, port):
        self.loop, self.hosts, self.a, self.b = loop, hosts, a, b
        self.target = (hosts.addresses[b], port)
        self.conditions = {a: Conditions(), b: Conditions()}  # by the node that bytes go to
        self.connections = set()
        self.refusing = False  # who dials is reset
        self.losing = set()  # nodes towards which new connections lose everything
        self._listener = hosts.socket(a)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(self.target)
        self._listener.listen(128)
        self._accepting = False
        self.answer(True)

    def answer(self, does):
        """Whether those who dial are answered. If not, the kernel takes them, and nothing ever comes."""
        if does != self._accepting:
            self._accepting = does
            if does:
                self.loop.add_reader(self._listener, self._accept)
            else:
                self.loop.remove_reader(self._listener)

    def _accept(self):
        try:
            near, _ = self._listener.accept()
        except OSError:
            return
        near.setblocking(False)
        if self.refusing:
            _reset(near)
            return
        _Connection(self, near, self.hosts.socket(self.b))

    def changed(self):
        for connection in list(self.connections):
            for flow in connection.flows:
                flow.pump()

    def each(self, action):
        for connection in list(self.connections):
            action(connection)

    def reset(self):
        self.each(_Connection.reset)

    def reset_one(self, node):
        self.each(lambda c: c.reset_one(node))

    def finish_one(self, node):
        self.each(lambda c: c.finish_one(node))

    def lose(self, nodes):
        self.each(lambda c: c.lose(nodes))

    def close(self):
        self.answer(False)
        self.reset()
        self._listener.close()
