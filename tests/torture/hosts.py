"""A host for each node of the torture test: a network namespace that has nothing but its loopback interface.

All hosts have all addresses. At its own address a node listens; at the address of another one, inside this host,
there is the proxy that leads there. So whatever way a node learns of an address, it leads to a proxy, and nothing
else has to be told who may see whom. A proxy is one process with sockets in many namespaces: a socket stays in the
namespace in which it was made.
"""

import contextlib
import ctypes
import os
import pathlib
import socket
import subprocess
import sys

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def in_own_network():
    """The calling script goes on in a network namespace of its own, where more can be made. False: not possible."""
    if os.environ.get("AEMP_TEST_NETWORK") == "own":
        return True
    wrapper = str(pathlib.Path(__file__).resolve().parent.parent / "in_own_network")
    if subprocess.run([wrapper, "unshare", "--net", "true"], capture_output=True).returncode != 0:
        return False
    os.execve(wrapper, [wrapper, sys.executable, *sys.argv], dict(os.environ, AEMP_TEST_NETWORK="own"))


class Hosts:
    """Needs the right to make namespaces, which in_own_network() gives."""

    def __init__(self, names):
        self.addresses = {name: f"10.99.0.{i + 1}" for i, name in enumerate(names)}
        self._home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        self._spaces = {}
        commands = "".join(f"addr add {a}/32 dev lo\n" for a in self.addresses.values()) + "link set lo up\n"
        for name in names:
            _check(_libc.unshare(_CLONE_NEWNET), "unshare")
            try:
                self._spaces[name] = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
                subprocess.run(["ip", "-batch", "-"], input=commands, text=True, check=True)
            finally:
                _check(_libc.setns(self._home, 0), "setns")

    def close(self):
        for space in (*self._spaces.values(), self._home):
            os.close(space)
        self._spaces = {}

    @contextlib.contextmanager
    def _inside(self, name):
        _check(_libc.setns(self._spaces[name], 0), "setns")
        try:
            yield
        finally:
            _check(_libc.setns(self._home, 0), "setns")

    def socket(self, name):
        """A TCP socket of that host."""
        with self._inside(name):
            return socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)

    def command(self, name, command):
        """How to run a command on that host: words, and descriptors to pass on. It does not survive us."""
        space = self._spaces[name]
        prefix = ["setpriv", "--pdeathsig", "KILL", "--", "nsenter", f"--net=/proc/self/fd/{space}", "--"]
        return [*prefix, *map(str, command)], (space,)

    def plug(self, name, is_in):
        """Pulls the cable, or puts it in again: nothing leaves the host or reaches it, and nobody is told."""
        with self._inside(name):
            subprocess.run(["ip", "link", "set", "lo", "up" if is_in else "down"], check=True)
