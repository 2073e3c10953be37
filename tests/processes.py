"""Programs of the build as processes of a test: what they print is waited for, never slept for.

A test that uses fixed ports re-executes itself in a network namespace of its own with in_own_network().
"""

import os
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time

PATIENCE = 20.0  # seconds, for one thing to happen


def in_own_network():
    """Runs the calling script in a new network namespace, and goes on there."""
    if os.environ.get("AEMP_TEST_NETWORK") != "own":
        environment = dict(os.environ, AEMP_TEST_NETWORK="own")
        command = [str(pathlib.Path(__file__).resolve().parent / "in_own_network"), sys.executable, *sys.argv]
        os.execvpe(command[0], command, environment)


def wait_until(holds, within=PATIENCE):
    """Asks until it holds. What it asks takes its time, so nothing else waits here."""
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"{getattr(holds, '__name__', 'it')} did not come true within {within:g} s")


class Program:
    """One process. Its lines are kept; wait_for() consumes them in order."""

    def __init__(self, name, command, environment, prefix=()):
        self.name = name
        self.lines = []
        self.read = 0
        self._queue = queue.Queue()
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *prefix, *map(str, command)],  # not even then anything stays behind
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._errors = []
        self._more_errors = threading.Condition()
        threading.Thread(target=self._collect, daemon=True).start()
        threading.Thread(target=self._collect_errors, daemon=True).start()

    def _collect(self):
        for line in self.process.stdout:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def _collect_errors(self):
        for line in self.process.stderr:
            with self._more_errors:
                self._errors.append(line)
                self._more_errors.notify_all()

    def errors(self):
        """What it has written to its standard error, as far as that has been read."""
        with self._more_errors:
            return "".join(self._errors)

    def wait_for_error(self, part, within=PATIENCE):
        """Until there is a line with this part on its standard error."""
        with self._more_errors:
            found = self._more_errors.wait_for(lambda: any(part in line for line in self._errors), within)
        if not found:
            raise AssertionError(f"{self.name} has no line with {part!r} on its standard error\n{self.story()}")

    def _next(self, deadline):
        if self.read == len(self.lines):
            try:
                line = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return None
            if line is None:
                self._queue.put(None)
                return None
            self.lines.append(line)
        self.read += 1
        return self.lines[self.read - 1]

    def wait_for(self, expected, within=PATIENCE):
        """The next line for which expected(line) holds, or which is expected. Others in between are skipped."""
        matches = expected if callable(expected) else lambda line: line == expected
        deadline = time.monotonic() + within
        while (line := self._next(deadline)) is not None:
            if matches(line):
                return line
        what = getattr(expected, "__doc__", None) if callable(expected) else repr(expected)
        raise AssertionError(f"{self.name} did not print {what} within {within:g} s\n{self.story()}")

    def drain(self):
        """All that has been printed by now counts as read; the last of it."""
        while self._next(time.monotonic()) is not None:
            pass
        return self.lines[-1] if self.lines else None

    def write(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def story(self):
        return f"--- {self.name} printed\n" + "\n".join(self.lines) + "\n--- stderr\n" + self.errors()


class Programs:
    """Starts programs, and ends them all when the test is over, however it ends."""

    def __init__(self, configuration):
        self.home = pathlib.Path(tempfile.mkdtemp())
        config = self.home / "config.json"
        config.touch(mode=0o600)
        config.write_text(configuration)
        self.environment = dict(os.environ, HOME=str(self.home), AEMP_CONFIG=str(config))
        for other in ("XDG_CONFIG_HOME", "PERL_ANYEVENT_MP_RC"):
            self.environment.pop(other, None)
        self.started = []

    def start(self, name, command, prefix=()):
        program = Program(name, command, self.environment, prefix)
        self.started.append(program)
        return program

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        for program in self.started:
            if kind is not None:
                program.drain()
            program.kill()
        if kind is not None:
            print("\n".join(program.story() for program in self.started), file=sys.stderr)
        shutil.rmtree(self.home)
