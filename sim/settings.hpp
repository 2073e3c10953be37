// What a simulated network is like. The defaults are a quick local network that cuts and joins what it
// carries.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace aemp::sim {

// The way from one host to another.
struct link {
  std::chrono::nanoseconds latency = std::chrono::microseconds(100);
  std::chrono::nanoseconds jitter = std::chrono::microseconds(100);  // up to so much more, each time anew
  std::uint64_t bytes_per_second = 0;                                // 0: any number
  bool frozen = false;  // nothing gets through; it is not lost, only late
};

struct network_settings {
  link usual = {};                 // for hosts whose link was not set
  std::size_t window = 64 * 1024;  // so many bytes are under way before a writer has to wait; at least 1
  bool slices = true;              // cut and join what arrives; take only part of some writes
  // A listener's host holds so many connections for a program that does not take them, and lets further ones
  // knock in vain; 0: any number.
  std::size_t accept_queue = 0;

  // Not in time but by a chooser (explore.hpp): there is no latency and no window, each write arrives as it
  // was written, and everything that is under way may be what happens next.
  bool scheduled = false;

  // How long TCP repeats what the other host does not confirm: an attempt to connect, and bytes (Linux'
  // defaults).
  std::chrono::nanoseconds dial_limit = std::chrono::seconds(127);
  std::chrono::nanoseconds stream_limit = std::chrono::seconds(924);
};

}  // namespace aemp::sim
