#!/usr/bin/env python3
"""Reads what a round of the torture test has left and says whether the guarantees were kept (README.md says which, and how that can be
told). It relies on the order inside each journal and on the numbers in the messages; on clocks only where a limit of
time is what is promised. usage: verifier.py FOLDER; exits with 1 if a guarantee was broken.
"""

import collections
import dataclasses
import sys

import journal
import evidence as evidence_module
from evidence import NEVER, SECOND

SLACK = 1.5  # seconds, for the machine: other programs run on it too
MARGIN = 0.25  # seconds: what was done so shortly before a loss may belong to the next connection
SHOWN = 5  # violations of a kind

# The rules. G1 to G4 are the guarantees; the others go with them.
RULES = {
    "order": "G1: messages from one port to another arrive in the order in which they were sent",
    "twice": "G1: a message arrives at most once",
    "altered": "G1: what arrives is what was sent, by who sent it, where it was sent",
    "hole": "G2: after a lost message none arrives until the monitor has fired at the sender",
    "crossing": "G2: what was sent before a port's death was noticed does not go on to the next port of that name",
    "silent": "G2: a message arrives, or the monitor fires",
    "fires_twice": "G3: a monitor fires at most once, and not after it was taken back",
    "fires_late": "G3: monitors fire in time when their port dies or the connection is lost",
    "fires_in_vain": "G3: no monitor fires when nothing has happened",
    "port_id": "G4: no port ID is used twice",
    "heals": "L1: when all faults are over, everybody reaches everybody again",
    "crash": "L2: no process ends by itself",
}


@dataclasses.dataclass
class Violation:
    rule: str
    when: int
    what: str
    context: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Verdict:
    evidence: object
    violations: list
    counts: collections.Counter
    notes: collections.Counter

    @property
    def broken(self):
        return collections.Counter(v.rule for v in self.violations)


