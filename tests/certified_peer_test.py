#!/usr/bin/env python3
"""A peer whose certificate says which node it may be: it gets in under that name, and under no other. The peer is
written from docs/protocol.md, and its TLS is Python's.

Usage: certified_peer_test.py FOLDER_OF_THE_TEST_PROGRAMS
"""

import json
import pathlib
import socket
import ssl
import subprocess
import sys

import processes

NODE = "middle"
PORT = 4040


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def identity(folder, name, uris=(), issuer=None):
    """A certificate and its key, in one file each."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    common = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2]
    signer = ["-CA", issuer[0], "-CAkey", issuer[1], "-addext", "basicConstraints=CA:FALSE"] if issuer else []
    names = ["-addext", "subjectAltName=" + ",".join(f"URI:{uri}" for uri in uris)] if uris else []
    openssl(*common, "-subj", f"/CN={name}", *signer, *names, "-keyout", key, "-out", certificate)
    return certificate, key


def connect(authority, own, node_id):
    """A connection with the node under that name: the inside of its TLS."""
    node = socket.create_connection(("127.0.0.1", PORT), timeout=processes.PATIENCE)
    # Of the second lines, the lower one is the client's.
    node.sendall(f"aemp;1;{node_id};tls_sha3_512;json;tls=1.0\n!lowest\n".encode())
    with node.makefile("rb", buffering=0) as stream:  # what follows the second line is TLS
        greeting = [stream.readline() for _ in range(2)]
    assert greeting[0].startswith(b"aemp;1;" + NODE.encode()), greeting
    rules = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    rules.check_hostname = False
    rules.load_verify_locations(authority[0])
    if own is not None:
        rules.load_cert_chain(*own)
    return rules.wrap_socket(node)


def main():
    with processes.Programs("{}") as run:
        folder = pathlib.Path(run.environment["HOME"])
        authority = identity(folder, "authority")
        middle = identity(folder, NODE, (), authority)
        pem = "".join(path.read_text() for path in (middle[0], authority[0], middle[1]))
        profile = {"nodeid": NODE, "binds": f"127.0.0.1:{PORT}"}
        configuration = pathlib.Path(run.environment["AEMP_CONFIG"])
        configuration.write_text(json.dumps({"cert": pem, "profile": {NODE: profile}}))
        configuration.chmod(0o600)
        run.environment["AEMP_WARNLEVEL"] = "7"
        node = run.start(NODE, [pathlib.Path(sys.argv[1]) / "mesh_node", NODE])
        node.wait_for(f"runs: {NODE}")

        web = identity(folder, "web", ["https://example.org", "aemp:web", "aemp:worker/*", "aemp:d%62"], authority)
        for name in "web", "worker/7", "db":
            with connect(authority, web, name) as inside:
                inside.sendall(b"tls_anon;;json\n")
                node.wait_for_error(f"node {name} is up")
        for name in "webs", "worker", NODE[:3]:
            with connect(authority, web, name):
                node.wait_for_error("its certificate is not for a node " + name)
        assert "not_its_name" in node.story(), node.story()

        nameless = identity(folder, "nameless", (), authority)
        with connect(authority, nameless, "anything") as inside:
            inside.sendall(b"tls_anon;;json\n")
            node.wait_for_error("node anything is up")

        with connect(authority, None, "stranger") as inside:
            inside.sendall(b"tls_anon;;json\n")
            node.wait_for_error("the peer has no certificate")
        assert "node stranger is up" not in node.story(), node.story()


if __name__ == "__main__":
    processes.in_own_network()
    main()
