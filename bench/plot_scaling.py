#!/usr/bin/env python3
"""What scale_bench has measured, as tables for docs/scaling.md and as its picture.

    plot_scaling.py [--picture FILE.svg] NAME=FILE.tsv...

Each file is the output of one run of scale_bench, and NAME says which. The tables go to standard output.
"""

import argparse
import html
import math
import pathlib
import sys

PHASES = ["start", "rest", "seed killed", "partition", "heal"]
COLOURS = ["#1b6ca8", "#d1495b", "#3c8d5a", "#8a5a9e", "#c08a1e"]
MEASURES = [("bytes/node", "bytes a node"), ("ms/node", "CPU time a node, ms")]


def read(path):
    """The lines of a run, as dictionaries by the names of the columns."""
    head, *lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    columns = head.split("\t")
    return [dict(zip(columns, line.split("\t"))) for line in lines]


def table(rows):
    yield "| nodes | phase | seconds | bytes/node | packets/node | kB/node | ms/node |"
    yield "|---:|---|---:|---:|---:|---:|---:|"
    for row in rows:
        keys = ["nodes", "phase", "seconds", "bytes/node", "packets/node", "kB/node", "ms/node"]
        yield "| " + " | ".join(row[k] for k in keys) + " |"


class Plot:
    """One diagram with logarithmic axes, at its place in the picture."""

    WIDTH, HEIGHT, LEFT, TOP = 300, 220, 60, 40

    def __init__(self, x, y, title, series):
        self.x, self.y, self.title, self.series = x, y, title, series
        points = [p for line in series.values() for p in line]
        self.across = self.span([p[0] for p in points])
        self.up = self.span([p[1] for p in points])

    @staticmethod
    def span(values):
        return math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def place(self, point):
        def share(value, span):
            return (math.log10(value) - span[0]) / max(1, span[1] - span[0])
        return (self.x + self.LEFT + self.WIDTH * share(point[0], self.across),
                self.y + self.TOP + self.HEIGHT * (1 - share(point[1], self.up)))

    def svg(self):
        yield f'<text x="{self.x + self.LEFT}" y="{self.y + 22}" font-weight="bold">{html.escape(self.title)}</text>'
        for decade in range(self.across[0], self.across[1] + 1):
            x, y = self.place((10**decade, 10**self.up[0]))
            yield f'<line x1="{x:.0f}" y1="{y:.0f}" x2="{x:.0f}" y2="{y - self.HEIGHT:.0f}" stroke="#ddd"/>'
            yield f'<text x="{x:.0f}" y="{y + 16:.0f}" text-anchor="middle">{10**decade:g}</text>'
        for decade in range(self.up[0], self.up[1] + 1):
            x, y = self.place((10**self.across[0], 10**decade))
            yield f'<line x1="{x:.0f}" y1="{y:.0f}" x2="{x + self.WIDTH:.0f}" y2="{y:.0f}" stroke="#ddd"/>'
            yield f'<text x="{x - 6:.0f}" y="{y + 4:.0f}" text-anchor="end">{10**decade:g}</text>'
        for phase, line in self.series.items():
            colour = COLOURS[PHASES.index(phase)]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(self.place, line))
            yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
            for x, y in map(self.place, line):
                yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'


def picture(runs):
    plots = []
    for row, (name, lines) in enumerate(runs.items()):
        for column, (key, title) in enumerate(MEASURES):
            series = {phase: [(float(r["nodes"]), max(float(r[key]), 0.01)) for r in lines if r["phase"] == phase]
                      for phase in PHASES}
            series = {phase: line for phase, line in series.items() if line}
            plots.append(Plot(column * 400, row * 300 + 30, f"{name}: {title}", series))
    height = len(runs) * 300 + 50
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="800" height="{height}" font-family="sans-serif" '
           'font-size="12"><rect width="100%" height="100%" fill="white"/>')
    for i, phase in enumerate(PHASES):
        yield f'<circle cx="{70 + i * 110}" cy="18" r="5" fill="{COLOURS[i]}"/>'
        yield f'<text x="{80 + i * 110}" y="22">{phase}</text>'
    for plot in plots:
        yield from plot.svg()
    yield "</svg>"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--picture", help="where to write the picture")
    parser.add_argument("runs", nargs="+", metavar="NAME=FILE.tsv")
    wanted = parser.parse_args()
    runs = {}
    for run in wanted.runs:
        name, separator, path = run.partition("=")
        if not separator:
            sys.exit(f"plot_scaling.py: '{run}' has no name; write NAME={run}")
        runs[name] = read(path)
    for name, lines in runs.items():
        print(f"## {name}\n")
        print("\n".join(table(lines)) + "\n")
    if wanted.picture:
        pathlib.Path(wanted.picture).write_text("\n".join(picture(runs)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
