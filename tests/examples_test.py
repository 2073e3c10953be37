#!/usr/bin/env python3
"""Runs the examples that need no network, as a reader would, and compares what they print with what their head says.

Usage: examples_test.py FOLDER_OF_THE_PROGRAMS
"""

import pathlib
import subprocess
import sys

EXPECTED = {
    "hello": "Ending with: 123\n",
    "ping_pong": "ponger: ping 1\n"
    "pinger: pong 1\n"
    "child 42 died\n"
    "third is 3: a b\n"
    "nobody wanted: pong\n",
    "calls": "1 + 2 = 3\nno answer: timeout\n",
}


def main():
    folder = pathlib.Path(sys.argv[1])
    failed = False
    for name, expected in EXPECTED.items():
        run = subprocess.run([folder / name], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
        if run.returncode != 0 or run.stdout != expected or run.stderr:
            failed = True
            print(f"{name}: exit code {run.returncode}\n--- expected\n{expected}--- printed\n{run.stdout}--- stderr\n{run.stderr}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
