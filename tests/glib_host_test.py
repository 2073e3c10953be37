#!/usr/bin/env python3
"""A node runs on GLib's main loop. Usage: glib_host_test.py FOLDER_OF_THE_TEST_PROGRAMS"""

import pathlib
import subprocess
import sys

done = subprocess.run([pathlib.Path(sys.argv[1]) / "glib_node"], capture_output=True, text=True, timeout=30)
wanted = "timer of GLib\nmessage from GLib\ntimer of the node\n"
if done.returncode != 0 or done.stdout != wanted:
    sys.exit(f"glib_node ended with {done.returncode} and printed:\n{done.stdout}{done.stderr}")
