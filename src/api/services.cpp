#include "api/services.hpp"

#include <aemp/log.hpp>

namespace aemp::api {

void start_services(detail::local_node& node, const std::vector<message>& services) {
  for (const message& service : services) {
    const std::string name = service.tag();
    if (node.functions().find(name) != nullptr) {
      std::vector<value> arguments = service.elements();
      arguments.erase(arguments.begin());
      node.functions().call(name, message::of(std::move(arguments)), nullptr);
      log(7, "node " + node.id() + ": service '" + name + "' starts");
    } else if (name.ends_with("::")) {
      log(7, "node " + node.id() + ": service '" + name + "' is a module, not a function; nothing is called");
    } else {
      log(2,
          "node " + node.id() + ": service '" + name + "' was not started: no such function is defined here");
    }
  }
}

}  // namespace aemp::api
