"""A node that does what Perl nodes of 1.x and 2.x do with the requests of the tool (aemp-protocol D.1, I.4, I.5), as a thread of the
test. It speaks json, and proves itself as its version does, or in 1.x, whose digest no library of Python has, with the secret itself.

As in the original, a request that is none is a function: it gets an entry among the requests when it is called, and `can` says
from then on that there is such a request. `strange` is what nobody should have sent to such a node.
"""

import contextlib
import hashlib
import hmac
import json
import socket
import threading
import time

SECRET = b"the secret of these tests"


def lines(*greetings):
    return b"".join(line + b"\n" for greeting in greetings for line in greeting)


class PerlPeer:
    def __init__(self, name, version, secure=False, watchdog=True):
        self.name, self.version, self.secure, self.watchdog = name, version, secure, watchdog
        self.requests = {"", "snd", "eval", "time", "devnull", "mon0", "mon1", "kil0"}
        if version == 2:
            self.requests |= {"can", "kil1", "g_slave", "g_find", "g_mon0", "g_mon1", "g_upd", "g_db_family", "g_db_keys", "g_db_values"}
        else:
            self.requests |= {"kil", "snd_multiple", "info", "known_nodes", "up_nodes"}
        self.strange, self.evaluated, self.database, self.peers = [], [], {}, {}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()
        for connection in list(self.peers.values()):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    # ---- the handshake ----

    def _greeting(self):
        method = "hmac_sha3_512" if self.version == 2 else "cleartext"
        keys = "mproto=1;gproto=1;provider=AE-2.01" if self.version == 2 else "provider=AE-1.30"
        return [f"aemp;1;{self.name};{method};json;{keys}".encode(), f"nonce of {self.name} {time.monotonic_ns()}".encode()]

    def _proof(self, own, peer):
        if self.version == 1:
            return b"cleartext;" + SECRET.hex().encode() + b";json\n"
        return b"hmac_sha3_512;" + hmac.new(SECRET, lines(own, peer), hashlib.sha3_512).hexdigest().encode() + b";json\n"

    def serve(self, connection):
        with contextlib.suppress(OSError), connection, connection.makefile("rb", buffering=0) as stream:  # others hang up
            own = self._greeting()
            connection.sendall(lines(own))
            peer = [stream.readline().rstrip(b"\n") for _ in range(2)]
            connection.sendall(self._proof(own, peer))
            if not stream.readline():
                return
            node = peer[0].split(b";")[2].decode()
            self.peers[node] = connection
            try:
                self._read_packets(node, stream)
            finally:
                del self.peers[node]

    def _read_packets(self, node, stream):
        text, decoder = b"", json.JSONDecoder()
        while data := stream.read(65536):
            text += data
            while text:
                try:
                    packet, end = decoder.raw_decode(text.decode())
                except ValueError:
                    break  # there is more to come
                text = text.decode()[end:].encode()
                if len(packet) > 1 and packet[0] == "":
                    self._request(node, packet[1], packet[2:])

    # ---- requests ----

    def _send(self, node, *packet):
        if node in self.peers:
            self.peers[node].sendall(json.dumps(packet).encode())

    def _reply(self, where, *answer):
        if where:
            node, port = where[0].split("#")
            self._send(node, port, *where[1:], *answer)

    def _request(self, node, tag, words):
        if tag not in self.requests:
            self.requests.add(tag)
            if not tag.startswith("AnyEvent::MP::"):
                self.strange.append(tag)
        if tag == "can" and self.version == 2:
            self._reply(words[1:], "1" if words[0] in self.requests else "")
        elif tag == "time":
            self._reply(words, time.time())
        elif tag == "snd":
            self._reply(words)
        elif tag == "up_nodes" and self.version == 1:
            self._reply(words, *self.peers)
        elif tag == "eval" and not self.secure:
            self._evaluate(words[0], words[1:])
        elif tag == "g_slave":
            self._send(node, "", "g_global")
        elif tag == "g_find":
            self._send(node, "", "g_found", words[0], None)
        elif tag == "g_mon1":
            self._send(node, "", "g_chg1", words[0], self.database.get(words[0], {}))
        elif tag == "g_db_family":
            self._send(node, "", "g_reply", words[1], self.database.get(words[0], {}))
        elif tag == "AnyEvent::MP::Kernel::db_set" and not self.secure:
            family, key, value = (*words, None)[:3]
            self.database.setdefault(family, {})[key] = value

    def _evaluate(self, code, where):
        self.evaluated.append(code)
        if code == "AnyEvent::MP::Kernel::up_nodes":
            self._reply(where, "", *self.peers, "elsewhere")
        elif "AnyEvent::Watchdog::Util::restart" in code:
            if not self.watchdog:
                return self._reply(where, "it does not run under a watchdog\n")
            self._reply(where, "")
            threading.Timer(0.1, self.close).start()
        else:
            self._reply(where, f"syntax error at {code}\n")
