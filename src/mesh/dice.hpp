// Chance, as it is passed in: from the system's generator in a node, from a seed in the simulator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include "core/clock.hpp"

namespace aemp::mesh {

class dice {
 public:
  using source = std::function<void(std::span<std::byte>)>;
  explicit dice(source random) : random_(std::move(random)) {}

  void fill(std::span<std::byte> bytes) { random_(bytes); }

  // 0 up to, not including, 1.
  double fraction() {
    std::uint32_t n = 0;
    random_(std::as_writable_bytes(std::span(&n, 1)));
    return n / 4294967296.0;
  }
  // 0 to n - 1, for small n.
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(fraction() * static_cast<double>(n)); }
  core::duration up_to(core::duration d) {
    return core::duration(static_cast<core::duration::rep>(fraction() * static_cast<double>(d.count())));
  }

 private:
  source random_;
};

}  // namespace aemp::mesh
