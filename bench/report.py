"""What bench/run has measured, told: the table for the terminal, the one for docs/performance.md, and the picture.

Results are objects as in latest.json, in a dictionary by (workload, system).
"""

import html
import math
import os
import pathlib
import platform
import re
import subprocess

from workloads import WORKLOADS


def better(workload, ours, theirs):
    """How many times better ours is: more of a rate, less of a time or of memory."""
    return theirs / ours if workload.less_is_better else ours / theirs


def figure(x):
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if x >= limit:
            return f"{x / limit:.3g}{unit}" if x < 100 * limit else f"{x / limit:.0f}{unit}"
    return f"{x:.3g}" if x < 100 else f"{x:.0f}"


def duration(nanoseconds):
    for limit, unit in ((1e6, "ms"), (1e3, "µs")):
        if nanoseconds >= limit:
            return f"{nanoseconds / limit:.3g} {unit}"
    return f"{nanoseconds:.3g} ns"


def verdict(ratio, goal):
    return "" if not goal else "reached" if ratio >= goal else "missed"


def comparisons(workload, results):
    """(with what, how many times better ours is, goal or None), of all that have figures: peers, another workload of ours,
    and what our figure is to be."""
    result = results.get((workload.name, workload.systems[0]), {})
    ours = result.get("median")
    if not ours:
        return
    for system in workload.systems[1:]:
        theirs = results.get((workload.name, system), {}).get("median")
        if theirs:
            yield system, better(workload, ours, theirs), workload.reach.get(system)
    if workload.beside:
        name, key, goal = workload.beside
        other = results.get((name, workload.systems[0]), {}).get(key)
        if other:
            yield f"{name}{'' if key == 'median' else ' ' + key}", better(workload, result[key], other), goal
    if workload.reach_value:
        yield f"{figure(workload.reach_value)} {workload.unit}", better(workload, ours, workload.reach_value), 1


def cells(workload, results):
    """The rows of a workload's table as lists of text: with what, median, lowest to highest, CPU time, p99, times as good, goal,
    verdict, remark."""
    compared = {what: (ratio, goal) for what, ratio, goal in comparisons(workload, results)}

    def judged(what):
        if what not in compared:
            return ["", "", ""]
        ratio, goal = compared.pop(what)
        return [f"{ratio:.2f}", f"{goal:.2f}" if goal else "", verdict(ratio, goal)]

    for system in workload.systems:
        r = results.get((workload.name, system))
        if r is None:
            continue
        if r["median"] is None:
            yield [system, "", "", "", "", "", "", "", r["missing"]]
            continue
        remarks = [f"{n:.0f} instructions {what}" for what, n in r.get("instructions", {}).items()]
        if r.get("disturbed"):
            remarks.append(f"{r['disturbed']} of {len(r['runs'])} runs disturbed")
        yield [system, figure(r["median"]), f"{figure(r['min'])} to {figure(r['max'])}",
               duration(r["cpu_ns"]) if "cpu_ns" in r else "", figure(r["p99"]) if "p99" in r else "", *judged(system),
               ", ".join(remarks)]
    for what in list(compared):
        yield [f"({what})", "", "", "", "", *judged(what), ""]


HEADS = ("median", "lowest to highest", "CPU time", "p99", "aemp is", "goal")


def rows(workload, results):
    """The table of one workload for the terminal."""
    yield f"{workload.name}: {workload.what} ({workload.unit})"
    line = "  {:<15}{:>8}  {:<18}{:>10} {:>7} {:>9} {:>7}  {:<8} {}"
    yield line.format("", *HEADS, "", "").rstrip()
    for what, median, spread, cpu, p99, ratio, goal, reached, remark in cells(workload, results):
        ratio, goal = (f"{x}x" if x else "" for x in (ratio, goal))
        yield line.format(what, median, spread, cpu, p99, ratio, goal, reached.upper() if reached == "missed" else reached,
                          remark).rstrip()


def markdown(results):
    """All of it as one table."""
    yield "| workload | beside | " + " | ".join(HEADS) + " | | |"
    yield "|---|---|" + "---:|" * len(HEADS) + "---|---|"
    for workload in WORKLOADS:
        first = f"**{workload.name}** {workload.what}, {workload.unit}"
        for what, median, spread, cpu, p99, ratio, goal, reached, remark in cells(workload, results):
            reached = "**missed**" if reached == "missed" else reached
            ratio, goal = (f"{x}×" if x else "" for x in (ratio, goal))
            yield "| " + " | ".join((first, what, median, spread, cpu, p99, ratio, goal, reached, remark)) + " |"
            first = ""


