// Properties of a simulated network. The defaults are a quick local network that cuts and joins what it
// carries.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace aemp::sim {

// The way from one host to another.
struct link {
  std::chrono::nanoseconds latency = std::chrono::microseconds(100);
  std::chrono::nanoseconds jitter = std::chrono::microseconds(100);  // at most so much more, random each time
  std::uint64_t bytes_per_second = 0;                                // 0: no limit
  bool frozen = false;  // nothing gets through; it is not lost, only late
};

struct network_settings {
  link usual = {};                 // for hosts whose link was not set
  std::size_t window = 64 * 1024;  // bytes under way before a writer has to wait; at least 1
  bool slices = true;              // cut and join what arrives; accept only part of some writes
  // How many connections a listener's host holds for a program that does not accept them. It leaves further
  // ones without an answer. 0: no limit.
  std::size_t accept_queue = 0;

  // Driven by a chooser (explore.hpp) instead of by time: there is no latency and no window, each write
  // arrives as it was written, and anything that is under way may happen next.
  bool scheduled = false;

  // How long TCP retransmits what the other host does not confirm: an attempt to connect, and bytes (Linux'
  // defaults).
  std::chrono::nanoseconds dial_limit = std::chrono::seconds(127);
  std::chrono::nanoseconds stream_limit = std::chrono::seconds(924);
};

}  // namespace aemp::sim