class Verifier:
    def __init__(self, evidence):
        self.evidence = evidence
        self.slack, self.margin = int(SLACK * SECOND), int(MARGIN * SECOND)
        self.limit = 2 * evidence.timeout + self.slack
        self.violations = []
        self.counts, self.notes = collections.Counter(), collections.Counter()
        self.processes = list(evidence.processes.values())
        self.trusted = [p for p in self.processes if p.node not in evidence.raw]
        self.ports = collections.defaultdict(list)  # by ID
        self.epochs = collections.defaultdict(list)  # by (process, node)
        self.watching = collections.defaultdict(list)  # epochs, by the ID of the port
        for process in self.processes:
            for port in process.ports.values():
                self.ports[port.id].append(port)
            for epoch in process.epochs.values():
                self.epochs[process, epoch.node].append(epoch)
                self.watching[epoch.target].append(epoch)
        self._arrived = None

    def run(self):
        for process in self.processes:
            self.counts["epochs"] += len(process.epochs)
            self.counts["sent"] += sum(len(epoch.sent) for epoch in process.epochs.values())
            self.check_arrivals(process)
            self.check_monitors(process)
            self.check_deaths(process)
            self.check_completeness(process)
        self.check_losses()
        self.check_ports()
        self.check_ends()
        self.violations.sort(key=lambda v: v.when)
        return Verdict(self.evidence, self.violations, self.counts, self.notes)

    def find(self, rule, when, what, *context):
        self.violations.append(Violation(rule, when, what, list(context)))

    # ---- G1, G2: from the numbers ----

    def check_arrivals(self, process):
        last = {}  # by (receiver, sender, stream): (epoch, number)
        skipped = collections.defaultdict(set)  # by the same: what had not come when later ones came
        for r in process.arrivals:
            self.counts["arrived"] += 1
            epoch = self._sent(process, r)
            if epoch is None:
                continue
            way = (r.a, r.b, r.c)
            before, now = last.get(way, (0, 0)), (r.d, r.e)
            if now <= before:
                late = now in skipped[way] or r.d < before[0]
                self.find("order" if late else "twice", r.time, f"{self._name(epoch, r)} arrived after {before[1]} of epoch {before[0]}")
                skipped[way].discard(now)
                continue
            expected = before[1] + 1 if before[0] == r.d else 1
            if r.e > expected:
                skipped[way].update((r.d, n) for n in range(expected, r.e))
                self._hole(process, epoch, r, expected)
            last[way] = now

    def _sent(self, process, r):
        """The epoch in which an arrived message was sent; None when it was not, or not so, or not to there."""
        port = process.ports[r.a]
        sender = self.evidence.processes.get((r.b >> 24, r.b & 0xFFFF))
        epoch = sender.epochs.get((r.c, r.d)) if sender is not None else None
        if epoch is None or not 0 < r.e <= len(epoch.sent):
            self.find("altered", r.time, f"{port.id} of {process} got number {r.e} of epoch {r.d} of stream {r.c} of {sender or hex(r.b)}, which was never sent")
            return None
        if r.kind == journal.CORRUPT:
            self.find("altered", r.time, f"{self._name(epoch, r)} arrived with another payload than was sent")
        if epoch.target != port.id:
            self.find("altered", r.time, f"{self._name(epoch, r)} arrived at {port.id} of {process}")
        return epoch

    def _name(self, epoch, r):
        return f"{epoch}: message {r.e}"

    def _hole(self, process, epoch, r, expected):
        if epoch.cancelled != NEVER:
            self.notes["holes in an epoch whose monitor the sender took back, which is allowed"] += 1
            return
        fired = epoch.fired[0][0] if epoch.fired else NEVER
        sent = epoch.sent[r.e - 1]
        elsewhere = self._elsewhere(process, r, expected)
        rule = "crossing" if len(elsewhere) == r.e - expected else "hole"
        if fired == NEVER:
            order = "the monitor has not fired at all"
        elif r.time < fired:
            order = f"{(fired - r.time) / SECOND * 1000:.1f} ms before the monitor fired"
        else:
            order = f"after the monitor fired, sent {(fired - sent) / SECOND * 1000:.1f} ms before it did"
        self.notes[f"{rule}: {'arrived before the monitor' if r.time < fired else 'sent before the monitor, arrived after'}"] += 1
        missing = f"{expected}" if r.e == expected + 1 else f"{expected} to {r.e - 1}"
        where = f" (those went to {', '.join(sorted(map(str, set(elsewhere.values()))))})" if rule == "crossing" else ""
        seconds = self.evidence.seconds
        self.find(
            rule,
            r.time,
            f"{self._name(epoch, r)} arrived at {process}, but not {missing}{where}; {order}",
            f"monitor set at {seconds(epoch.monitored)}, " + (f"fired at {seconds(fired)}: {epoch.fired[0][1]}" if epoch.fired else "not fired"),
            f"{expected} sent at {seconds(epoch.sent[expected - 1])}, {r.e} sent at {seconds(sent)}, arrived at {seconds(r.time)}",
            *self.evidence.near(epoch.process.node, process.node, r.time, self.evidence.timeout),
        )

    def _elsewhere(self, here, r, expected):
        """Which of the missing messages arrived at another process, and where."""
        if self._arrived is None:
            self._arrived = {}
            for process in self.processes:
                for a in process.arrivals:
                    self._arrived[a.b, a.c, a.d, a.e] = process
        missing = ((r.b, r.c, r.d, n) for n in range(expected, r.e))
        return {m: self._arrived[m] for m in missing if self._arrived.get(m, here) is not here}

    def check_completeness(self, process):
        """What was sent in an epoch whose monitor has not fired has arrived, when all was let finish."""
        end = self.evidence.end
        arrived = collections.Counter()
        wanted = {}
        if process.ended < end or end == NEVER:
            return
        for epoch in process.epochs.values():
            if epoch.over > end and epoch.sent and self._is_complete(epoch, end):
                wanted[epoch.stream, epoch.number] = epoch
        sender = process.index << 24 | process.incarnation
        for other in self.processes:
            for r in other.arrivals:
                if r.b & 0xFF00FFFF == sender and (r.c, r.d) in wanted:
                    arrived[r.c, r.d] += 1
        for key, epoch in wanted.items():
            if arrived[key] < len(epoch.sent):
                self.find("silent", epoch.sent[-1], f"{epoch}: {arrived[key]} of {len(epoch.sent)} messages arrived, and the monitor has not fired until {self.evidence.seconds(end)}")

    def _is_complete(self, epoch, end):
        """Whether all of it has to be there: its port lives, and it ended with a message that was waited for, or long ago."""
        living = [p for p in self.ports[epoch.target] if p.opened < end < min(p.dying, p.process.ended)]
        return any(p.what != journal.SPAWNED or epoch.sent[-1] < end - 3 * SECOND for p in living)

    # ---- G3 ----

    def check_monitors(self, process):
        for when, stream, number in process.fired_in_vain:
            self.find("fires_twice", when, f"a monitor of stream {stream} of {process}, epoch {number}, fired that was never set")
        for epoch in process.epochs.values():
            for i, (when, reason) in enumerate(epoch.fired):
                if when > self.evidence.end:
                    continue
                self.counts["fired: " + (reason.split(" ", 1)[0] or "normal end")] += 1
                if i > 0:
                    self.find("fires_twice", when, f"{epoch}: its monitor fired again, {reason!r} after {epoch.fired[0][1]!r}")
                elif epoch.cancelled < when:
                    self.find("fires_twice", when, f"{epoch}: its monitor fired {(when - epoch.cancelled) / SECOND * 1000:.1f} ms after it was taken back: {reason!r}")
                elif process.node not in self.evidence.raw or not reason.startswith("transport_error"):
                    self._check_cause(process, epoch, when, reason)

    def _check_cause(self, process, epoch, when, reason):
        if reason.startswith("transport_error"):
            if not self._excused(process.node, epoch.node, when):
                self._in_vain(epoch, when, reason, "no fault was near")
        elif reason.startswith("no_such_port"):
            ports = [p for p in self.ports[epoch.target] if p.opened < when]
            if any(when < min(p.dying, p.process.ended) for p in ports):
                self._in_vain(epoch, when, reason, "the port lives")
            elif not ports and not self._excused(process.node, epoch.node, when):
                self._in_vain(epoch, when, reason, "the port was never born, and no fault was near")
        else:
            dead = [p for p in self.ports[epoch.target] if p.dying <= when]
            if not any(p.reason == reason for p in dead):
                self._in_vain(epoch, when, reason, f"the port's own reasons: {[p.reason for p in dead]}")

    def _in_vain(self, epoch, when, reason, why):
        near = self.evidence.near(epoch.process.node, epoch.node, when, self.limit)
        self.find("fires_in_vain", when, f"{epoch}: its monitor fired at {self.evidence.seconds(when)} with {reason!r}: {why}", *near)

    def _excused(self, a, b, when):
        return a != b and any(
            t.harmful and t.touches(a, b) and t.began <= when <= t.ended + self.limit for t in self.evidence.troubles
        )

    def check_deaths(self, process):
        """Of ports: whoever monitors one is told, whatever else happens."""
        limit = 3 * self.evidence.timeout + self.slack
        for port in process.ports.values():
            if port.dying == NEVER:
                continue
            for epoch in self.watching[port.id]:
                self._must_fire(epoch, port.dying, limit, f"the death of {port.id}")

    def check_losses(self):
        for trouble in self.evidence.troubles:
            for moment in trouble.losses:
                for a in self.trusted:
                    others = trouble.nodes - {a.node} if len(trouble.nodes) == 2 else trouble.nodes
                    if len(trouble.nodes) == 2 and a.node not in trouble.nodes:
                        continue
                    for b in others:
                        if b != a.node and self._is_noticed(trouble, b):
                            self._check_loss(a, b, moment, trouble.what)
        for a in self.trusted:
            for b, spans in a.up.items():
                for _, gone in spans:
                    if gone != NEVER:
                        self._check_news(a, b, gone)

    def _is_noticed(self, trouble, b):
        """The original has no heartbeats; so there only what ends the connection is noticed in time."""
        silent = {"half_open", "lose", "hold_long", "stop_long", "unplug_long", "unplug_and_kill"}
        return b not in self.evidence.raw or trouble.what not in silent

    def _check_loss(self, a, b, moment, what):
        since = moment - self.margin
        if not a.was_up(b, moment, since):
            return
        for epoch in self.epochs[a, b]:
            if epoch.monitored <= since:
                self._must_fire(epoch, moment, self.limit, f"{what} of {b}, which was up")

    def _check_news(self, a, b, moment):
        for epoch in self.epochs[a, b]:
            if epoch.monitored <= moment - SECOND:
                self._must_fire(epoch, moment, self.slack, f"{a} knew that {b} was gone")

    def _must_fire(self, epoch, moment, limit, why):
        """A monitor that was there at that moment has to fire within the limit, unless nobody is left to see it."""
        if not epoch.monitored <= moment <= epoch.over:
            return
        process = epoch.process
        deadline = moment + limit + self._frozen(process.node, moment, moment + limit)
        if min(process.ended, self.evidence.end) <= deadline:
            return
        if epoch.over > deadline:
            fired = self.evidence.seconds(epoch.fired[0][0]) if epoch.fired else "never"
            self.find("fires_late", moment, f"{epoch}: its monitor had to fire after {self.evidence.seconds(moment)} ({why}), within {limit / SECOND:g} s; it fired: {fired}",
                *self.evidence.near(process.node, epoch.node, moment, self.limit))
        elif epoch.fired:
            self.counts["had to fire and did"] += 1

    def _frozen(self, node, begin, end):
        return sum(
            max(0, min(t.ended, end) - max(t.began, begin))
            for t in self.evidence.troubles
            if t.what in ("stop", "stop_long") and node in t.nodes or not t.nodes
        )

    # ---- G4 and the rest ----

    def check_ports(self):
        for port_id, ports in self.ports.items():
            self.counts["ports"] += len(ports)
            ports = [p for p in ports if p.what != journal.NAMED]
            if len(ports) > 1:
                self.find("port_id", ports[1].opened, f"{port_id} is the ID of {len(ports)} ports, of {', '.join(str(p.process) for p in ports)}")

    def check_ends(self):
        for text in self.evidence.unfinished:
            self.find("heals", self.evidence.end, text)
        for process in self.processes:
            if process.how == "by itself" or process.how not in ("", "killed") and process.code != 0:
                self.find("crash", process.ended, f"{process} ended {process.how}, code {process.code}; see {process}.log")


