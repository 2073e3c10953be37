// A node for tests of whole networks: everything about it comes from its profile in the configuration file.
// It is in the group "all", and prints who else is, each time that changes. With a master, it is hidden
// behind that. usage: mesh_node PROFILE [MASTER]
#include <aemp/aemp.hpp>

#include <iostream>
#include <set>
#include <string>
#include <vector>

using namespace aemp;

int main(int argc, char** argv) {
  node me{{.profile = argv[1]}};
  if (argc > 2) me.become_slave(argv[2]);
  me.grp_reg("all", me.port([](const message&) {}));
  me.grp_mon("all",
             [](const std::vector<port_id>& all, const std::vector<port_id>&, const std::vector<port_id>&) {
               std::set<std::string> nodes;
               for (const port_id& p : all) nodes.insert(p.node());
               std::string line = "all:";
               for (const std::string& n : nodes) line += ' ' + n;
               std::cout << line << std::endl;
             });
  std::cout << "runs: " << me.id() << std::endl;
  return me.run();
}
