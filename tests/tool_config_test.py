#!/usr/bin/env python3
"""The commands of `aemp` that need no network: the configuration file, secrets and certificates, help.

Usage: tool_config_test.py FOLDER_OF_THE_TOOL
"""

import ctypes
import errno
import fcntl
import json
import pathlib
import platform
import re
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
import time

from tool_runner import Tool

SAMPLE = """{
   "version" : 1,
   "secret" : "geheim",
   "profile" : {
      "server" : { "nodeid" : "srv", "binds" : [ "127.0.0.1:45402" ], "services" : [ [ "Demo::start", 7 ] ] },
      "child"  : { "parent" : "server", "nodeid" : "anon/" },
      "aemp"   : { "binds" : [ "127.0.0.1:0" ], "seeds" : [ "127.0.0.1:45402" ] }
   }
}
"""


FLOCK = {"x86_64": 73, "aarch64": 32}  # the number of the system call


def without_locks():
    """From here on flock() fails with ENOLCK, as on some network file systems: a seccomp filter sees to that."""
    allow, fail = 0x7FFF0000, 0x00050000 | errno.ENOLCK
    code = [(0x20, 0, 0, 0), (0x15, 0, 1, FLOCK[platform.machine()]), (0x06, 0, 0, fail), (0x06, 0, 0, allow)]  # load, compare, return
    filters = b"".join(struct.pack("HBBI", *line) for line in code)
    buffer = ctypes.create_string_buffer(filters)
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code), ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_seccomp, filter_mode = 38, 22, 2
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) != 0 or libc.prctl(set_seccomp, filter_mode, program, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no seccomp filter")


def content(aemp):
    return json.loads(aemp.file.read_text())


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def the_sample_of_the_protocol_page_works_as_it_is(aemp):
    aemp.file.write_text(SAMPLE)
    aemp.file.chmod(0o600)
    aemp("getsecret", prints="geheim\n")
    aemp("profiles", prints="aemp\nchild\nserver\n")
    assert aemp("--json", "showprofile", "server").json() == json.loads(SAMPLE)["profile"]["server"]
    shown = aemp("showconfig", "child").json()
    assert shown["nodeid"] == "anon/" and shown["binds"] == ["127.0.0.1:45402"] and "geheim" not in str(shown), shown
    assert shown["framing_format"] == ["aemp1", "cbor", "json", "storable"], shown
    assert aemp("profile", "child", "showconfig").json() == shown
    assert aemp("showconfig", "child", "--secrets", "--json").json()["secret"] == "geheim"
    assert aemp.file.read_text() == SAMPLE, "looking changes nothing"

    aemp("profile", "child", "setmonitor_timeout", "10")
    expected = json.loads(SAMPLE)
    expected["profile"]["child"]["monitor_timeout"] = "10"
    assert content(aemp) == expected
    old = aemp.file.with_name(aemp.file.name + "~")
    assert old.read_text() == SAMPLE and mode(old) == 0o600 and mode(aemp.file) == 0o600
    assert not aemp.file.with_name(aemp.file.name + "~new~").exists()


def every_key_is_set_read_and_deleted(aemp):
    texts = {
        "nodeid": "n/%u", "secret": "s", "monitor_timeout": "2.5", "connect_interval": "1", "encryption": "required",
        "workers": "4", "spin": "50", "eval": "use X",
    }
    truths = {"autocork": "1", "nodelay": "no", "secure": "true", "inspect": "off", "global": "Yes"}
    lists = {
        "binds": "*:4040,[::1]:*", "seeds": "a:1,b:2", "framing_format": "cbor,json", "auth_offer": "hmac_sha3_512",
        "auth_accept": "hmac_sha3_512", "global_versions": "1,2", "services": "one,two",
    }
    aemp("profile", "base", "setnodeid", "base/")
    for profile in (), ("profile", "p"):
        where = lambda: content(aemp)["profile"]["p"] if profile else content(aemp)
        for key, text in {**texts, **truths, **lists}.items():
            aemp(*profile, f"get{key}", status=1, says=f"{key} is not set")
            for name in (f"set{key}", key) if key != "eval" else ("seteval",):
                aemp(*profile, name, text)
                expected = text.split(",") if key in lists else text in ("1", "true", "Yes") if key in truths else text
                assert where()[key] == expected and type(where()[key]) is type(expected), (key, where()[key])
                aemp(*profile, f"get{key}", prints=(json.dumps(expected) if key in truths else text) + "\n")
                aemp(*profile, f"del{key}")
                assert key not in where()
    aemp("profile", "p", "setparent", "base", "getparent", prints="base\n")
    aemp("profile", "p", "delparent", "getparent", status=1)
    aemp("profile", "p", "getparent", prints="base\n")  # the line above failed, and changed nothing


def truths_are_booleans_whatever_word_is_typed(aemp):
    for key in "secure", "inspect", "global", "autocork", "nodelay":
        for words, truth in (("true", "yes", "on", "1", "TRUE"), True), (("false", "no", "off", "0", "Off"), False):
            for word in words:
                aemp(f"set{key}", word)
                assert content(aemp)[key] is truth, (key, word, content(aemp))
        aemp(f'["set{key}",true]')
        assert content(aemp)[key] is True
        for wrong in "maybe", "2", "nein", "[]", '{"a":1}', "null":
            aemp(f"set{key}", wrong, status=2, says="true or false is expected")
        assert content(aemp)[key] is True, "what is refused changes nothing"
    aemp.file.write_text('{ "profile" : { "p" : { "secure" : "maybe" } } }')
    aemp("run", "p", status=4, says='secure of profile \'p\' is "maybe", true or false is expected')


REFUSED = {
    "nodeid": ["a#b", "a;b", "a\tb", "[1]", "x" * 256],
    "binds": ["127.0.0.1:99999", "127.0.0.1:4040,b:", "::1:4040", "127.0.0.1:-1", "999.0.0.1:1", "a b:1", "[[]]"],
    "seeds": ["127.0.0.1:99999", "127.0.0.1", "*:4040", "127.0.0.1:*", "host:0"],
    "services": ["{}", "[7]", '[""]', '[["",1]]'],
    "encryption": ["yes", "true", ""],
    "monitor_timeout": ["soon", "0", "-1", "10s", "0.001", "1e999", "nan", "", "true"],
    "connect_interval": ["soon", "0", "0.001"],
    "framing_format": ["", "jsn", "cbor,jsn", "7"],
    "auth_offer": ["telepathy", "hmac_sha3_512,hmac_sha3_513"],
    "auth_accept": ["telepathy", ""],
    "global_versions": ["3", "1,x"],
    "workers": ["-1", "many", "100000", "1.5"],
    "spin": ["-1", "1000001", "long"],
}


def values_that_cannot_work_are_refused_when_they_are_written(aemp):
    for key, values in REFUSED.items():
        for wrong in values:
            for profile in (), ("profile", "p"):
                told = aemp(*profile, f"set{key}", wrong, status=2, says="").err
                assert len(told) > 20 and "Traceback" not in told, told
    assert not aemp.file.exists()
    aemp("setbinds", "127.0.0.1:99999", status=2, says="a port is at most 65535")
    aemp("addseed", "::1:4040", status=2, says="for port 4040 write [::1]:4040")
    aemp("addbind", "a:b:c", status=2, says="unparsable transport descriptor")
    aemp("addservice", '[""]', status=2, says="expected")
    aemp("setnodeid", "a#b", status=2, says="must not contain '#'")
    aemp("setframing_format", "cbor,jsn", status=2, says="did you mean json?")
    aemp("setauth_offer", "telepathy", status=2, says="hmac_sha3_512")
    aemp("profile", "p", "setparent", '["a"]', status=4, says="the name of a profile is expected")
    for key in "nodid", "parent":
        aemp("run", key, "x", "workers", "1", "y", status=2)
        aemp("showconfig", "p", key, "x", status=1)
    aemp("profile", "p", "setworkers", "1")
    aemp("run", "p", "framing_format", "jsn,json", status=2, says="did you mean json?")
    aemp("showconfig", "p", "secure", "maybe", status=2, says="true or false is expected")
    aemp("showconfig", "p", "wokers", "4", status=2, says="there is no key 'wokers' of the configuration; did you mean workers?")
    aemp("run", "p", "wokers", "4", status=2, says="did you mean workers?")


def lists_with_mistakes_can_be_mended_element_by_element(aemp):
    aemp.file.write_text('{ "binds" : [ "127.0.0.1:99999", "a:b:c", "127.0.0.1:1" ] }')
    aemp("addbind", "127.0.0.1:2", "delbind", "a:b:c")
    aemp("delbind", "127.0.0.1:99999", "getbinds", prints="127.0.0.1:1,127.0.0.1:2\n")


def doctor_names_what_is_mistyped_in_the_file(aemp):
    aemp.file.write_text("""{
       "secret" : "a long enough secret", "secert" : "s", "eval" : "use X", "autocork" : 1, "framing_format" : [ "jsn", "json" ],
       "profile" : { "p" : { "bind" : "127.0.0.1:0", "parent" : "q" }, "q" : { "binds" : "127.0.0.1:99999" }, "r#" : {} }
    }""")
    aemp.file.chmod(0o600)
    told = aemp("doctor", status=1).out
    for says in (
        f"hm   configuration: {aemp.file}: secert is not known here, and counts for nothing; did you mean secret",
        f"hm   configuration: {aemp.file}: bind of profile 'p' is not known here, and counts for nothing; did you mean binds?",
        f"BAD  profile q: {aemp.file}: binds of profile 'q' is \"127.0.0.1:99999\"",
        "a port is at most 65535",
        "'jsn' in framing_format is not known here; skipped; did you mean json?",
        "BAD  profile r#: 'r#' cannot be a node ID",
    ):
        assert told.count(says) >= 1, (says, told)
    assert told.count("secert") == 1 and told.count("'jsn'") == 1 and "eval" not in told and "autocork" not in told, told


def mistakes_in_the_syntax_are_shown_with_what_is_expected(aemp):
    aemp.file.write_text('{\n  "secret" : "s"\n  "binds" : []\n}\n')
    aemp("getsecret", status=4, says=f"{aemp.file}:3:3: JSON: found the text \"binds\", ',' or '}}' is expected")
    aemp("setservices", '["f"', status=2, says="found the end, and the '[' of line 1 is not closed")


def elements_of_lists_are_added_and_taken_out(aemp):
    aemp("addseed", "a:1", "addseed", "b:2", "addseed", "a:1", "getseeds", prints="b:2,a:1\n")
    aemp("delseed", "b:2", "getseeds", prints="a:1\n")
    aemp("delseed", "b:2", status=1, says="there is no seed b:2")
    aemp("profile", "x", "addbind", "[::1]:55", "getbinds", prints="[::1]:55\n")
    aemp("addservice", '["f",1]', "addservice", "g", "addservice", "g")
    assert content(aemp)["services"] == [["f", 1], "g", "g"]
    aemp("delservice", '["f",1]')
    assert content(aemp)["services"] == ["g", "g"]
    aemp('["setservices",[["f",{"deep":[1,null]}]]]')
    assert content(aemp)["services"] == [["f", {"deep": [1, None]}]]


def profiles_come_and_go(aemp):
    aemp("profile", "a", "setnodeid", "a", "profile", "b", "setparent", "a")
    aemp("delprofile", "a", status=4, says="the parent 'a' of profile 'b' does not exist")
    aemp("profile", "a", "setparent", "b", status=4, says="in a circle")
    aemp("setparent", "a", status=2, says="only a profile has a parent")
    aemp("delprofile", "b", "delprofile", "a", "profiles", prints="")
    aemp("showprofile", "a", status=1, says="there is no profile 'a'")


def secrets_and_certificates_are_made(aemp):
    aemp("gensecret")
    first = content(aemp)["secret"]
    aemp("gensecret")
    assert len(first) == 64 and first.isalnum() and content(aemp)["secret"] != first

    pem = aemp.home / "cert.pem"
    aemp("gencert")
    shared = content(aemp)["cert"]
    assert shared.count("BEGIN CERTIFICATE") == 1 and shared.count("PRIVATE KEY") == 2
    pem.write_text(shared)
    about = subprocess.run(["openssl", "x509", "-in", pem, "-noout", "-subject"], capture_output=True, text=True, check=True)
    assert "AnyEvent::MP" in about.stdout, about.stdout
    aemp("delcert", "setcert", pem, "getcert", prints=shared)

    authority = aemp.home / "ca.pem"
    aemp("genca", authority)
    assert mode(authority) == 0o600
    aemp("genca", authority, status=1, says="is there already")
    for name in "one", "two":
        aemp("profile", name, "setnodeid", f"node {name}", "gencert", authority)
        pem.write_text(content(aemp)["profile"][name]["cert"])
        subprocess.run(["openssl", "verify", "-CAfile", authority, pem], check=True, capture_output=True)
        names = ["openssl", "x509", "-in", pem, "-noout", "-ext", "subjectAltName"]
        about = subprocess.run(names, capture_output=True, text=True, check=True).stdout
        assert f"URI:aemp:node%20{name}" in about and "URI:aemp:anon/*" in about, about
    aemp("profile", "many", "setnodeid", "worker/%n/", "gencert", authority)
    pem.write_text(content(aemp)["profile"]["many"]["cert"])
    about = subprocess.run(names, capture_output=True, text=True, check=True).stdout
    assert "URI:aemp:worker/*/*" in about, about
    aemp("setlimits", '{"max_message":1000000}')
    assert content(aemp)["limits"] == {"max_message": 1000000}
    aemp("setlimits", '{"max_mesage":1000000}', status=2, says="did you mean max_message")
    aemp("gencert", pem, status=2, says="it is no authority")
    pem.write_text("nothing")
    aemp("setcert", pem, status=2, says="cannot be used")
    aemp("setcert", aemp.home / "absent.pem", status=4, says="No such file")


def a_file_that_cannot_be_read_is_left_alone(aemp):
    for bad in '{ "secret" : ', "[]", '{ "profile" : 7 }':
        aemp.file.write_text(bad)
        aemp("setnodeid", "x", status=4)
        assert aemp.file.read_text() == bad
    aemp.file.unlink()
    aemp.file.mkdir()
    aemp("setnodeid", "x", status=4, says="so it is not changed either")
    aemp.file.rmdir()
    aemp("--config", "/dev/null", "setnodeid", "x", status=4, says="no regular file")
    aemp("--config", aemp.home / "nowhere" / "c", "setnodeid", "x", status=4, says="is not written")


def a_file_that_others_can_read_is_closed_and_comments_are_kept_aside(aemp):
    aemp.file.write_text('{ "secret" : "s", # why\n "unknown" : [ 1, ], }\n')
    aemp.file.chmod(0o644)
    told = aemp("setnodeid", "n", says="could be used by others").err
    assert "the comments of" in told, told
    assert mode(aemp.file) == 0o600 and content(aemp) == {"secret": "s", "unknown": [1], "nodeid": "n"}


def a_link_stays_a_link(aemp):
    real = aemp.home / "real.conf"
    real.write_text("{}")
    aemp.file.symlink_to(real)
    aemp("setnodeid", "n")
    assert aemp.file.is_symlink() and json.loads(real.read_text()) == {"nodeid": "n"}


def two_at_the_same_time_do_not_lose_what_the_other_wrote(aemp):
    aemp("setnodeid", "n")
    running = [
        subprocess.Popen([aemp.program, "profile", f"p{i}", "setnodeid", f"n{i}"], env=aemp.environment, stderr=subprocess.PIPE)
        for i in range(8)
    ]
    statuses = [(p.wait(), p.stderr.close())[0] for p in running]
    kept = {name for name in content(aemp).get("profile", {})}
    assert kept == {f"p{i}" for i, status in enumerate(statuses) if status == 0}, (kept, statuses)
    assert set(statuses) <= {0, 4} and 0 in statuses, statuses


def locks_that_cannot_be_had_are_one_error(aemp):
    def tool(*words, prefix=None):
        begin = time.monotonic()
        done = subprocess.run([aemp.program, *words], env=aemp.environment, capture_output=True, text=True, timeout=30, preexec_fn=prefix)
        assert done.returncode == 4 and done.stderr.count("\n") == 1, done
        return done.stderr, time.monotonic() - begin

    if platform.machine() in FLOCK:
        text, took = tool("setnodeid", "x", prefix=without_locks)
        assert f"{aemp.file} is not written: cannot lock" in text and "No locks available" in text and took < 4, (text, took)
        assert not list(aemp.home.iterdir()), "nothing is left behind"

    with open(f"{aemp.file}~new~", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        text, took = tool("setnodeid", "x")
        assert "somebody else has" in text and took > 2, (text, took)
    aemp("setnodeid", "x", "getnodeid", prints="x\n")


def mistakes_are_answered_with_what_was_meant(aemp):
    aemp("setnodid", "x", status=2, says="did you mean setnodeid")
    aemp("setnodeid", status=2, says="aemp setnodeid NODEID")
    aemp("set\033[2J", status=2, says=r"set\x1b[2J")
    aemp("--jsn", status=2, says="did you mean --json?")
    aemp("setnodeid", "x", "nonsense", status=2, says="there is no command 'nonsense'")
    aemp("db", status=2, says="did you mean db get, db set")
    aemp("db", "--help", "gte", status=2, says="did you mean db get, db set")
    aemp("help", "setnodid", status=2, says="did you mean setnodeid")
    assert not aemp.file.exists(), "a line with a mistake changes nothing"
    aemp("setservices", '["f"', status=2, says="begins like JSON, but is none")
    aemp("setworkers", "many", status=2, says="a number of threads is expected")
    aemp("--timeout", "soon", "profiles", "--secrets", status=2, says="means nothing here")
    error = json.loads(aemp("--json", "showprofile", "x", status=1, says="no_such_profile").err)
    assert error["error"] == "no_such_profile", error
    assert aemp(status=2, says="usage: aemp").out == ""


def everything_has_help(aemp):
    overview = aemp("--help").out
    assert overview == aemp("help").out and "gensecret" in overview
    group = aemp("db", "--help").out
    assert group == aemp("help", "db").out and "usage: aemp db get" in group and "usage: aemp db watch" in group, group
    for name in "setnodeid", "genca", "delbind", "showconfig":
        text = aemp(name, "--help").out
        assert text.startswith(f"usage: aemp {name}") and "\nExample:\n  aemp " in text, text
        assert text == aemp("help", name).out
    version = aemp("--version", "--json").json()
    assert version["version"] and "OpenSSL" in version["tls"], version
    assert aemp("--version").out.startswith("aemp " + version["version"])


def complete(aemp, *words):
    return [line.split("\t")[0] for line in aemp("complete", "--", *words).out.splitlines()]


def every_key_of_the_documentation_can_be_set(aemp):
    page = (pathlib.Path(__file__).resolve().parent.parent / "docs" / "configuration.md").read_text()
    keys = re.search(r"## Keys\n(.*?)\n## ", page, re.DOTALL)[1]
    named = {key for row in re.findall(r"^\| (`[^|]*) \|", keys, re.MULTILINE) for key in re.findall(r"`(\w+)`", row)}
    assert len(named) > 15, named
    for key in named - {"profile"}:
        assert aemp("help", f"set{key}").out


def words_are_completed(aemp):
    aemp("profile", "server", "setnodeid", "s")
    assert complete(aemp, "setno") == ["setnodeid", "setnodelay"]
    assert complete(aemp, "profile", "") == ["server"]
    assert complete(aemp, "profile", "server", "gens") == ["gensecret"]
    assert complete(aemp, "setnodeid", "setsec") == [], "a node ID may have any name"
    assert complete(aemp, "db", "") == ["get", "set", "del", "watch"]
    assert "db" in complete(aemp, "") and "complete" not in complete(aemp, "")
    assert complete(aemp, "setsecure", "") == ["true", "false"]
    assert "nodes" in complete(aemp, "gencert", "n") and complete(aemp, "gencert", "--", "n") == []
    assert complete(aemp, "gencert", "workers", "setno") == ["setnodeid", "setnodelay"]
    assert complete(aemp, "setencryption", "") == ["auto", "required", "off"]
    assert complete(aemp, "snd", "--s") == ["--seed"] and complete(aemp, "snd", "--profile", "") == ["server"]
    assert f"{aemp.file}" in complete(aemp, "genca", f"{aemp.home}/")

    for shell in "zsh", "fish":
        assert "aemp complete" in aemp("completion", shell).out
    aemp("completion", "csh", status=2, says="bash zsh fish")


def bash_completes_words_that_it_has_cut(aemp):
    for name in "server", "at:4040", "at:4050":
        aemp("profile", name, "setnodeid", "s")
    environment = dict(aemp.environment, PATH=f"{aemp.program.parent}:{aemp.environment['PATH']}")

    def replies(*words):
        script = aemp("completion", "bash").out + """
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            _aemp
            printf '%s\\n' "${COMPREPLY[@]}"
        """
        shell = subprocess.run(["bash", "-c", script, "bash", *words], env=environment, capture_output=True, text=True, check=True)
        assert not shell.stderr, shell
        return shell.stdout.split()

    assert replies("aemp", "profile", "server", "setno") == ["setnodeid", "setnodelay"]
    assert replies("aemp", "profile", "") == ["at:4040", "at:4050", "server"]
    assert replies("aemp", "profile", "at", ":") == ["4040", "4050"]
    assert replies("aemp", "profile", "at", ":", "405") == ["4050"]
    assert replies("aemp", "profile", "at", ":", "4050", "setno") == ["setnodeid", "setnodelay"]
    assert replies("aemp", "--timeout", "=", "5", "setno") == ["setnodeid", "setnodelay"]


def the_manual_names_all_commands(aemp):
    page = aemp("manual").out
    for name in "setnodeid", "snd", "db get", "doctor", "delservice":
        assert f'.BI "{name} "' in page or f".B {name}\n" in page, name
    assert page.startswith(".TH AEMP 1") and "EXIT STATUS" in page
    if shutil.which("man"):
        shown = subprocess.run(["man", "-l", "--warnings=w", "-Tutf8", "-"], input=page, capture_output=True, text=True)
        assert not shown.stderr and "add a seed behind the others" in shown.stdout, shown.stderr


TESTS = [
    the_sample_of_the_protocol_page_works_as_it_is,
    every_key_is_set_read_and_deleted,
    truths_are_booleans_whatever_word_is_typed,
    values_that_cannot_work_are_refused_when_they_are_written,
    lists_with_mistakes_can_be_mended_element_by_element,
    doctor_names_what_is_mistyped_in_the_file,
    mistakes_in_the_syntax_are_shown_with_what_is_expected,
    elements_of_lists_are_added_and_taken_out,
    profiles_come_and_go,
    secrets_and_certificates_are_made,
    a_file_that_cannot_be_read_is_left_alone,
    a_file_that_others_can_read_is_closed_and_comments_are_kept_aside,
    a_link_stays_a_link,
    two_at_the_same_time_do_not_lose_what_the_other_wrote,
    locks_that_cannot_be_had_are_one_error,
    mistakes_are_answered_with_what_was_meant,
    everything_has_help,
    every_key_of_the_documentation_can_be_set,
    words_are_completed,
    bash_completes_words_that_it_has_cut,
    the_manual_names_all_commands,
]


def main():
    program = pathlib.Path(sys.argv[1]) / "aemp"
    for test in TESTS:
        with tempfile.TemporaryDirectory() as home:
            test(Tool(program, home))
        print(test.__name__, flush=True)


if __name__ == "__main__":
    main()
