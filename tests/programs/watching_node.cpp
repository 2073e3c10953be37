// A node that says which other nodes come, and when a port of theirs is lost; everything else about it comes
// from its profile in the configuration file. To the nodes called busy… it sends a message every 100 ms.
// usage: watching_node PROFILE
#include <aemp/aemp.hpp>

#include <iostream>
#include <string>

using namespace aemp;

int main(int, char** argv) {
  node me{{.profile = argv[1]}};
  me.mon_nodes([&me](const std::string& other, bool up) {
    if (!up) return;
    const port_id there = *port_id::parse(other + "#port");
    me.mon(there,
           [other](const message& why) { std::cout << "lost: " << other << ": " << why << std::endl; });
    if (other.starts_with("busy")) me.every(std::chrono::milliseconds(100), [there] { snd(there, "hello"); });
    std::cout << "up: " << other << std::endl;
  });
  std::cout << "runs: " << me.id() << ' ' << me.listening().front() << std::endl;
  return me.run();
}