def verify(folder):
    return Verifier(evidence_module.Evidence(folder)).run()


def describe(verdict):
    """What a person wants to know, as lines."""
    evidence, lines = verdict.evidence, []
    counts = dict(sorted(verdict.counts.items()))
    faults = collections.Counter(t.what for t in evidence.troubles if t.nodes and " " not in t.what)
    lines.append("  " + ", ".join(f"{n} {name}" for name, n in counts.items()))
    lines.append("  faults: " + (", ".join(f"{n} {name}" for name, n in sorted(faults.items())) or "none"))
    lines += [f"  note: {n} {name}" for name, n in sorted(verdict.notes.items())]
    for rule, n in verdict.broken.items():
        lines.append(f"  BROKEN {n} times: {RULES[rule]}")
        for violation in [v for v in verdict.violations if v.rule == rule][:SHOWN]:
            lines.append(f"    at {evidence.seconds(violation.when)}: {violation.what}")
            lines += [f"      {line}" for line in violation.context]
    return lines


def main():
    verdict = verify(sys.argv[1])
    print(f"mode {verdict.evidence.mode}, seed {verdict.evidence.seed}")
    print("\n".join(describe(verdict)))
    return 1 if verdict.violations else 0


if __name__ == "__main__":
    sys.exit(main())
