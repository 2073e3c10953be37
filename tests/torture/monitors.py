"""The checks of monitors (G3): whether they fire once, for a cause, and in time."""

import journal
from evidence import NEVER, SECOND
from findings import milliseconds

# Reasons of a monitor when its node is lost: it vanished, or said that it stops.
LOSSES = ("transport_error", "node_stopped")

# The original has no heartbeats. So between a node of its kind and ours, silence need not be noticed, and what it holds
# up comes when TCP lets it come.
SILENT = {"half_open", "lose", "hold_long", "stop_long", "unplug", "unplug_long", "unplug_and_kill"}


class Monitors:
    def __init__(self, findings):
        self.findings, self.evidence = findings, findings.evidence

    def check(self):
        for process in self.findings.processes:
            for when, stream, number in process.fired_in_vain:
                text = f"a monitor of stream {stream} of {process}, epoch {number}, fired that was never set"
                self.findings.find("fires_twice", when, text)
            for epoch in process.epochs.values():
                self._check_firings(process, epoch)
        self._check_deaths()
        self._check_losses()
        self._check_news()

    # ---- once, and for a cause ----

    def _check_firings(self, process, epoch):
        for i, (when, reason) in enumerate(epoch.fired):
            if when > self.evidence.end:
                continue
            self.findings.counts["fired: " + (reason.split(" ", 1)[0] or "normal end")] += 1
            if i > 0:
                text = f"{epoch}: its monitor fired again, {reason!r} after {epoch.fired[0][1]!r}"
                self.findings.find("fires_twice", when, text)
            elif epoch.cancelled < when:
                text = f"{milliseconds(when - epoch.cancelled)} after it was taken back: {reason!r}"
                self.findings.find("fires_twice", when, f"{epoch}: its monitor fired {text}")
            elif process.node not in self.evidence.raw or not reason.startswith(LOSSES):
                why = self._is_in_vain(process, epoch, when, reason)
                if why:
                    near = self.evidence.near(process.node, epoch.node, when, self.findings.aftermath)
                    text = f"{epoch}: its monitor fired {self.findings.at(when)} with {reason!r}: {why}"
                    self.findings.find("fires_in_vain", when, text, *near)

    def _is_in_vain(self, process, epoch, when, reason):
        """Why it should not have fired, or nothing."""
        excused = self._is_excused(process.node, epoch.node, when)
        ports = [p for p in self.findings.ports[epoch.target] if p.opened < when]
        if reason.startswith(LOSSES):
            return "" if excused else "no fault was near"
        if reason.startswith("no_such_port"):
            if any(when < min(p.dying, p.process.ended) for p in ports):
                return "the port lives"
            return "" if ports or excused else "the port was never born, and no fault was near"
        reasons = [p.reason for p in ports if p.dying <= when]
        return "" if reason in reasons else f"the reasons of the port: {reasons}"

    def _is_excused(self, a, b, when):
        return a != b and any(
            t.harmful and t.began <= when <= t.ended + self.findings.aftermath and self.evidence.touches(t, a, b)
            for t in self.evidence.troubles
        )

    # ---- in time ----

    def _check_deaths(self):
        """Of ports: whoever monitors one is told, whatever else happens, also when it is dead already."""
        limit = 2 * self.evidence.timeout + self.findings.slack
        for port_id, ports in self.findings.ports.items():
            for port in ports:
                # A lasting name does not end with its process; whoever was connected loses the connection.
                dead = port.dying if port.what == journal.NAMED else min(port.dying, port.process.ended)
                for epoch in self.findings.watching[port_id] if dead != NEVER else ():
                    self._must_fire(epoch, max(dead, epoch.monitored), limit, f"the death of {port_id}")

    def _check_losses(self):
        """Of connections that were up: by a fault of the pair, or of the other node."""
        for trouble in self.evidence.troubles:
            for process in self.findings.processes if trouble.losses else ():
                a = process.node
                if a in self.evidence.raw or len(trouble.nodes) == 2 and a not in trouble.nodes:
                    continue
                for b in trouble.nodes - {a}:
                    # To a hidden node, it may be connected through another one.
                    if len(trouble.nodes) == 1 or self.evidence.hidden.isdisjoint({a, b}):
                        for moment in trouble.losses:
                            self._check_loss(process, b, moment, trouble.what)

    def _check_loss(self, process, b, moment, what):
        since = moment - self.findings.margin
        for epoch in self.findings.epochs[process, b] if process.was_up(b, moment, since) else ():
            if epoch.monitored <= since:
                limit = self.evidence.timeout + self.findings.slack
                self._must_fire(epoch, moment, limit, f"{what} of {b}, which was up")

    def _check_news(self):
        """What mon_nodes has told, monitors tell too."""
        for process in self.findings.processes:
            for b, spans in process.up.items() if process.node not in self.evidence.raw else ():
                for gone in (span[1] for span in spans if span[1] != NEVER):
                    for epoch in self.findings.epochs[process, b]:
                        if epoch.monitored <= gone - SECOND:
                            self._must_fire(epoch, gone, self.findings.slack, f"{process} knew that {b} was gone")

    def _must_fire(self, epoch, moment, limit, why):
        """A monitor that was there at that moment has to fire within the limit, unless nobody is left to see it."""
        if epoch.over < moment:
            return
        process = epoch.process
        deadline = self._deadline(process.node, epoch.node, moment, limit)
        if min(process.ended, self.evidence.end) <= deadline:
            return
        if self._was_silent(process.node, epoch.node, moment, deadline):
            return
        if epoch.over > deadline:
            fired = epoch.fired[0][0] if epoch.fired else NEVER
            text = f"{epoch}: its monitor had to fire within {limit / SECOND:g} s after {self.evidence.seconds(moment)}"
            near = self.evidence.near(process.node, epoch.node, moment, self.findings.aftermath)
            self.findings.find("fires_late", moment, f"{text} ({why}); it fired: {self.findings.at(fired)}", *near)
        elif epoch.fired:
            self.findings.counts["had to fire and did"] += 1

    def _was_silent(self, a, b, begin, end):
        return not self.evidence.raw.isdisjoint({a, b}) and any(
            t.what in SILENT and t.began < end and begin < t.ended + self.findings.aftermath
            for t in self.evidence.troubles
            if self.evidence.touches(t, a, b)
        )

    def _deadline(self, a, b, moment, limit):
        """When a had that much time since then: the time does not count in which it was stopped, or all were held up,
        or what comes from b may have come later."""
        deadline = moment + limit
        counted = moment
        for t in sorted(self.evidence.troubles, key=lambda t: t.began):
            if t.began >= deadline:
                break
            if t.ended > counted and self._holds_up(t, a, b):
                deadline += t.ended - max(t.began, counted)
                counted = t.ended
        return deadline

    def _holds_up(self, t, a, b):
        if not t.nodes or t.what in ("stop", "stop_long") and a in t.nodes:
            return True
        # The end of a connection that the other side has noticed does not get through either.
        return (not t.harmful or t.what == "unplug") and self.evidence.touches(t, a, b)
