// A supervisor (include/aemp/supervisor.hpp): the coroutine of its port. It takes one thing at a time: while it stops or
// starts children, what others ask waits in its mailbox.
//
// Belongs to the supervisor's port.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <aemp/supervisor.hpp>

#include "core/local_node.hpp"
#include "service/child_table.hpp"

namespace aemp::service {

class supervisor {
 public:
  // simple_one_for_one: there is one child, the pattern.
  supervisor(detail::local_node& node, strategy how, const restart_limit& limit,
             std::vector<detail::child_plan> children);
  supervisor(const supervisor&) = delete;
  supervisor& operator=(const supervisor&) = delete;
  // Ends the children that are left, the last first, without waiting for them.
  ~supervisor();

  task<> run();

 private:
  task<> take_one();

  // What it is told, or asked.
  void again(std::uint64_t number, std::uint64_t wait);
  void node_up(const std::string& node);
  task<> tell_port(std::string name, port_id reply);
  void add_child(const child_spec& spec, const port_id& reply);
  void start_child(const message& request);
  void start_and_answer(child& c, const port_id& reply);
  task<> stop_child(child* c, std::string name, port_id reply);
  task<> restart_child(child* c, std::string name, port_id reply);
  task<> delete_child(child* c, std::string name, port_id reply);

  task<> start_all();
  task<> stop(child& c);
  task<> stop_all();
  task<> handle_death(child& c);
  task<> restart(std::uint64_t number, bool lost);
  void wait_and_start(child& c, std::chrono::nanoseconds delay);
  task<> hear_of_deaths_at(port_id port);
  bool may_restart();
  std::chrono::nanoseconds backoff() const;

  detail::local_node& node_;
  group_functions api_;
  const strategy how_;
  const restart_limit limit_;
  port_id self_;
  detail::child_plan pattern_;
  std::uint64_t started_ = 0;  // children of the pattern
  child_table children_{node_, self_};
  std::deque<core::time_point> restarts_;  // within the limit's time
  std::uint64_t echoes_ = 0;
  bool is_over_ = false;
};

}  // namespace aemp::service
