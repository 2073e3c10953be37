#!/usr/bin/env python3
"""The README shows a program of examples/ as it is, and lists the targets that the Makefile has."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


class Readme(unittest.TestCase):
    def test_the_first_program_is_the_example(self):
        programs = re.findall(r"```cpp\n(.*?)```", README, re.DOTALL)
        self.assertIn((ROOT / "examples" / "hello.cpp").read_text(encoding="utf-8"), programs)

    def test_it_lists_the_targets_of_the_makefile(self):
        documented = set(re.findall(r"^\| `make (\w+)", README, re.MULTILINE))
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        self.assertEqual(documented, set(re.findall(r"^(\w+):.*## ", makefile, re.MULTILINE)))


if __name__ == "__main__":
    unittest.main()
