"""The modes of the torture test: what the nodes of a round are like, and which faults they have to bear."""

import dataclasses

import schedule


@dataclasses.dataclass(frozen=True)
class Mode:
    workers: int = 1
    encryption: str = "off"  # off, required, or cert
    framing: str = ""  # the default of the library, or a list
    raw: bool = False  # two of the five nodes are in Python and speak 1.x and 2.x
    hidden: bool = False  # two of the four nodes listen nowhere, and reach each other by circuits
    busy: int = 40  # of a thousand handlers, how many block their worker for some milliseconds
    pause_ms: int = 6
    kinds: tuple = tuple(schedule.KINDS)


# The most different ones first, so that a short run has some of each.
MODES = {
    "w1-off": Mode(),
    "w2-required": Mode(workers=2, encryption="required"),
    "w1-raw": Mode(raw=True, framing="json"),
    "w2-busy": Mode(workers=2, busy=400, pause_ms=10),
    "w1-cert": Mode(encryption="cert"),
    "w2-gentle": Mode(workers=2, kinds=tuple(schedule.GENTLE)),
    "w2-off": Mode(workers=2),
    "w2-raw": Mode(workers=2, raw=True),
    "w1-busy": Mode(busy=400, pause_ms=10),
    "w1-hidden": Mode(hidden=True),
    "w2-json": Mode(workers=2, framing="json"),
    "w1-required": Mode(encryption="required", framing="cbor"),
    "w1-gentle": Mode(kinds=tuple(schedule.GENTLE)),
    "w2-cert": Mode(workers=2, encryption="cert"),
    "w2-hidden": Mode(workers=2, hidden=True),
}
