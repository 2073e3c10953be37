// Timers of a worker: a binary heap by due time, and by age among equals. Adding and cancelling take logarithmic time. One
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/clock.hpp"
#include "core/owned.hpp"

namespace aemp::core {

class timer_queue {
 public:
  timer_queue() = default;
  timer_queue(const timer_queue&) = delete;
  timer_queue& operator=(const timer_queue&) = delete;
  ~timer_queue();

  void add(detail::owned& t);  // takes a reference of its own
  void clear() noexcept;       // none of them fires any more
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
