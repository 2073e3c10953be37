"""One round of the torture test: nodes of one mode, the faults that follow from a seed, and the verdict over what
they wrote."""

import asyncio
import dataclasses
import json
import pathlib
import subprocess
import sys

import cluster
import faults
import schedule
import verifier

TIMEOUT = 2.0  # seconds, the nodes' monitor_timeout
INTERVAL = 0.4  # seconds, their connect_interval
SENDERS, NAMED, PASSING = 3, 3, 3  # of each node
START_PATIENCE = 20.0
LAG = TIMEOUT / 8  # the proxies were held up themselves
HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Plan:
    """What a round is made of."""

    mode_name: str
    mode: object
    seed: int
    seconds: float
    programs: pathlib.Path  # where torture_node is
    kinds: tuple = ()  # of faults, if not those of the mode
    faults: object = None  # a list of them, if they are not to follow from the seed


def make_certificate(folder):
    """A certificate with its key that all nodes share, as PEM text in one file."""
    key, certificate, both = folder / "key.pem", folder / "certificate.pem", folder / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=torture", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    both.write_text(certificate.read_text() + key.read_text())
    both.chmod(0o600)
    return both


@dataclasses.dataclass
class Cast:
    """The nodes of a round, and how they differ from each other."""

    names: list  # those of the library
    raw: list  # those in Python; the first one dials, the other one listens
    hidden: list  # those of the library that listen nowhere

    def __init__(self, mode):
        self.names = ["n0", "n1", "n2"] if mode.raw else ["n0", "n1", "n2", "n3"]
        self.raw = ["p1", "p2"] if mode.raw else []
        self.hidden = ["n2", "n3"] if mode.hidden else []
        self.all = [*self.names, *self.raw]
        self.silent = [*self.hidden, *self.raw[:1]]  # nobody can dial them
        self.apart = self.raw or self.hidden or []  # no way leads from one to the other
        self.address = {name: f"10.99.0.{i + 1}:{cluster.PORT}" for i, name in enumerate(self.all)}

    def places(self):
        listed = [f"{n}:{NAMED}:{PASSING}" for n in self.names] + [f"{n}:{NAMED}:1:raw" for n in self.raw]
        return ",".join(listed)


def commands(plan, cast, folder):
    """The words of each node's command, by node."""
    mode = plan.mode
    common = [f"nodes={cast.places()}", f"seed={plan.seed}", f"secret={cluster.SECRET}", f"timeout={TIMEOUT}"]
    words = [
        f"seeds={','.join(cast.address[n] for n in ['n0', 'n1', *cast.raw[1:]])}", f"workers={mode.workers}",
        f"encryption={'off' if mode.encryption == 'cert' else mode.encryption}", f"interval={INTERVAL}",
        f"senders={SENDERS}", f"busy={mode.busy}", f"pause_ms={mode.pause_ms}",
    ]  # fmt: skip
    if mode.encryption == "cert":
        words.append(f"cert={make_certificate(folder)}")
    if mode.framing:
        words.append(f"framing={mode.framing}")
    result = {}
    for i, name in enumerate(cast.all):
        bind = "nowhere" if name in cast.silent else cast.address[name]
        own = [f"id={name}", f"index={i}", f"bind={bind}", *common]
        if name in cast.names:
            result[name] = [plan.programs / "torture_node", *own, *words]
        else:
            dials = ",".join(f"{n}={cast.address[n]}" for n in cast.names) if name in cast.silent else ""
            dialect = 1 + cast.raw.index(name)
            result[name] = [sys.executable, HERE / "raw_peer.py", *own, f"dialect={dialect}", f"dials={dials}"]
    return result


class _Watch:
    """Who runs and who has finished, from what the nodes print."""

    def __init__(self, nodes):
        self._nodes = nodes
        self.running, self.finished, self.missing = set(), set(), []
        self.changed = asyncio.Event()
        for node in nodes.values():
            node.tell = self._told

    def _told(self, node, line):
        if line == "runs":
            self.running.add(node.name)
        elif line == "finished":
            self.finished.add(node.name)
        else:
            self.missing.append(f"{node.name}: {line}")
        self.changed.set()

    async def all_in(self, which, patience):
        """Whether all nodes come into that set in time."""
        try:
            async with asyncio.timeout(patience):
                while len(which) < len(self._nodes):
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            return False
        return True


async def _watch_for_lag(events):
    """Whoever holds the bytes of all nodes has to say when it was held up itself."""
    loop = asyncio.get_running_loop()
    while True:
        begin = loop.time()
        await asyncio.sleep(0.05)
        if loop.time() - begin > LAG:
            events.note("lag", lasted=loop.time() - begin)


async def _finish(nodes, watch, events):
    """Every stream ends with a message that is confirmed, unless something is wrong."""
    events.note("finish")
    for node in nodes.values():
        node.write("finish")
    if not await watch.all_in(watch.finished, 5 * TIMEOUT + 10):
        for name, node in nodes.items():
            if name not in watch.finished:
                node.write("report")
        await asyncio.sleep(1.0)
        for line in watch.missing:
            events.note("unfinished", text=line)
        late = sorted(set(nodes) - watch.finished)
        events.note("unfinished", text=f"nodes that have not finished: {', '.join(late)}")
    events.note("end_of_test")


async def _play(plan, folder):
    loop = asyncio.get_running_loop()
    cast = Cast(plan.mode)
    kinds = plan.kinds or plan.mode.kinds
    plan_of_faults = schedule.Schedule(plan.seed, cast.all, cast.apart, plan.seconds, TIMEOUT, kinds)
    if plan.faults is not None:
        plan_of_faults.faults = plan.faults
    facts = {
        "mode": plan.mode_name, "seed": plan.seed, "timeout": TIMEOUT, "nodes": cast.all, "raw": cast.raw,
        "hidden": cast.hidden, "spared": plan_of_faults.spared,
        "faults": [dataclasses.asdict(f) for f in plan_of_faults.faults],
    }  # fmt: skip
    (folder / "round.json").write_text(json.dumps(facts, indent=1))
    nodes = cluster.Cluster(loop, folder, commands(plan, cast, folder), cast.silent)
    lag = loop.create_task(_watch_for_lag(nodes.events))
    try:
        watch = _Watch(nodes.nodes)
        for node in nodes.nodes.values():
            node.start()
        if not await watch.all_in(watch.running, START_PATIENCE):
            raise RuntimeError(f"only {sorted(watch.running)} have started within {START_PATIENCE:g} s; see the logs")
        nodes.events.note("begin")
        await faults.Faults(nodes, plan_of_faults).run()
        await _finish(nodes.nodes, watch, nodes.events)
        await asyncio.gather(*(node.stop() for node in nodes.nodes.values()))
    finally:
        lag.cancel()
        await nodes.close()


def play(plan, folder):
    """Plays the round in that folder, and gives the verdict (verifier.Verdict)."""
    asyncio.run(_play(plan, folder))
    return verifier.verify(folder)
