// The table of a worker's ports. It grows by segments of doubling size, and its entries never move. A port's number is
// made of the worker, the slot, and the generation of the slot: to find a port is an index and a comparison, and the
// number of a port that has ended never finds another one. A slot whose generations are used up is retired.
//
// All of it belongs to the worker's thread, except reserve() and is_coming(), which any thread may call.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "core/guarded.hpp"

namespace aemp::core {

class handler_table;
struct port_extras;
class call_record;

// A port number: generation (28 bits), slot (28), worker (8). Zero is the node port of the node.
struct port_number {
  static constexpr int worker_bits = 8, slot_bits = 28, generation_bits = 28;
  static constexpr std::uint32_t last_generation = (std::uint32_t{1} << generation_bits) - 1;

  static constexpr std::uint64_t make(std::uint32_t worker, std::uint32_t slot, std::uint32_t generation) {
    return (std::uint64_t{generation} << (slot_bits + worker_bits)) | (std::uint64_t{slot} << worker_bits) |
           worker;
  }
  static constexpr std::uint32_t worker(std::uint64_t n) { return n & ((1u << worker_bits) - 1); }
  static constexpr std::uint32_t slot(std::uint64_t n) {
    return (n >> worker_bits) & ((1u << slot_bits) - 1);
  }
  static constexpr std::uint32_t generation(std::uint64_t n) {
    return static_cast<std::uint32_t>(n >> (slot_bits + worker_bits));
  }
};

struct port_entry {
  // A port is `limited` when what waits for it is counted (core/intake.hpp), else `live`; `reply` is that of a call.
  enum class state : std::uint8_t { unused, live, limited, reply };

  handler_table* handlers = nullptr;  // null: none registered
  union {
    port_extras* extras = nullptr;  // of a port: monitors, name, what it owns; null: nothing of it
    call_record* call;              // reply: the call that waits here
  };
  std::uint32_t generation = 0;  // of the current or next use
  std::uint32_t next_free = 0;
  state what = state::unused;
  std::uint32_t dropped = 0;  // messages that no handler took

  bool is_port() const noexcept { return what == state::live || what == state::limited; }
};

static_assert(sizeof(port_entry) == 32);

class port_table {
 public:
  explicit port_table(std::uint32_t worker) : worker_(worker) {}
  port_table(const port_table&) = delete;
  port_table& operator=(const port_table&) = delete;
  ~port_table();

  // A number for a future port. It belongs to the caller; find() finds nothing under it until open(). Both reuse freed
  // slots, and throw std::length_error at 268 million slots. reserve() costs a lock, and each close() after it may cost
  // one more.
  std::uint64_t take();     // on the worker's thread
  std::uint64_t reserve();  // any thread

  // Whether the number was reserved and is not open yet: the task that opens it is still in the worker's queue. Cost: a
  // lock while there is any such number.
  bool is_coming(std::uint64_t number) const;

  port_entry& open(std::uint64_t number, port_entry::state what);

  port_entry* find(std::uint64_t number) noexcept {
    port_entry* e = at(port_number::slot(number));
    return e != nullptr && e->generation == port_number::generation(number) &&
                   e->what != port_entry::state::unused
               ? e
               : nullptr;
  }

  // The slot may be used again, under another number. The caller has emptied the entry.
  void close(std::uint64_t number) noexcept;

  std::size_t size() const noexcept { return open_; }

  // Calls f(number, entry) for each port in up to `places` slots from `slot` on, until f returns false. Returns the slot
  // to go on from; zero: that was all.
  template <class F>
  std::uint32_t scan(std::uint32_t slot, std::uint32_t places, F&& f) {
    const std::uint32_t end = fresh_.load(std::memory_order_acquire);
    for (; slot < end && places != 0; ++slot, --places) {
      port_entry* e = at(slot);
      if (e->what != port_entry::state::unused && !f(port_number::make(worker_, slot, e->generation), *e))
        break;
    }
    return slot < end ? slot : 0;
  }

  template <class F>
  void for_each(F&& f) {
    for (std::uint32_t slot = 1; slot < fresh_.load(std::memory_order_acquire); ++slot) {
      port_entry* e = at(slot);
      if (e->what != port_entry::state::unused) f(port_number::make(worker_, slot, e->generation));
    }
  }

 private:
  static constexpr int first_segment_bits = 8;
  static constexpr int segments = port_number::slot_bits - first_segment_bits + 1;

  port_entry* at(std::uint32_t slot) const noexcept {
    // Segment k holds 2^(k+8) slots and begins at slot 2^(k+8) - 2^8.
    const std::uint32_t n = slot + (1u << first_segment_bits);
    const int k = std::bit_width(n) - 1 - first_segment_bits;
    port_entry* segment = segments_[static_cast<std::size_t>(k)].load(std::memory_order_acquire);
    return segment == nullptr ? nullptr : segment + (n - (1u << (k + first_segment_bits)));
  }

  // What other threads touch.
  struct pool {
    std::vector<std::uint64_t> for_others = {};  // freed slots that reserve() may use, as their next numbers
    std::unordered_set<std::uint64_t> reserved = {};
  };

  std::uint32_t fresh_slots(std::uint32_t count);  // with the lock of pool_
  bool hand_to_others(std::uint64_t number) noexcept;
  void has_come(std::uint64_t number) noexcept;

  const std::uint32_t worker_;
  std::uint32_t free_ = 0;   // head of the list of freed slots; 0: none
  std::uint32_t stock_ = 0;  // fresh slots taken in advance, so that most takes need no lock
  std::uint32_t stock_end_ = 0;
  std::size_t open_ = 0;
  guarded<pool> pool_;
  // Written with the lock of pool_, read without.
  std::atomic<std::uint32_t> fresh_{1};           // slot 0 is the node port
  std::atomic<std::uint32_t> reserved_count_{0};  // of pool::reserved
  std::atomic<std::uint32_t> owed_{0};            // slots that reserve() took and that were not handed back
  std::array<std::atomic<port_entry*>, segments> segments_{};
};

}  // namespace aemp::core
