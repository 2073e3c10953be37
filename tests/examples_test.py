#!/usr/bin/env python3
"""Runs the examples that need no network, as a reader would, and compares what they print with what their head says.

Usage: examples_test.py FOLDER_OF_THE_PROGRAMS FOLDER_OF_THE_SOURCES
"""

import pathlib
import re
import subprocess
import sys

PRINTS = re.compile(r"^// Prints(?: [^:\n]*)?:(?P<line>.*)\n(?P<lines>(?://   .*\n)*)", re.M)


def promised(source):
    """What the head of an example says that it prints. Several lines are indented, or joined by ', then: '."""
    match = PRINTS.search(source.read_text(encoding="utf-8"))
    if match is None:
        return None
    lines = [line[5:] for line in match["lines"].splitlines()] or match["line"].strip().split(", then: ")
    return "".join(line + "\n" for line in lines)


def main():
    folder, sources = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    failed, count = False, 0
    for source in sorted(sources.glob("*.cpp")):
        name, expected = source.stem, promised(source)
        if expected is None:
            continue
        count += 1
        run = subprocess.run([folder / name], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
        if run.returncode != 0 or run.stdout != expected or run.stderr:
            failed = True
            print(f"{name}: exit code {run.returncode}\n--- expected\n{expected}--- printed\n{run.stdout}--- stderr\n{run.stderr}")
    print(f"{count} examples print what they promise" if not failed else "some examples do not print what they promise")
    return 1 if failed or count < 4 else 0


if __name__ == "__main__":
    sys.exit(main())