def machine():
    """What was measured on, without its name."""
    cpu = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal: *(\d+)", pathlib.Path("/proc/meminfo").read_text(), re.MULTILINE)
    governor = pathlib.Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    virtual = " hypervisor " in pathlib.Path("/proc/cpuinfo").read_text()
    compiler = subprocess.run(["c++", "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    yield "CPU", f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} CPUs{' of a virtual machine' if virtual else ''}"
    yield "memory", f"{int(memory[1]) / 2**20:.0f} GiB" if memory else "unknown"
    yield "kernel", platform.system() + " " + platform.release().split("-")[0]
    yield "compiler", compiler
    yield "governor", governor.read_text().strip() if governor.exists() else "none to be seen"


def publish(results, folder):
    """Writes what docs/performance.md has between its markers, and the picture beside it."""
    page = folder / "performance.md"
    begin, end = "<!-- measured: begin -->\n", "<!-- measured: end -->"
    text = page.read_text()
    head, rest = text.split(begin, 1)
    tail = rest.split(end, 1)[1]
    days = sorted({r["date"] for r in results.values()})
    told = ["![How many times as good aemp is as each peer and as each limit](ratios.svg)", "",
            f"Measured on {days[0]}" + (f" to {days[-1]}" if len(days) > 1 else "") + ".", "", "| | |", "|---|---|",
            *(f"| {what} | {value} |" for what, value in machine()), "", *markdown(results), ""]
    page.write_text(head + begin + "\n" + "\n".join(told) + "\n" + end + tail)
    (folder / "ratios.svg").write_text(picture(results))


STYLE = """
.paper { fill: #fff } text { fill: #24292f } .grid { stroke: #d8dee4 } .one { stroke: #24292f } .goal { stroke: #24292f; stroke-width: 2.5 }
.reached { fill: #2da44e } .missed { fill: #d4590c } .free { fill: #8c959f } .name { font-weight: bold }
@media (prefers-color-scheme: dark) {
.paper { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d } .one { stroke: #e6edf3 } .goal { stroke: #e6edf3 }
.reached { fill: #3fb950 } .missed { fill: #f0883e } .free { fill: #6e7681 } }
"""


def picture(results):
    """An SVG for a light and a dark page: for each workload, how many times as good aemp is as each peer and as the limit, as a
    bar on a logarithmic scale; a mark where the goal is."""
    groups = [(w, list(comparisons(w, results))) for w in WORKLOADS]
    groups = [(w, compared) for w, compared in groups if compared]
    exponents = [math.log10(x) for _, compared in groups for _, ratio, goal in compared for x in (ratio, goal) if x]
    low, high = min(-1, math.floor(min(exponents, default=0))), max(1, math.ceil(max(exponents, default=1)))
    left, right, top, height, gap = 190, 700, 76, 16, 8

    def x_of(ratio):
        return left + (math.log10(ratio) - low) / (high - low) * (right - left)

    bottom = top + sum(height * len(compared) + gap for _, compared in groups)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {bottom + 34}" font-family="sans-serif" font-size="11">',
           f"<style>{STYLE}</style>", f'<rect class="paper" width="800" height="{bottom + 34}"/>',
           '<text x="12" y="22" font-size="15">How many times as good aemp is as each peer and as each limit</text>']
    x = 12
    for kind, word in (("reached", "goal reached"), ("missed", "goal missed"), ("free", "no goal")):
        out.append(f'<rect class="{kind}" x="{x}" y="36" width="12" height="12"/><text x="{x + 17}" y="46">{word}</text>')
        x += 110
    out.append(f'<path class="goal" d="M{x} 35v14"/><text x="{x + 8}" y="46">goal</text>')
    for exponent in range(low, high + 1):
        x = x_of(10.0 ** exponent)
        out.append(f'<path class="{"one" if exponent == 0 else "grid"}" d="M{x:.1f} {top - 8}V{bottom}"/>')
        for y in (top - 12, bottom + 16):
            out.append(f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{10.0 ** exponent:g}</text>')
    y = top
    for workload, compared in groups:
        out.append(f'<g><title>{html.escape(workload.what)}</title>')
        out.append(f'<text class="name" x="12" y="{y + 11}">{workload.name}</text>')
        for what, ratio, goal in compared:
            begin, end = sorted((x_of(1), x_of(ratio)))
            out.append(f'<text x="{left - 8}" y="{y + 11}" text-anchor="end">{html.escape(what)}</text>')
            out.append(f'<rect class="{verdict(ratio, goal) or "free"}" x="{begin:.1f}" y="{y + 1}" '
                       f'width="{max(end - begin, 1):.1f}" height="{height - 3}"/>')
            out.append(f'<text x="{right + 16}" y="{y + 11}">{ratio:.2f}</text>')
            if goal:
                out.append(f'<path class="goal" d="M{x_of(goal):.1f} {y - 1}v{height + 1}"/>')
            y += height
        out.append("</g>")
        y += gap
    out.append("</svg>\n")
    return "\n".join(out)
