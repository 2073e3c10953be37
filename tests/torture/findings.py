"""What the checks of the verifier have in common: the evidence in the orders in which they look at it, and what they
have found."""

import collections
import dataclasses

from evidence import NEVER, SECOND

SLACK = 1.5  # seconds, for the machine: other programs run on it too
MARGIN = 0.25  # seconds: what was done so shortly before a loss may belong to the next connection


@dataclasses.dataclass
class Violation:
    rule: str
    when: int
    what: str
    context: list = dataclasses.field(default_factory=list)


class Findings:
    """find() takes a violation down; counts and notes are for people."""

    def __init__(self, evidence):
        self.evidence = evidence
        self.slack, self.margin = int(SLACK * SECOND), int(MARGIN * SECOND)
        self.aftermath = 2 * evidence.timeout + self.slack  # so long after a fault a monitor may fire because of it
        self.violations = []
        self.counts, self.notes = collections.Counter(), collections.Counter()
        self.processes = list(evidence.processes.values())
        self.ports = collections.defaultdict(list)  # by ID
        self.epochs = collections.defaultdict(list)  # by (process, node)
        self.watching = collections.defaultdict(list)  # epochs, by the ID of the port
        for process in self.processes:
            for port in process.ports.values():
                self.ports[port.id].append(port)
            for epoch in process.epochs.values():
                self.epochs[process, epoch.node].append(epoch)
                self.watching[epoch.target].append(epoch)

    def find(self, rule, when, what, *context):
        self.violations.append(Violation(rule, when, what, list(context)))

    def at(self, moment):
        return "never" if moment == NEVER else f"at {self.evidence.seconds(moment)}"


def milliseconds(span):
    return f"{span / SECOND * 1000:.1f} ms"
