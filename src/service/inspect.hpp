// Answers other nodes' questions about this one: docs/protocol.md, "inspect". It collects nothing while
// nobody asks: connections count their traffic, and everything else is read when it is asked for, within
// fixed bounds, so that inspecting a node in trouble makes its trouble no worse. A worker that cannot answer,
// because a handler blocks it, is reported as busy.
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
#include "core/own_timer.hpp"
#include "mesh/mesh.hpp"

namespace aemp::service {

class inspect final : public core::extension {
 public:
  // `allowed`: whether other nodes get answers, or only this node itself.
  inspect(detail::local_node& node, bool allowed);
  ~inspect() override;
  void shut_down() noexcept override;

  // Called once there is a network, and with null before it ends.
  void attach(mesh::mesh* m) noexcept { mesh_ = m; }

 private:
  struct request {
    std::string what;
    value options;
    port_id reply;
  };
  // The answers of the workers; empty for a worker that has not answered.
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
  void tell_supervisors(const request& r);

  // Asks workers, and calls `then` when they have answered or the time limit has passed.
  void survey_workers(std::vector<std::uint32_t> workers, std::function<value(core::worker&)> question,
                      std::function<void(const answers&)> then);
  std::vector<std::uint32_t> all_workers() const;

  value round_trip_with(const std::string& node);

  detail::local_node& node_;
  node_functions api_;
  const bool allowed_;
  const core::time_point began_;
  mesh::mesh* mesh_ = nullptr;

  // Round trips are measured only when somebody asks for connections: the next question gets the result.
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
