#!/usr/bin/env python3
"""What the shared library lets out: what its public headers mark with AEMP_API, what other headers mark with
AEMP_PRIVATE_API for the tool and the simulator, and nothing else. And all of the former is really there, so a program
that compiles also links.
Usage: exported_symbols_test.py LIBRARY SOURCE
"""

import pathlib
import re
import subprocess
import sys

# The marked declaration up to what ends it: a class, a function or a variable.
MARKED = re.compile(r"^(?:\[\[\w+\]\] )?(?P<head>[^\n/]*\b(?P<mark>AEMP_API|AEMP_PRIVATE_API)\b[^;{]*)[;{]", re.M)
KIND = re.compile(r"^(typeinfo name for|typeinfo for|vtable for|guard variable for|VTT for|TLS (?:init|wrapper) function for|"
                  r"(?:non-virtual |virtual )?thunk to) ")


def marked_names(folder, mark):
    """The last parts of the names of what is marked in the headers below this folder."""
    names = {}
    for header in sorted(folder.rglob("*.hpp")):
        if header.name == "export.hpp":
            continue
        for match in MARKED.finditer(header.read_text(encoding="utf-8")):
            if match["mark"] != mark:
                continue
            head = re.sub(r"\[\[.*?\]\]", "", match["head"].replace(match["mark"], ""))
            kind = re.match(r"\s*(?:class|struct)\s+(\w+)", head)
            plain = re.search(r"(operator\s*\S+?|\w+)\s*(?:\(|\[|=|$)", head.strip())
            names[(kind or plain)[1].replace(" ", "")] = header.name
    return names


def parts_of(symbol):
    """aemp::detail::message::tag[abi:cxx11](int) const -> [aemp, detail, message, tag]"""
    name = KIND.sub("", symbol)
    name = re.sub(r"\[abi:\w+\]", "", name)
    name = name.replace("operator()", "operatorcall").replace("operator<<", "operatorout")
    while True:
        less = re.sub(r"<[^<>]*>", "", name)
        if less == name:
            break
        name = less
    # A function's result, where it is a template's, and its parameters.
    name = name.split("(")[0].split(" ")[-1]
    return name.replace("operatorout", "operator<<").split("::")


def main():
    library, source = sys.argv[1], pathlib.Path(sys.argv[2])
    listing = subprocess.run(["nm", "-DC", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    symbols = sorted({line.split(" ", 2)[2] for line in listing.splitlines()})
    public = marked_names(source / "include", "AEMP_API")
    private = {}
    for folder in ("src", "include"):
        private |= marked_names(source / folder, "AEMP_PRIVATE_API")

    unmarked, seen = [], set()
    for symbol in symbols:
        parts = set(parts_of(symbol))
        known = parts & (public.keys() | private.keys())
        seen |= known
        if "aemp" not in parts or not known:
            unmarked.append(symbol)
    missing = [f"{name} ({public.get(name) or private[name]})" for name in sorted((public.keys() | private.keys()) - seen)
               if not name.startswith("aemp_service")]  # those are a service's

    if unmarked:
        print("lets out names that no header marks with AEMP_API or AEMP_PRIVATE_API:\n  " + "\n  ".join(unmarked))
    if missing:
        print("does not let out what its headers mark:\n  " + "\n  ".join(missing))
    if not public or not symbols:
        sys.exit("nothing to compare: is this the library, and is this its source?")
    print(f"{len(symbols)} symbols; {len(public)} public and {len(private)} private names are marked")
    sys.exit(1 if unmarked or missing else 0)


if __name__ == "__main__":
    main()
