// Both sides of include/aemp/log_catcher.hpp: the logs that this node catches from others, with a log port
// for each node; and the nodes that catch ours, each with a hook into the log and an allowance of lines.
//
// No line may cause another. So while a line is sent or handled, the hooks are closed on that thread
// (core/log_hook.hpp); and a line to a node that is not up is dropped instead of connecting.
//
// Belongs to the network worker, except that hooks run wherever something is logged.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <aemp/port.hpp>

#include "core/extension.hpp"
#include "core/local_node.hpp"

namespace aemp::service {

class log_catcher final : public core::extension {
 public:
  explicit log_catcher(detail::local_node& node);
  ~log_catcher() override;
  void shut_down() noexcept override;

  // A catch_logs() of this node. It begins when it is linked to its owner.
  class stream;
  void begin(stream& s);
  void end(stream& s);

 private:
  struct subscriber;

  void connect(const message& arguments, const std::string& from);

  detail::local_node& node_;
  core::owned_list streams_;
  std::map<port_id, std::unique_ptr<subscriber>> subscribers_;  // by log port
};

}  // namespace aemp::service
