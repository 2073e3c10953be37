#!/usr/bin/env python3
"""scripts/check-rooms finds what it is there to find, in a small project made for it, and nothing in a clean one."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parent.parent / "scripts" / "check-rooms"


class CheckRooms(unittest.TestCase):
    def findings(self, files):
        """What check-rooms says about a project of these files (path: text); a README per room is added."""
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            subprocess.run(["git", "init", "-q", root], check=True)
            for path, text in files.items():
                target = root / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
                readme = target.parent / "README.md"
                if path.startswith("src/") and not readme.exists() and "src/nodoc" not in path:
                    readme.write_text("one, two")
            run = subprocess.run([sys.executable, CHECK, root], capture_output=True, text=True)
            self.assertEqual(run.returncode, 1 if run.stdout else 0, run.stderr)
            return run.stdout

    def assert_finds(self, expected, files):
        self.assertIn(expected, self.findings(files))

    def test_a_clean_project_has_no_findings(self):
        self.assertEqual("", self.findings({
            "include/aemp/one.hpp": "#pragma once\n#include <aemp/two.hpp>\n#include <string_view>\n",
            "include/aemp/asio.hpp": "#pragma once\n#include <boost/asio/io_context.hpp>\n",
            "src/data/one.hpp": "#pragma once\n#include <aemp/one.hpp>\n",
            "src/core/two.cpp": '#include "data/one.hpp"\n#include <boost/asio.hpp>\n',
            "src/core/two_test.cpp": '#include "sim/clock.hpp"\n// no sleep() here\n',
        }))

    def test_a_room_may_not_use_one_below_it(self):
        self.assert_finds("data stands below core", {"src/data/one.cpp": '#include "core/two.hpp"\n'})

    def test_the_simulator_is_for_tests_only(self):
        self.assert_finds("write the include", {"src/core/one.cpp": '#include "sim/clock.hpp"\n'})
        self.assert_finds("the simulator uses the rooms", {"src/core/one.cpp": "#include <aemp/sim/clock.hpp>\n"})

    def test_an_include_is_written_from_the_root(self):
        self.assert_finds("write the include", {"src/core/one.cpp": '#include "two.hpp"\n'})

    def test_public_headers_hide_what_the_library_uses(self):
        self.assert_finds("would reach users", {"include/aemp/a.hpp": "#pragma once\n#include <boost/asio.hpp>\n"})
        self.assert_finds("would reach users", {"include/aemp/a.hpp": "#pragma once\n#include <openssl/ssl.h>\n"})
        self.assert_finds("public header", {"include/aemp/a.hpp": '#pragma once\n#include "data/one.hpp"\n'})

    def test_a_compiled_function_of_a_public_header_is_let_out(self):
        self.assert_finds("begins with AEMP_API", {"include/aemp/a.hpp": "#pragma once\nint f(int a,\n      int b);\n"})
        self.assert_finds("begins with AEMP_API", {"include/aemp/a.hpp": "#pragma once\n[[noreturn]] void f();  // why\n"})
        self.assertEqual("", self.findings({
            "include/aemp/a.hpp": "#pragma once\nAEMP_API int f();\ninline int g() { return f(); }\ntemplate <class T>\nT h();\n",
        }))

    def test_a_header_of_the_simulator_is_for_users_or_for_its_own_sources(self):
        self.assert_finds("would reach users", {"sim/one.hpp": "#pragma once\n#include <boost/asio.hpp>\n"})
        self.assertEqual("", self.findings({
            "sim/README.md": "one",
            "sim/one.hpp": '#pragma once\n#include "core/clock.hpp"\n#include <boost/asio.hpp>\n',
        }))

    def test_a_header_has_pragma_once(self):
        self.assert_finds("#pragma once", {"src/data/one.hpp": "\n"})

    def test_a_file_stays_small(self):
        self.assert_finds("451 lines", {"src/data/one.cpp": "\n" * 451})

    def test_a_test_does_not_sleep(self):
        for call in ("std::this_thread::sleep_for(1s);", "usleep(5);", "sleep(1);"):
            self.assert_finds("does not sleep", {"src/data/one_test.cpp": call + "\n"})

    def test_headers_do_not_include_each_other_in_a_circle(self):
        self.assert_finds("include/aemp/a.hpp -> include/aemp/b.hpp -> include/aemp/a.hpp", {
            "include/aemp/a.hpp": "#pragma once\n#include <aemp/b.hpp>\n",
            "include/aemp/b.hpp": "#pragma once\n#include <aemp/a.hpp>\n",
        })
        self.assert_finds("headers in a circle", {
            "src/data/one.hpp": '#pragma once\n#include "data/two.hpp"\n',
            "src/data/two.hpp": '#pragma once\n#include "data/three.hpp"\n',
            "src/data/three.hpp": '#pragma once\n#include "data/one.hpp"\n',
        })

    def test_prose_is_wrapped(self):
        long = "word " * 25
        self.assert_finds("README.md:1: 124 columns", {"README.md": long.strip() + "\n"})
        for whole in (f"| {long} |\n", f"    {long}\n", f"```\n{long}\n```\n", f"`{long}`\n", "x" * 130 + "\n"):
            self.assertEqual("", self.findings({"README.md": whole}))

    def test_the_readme_names_what_is_there_and_nothing_else(self):
        self.assert_finds("does not mention three", {"src/data/three.cpp": "\n"})
        self.assert_finds("names four.hpp", {"src/data/README.md": "`four.hpp`, one", "src/data/one.cpp": "\n"})

    def test_a_room_without_readme_and_an_unknown_room_are_found(self):
        findings = self.findings({"src/nodoc/one.cpp": "\n"})
        self.assertIn("is no room", findings)
        self.assertIn("has a README.md", findings)


if __name__ == "__main__":
    unittest.main()
