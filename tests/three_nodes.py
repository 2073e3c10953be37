"""Three live nodes, `seed`, `worker` and `closed` (which is secure), and the tool beside them."""

import contextlib
import pathlib

import processes
from tool_runner import Tool

CONFIGURATION = """{
   "secret" : "the secret of these tests",
   "connect_interval" : 0.5,
   "profile" : {
      "seed"   : { "nodeid" : "seed", "binds" : "127.0.0.1:0" },
      "worker" : { "nodeid" : "worker", "binds" : "127.0.0.1:0", "workers" : 2 },
      "closed" : { "nodeid" : "closed", "binds" : [], "secure" : true }
   }
}"""
NAMES = ["closed", "seed", "worker"]


class Nodes(dict):
    """By name. seed: where the seed listens; start(name, command): another program beside them."""


@contextlib.contextmanager
def three_nodes(tool_folder, programs_folder):
    """The tool, and the nodes, once they know each other."""
    tool, programs = pathlib.Path(tool_folder).resolve() / "aemp", pathlib.Path(programs_folder)
    with processes.Programs(CONFIGURATION) as run:
        run.environment["AEMP_WARNLEVEL"] = "7"
        nodes = Nodes()
        nodes.start = run.start
        nodes["seed"] = run.start("seed", [programs / "tool_node", "seed"])
        nodes.seed = nodes["seed"].wait_for(lambda line: line.startswith("listens: ")).split()[1]
        aemp = Tool(tool, run.home)
        aemp.file = run.home / "config.json"
        aemp.environment["AEMP_CONFIG"] = str(aemp.file)
        aemp("setseeds", nodes.seed)
        for name in "worker", "closed":
            nodes[name] = run.start(name, [programs / "tool_node", name])
            nodes[name].wait_for(f"runs: {name}")
        run.environment.pop("AEMP_WARNLEVEL")
        processes.wait_until(lambda: aemp("--json", "groups").json().get("test") == 3)
        yield aemp, nodes
