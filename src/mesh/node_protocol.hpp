// Handles the packets that one connected node sends to this node's node port (aemp-protocol D). Monitors and
// kills belong to the connection and are answered here; everything else goes on to the core. It lives as long
// as the connection is up. The monitors that the other node has set here end with it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <aemp/message.hpp>

#include "core/local_node.hpp"

namespace aemp::mesh {

class node_protocol {
 public:
  struct callbacks {
    std::function<void(const message&)> reply;  // to the other node's node port
    // One of its ports, by name, that is monitored here, is dead.
    std::function<void(std::string_view port, const message& reason)> died;
  };

  // `peer` is the other node, for logs. It may monitor `most_monitors` of our ports at a time. For any further
  // port it is told that the port died of too_many_monitors.
  node_protocol(detail::local_node& node, std::string peer, std::size_t most_monitors, callbacks act);
  ~node_protocol();

  void handle(const message& m);

  std::size_t monitors() const noexcept;

 private:
  struct watches;

  void watch(const value& port);
  void unwatch(const value& port);
  void kill(const message& m);

  detail::local_node& node_;
  const std::string peer_;
  const std::size_t most_monitors_;
  callbacks act_;
  std::shared_ptr<watches> watches_;
};

// The requests of the protocol. `modern`: the other node speaks version 2 (mproto).
message monitor_request(std::string_view port);
message unmonitor_request(std::string_view port);
bool tells_of_death(const message& m);  // kil0, kil and kil1
message kill_request(std::string_view port, const message& reason, bool modern);

}  // namespace aemp::mesh
