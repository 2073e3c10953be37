"""The checks of what arrives (G1, G2): by the numbers in the messages, and the order in each journal."""

import collections

import journal
from evidence import NEVER
from findings import milliseconds

CROSSED = 5_000_000  # nanoseconds in which a foreign thread may be writing down that its monitor fires


class Streams:
    def __init__(self, findings):
        self.findings, self.evidence = findings, findings.evidence
        self.runs = collections.defaultdict(list)  # by (from, stream, epoch): [process, receiver, first, last]

    def check(self):
        for process in self.findings.processes:
            self.findings.counts["arrived"] += len(process.arrivals)
            self.findings.counts["sent"] += sum(len(epoch.sent) for epoch in process.epochs.values())
            self.findings.counts["epochs"] += len(process.epochs)
            self._collect(process)
        for process in self.findings.processes:
            self._check_arrivals(process)
            self._check_completeness(process)
        self._check_repetitions()

    def _collect(self, process):
        last = {}
        for r in process.arrivals:
            run = last.get((r.a, r.b, r.c))
            if run is not None and (run[3] + 1, run[4]) == (r.e, r.d):
                run[3] = r.e
            else:
                run = last[r.a, r.b, r.c] = [process, r.a, r.e, r.e, r.d]
                self.runs[r.b, r.c, r.d].append(run)

    # ---- order and holes, at each receiver ----

    def _check_arrivals(self, process):
        last = {}  # by (receiver, sender, stream): (epoch, number)
        skipped = collections.defaultdict(set)  # by the same: what had not come when later ones came
        for r in process.arrivals:
            epoch = self._sent(process, r)
            if epoch is None:
                continue
            way = (r.a, r.b, r.c)
            before, now = last.get(way, (0, 0)), (r.d, r.e)
            if now <= before:
                rule = "order" if now in skipped[way] or r.d < before[0] else "twice"
                skipped[way].discard(now)
                self.findings.find(rule, r.time, f"{_name(epoch, r)} arrived after {before[1]} of epoch {before[0]}")
                continue
            expected = before[1] + 1 if before[0] == r.d else 1
            if r.e > expected:
                skipped[way].update((r.d, n) for n in range(expected, r.e))
                self._hole(process, epoch, r, expected)
            last[way] = now

    def _sent(self, process, r):
        """The epoch in which an arrived message was sent; None when it never was."""
        port = process.ports[r.a]
        sender = self.evidence.processes.get((r.b >> 24, r.b & 0xFFFF))
        epoch = sender.epochs.get((r.c, r.d)) if sender is not None else None
        if epoch is None or not 0 < r.e <= len(epoch.sent):
            what = f"number {r.e} of epoch {r.d} of stream {r.c} of {sender or hex(r.b)}"
            self.findings.find("altered", r.time, f"{port.id} of {process} got {what}, which was never sent")
            return None
        if r.kind == journal.CORRUPT:
            self.findings.find("altered", r.time, f"{_name(epoch, r)} arrived with another payload than was sent")
        if epoch.target != port.id:
            self.findings.find("altered", r.time, f"{_name(epoch, r)} arrived at {port.id} of {process}")
        return epoch

    def _hole(self, process, epoch, r, expected):
        fired = epoch.fired[0][0] if epoch.fired else NEVER
        if epoch.cancelled != NEVER:
            self.findings.notes["holes in an epoch whose monitor the sender took back, which is allowed"] += 1
            return
        if epoch.is_foreign and r.time + CROSSED > fired:
            note = "holes before what a foreign thread had sent before the monitor fired, which is allowed"
            self.findings.notes[note] += 1
            return
        elsewhere = self._elsewhere(process, r, expected)
        rule = "crossing" if elsewhere else "hole"
        sent = epoch.sent[r.e - 1]
        if fired == NEVER:
            order = "the monitor has not fired at all"
        elif r.time < fired:
            order = f"{milliseconds(fired - r.time)} before the monitor fired"
            self.findings.notes[f"{rule}: arrived before the monitor fired"] += 1
        else:
            order = f"after the monitor fired, sent {milliseconds(fired - sent)} before it did"
            self.findings.notes[f"{rule}: sent before the monitor fired, arrived after"] += 1
        missing = f"{expected}" if r.e == expected + 1 else f"{expected} to {r.e - 1}"
        where = f" (those went to {', '.join(elsewhere)})" if elsewhere else ""
        self.findings.find(
            rule,
            r.time,
            f"{_name(epoch, r)} arrived at {process}, but not {missing}{where}; {order}",
            f"monitor set {self.findings.at(epoch.monitored)}, fired {self.findings.at(fired)}"
            + (f": {epoch.fired[0][1]}" if epoch.fired else ""),
            f"{expected} sent {self.findings.at(epoch.sent[expected - 1])}, {r.e} sent {self.findings.at(sent)},"
            f" arrived {self.findings.at(r.time)}",
            *self.evidence.near(epoch.process.node, process.node, r.time, self.evidence.timeout),
        )

    def _elsewhere(self, here, r, expected):
        """The other processes where all of what is missing here has arrived, or nothing."""
        missing, processes = set(range(expected, r.e)), set()
        for process, _, first, last, _ in self.runs[r.b, r.c, r.d]:
            if process is not here and missing & set(range(first, last + 1)):
                missing -= set(range(first, last + 1))
                processes.add(str(process))
        return sorted(processes) if not missing else []

    def _check_repetitions(self):
        """What arrives at two processes. Within one, the order has told already."""
        for (sender, stream, number), runs in self.runs.items():
            for i, (process, _, first, last, _) in enumerate(runs):
                for other, _, its_first, its_last, _ in runs[:i]:
                    if other is not process and first <= its_last and its_first <= last:
                        epoch = self.evidence.processes[sender >> 24, sender & 0xFFFF].epochs[stream, number]
                        common = f"{max(first, its_first)} to {min(last, its_last)}"
                        text = f"{epoch}: messages {common} arrived at {other} and at {process}"
                        self.findings.find("twice", process.started, text)

    # ---- completeness, at the end ----

    def _check_completeness(self, process):
        """What was sent in an epoch whose monitor has not fired has arrived, when all was let finish."""
        end = self.evidence.end
        if process.ended < end or end == NEVER:
            return
        for epoch in process.epochs.values():
            if epoch.over <= end or not epoch.sent or not self._has_to_be_complete(epoch, end):
                continue
            runs = self.runs[process.index << 24 | epoch.sender << 16 | process.incarnation, epoch.stream, epoch.number]
            arrived = sum(last - first + 1 for _, _, first, last, _ in runs)
            if arrived < len(epoch.sent):
                text = f"{epoch}: {arrived} of {len(epoch.sent)} messages arrived, and the monitor had not fired"
                self.findings.find("silent", epoch.sent[-1], f"{text} until {self.evidence.seconds(end)}")

    def _has_to_be_complete(self, epoch, end):
        """Its port lives; and its end was waited for, or is so long ago that the monitor had to fire."""
        living = [p for p in self.findings.ports[epoch.target] if p.opened < end < min(p.dying, p.process.ended)]
        waited_for = not epoch.is_foreign and any(p.what != journal.SPAWNED for p in living)
        return bool(living) and (
            waited_for and not self.evidence.unfinished or epoch.sent[-1] < end - self.findings.aftermath
        )


def _name(epoch, r):
    return f"{epoch}: message {r.e}"
