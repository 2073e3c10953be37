#!/usr/bin/env python3
"""What the comments at the head of the examples, the READMEs and the pages of docs/ tell people to type works: each command
line `aemp …` there is run, in a home of its own, beside a live node `seed`. It may fail, for there is no node `server`, but not
because it makes no sense.

Usage: documented_commands_test.py FOLDER_OF_THE_TOOL
"""

import pathlib
import re
import shlex
import sys

import processes
from tool_runner import Tool

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "tool" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CONFIGURATION = """{
   "secret" : "the secret of these tests",
   "profile" : { "seed" : { "nodeid" : "seed", "binds" : "127.0.0.1:0" } }
}"""
SAMPLES = {  # for what a page leaves to its reader
    "COMMAND": "snd", "PROFILE": "seed", "NODE": "seed", "PORT": "seed#x", "GROUP": "chat", "FAMILY": "facts", "KEY": "key",
    "VALUE": "1", "FILE": "made.pem", "LEVEL": "2", "HOST:PORT": "127.0.0.1:4040", "SECRET": "geheim", "LIST": "[]", "FUNCTION": "f",
}
MISUSED, BAD_CONFIG = 2, 4


def commands_of(line):
    """The words of each command in a line of a shell."""
    words = shlex.shlex(line, posix=True, punctuation_chars=";|&")
    words.whitespace_split = True
    command = []
    for word in [*words, ";"]:
        if set(word) <= set(";|&"):
            if command[:1] == ["aemp"]:
                yield command[1:]
            command = []
        else:
            command.append(word)


def lines_of_code(text):
    """Of a page: whole lines that are code."""
    fenced = False
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif (fenced or line.startswith("    ")) and line.strip().startswith("aemp "):
            yield line.strip()


def told():
    """(where, words, whether it may be only the name of a command)"""
    for source in sorted([*(ROOT / "examples").glob("*.cpp"), *(ROOT / "demo").glob("*.cpp")]):
        head = re.match(r"(//.*\n)*", source.read_text(encoding="utf-8"))[0]
        for line in re.findall(r"(?:[:$`] ?|^// +)(aemp [a-z][^`\n]*)", head, re.MULTILINE):
            for words in commands_of(line):
                yield source, words, False
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for line in lines_of_code(text):
            for words in commands_of(line):
                yield page, words, False
        for code in re.findall(r"`(aemp [^`\n]+)`", text):
            for words in commands_of(code):
                yield page, words, True


def is_a_form(words):
    """What shows how commands are built, and is none: aemp [OPTION...] COMMAND."""
    return any(word.startswith("[") and word.endswith("...]") or "…" in word for word in words)


def run_it(aemp, run, words):
    node = run.start("run", [aemp.program, *words])
    node.wait_for(lambda line: line.startswith("node "))
    node.process.terminate()
    assert node.process.wait(processes.PATIENCE) == 0, node.story()


def try_it(aemp, run, where, words, maybe_name):
    words = [SAMPLES.get(word, word) for word in words]
    if maybe_name and all(re.fullmatch("[a-z]+", word) for word in words) and words[0] != "run":
        return aemp(*words, "--help")
    if words[0] == "run":
        return run_it(aemp, run, words)
    if not any(word.startswith("--timeout") for word in words):
        words = ["--timeout", "0.3", *words]
    done = aemp.run(*words, cwd=aemp.home)
    assert done.status not in (MISUSED, BAD_CONFIG), f"{where.relative_to(ROOT)} tells people to type what does not work: {done}"
    return done


def main():
    with processes.Programs(CONFIGURATION) as run:
        aemp = Tool((pathlib.Path(sys.argv[1]) / "aemp").resolve(), run.home)
        aemp.file = run.home / "config.json"
        aemp.environment["AEMP_CONFIG"] = str(aemp.file)
        seed = run.start("seed", [aemp.program, "run", "seed"])
        place = seed.wait_for(lambda line: line.startswith("node ")).split(" listens on ")[1]
        found = [one for one in told() if not is_a_form(one[1])]
        for where, words, maybe_name in found:
            aemp.file.write_text(CONFIGURATION)
            aemp("setseeds", place)
            try_it(aemp, run, where, words, maybe_name)
        tried = {" ".join(words) for _, words, _ in found}
        assert "run profile seed" in tried and "gensecret addseed 10.0.0.1:4040" in tried and len(tried) > 15, tried
        print(f"{len(tried)} different commands")


if __name__ == "__main__":
    main()
