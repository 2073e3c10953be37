// A service for `aemp run`, as a user would write one. greet::serve makes the port NODE#greeter, which
// answers ("name", reply port) with a greeting; called again, it changes the greeting. greet::leave ends the
// node.
#include <aemp/service.hpp>

#include <iostream>
#include <string>

AEMP_SERVICE(aemp::node& me) {
  me.define("greet::serve", [&me](std::string greeting) {
    const aemp::port_id here = *aemp::port_id::parse(me.id() + "#greeter");
    aemp::rcv(here, [greeting](std::string whom, aemp::port_id reply_to) {
      aemp::snd(reply_to, greeting + ", " + whom);
    });
    std::cout << "greets with " << greeting << std::endl;
  });
  me.define("greet::leave", [&me](int code) { me.stop(code); });
}
