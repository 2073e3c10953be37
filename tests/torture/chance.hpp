// The dice of one sender or receiver, and what it does to its worker with them.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <thread>

namespace torture {

class chance {
 public:
  explicit chance(std::uint64_t seed) : engine_(seed) {}

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(engine_() % n); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  bool per_thousand(std::uint32_t n) { return below(1000) < n; }
  // About so much, from nearly nothing to a few times that.
  std::chrono::microseconds about(std::chrono::milliseconds mean) {
    const double us =
        std::exponential_distribution<double>(1.0 / static_cast<double>(mean.count()))(engine_) * 1000;
    return std::chrono::microseconds(static_cast<std::int64_t>(us) + 50);
  }

 private:
  std::mt19937_64 engine_;
};

// Blocks the worker, as a handler that waits for something. It sleeps: what counts is that nothing else
// happens here.
inline void be_busy(std::chrono::milliseconds d) { std::this_thread::sleep_for(d); }

}  // namespace torture
