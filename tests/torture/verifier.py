#!/usr/bin/env python3
"""Reads what a round of the torture test has left and says whether the guarantees were kept (README.md says which,
and how that can be told). It relies on the order inside each journal and on the numbers in the messages; on clocks
only where a limit of time is what is promised. usage: verifier.py FOLDER; exits with 1 if a guarantee was broken.
"""

import collections
import dataclasses
import signal
import sys

import journal
from evidence import Evidence
from findings import Findings
from monitors import Monitors
from streams import Streams

SHOWN = 5  # violations of a kind

# G1 to G4 are the guarantees; the others go with them.
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
    "heals": "when all faults are over, everybody reaches everybody again",
    "crash": "no process ends by itself",
}


@dataclasses.dataclass
class Verdict:
    evidence: object
    violations: list
    counts: collections.Counter
    notes: collections.Counter

    @property
    def broken(self):
        return collections.Counter(v.rule for v in self.violations)


def check_ports(findings):
    for port_id, ports in findings.ports.items():
        findings.counts["ports"] += len(ports)
        ports = [p for p in ports if p.what != journal.NAMED]
        if len(ports) > 1:
            text = f"{port_id} is the ID of {len(ports)} ports, of {', '.join(str(p.process) for p in ports)}"
            findings.find("port_id", ports[1].opened, text)


def check_ends(findings):
    for text in findings.evidence.unfinished:
        findings.find("heals", findings.evidence.end, text)
    for process in findings.processes:
        # Before a process has blocked SIGTERM, it is ended by it.
        is_clean = process.how in ("", "killed") or process.how == "stopped" and process.code in (0, -signal.SIGTERM)
        if not is_clean:
            text = f"{process} ended {process.how}, code {process.code}; see {process}.log"
            findings.find("crash", process.ended, text)


def verify(folder):
    findings = Findings(Evidence(folder))
    Streams(findings).check()
    Monitors(findings).check()
    check_ports(findings)
    check_ends(findings)
    findings.violations.sort(key=lambda v: v.when)
    return Verdict(findings.evidence, findings.violations, findings.counts, findings.notes)


def describe(verdict):
    """What a person wants to know, as lines."""
    evidence, lines = verdict.evidence, []
    faults = collections.Counter(t.what for t in evidence.troubles if t.nodes and " " not in t.what)
    lines.append("  " + ", ".join(f"{n} {name}" for name, n in sorted(verdict.counts.items())))
    lines.append("  faults: " + (", ".join(f"{n} {name}" for name, n in sorted(faults.items())) or "none"))
    if evidence.slowest_end[0] > 1.0:
        lines.append("  note: the clean end of {1} took {0:.1f} s".format(*evidence.slowest_end))
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
