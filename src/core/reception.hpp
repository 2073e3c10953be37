// Takes in what comes for the ports of a worker, where somebody counts it: a port has limits, or the node has a limit of
// memory. Where nobody does, the worker's queue is dispatched as it is. On the worker's thread, except weigh().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <aemp/port_limits.hpp>

#include "core/intake.hpp"
#include "core/node_context.hpp"
#include "core/port_table.hpp"
#include "core/work_queue.hpp"

namespace aemp::core {

class port_space;

class reception {
 public:
  reception(node_context& node, port_space& ports) noexcept
      : node_(node), ports_(ports), limited_(node.memory() == nullptr ? 0 : 1) {}
  reception(const reception&) = delete;
  reception& operator=(const reception&) = delete;

  // Whether messages have to be taken in and taken out. Else they are dispatched as they come.
  bool is_counting(const work_queue& queue) const noexcept { return limited_ != 0 || queue.has_counted(); }
  // Counts what has come, and drops what its ports have no room for. What was taken in before a port had limits does not
  // count.
  void take_in();
  // A block leaves the counted part of the queue, in order to be dispatched. False: it has given way to another one, and
  // is gone.
  bool take_out(detail::block& b) {
    if (b.marks == 0) return true;
    return take_counted_out(b);
  }

  // ---- ports ----
  void limit(std::uint64_t port, const port_limits& limits);
  void ask(std::uint64_t port, port_question what, const std::string& who, const port_id& reply);
  void port_ended(port_entry::state what) noexcept {
    if (what == port_entry::state::limited) --limited_;
  }
  // Null: nobody counts what waits for that port.
  intake* of(std::uint64_t port) noexcept;
  intake* of_mail(std::uint64_t port);

  // ---- the node's limit of memory, if it has one ----
  // A block is on its way here; any thread. And it is not handled by way of the queue.
  void weigh(detail::block& b) noexcept;
  void unweigh(detail::block& b) noexcept;

 private:
  intake* limited(std::uint64_t port) noexcept;
  bool admit(detail::block& b);
  bool drop_oldest(std::uint64_t port);
  void kill(std::uint64_t port);
  void refuse(std::uint64_t port);
  bool take_counted_out(detail::block& b);
  void note_order(std::uint64_t port, intake& in);
  void drop(detail::block& b);
  void sweep();
  intake& made(port_entry& entry);

  node_context& node_;
  port_space& ports_;
  std::size_t limited_;    // ports with limits; one more with a limit of memory
  std::size_t husks_ = 0;  // messages in the queue that gave way to later ones
};

}  // namespace aemp::core
