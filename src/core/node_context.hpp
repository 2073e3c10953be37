// What the parts of a node need of the whole: a worker, its ports, and what belongs to a port see their node as this
// and nothing else. local_node implements it; a test can with a few lines. Nothing here is called for each message.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <aemp/message.hpp>
#include <aemp/port_id.hpp>

#include "core/clock.hpp"
#include "core/epoch.hpp"
#include "core/log_budget.hpp"
#include "core/memory_gate.hpp"

namespace aemp::detail {
class local_node;
}

namespace aemp::core {

class node_context {
 public:
  // Without a gate, the node's memory has no limit.
  explicit node_context(const core::clock& time, std::unique_ptr<memory_gate> memory = {}) noexcept
      : clock_(time), memory_(std::move(memory)) {}
  node_context(const node_context&) = delete;
  node_context& operator=(const node_context&) = delete;

  // Logs a line that other nodes, or a loop, can cause: at most so many about each subject (core/log_budget.hpp).
  // text() makes the line. Any thread.
  template <class F>
  void report(int level, std::string_view subject, F&& text) const {
    log_budget_.log(clock_.now(), level, subject, std::forward<F>(text));
  }

  // In a catch block: counts the exception as an error of the library, and reports it. `what` threw it. Any thread.
  void report_exception(std::string_view what, const std::string& node) noexcept;
  std::uint64_t internal_errors() const noexcept { return internal_errors_.load(std::memory_order_relaxed); }

  memory_gate* memory() const noexcept { return memory_.get(); }  // null: there is no limit
  bool is_short_of_memory() const noexcept { return memory_ != nullptr && memory_->is_too_much_queued(); }

  // The node ends: no port begins, and nothing is sent any more.
  bool is_shut_down() const noexcept { return shut_down_; }

  // From any thread, in order with what this thread has sent there.
  virtual void post(std::uint32_t worker, detail::block* task) = 0;
  virtual void send(const port_id& to, detail::block* b) = 0;
  // A port of this node has sent this to the node port.
  virtual void to_node_port(const message& m) = 0;
  // A port that had this name has ended.
  virtual void name_ended(std::string_view name, std::uint64_t port) = 0;
  // A port ended in its first function, and nothing monitored it.
  virtual void was_stillborn(port_id port, const message& reason) = 0;
  // A worker has told its part of a loss. On that worker.
  virtual void loss_was_heard(epoch when) = 0;

 protected:
  ~node_context() = default;

  bool shut_down_ = false;  // on the thread that destroys the node

 private:
  const core::clock& clock_;
  const std::unique_ptr<memory_gate> memory_;
  mutable core::log_budget log_budget_;
  std::atomic<std::uint64_t> internal_errors_{0};
};

// Defined with local_node: what is behind a node for those who do not know its class.
node_context& context_of(detail::local_node& node) noexcept;

// In a catch block: what the exception says; and the reason with which it ends a port.
std::string text_of_exception();
message reason_of_exception();

}  // namespace aemp::core
