#!/usr/bin/env python3
"""A peer in another language, written from docs/protocol.md: it makes the key for TLS from the secret and the greetings by
itself, and its TLS is the program openssl, once as client and once as server.

Usage: psk_peer_test.py FOLDER_OF_THE_TEST_PROGRAMS
"""

import contextlib
import hashlib
import hmac
import pathlib
import re
import socket
import sys
import threading

import processes

SECRET = b"the secret of these tests"
NODE = "middle"
PORT = 4040
CONFIGURATION = f"""{{
   "secret" : "{SECRET.decode()}", "encryption" : "required", "monitor_timeout" : 5,
   "profile" : {{ "{NODE}" : {{ "nodeid" : "{NODE}", "binds" : "127.0.0.1:{PORT}" }} }}
}}"""


def lines(*greetings):
    return b"".join(line + b"\n" for greeting in greetings for line in greeting)


def key_for(client, server, secret):
    salt = hashlib.sha256(lines(client, server)).digest()
    extracted = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(extracted, b"aemp psk 1\x01", hashlib.sha256).hexdigest()


def proof(own, peer):
    return f"hmac_sha3_512;{hmac.new(SECRET, lines(own, peer), hashlib.sha3_512).hexdigest()};json"


def connect(one, other):
    """Everything that comes from one goes to the other, and back."""

    def forward(source, target):
        with contextlib.suppress(OSError):  # the other end may be gone
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    for ends in ((one, other), (other, one)):
        threading.Thread(target=forward, args=ends, daemon=True).start()


def greet(own):
    node = socket.create_connection(("127.0.0.1", PORT), timeout=processes.PATIENCE)
    node.sendall(lines(own))
    with node.makefile("rb", buffering=0) as stream:  # what follows the second line is TLS
        return node, [stream.readline().rstrip(b"\n") for _ in range(2)]


def tls(run, is_client, key):
    """A program whose input and output are the inside of TLS, and the socket of its outside."""
    common = ["-tls1_3", "-psk", key, "-psk_identity", "aemp"]
    if is_client:
        listener = socket.create_server(("127.0.0.1", 0))
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        program = run.start("client", ["openssl", "s_client", "-quiet", "-connect", address, *common])
        return program, listener.accept()[0]
    program = run.start("server", ["openssl", "s_server", "-nocert", "-accept", "127.0.0.1:0", *common])
    address = program.wait_for(lambda line: line.startswith("ACCEPT 127"))
    return program, socket.create_connection(("127.0.0.1", int(re.search(r":(\d+)$", address)[1])))


def peer(run, node_id, secret=SECRET):
    own = [f"aemp;1;{node_id};hmac_sha3_512;json;psk=wanted".encode(), f"nonce of {node_id}".encode()]
    node, greeting = greet(own)
    assert b";psk=required;" in greeting[0], greeting
    is_client = node_id < NODE
    program, outside = tls(run, is_client, key_for(*((own, greeting) if is_client else (greeting, own)), secret))
    connect(node, outside)
    return program, proof(own, greeting), proof(greeting, own)


def main():
    with processes.Programs(CONFIGURATION) as run:
        run.environment["AEMP_WARNLEVEL"] = "7"
        node = run.start(NODE, [pathlib.Path(sys.argv[1]) / "mesh_node", NODE])
        node.wait_for(f"runs: {NODE}")
        program, _, _ = peer(run, "beta", b"another secret")
        program.process.wait(processes.PATIENCE)  # it has got an alert

        for node_id in ("alpha", "zeta"):
            program, own_proof, node_proof = peer(run, node_id)
            program.write(own_proof)
            program.wait_for(node_proof)  # the node sends it when it has taken ours
            node.wait_for_error(f"node {node_id} is up")
        node.wait_for_error("wrong_secret: node beta")
        assert node.story().count("encrypted by the secret") == 2, node.story()


if __name__ == "__main__":
    processes.in_own_network()
    main()
