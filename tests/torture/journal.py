"""The journals of the torture test: what a process did, in its order. journal.hpp has the layout and what the kinds
mean.

read() gives the records of a file; Writer makes one, for peers that are written in Python.
"""

import collections
import os
import struct
import time

MAGIC = b"AEMPJRN1"
HEAD = struct.Struct("<8sQII40x")
SLOT = struct.Struct("<6IQ")

(NONE, PORT_OPEN, PORT_DYING, STREAM, MONITOR, SENT, FIRED, CANCELLED, ARRIVED, CORRUPT, NODE_UP, NODE_DOWN, STOPPED,
 TEXT) = range(14)  # fmt: skip
HAS_TEXT = {PORT_OPEN, PORT_DYING, STREAM, FIRED, NODE_UP, NODE_DOWN}

# The classes of ports.
NAMED, PASSING, SPAWNED, SENDER = range(4)

Record = collections.namedtuple("Record", "kind a b c d e time text")


def read(path):
    """Node, incarnation, and the records in their order. Slots that were taken but not filled in time are left out.
    None: the process was killed before it had begun, as a journal's first bytes are written last."""
    with open(path, "rb") as file:
        head = file.read(HEAD.size)
        if not head[: len(MAGIC)].strip(b"\0"):
            return None
        if len(head) < HEAD.size:
            raise ValueError(f"{path}: no journal, it is too short")
        magic, used, node, incarnation = HEAD.unpack(head)
        if magic != MAGIC:
            raise ValueError(f"{path}: no journal, it begins with {magic!r}")
        content = file.read(used * SLOT.size) if used else file.read()
    return node, incarnation, _records(content[: len(content) // SLOT.size * SLOT.size])


def _records(content):
    at = 0
    for kind, a, b, c, d, e, moment in SLOT.iter_unpack(content):
        at += SLOT.size
        if kind in (NONE, TEXT):
            continue
        text = ""
        if kind in HAS_TEXT:
            slots = -(-e // 28)
            parts = [content[i + 4 : i + 32] for i in range(at, at + slots * SLOT.size, SLOT.size)]
            text = b"".join(parts)[:e].decode("utf-8", "replace")
        yield Record(kind, a, b, c, d, e, moment, text)


class Writer:
    """Written at once, so that SIGKILL takes a part of the last record at most, which read() leaves out."""

    def __init__(self, path, node, incarnation):
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.write(self._file, HEAD.pack(MAGIC, 0, node, incarnation))

    def note(self, kind, a=0, b=0, c=0, d=0, e=0, text=None, moment=None):
        moment = time.monotonic_ns() if moment is None else moment
        if text is None:
            os.write(self._file, SLOT.pack(kind, a, b, c, d, e, moment))
            return
        content = text.encode()
        slots = [SLOT.pack(kind, a, b, c, d, len(content), moment)]
        for i in range(0, len(content), 28):
            slots.append(struct.pack("<I28s", TEXT, content[i : i + 28]))
        os.write(self._file, b"".join(slots))

    def close(self):
        os.close(self._file)
