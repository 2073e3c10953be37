// The ports of one worker: they are opened here, get their messages here, and end here. A port lives on one worker for
// its whole life, so its callbacks never run at the same time.
//
// What is asked of a port that does not exist does nothing. All of it belongs to the worker's thread, except reserve()
// and is_coming().
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "core/handler_table.hpp"
#include "core/node_context.hpp"
#include "core/port_table.hpp"
#include "core/reception.hpp"
#include "core/time_slice.hpp"
#include "core/work_queue.hpp"
#include "data/identity.hpp"

namespace aemp::detail {
class owned;
}

namespace aemp::core {

struct port_extras;
class call_record;

class port_space {
 public:
  port_space(node_context& node, std::uint32_t worker, const core::clock& time)
      : node_(node), reception_(node, *this), slice_(time), table_(worker) {}
  port_space(const port_space&) = delete;
  port_space& operator=(const port_space&) = delete;

  // ---- numbers (core/port_table.hpp) ----
  std::uint64_t take() { return table_.take(); }        // for a port that is opened at once
  std::uint64_t reserve() { return table_.reserve(); }  // any thread: for a port that a task will open
  bool is_coming(std::uint64_t port) const { return table_.is_coming(port); }
  port_entry* find(std::uint64_t port) noexcept { return table_.find(port); }
  port_table& table() noexcept { return table_; }
  std::size_t size() const noexcept { return table_.size(); }

  // ---- birth ----
  // The name is one that is not the port's number; empty: it has none.
  port_entry& open(std::uint64_t port, std::string_view name = {});
  void register_handlers(std::uint64_t port, std::span<detail::handler_change> changes);
  // Runs the first function of a port, and ends the port when the function leaves nothing behind.
  void birth(std::uint64_t port, detail::handler& f, const message& arguments);
  // There is no function to run: the port ends. The reason is kept for a while, as when birth() ends the port: the spawner
  // may have set a monitor that is still on its way.
  void birth_failed(std::uint64_t port, const message& reason);
  // Links what a port owns to it. False: there is no such port.
  bool own(std::uint64_t port, detail::owned& item);
  port_extras& extras(port_entry& entry);
  // Begins a coroutine in the running port (include/aemp/task.hpp), which is its program if its first function runs.
  void begin_coroutine(task<void> root, detail::handler* keep);
  // A reply port for a call. Takes a reference of its own.
  void open_call(call_record& record);

  // ---- messages ----
  // What waits for the ports, and tasks of the worker.
  work_queue& queue() noexcept { return queue_; }
  const work_queue& queue() const noexcept { return queue_; }
  // Dispatches what is in the queue, until it is empty or it is time for timers and the network.
  void dispatch_all(bool traced);
  // How long handlers have the worker in this turn.
  time_slice& slice() noexcept { return slice_; }
  void run_task(detail::block& b);
  // Runs f in the context of a port. An exception kills the port; outside of ports it is reported.
  template <class F>
  void in_context(std::uint64_t port, F&& f) noexcept;
  std::uint64_t running_port() const noexcept { return running_; }  // zero: none
  // For those whose functions do not throw: returns the port that ran before, which has to be put back.
  std::uint64_t enter(std::uint64_t port) noexcept { return std::exchange(running_, port); }
  std::uint64_t delivered() const noexcept { return delivered_; }  // messages and tasks

  // Where what waits for ports is counted, if anybody wants to know.
  core::reception& reception() noexcept { return reception_; }

  // ---- death ----
  // Fires its monitors and cancels what it owns.
  void end(std::uint64_t port, const message& reason);
  // A call has its answer; without one it fails.
  void end_call(std::uint64_t reply, detail::block* answer, const message& failure);
  void end_all();

  // The node's ID and the prefix of port names.
  const detail::node_identity* identity() const noexcept { return identity_; }
  void set_identity(const detail::node_identity* identity) noexcept { identity_ = identity; }
  port_id id_of(std::uint64_t port, const port_extras* extras) const;
  port_id id_of(std::uint64_t port);  // by the name the port has

 private:
  void try_birth(std::uint64_t port, detail::handler& f, const message& arguments);
  void fire_monitors(port_extras* of, std::uint64_t port, const message& reason);
  template <bool Traced, bool Counting>
  void dispatch_batch();
  template <bool Traced>
  void dispatch(detail::block& b);
  bool deliver_to_tag(port_entry& entry, std::uint64_t port, detail::block& content);
  void dispatch_message(std::uint64_t port, detail::block& content);
  bool offer_to_handlers(port_entry& entry, std::uint64_t port, detail::block& content);
  static bool offer_to_coroutines(port_entry& entry, detail::block& content);
  void deliver(port_entry& entry, std::uint64_t port, detail::block& content);
  void remove_done_handlers(port_entry& entry, std::uint64_t port);
  void report_drop(port_entry& entry, std::uint64_t port, detail::block& content);
  void handle_exception(std::uint64_t port) noexcept;

  node_context& node_;
  const detail::node_identity* identity_ = nullptr;
  std::uint64_t running_ = 0;     // the port whose callback runs
  std::uint64_t being_born_ = 0;  // the port whose first function runs
  std::uint64_t delivered_ = 0;
  work_queue queue_;
  core::reception reception_;
  time_slice slice_;
  port_table table_;
};

template <class F>
void port_space::in_context(std::uint64_t port, F&& f) noexcept {
  const std::uint64_t before = std::exchange(running_, port);
  try {
    f();
  } catch (...) {
    handle_exception(port);
  }
  running_ = before;
}

}  // namespace aemp::core
