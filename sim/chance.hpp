// The source of everything random in the simulator. The same seed gives the same numbers on every machine and
// with every standard library, which is why it does not use the distributions of <random>. Not for secrets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace aemp::sim {

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
class chance {
 public:
  explicit chance(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // 0 to n - 1, each equally likely; 0 for n = 0.
  std::uint64_t below(std::uint64_t n) noexcept {
    if (n < 2) return 0;
    const std::uint64_t uneven =
        (0 - n) % n;  // so many numbers at the lower end would make some results more likely
    std::uint64_t drawn = next();
    while (drawn < uneven) drawn = next();
    return drawn % n;
  }

  bool one_in(std::uint64_t n) noexcept { return below(n) == 0; }

  void fill(std::span<std::byte> bytes) noexcept {
    for (std::byte& b : bytes) b = static_cast<std::byte>(next() >> 56);
  }

  // A generator of its own, so that what one part of a simulation draws does not change what the others get.
  chance fork() noexcept { return chance(next()); }

 private:
  std::uint64_t state_;
};

}  // namespace aemp::sim
