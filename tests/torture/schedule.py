"""Which faults a round of the torture test has, and when: a list that follows from a seed and the names of the nodes
alone.

Times are in seconds from the beginning of the round. A fault is harmful when a monitor may fire because of it, and a
loss when the monitors of those who were connected have to fire.
"""

import dataclasses
import random

# Of a pair of nodes. Those in GENTLE must not be noticed by any monitor.
PAIR_KINDS = {
    "reset": 5,  # both ends of all connections are reset
    "half_open": 4,  # one end is reset; the other one stays, and what comes from there is lost
    "finish": 3,  # one end reads the end of the stream
    "hold_and_reset": 6,  # held for a moment, in one direction or both, then reset: much is lost
    "hold": 3,  # held so briefly that nobody may notice
    "hold_long": 2,  # held for longer than the monitor timeout, then let go
    "delay": 3,
    "slow": 3,
    "lose": 3,  # all bytes vanish, without a word; later reset
    "refuse": 2,  # reset, and who dials is refused
    "ignore": 2,  # reset, and who dials gets no answer
    "flap": 3,  # reset again and again
}
NODE_KINDS = {
    "kill": 6,  # SIGKILL, and started again under the same ID
    "restart": 2,  # ends cleanly, and is started again
    "stop": 2,  # SIGSTOP, so briefly that nobody may notice
    "stop_long": 2,  # SIGSTOP for longer than the monitor timeout
    "unplug": 2,  # the network of its host is down
    "unplug_long": 2,  # for longer than the monitor timeout
    "unplug_and_kill": 2,  # a host that vanishes and comes back
}
KINDS = {**PAIR_KINDS, **NODE_KINDS}
GENTLE = {"hold", "delay", "slow", "stop"}


@dataclasses.dataclass
class Fault:
    kind: str
    at: float
    lasts: float
    nodes: list  # one, or two
    towards: list = dataclasses.field(default_factory=list)  # pairs: the directions concerned, by where the bytes go
    amount: float = 0.0  # delay: seconds; slow: bytes a second; flap: seconds between

    @property
    def harmful(self):
        return self.kind not in GENTLE


class Schedule:
    """The faults, and the pair of nodes that has none: no monitor may fire between these two.

    Nodes that are apart have no way from one to the other.
    """

    def __init__(self, seed, nodes, apart, seconds, timeout, kinds=None):
        self._dice = random.Random(f"{seed} {nodes} {seconds}")
        self._timeout, apart = timeout, set(apart)
        self._kinds = set(kinds or KINDS)
        self.spared = sorted(self._dice.sample([n for n in nodes if n not in apart], 2))
        self._pairs = [
            [a, b]
            for i, a in enumerate(nodes)
            for b in nodes[i + 1 :]
            if [a, b] != self.spared and not {a, b} <= apart
        ]
        self._victims = [n for n in nodes if n not in self.spared]
        self.faults = []
        self._fill(seconds)

    def _fill(self, seconds):
        busy = {}  # node or pair: until when
        at = 1.0 + self._dice.random()
        while at < seconds:
            fault = self._fault(at)
            names = fault.nodes if len(fault.nodes) == 1 else ["-".join(fault.nodes)]
            if fault.at + fault.lasts < seconds and all(busy.get(n, 0.0) < at for n in names):
                self.faults.append(fault)
                busy.update({n: at + fault.lasts + 0.1 for n in names})
            at += self._dice.expovariate(1 / 0.4)

    def _fault(self, at):
        dice = self._dice
        weights = {k: w for k, w in KINDS.items() if k in self._kinds}
        kind = dice.choices(list(weights), list(weights.values()))[0]
        lasts, amount = self._extent(kind)
        if kind in NODE_KINDS:
            return Fault(kind, at, lasts, [dice.choice(self._victims)], [], amount)
        pair = dice.choice(self._pairs)
        one_way = kind in ("half_open", "finish")
        towards = [dice.choice(pair)] if one_way or dice.random() < 0.5 else list(pair)
        return Fault(kind, at, lasts, list(pair), towards, amount)

    def _extent(self, kind):
        """How long it lasts, and how strong it is."""
        dice, timeout = self._dice, self._timeout
        short = (0.05 * timeout, 0.2 * timeout)
        longer = (1.5 * timeout, 2.0 * timeout)
        lasts = {
            "reset": (0, 0),
            "half_open": (0.1 * timeout, 1.8 * timeout),
            "finish": (0, 0),
            "hold_and_reset": (0.02 * timeout, 0.6 * timeout),
            "hold": short,
            "hold_long": longer,
            "delay": (0.5, 3.0),
            "slow": (0.5, 2.0),
            "lose": (0.3 * timeout, 1.8 * timeout),
            "refuse": (0.1 * timeout, 1.5 * timeout),
            "ignore": (0.1 * timeout, 1.5 * timeout),
            "flap": (0.3, 2.0),
            "kill": (0.0, 0.5) if dice.random() < 0.8 else (timeout, 1.5 * timeout),
            "restart": (0.0, 0.5),
            "stop": short,
            "stop_long": longer,
            "unplug": (0.1 * timeout, 1.2 * timeout),
            "unplug_long": longer,
            "unplug_and_kill": (0.3 * timeout, 1.5 * timeout),
        }[kind]
        amounts = {"delay": (0.002, 0.1 * timeout), "slow": (200_000, 2_000_000), "flap": (0.03, 0.4)}
        return dice.uniform(*lasts), dice.uniform(*amounts.get(kind, (0.0, 0.0)))
