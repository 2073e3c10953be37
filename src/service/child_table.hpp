// The children of a supervisor: how each is started, where it is now, and whose death has been heard of and not handled.
//
// Belongs to the supervisor's port.
#pragma once

#include <cstdint>
#include <deque>
#include <exception>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/supervisor.hpp>

#include "core/local_node.hpp"

namespace aemp::service {

struct child {
  enum class state : std::uint8_t { running, waiting, stopped };

  std::uint64_t number;  // never used again
  detail::child_plan plan;
  message arguments = {};  // simple_one_for_one: of this child
  port_id port = {};       // empty: it does not run
  state is = state::stopped;
  unsigned restarts = 0;
  std::size_t node = 0;        // which of the plan's nodes
  std::uint64_t wait = 0;      // numbers the waits, so that an old timer does nothing
  bool dead = false;           // its death is to be handled
  bool has_not_begun = false;  // its function has thrown
  message reason = {};         // of its last death
  registration in_group = {};
  std::vector<port_id> asking = {};  // who waits until it is started
};

class child_table {
 public:
  // `supervisor` is its port, which gets ["woken"] for each death.
  child_table(detail::local_node& node, const port_id& supervisor)
      : node_(node), api_(node), supervisor_(supervisor) {}

  // At the end of the list.
  child& add(detail::child_plan plan, message arguments = {});
  void forget(std::uint64_t number);
  child* find(std::uint64_t number);
  child* find(std::string_view name);
  child* find(const port_id& port);
  std::list<child>& all() noexcept { return all_; }
  const std::list<child>& all() const noexcept { return all_; }
  std::vector<child_info> list() const;

  // Throws what the function of the child throws.
  void start(child& c);
  // What it throws is a death.
  void try_start(child& c);
  // The next child whose death is to be handled, the oldest first.
  child* next_death();
  // Nobody handles its death any more.
  void settle(child& c);

  void answer(const port_id& to, message m) const;
  void refuse(const port_id& to, const message& reason) const;
  void refuse_all(child& c, const message& reason) const;

 private:
  void note_death(std::uint64_t number, const message& reason);
  port_id spawn_there(const child& c);

  detail::local_node& node_;
  group_functions api_;
  const port_id& supervisor_;
  std::list<child> all_;
  std::deque<std::uint64_t> deaths_;
  std::uint64_t made_ = 0;
};

// As the reason of a death.
message reason_of(const std::exception_ptr& thrown);
message no_such_child(const std::string& name);

}  // namespace aemp::service
