"""The built `aemp` as a process: what it prints, and what it ends with."""

import json
import os
import pathlib
import subprocess


class Result:
    def __init__(self, words, done):
        self.words, self.status, self.out, self.err = words, done.returncode, done.stdout, done.stderr

    def __repr__(self):
        return f"aemp {self.words}: exit status {self.status}\n--- printed\n{self.out}--- stderr\n{self.err}"

    def json(self):
        return json.loads(self.out)


class Tool:
    """A tool with a home and a configuration file of its own."""

    def __init__(self, program, home, timeout=60):
        self.program, self.home, self.timeout = pathlib.Path(program), pathlib.Path(home), timeout
        self.file = self.home / "aemp.conf"
        self.environment = dict(os.environ, HOME=str(home), AEMP_CONFIG=str(self.file))
        for other in ("XDG_CONFIG_HOME", "PERL_ANYEVENT_MP_RC", "AEMP_TRACE", "AEMP_WARNLEVEL"):
            self.environment.pop(other, None)

    def run(self, *words, input=None, cwd=None):
        words = [str(word) for word in words]
        done = subprocess.run(
            [self.program, *words],
            env=self.environment,
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=self.timeout,
            input=input or "",
        )
        return Result(words, done)

    def __call__(self, *words, status=0, says=None, prints=None, input=None):
        """Runs it, and checks its exit status, all of its output, and a part of its standard error."""
        result = self.run(*words, input=input)
        assert result.status == status, f"expected exit status {status}: {result}"
        if says is not None:
            assert says in result.err, f"expected {says!r} on standard error: {result}"
        elif status == 0:
            assert not result.err, f"expected nothing on standard error: {result}"
        if prints is not None:
            assert result.out == prints, f"expected {prints!r}: {result}"
        return result
