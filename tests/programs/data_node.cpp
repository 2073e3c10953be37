// A node that sends a file, or receives one, on a data connection, and says how that ended. Encrypted:
// "required" or "off"; both ends notice silence after two seconds. usage: data_node receive ENCRYPTED |
// data_node send ENCRYPTED PLACE BYTES, or 0 for a file without end
#include <aemp/aemp.hpp>

#include <iostream>
#include <string>

using namespace aemp;
using namespace std::chrono_literals;

namespace {

config configured(const std::string& id, const std::string& encryption) {
  return {.nodeid = id, .secret = "geheim", .encryption = encryption, .monitor_timeout = 2s, .norc = true};
}

int receive(const std::string& encryption) {
  config c = configured("receiver", encryption);
  c.binds = {"127.0.0.1:0"};
  node me(c);
  me.define_data("upload", [](data_connection from) {
    auto received = std::make_shared<std::size_t>(0);
    from.on_data([received](std::string_view bytes) {
      if (*received == 0) std::cout << "receives" << std::endl;
      *received += bytes.size();
    });
    from.on_closed([received](const std::string& why) {
      std::cout << "closed: " << *received << ": " << why << std::endl;
    });
  });
  std::cout << "runs: " << me.listening().front() << std::endl;
  return me.run();
}

int send(const std::string& encryption, const std::string& place, std::size_t size) {
  config c = configured("sender", encryption);
  c.binds = {};
  c.seeds = {place};
  node me(c);
  const port_id p = me.port([] {});
  me.peval(p, [&] {
    me.connect_to("receiver", 10s, "upload", [&me, size](data_connection to) {
      to.on_closed([](const std::string& why) { std::cout << "lost: " << why << std::endl; });
      if (size != 0) {
        to.write(std::string(size, 'x'));
        to.close();
        return me.stop();
      }
      const auto fill = [to]() mutable {
        while (to.write(std::string(10'000, 'x'))) continue;
      };
      to.on_drained(fill);
      me.after(0s, fill);
    });
  });
  return me.run();
}

}  // namespace

int main(int, char** argv) {
  return argv[1] == std::string("receive") ? receive(argv[2]) : send(argv[2], argv[3], std::stoul(argv[4]));
}
