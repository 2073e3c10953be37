"""One connection of a peer that is written in Python: greeting, authentication, and JSON packets, in the words of
version 1.x or 2.x of the original (aemp-protocol C and I.2). The owner is told of everything: named, ready,
packet, lost.
"""

import asyncio
import base64
import codecs
import hashlib
import hmac
import json
import os

from md6 import hmac_md6, md6_256

METHODS = {1: "hmac_md6_64_256", 2: "hmac_sha3_512"}
KEYS = {1: "provider=AE-1.30", 2: "mproto=1;provider=AE-2.01"}
MOST_UNSENT = 1 << 20  # bytes


def proof(dialect, secret, own, peer):
    """The authentication data of the side whose greeting lines are own."""
    text = b"".join(line + b"\n" for line in (*own, *peer))
    if dialect == 1:
        return hmac_md6(text, md6_256(secret)).hex()
    return hmac.new(secret, text, hashlib.sha3_512).hexdigest()


class Session(asyncio.Protocol):
    def __init__(self, owner, node_id, dialect, secret):
        self.owner, self.dialect, self._secret = owner, dialect, secret
        self._method = METHODS[dialect]
        greeting = f"aemp;1;{node_id};{self._method};json;{KEYS[dialect]}"
        self._own = (greeting.encode(), base64.b64encode(os.urandom(66)))
        self._lines = []
        self._bytes = b""
        self._text = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._json = json.JSONDecoder()
        self._transport = None
        self.peer = None  # its node ID
        self.is_ready = False

    def connection_made(self, transport):
        self._transport = transport
        transport.write(b"".join(line + b"\n" for line in self._own))

    def connection_lost(self, why):
        self.owner.lost(self, str(why or "Unexpected end-of-file"))

    def close(self):
        if self._transport is not None:
            self._transport.abort()

    @property
    def is_full(self):
        return self._transport.get_write_buffer_size() > MOST_UNSENT

    def send(self, *packet):
        if not self._transport.is_closing():
            self._transport.write(json.dumps(packet, separators=(",", ":"), ensure_ascii=False).encode())

    def data_received(self, data):
        if self.is_ready:
            self._packets(data)
            return
        self._bytes += data
        while not self.is_ready and b"\n" in self._bytes:
            line, self._bytes = self._bytes.split(b"\n", 1)
            self._line(line.rstrip(b"\r"))
        if self.is_ready and self._bytes:
            data, self._bytes = self._bytes, b""
            self._packets(data)

    def _line(self, line):
        self._lines.append(line)
        if len(self._lines) == 1:
            self.peer = line.split(b";")[2].decode()
        elif len(self._lines) == 2:
            data = proof(self.dialect, self._secret, self._own, self._lines)
            self._transport.write(f"{self._method};{data};json\n".encode())
        else:
            expected = proof(self.dialect, self._secret, self._lines[:2], self._own)
            if line.split(b";")[:2] != [self._method.encode(), expected.encode()]:
                self.owner.complain(f"node {self.peer} has the wrong proof: {line!r}")
                self.close()
                return
            self.is_ready = True
            self.owner.ready(self)

    def _packets(self, data):
        self._text += self._decoder.decode(data)
        at, end = 0, len(self._text)
        while True:
            while at < end and self._text[at].isspace():
                at += 1
            try:
                packet, at = self._json.raw_decode(self._text, at)
            except ValueError:
                break  # the rest has not come yet
            if packet:
                self.owner.packet(self, packet)
        self._text = self._text[at:]
