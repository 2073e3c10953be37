// What a node tells other nodes about itself when they ask: docs/protocol.md, "inspect". Nothing is collected
// while nobody asks; connections count what goes over them, and all else is looked at when it is asked for,
// within fixed bounds, so that looking at a node that is in trouble makes it no worse. A worker that does not
// come to answer, because a handler on it blocks, is reported as busy.
//
// Belongs to the network worker.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <aemp/port.hpp>

#include "core/extension.hpp"
#include "core/local_node.hpp"
#include "core/timer.hpp"
#include "mesh/mesh.hpp"

namespace aemp::service {

class inspect final : public core::extension {
 public:
  // `allowed`: whether others get an answer, or only this node itself.
  inspect(detail::local_node& node, bool allowed);
  ~inspect() override;
  void shut_down() noexcept override;

  // The network, once there is one; null before it ends.
  void attach(mesh::mesh* m) noexcept { mesh_ = m; }

 private:
  struct request {
    std::string what;
    value options;
    port_id reply;
  };
  // What workers have answered; a worker that did not is empty.
  using answers = std::vector<std::optional<value>>;
  class survey;

  void asked(const message& arguments, const std::string& from);
  void answer(const request& r, value::map content);
  void refuse(const request& r, const error& why);

  void tell_node(const request& r);
  void tell_ports(const request& r);
  void tell_queue(const request& r);
  void tell_connections(const request& r);
  void tell_groups(const request& r);

  // Asks workers, and calls `then` when they have answered, or when patience is over.
  void survey_workers(std::vector<std::uint32_t> workers, std::function<value(core::worker&)> question,
                      std::function<void(const answers&)> then);
  std::vector<std::uint32_t> all_workers() const;

  value round_trip_with(const std::string& node);

  detail::local_node& node_;
  node_functions api_;
  const bool allowed_;
  const core::time_point began_;
  mesh::mesh* mesh_ = nullptr;

  // Round trips are measured when somebody looks at connections: the next look has them.
  struct echo {
    std::uint64_t token = 0;
    core::time_point sent;
    bool under_way = false;
    std::optional<core::duration> took;
  };
  port_id echo_port_;
  std::map<std::string, echo> echoes_;  // by node
  std::uint64_t tokens_ = 0;

  std::set<std::shared_ptr<survey>> surveys_;
};

}  // namespace aemp::service
