"""All that a round of the torture test has left behind: the journals of its processes and the events of its driver,
read and put in relation. Times are nanoseconds of one monotonic clock.
"""

import bisect
import collections
import dataclasses
import json
import pathlib

import journal

NEVER = 1 << 63
SECOND = 10**9
FOREIGN = 255  # the sender that is a thread, and no port


@dataclasses.dataclass
class Port:
    process: object
    serial: int
    what: int
    id: str
    opened: int
    dying: int = NEVER  # when it began to end
    reason: str = ""


@dataclasses.dataclass
class Epoch:
    process: object
    sender: int  # its index
    stream: int
    number: int
    target: str
    monitored: int = NEVER
    sent: list = dataclasses.field(default_factory=list)  # when, of each message
    fired: list = dataclasses.field(default_factory=list)  # (when, reason)
    cancelled: int = NEVER

    @property
    def node(self):
        return self.target.split("#", 1)[0]

    @property
    def over(self):
        """When its monitor fired or was taken back."""
        return min(self.fired[0][0] if self.fired else NEVER, self.cancelled)

    @property
    def is_foreign(self):
        return self.sender == FOREIGN

    def __str__(self):
        name = "thread" if self.is_foreign else f"s{self.sender}"
        return f"{self.process}.{name} -> {self.target}, stream {self.stream}, epoch {self.number}"


class Process:
    """One incarnation of a node."""

    def __init__(self, node, index, incarnation):
        self.node, self.index, self.incarnation = node, index, incarnation
        self.started, self.ended, self.how, self.code = 0, NEVER, "", None
        self.ports = {}  # by serial
        self.targets, self.senders = {}, {}  # by stream
        self.epochs = {}  # by (stream, number)
        self.arrivals = []  # records
        self.up = collections.defaultdict(list)  # by node: [when it came, when it went]
        self.fired_in_vain = []  # (when, stream, number): there is no such epoch

    def __str__(self):
        return f"{self.node}.{self.incarnation}"

    def read(self, records):
        for r in records:
            if r.kind in (journal.ARRIVED, journal.CORRUPT):
                self.arrivals.append(r)
            elif r.kind == journal.SENT:
                self.epochs[r.a, r.b].sent.append(r.time)
            else:
                self._seldom(r)

    def _seldom(self, r):
        if r.kind == journal.MONITOR:
            self.epochs[r.a, r.b] = Epoch(self, self.senders[r.a], r.a, r.b, self.targets[r.a], r.time)
        elif r.kind == journal.FIRED:
            if (r.a, r.b) in self.epochs:
                self.epochs[r.a, r.b].fired.append((r.time, r.text))
            else:
                self.fired_in_vain.append((r.time, r.a, r.b))
        elif r.kind == journal.CANCELLED:
            self.epochs[r.a, r.b].cancelled = r.time
        elif r.kind == journal.STREAM:
            self.targets[r.a], self.senders[r.a] = r.text, r.b
        elif r.kind == journal.PORT_OPEN:
            self.ports[r.a] = Port(self, r.a, r.b, r.text, r.time)
        elif r.kind == journal.PORT_DYING:
            self.ports[r.a].dying, self.ports[r.a].reason = r.time, r.text
        elif r.kind == journal.NODE_UP:
            self.up[r.text].append([r.time, NEVER])
        elif r.kind == journal.NODE_DOWN:
            node = r.text.split(" ", 1)[0]
            if self.up[node]:
                self.up[node][-1][1] = r.time

    def was_up(self, node, moment, since):
        """Whether it was connected to that node from since on until that moment, as far as it had noticed."""
        spans = self.up[node]
        i = bisect.bisect_right(spans, moment, key=lambda span: span[0]) - 1
        return i >= 0 and spans[i][0] <= since and spans[i][1] >= moment


@dataclasses.dataclass
class Trouble:
    """A time in which a pair of nodes, a node, or all had it hard."""

    what: str
    nodes: frozenset  # two, one, or none: all
    began: int
    ended: int
    harmful: bool
    losses: list  # when connections were certainly lost


class Evidence:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        facts = json.loads((folder / "round.json").read_text())
        self.mode, self.seed, self.nodes, self.raw = facts["mode"], facts["seed"], facts["nodes"], set(facts["raw"])
        self.timeout = int(facts["timeout"] * SECOND)
        self.hidden = set(facts["hidden"])
        self.processes = {}  # by (index, incarnation)
        self.troubles = []
        self.begin, self.end = 0, NEVER
        self.unfinished = []
        self.slowest_end = (0.0, None)  # seconds, process
        for path in sorted(folder.glob("*.journal")):
            found = journal.read(path)
            if found is None:
                continue
            index, incarnation, records = found
            process = Process(self.nodes[index], index, incarnation)
            process.read(records)
            self.processes[index, incarnation] = process
        for line in (folder / "events.jsonl").read_text().splitlines():
            self._event(json.loads(line))
        self._absences()

    def _event(self, event):
        kind, moment = event["kind"], event["t"]
        if kind in ("start", "end"):
            process = self.processes.get((self.nodes.index(event["node"]), event["incarnation"]))
            if process is None:  # killed before its journal began
                return
            if kind == "start":
                process.started = moment
            elif process.ended == NEVER:
                process.ended, process.how, process.code = moment, event["how"], event["code"]
                if process.how == "stopped":
                    self.slowest_end = max(self.slowest_end, (event["took"], process), key=lambda end: end[0])
        elif kind == "fault":
            nodes = frozenset(event["nodes"])
            trouble = Trouble(event["fault"], nodes, event["began"], moment, event["harmful"], event["losses"])
            self.troubles.append(trouble)
        elif kind == "lag":
            began = moment - int(event["lasted"] * SECOND)
            self.troubles.append(Trouble("the proxies were held up", frozenset(), began, moment, True, []))
        elif kind == "begin":
            self.begin = moment
        elif kind == "end_of_test":
            self.end = moment
        elif kind == "unfinished":
            self.unfinished.append(event["text"])

    def _absences(self):
        """The time in which a node has no process, or one that has only just begun."""
        for index, node in enumerate(self.nodes):
            gone = 0
            for process in sorted(self.of(index), key=lambda p: p.incarnation):
                what = f"node {node} was not there"
                self.troubles.append(
                    Trouble(what, frozenset([node]), gone, process.started + self.timeout, True, [])
                )
                gone = process.ended
        self.troubles.sort(key=lambda t: t.began)

    def touches(self, trouble, a, b):
        """Whether it concerns what two nodes have between them. A hidden one may be reached through any other node."""
        return trouble.nodes <= {a, b} or not self.hidden.isdisjoint({a, b})

    def of(self, index):
        return [p for (i, _), p in self.processes.items() if i == index]

    def seconds(self, moment):
        """Since the round began, for people."""
        return f"{(moment - self.begin) / SECOND:.3f} s"

    def near(self, a, b, moment, around):
        """Troubles of two nodes around a moment, as lines."""
        return [
            f"{t.what} of {'-'.join(sorted(t.nodes)) or 'all'} from {self.seconds(t.began)} to {self.seconds(t.ended)}"
            for t in self.troubles
            if self.touches(t, a, b) and t.began - around <= moment <= t.ended + around
        ]
