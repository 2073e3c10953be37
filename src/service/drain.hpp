// The orderly end of a node (node::drain): it accepts nothing new, waits until all work in progress is out or
// the time limit has passed, and stops.
//
// It looks for work in rounds: each worker is asked, after everything that it has to do, whether there is
// more. So work that one worker gives to another is found in the next round. Everything is out when three
// things hold: all workers have said no and have done nothing but answer since the round before; nothing
// waits for other nodes; and no closed data connection has anything to send.
//
// Belongs to the network worker, except begin() and all_out().
#pragma once

#include <atomic>
#include <cstdint>

#include "core/extension.hpp"
#include "core/local_node.hpp"
#include "core/own_timer.hpp"

namespace aemp::service {

class drain final : public core::extension {
 public:
  explicit drain(detail::local_node& node) : node_(node) {}
  void shut_down() noexcept override;

  // Any thread. Of several calls the first one counts, until its drain has ended.
  void begin(core::duration limit, int code);
  // The run is over, for whatever reason: no drain is in progress any more. Called when nothing runs.
  void forget();
  // Whether the last drain got everything out in time. Any thread.
  bool all_out() const noexcept { return all_out_.load(std::memory_order_acquire); }

 private:
  void start(core::duration limit, int code);
  void look();
  void answer(std::uint64_t round, bool is_through, std::uint64_t done);
  void look_at_the_network();
  void end(bool all_out);

  detail::local_node& node_;
  std::atomic<bool> all_out_{false};
  bool under_way_ = false;
  int code_ = 0;
  core::own_timer limit_, next_;

  // Of this round.
  std::uint64_t round_ = 0;
  unsigned missing_ = 0;  // answers
  bool all_through_ = false;
  std::uint64_t done_ = 0, done_before_ = 0;  // by all workers
};

}  // namespace aemp::service
