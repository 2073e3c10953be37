"""The table and the picture of what bench/run has measured."""

import html
import math


def better(workload, ours, theirs):
    """How many times better ours is: more of a rate, less of a time or of memory."""
    return theirs / ours if workload.less_is_better else ours / theirs


def figure(x):
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if x >= limit:
            return f"{x / limit:.3g}{unit}" if x < 100 * limit else f"{x / limit:.0f}{unit}"
    return f"{x:.3g}" if x < 100 else f"{x:.0f}"


def rows(workload, results):
    """One row of text for each system."""
    ours = results.get(workload.systems[0], {}).get("median")
    for system in workload.systems:
        r = results[system]
        if r["median"] is None:
            yield f"  {system:<8}{r['missing']}"
            continue
        spread = f"({figure(r['min'])} to {figure(r['max'])})"
        cpu = f"{r['cpu_ns']:.0f} ns CPU" if "cpu_ns" in r else ""
        p99 = f"p99 {figure(r['p99'])}" if "p99" in r else ""
        row = f"  {system:<8}{figure(r['median']):>8} {workload.unit:<11}{spread:<20}{cpu:>15}  {p99:<10}"
        if system == workload.systems[0]:
            if workload.reach_value:
                reached = better(workload, ours, workload.reach_value) >= 1
                row += f"to reach: {figure(workload.reach_value)}{'' if reached else ' - missed'}"
        elif ours:
            ratio = better(workload, ours, r["median"])
            row += f"aemp is {ratio:.2f} times as good"
            if system in workload.reach:
                row += f", to reach: {workload.reach[system]:.2f}{'' if ratio >= workload.reach[system] else ' - missed'}"
        if r["disturbed"]:
            row += f"  [{r['disturbed']} of {len(r['runs'])} runs disturbed]"
        yield row.rstrip()


def picture(measured):
    """An SVG: for each workload and peer, how many times better aemp is, as a bar on a logarithmic scale; a mark
    where the goal is. `measured` is a list of (workload, results by system)."""
    bars = []
    for workload, results in measured:
        ours = results[workload.systems[0]]["median"]
        for system in workload.systems[1:]:
            theirs = results[system]["median"]
            if ours and theirs:
                bars.append((f"{workload.name} {system}", better(workload, ours, theirs), workload.reach.get(system), workload.what))
    left, right, height = 110, 760, 18
    exponents = [math.log10(x) for _, ratio, goal, _ in bars for x in (ratio, goal) if x]
    low, high = math.floor(min(exponents, default=0)), math.ceil(max(exponents, default=1))
    low, high = min(low, -1), max(high, 1)

    def x_of(ratio):
        return left + (math.log10(ratio) - low) / (high - low) * (right - left)

    bottom = 40 + height * len(bars)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 {bottom + 30}" font-family="sans-serif" font-size="11">',
           f'<rect width="860" height="{bottom + 30}" fill="white"/>',
           '<text x="8" y="18" font-size="13">How many times as good aemp is as each peer and as the limit; the line is where the goal is</text>']
    for exponent in range(low, high + 1):
        x = x_of(10.0 ** exponent)
        out.append(f'<path d="M{x:.1f} 30V{bottom}" stroke="{"#444" if exponent == 0 else "#ddd"}"/>')
        out.append(f'<text x="{x:.1f}" y="{bottom + 15}" text-anchor="middle">{10.0 ** exponent:g}</text>')
    for i, (name, ratio, goal, what) in enumerate(bars):
        y = 34 + height * i
        begin, end = sorted((x_of(1), x_of(ratio)))
        colour = "#888" if goal is None else "#2a7" if ratio >= goal else "#c62"
        out.append(f'<g><title>{html.escape(what)}</title><text x="8" y="{y + 11}">{html.escape(name)}</text>')
        out.append(f'<rect x="{begin:.1f}" y="{y}" width="{max(end - begin, 1):.1f}" height="{height - 5}" fill="{colour}"/>')
        out.append(f'<text x="{right + 20}" y="{y + 11}">{ratio:.2f}</text></g>')
        if goal:
            out.append(f'<path d="M{x_of(goal):.1f} {y - 2}v{height - 1}" stroke="black" stroke-width="2"/>')
    out.append("</svg>\n")
    return "\n".join(out)
