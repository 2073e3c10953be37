// A worker's timers: a binary heap by due time, and by age among equals. Adding and cancelling cost a
// logarithm. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/clock.hpp"
#include "core/owned.hpp"

namespace aemp::core {

// A timer of the library's own rooms: calls `f` once, on the worker, unless it is destroyed or cancelled
// before. It does not wait behind timers and handlers of ports. Belongs to the worker's thread.
class timer {
 public:
  timer() = default;
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;
  ~timer() { cancel(); }

  void start(class worker& w, duration delay, std::function<void()> f);
  void cancel() noexcept;
  bool running() const noexcept {
    return pending_ != nullptr && !pending_->over.load(std::memory_order_relaxed);
  }

 private:
  detail::owned* pending_ = nullptr;
};

class timers {
 public:
  timers() = default;
  timers(const timers&) = delete;
  timers& operator=(const timers&) = delete;
  ~timers();

  void add(detail::owned& t);  // takes a reference of its own
  void clear() noexcept;       // none of them happens any more
  void remove(detail::owned& t) noexcept;
  // One that is due, with its reference, or null.
  detail::owned* pop_due(time_point now) noexcept;
  std::optional<time_point> next() const;  // when one is due; empty: never
  std::size_t size() const noexcept { return heap_.size(); }

 private:
  struct entry {
    time_point due;
    std::uint64_t age;
    detail::owned* timer;
    bool before(const entry& other) const noexcept {
      return due < other.due || (due == other.due && age < other.age);
    }
  };

  void place(std::size_t i, const entry& e) noexcept;
  void up(std::size_t i, entry e) noexcept;
  void down(std::size_t i, entry e) noexcept;
  void take_out(std::size_t i) noexcept;

  std::vector<entry> heap_;
  std::uint64_t added_ = 0;
};

}  // namespace aemp::core
