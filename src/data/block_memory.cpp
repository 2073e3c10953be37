// Memory for the message path. Each thread keeps a free list per size class. A list that grows too long gives
// a lot of blocks to a shared depot, and an empty one takes a lot from there. So a thread that only sends and
// one that only receives exchange blocks in lots, with one lock per lot, and a thread that does both never
// locks. A depot with enough blocks sends lots home to the chunks they came from.
#include <aemp/block_memory.hpp>

#include <array>
#include <cstdlib>
#include <mutex>
#include <new>
#include <utility>

#include "data/chunks.hpp"

namespace aemp::detail {

constinit thread_local block_cache this_thread_blocks [[gnu::tls_model("initial-exec")]];

namespace {

block_cache& mine() noexcept { return this_thread_blocks; }

// How many blocks stay on a full shelf when a lot leaves it. At least as many calls are needed to empty the
// shelf or to fill it again, so a thread that takes and frees by turns does not move a lot at each turn.
constexpr std::uint32_t kept_blocks = 16;
constexpr std::uint32_t lot_size = full_shelf - kept_blocks;
constexpr std::size_t depot_bytes = std::size_t{16} << 20;  // per class; beyond that, lots go home

class alignas(64) depot {
 public:
  explicit depot(std::size_t block_size)
      : most_(depot_bytes / (block_size * lot_size)), chunks_(block_size) {}

  free_block* take_lot() {
    std::lock_guard lock(mutex_);
    if (lots_ == nullptr) return chunks_.take(lot_size);
    --count_;
    return std::exchange(lots_, lots_->next_lot);
  }
  void put_lot(free_block* lot) noexcept {
    std::lock_guard lock(mutex_);
    if (count_ == most_) return chunks_.put(lot);
    lot->next_lot = std::exchange(lots_, lot);
    ++count_;
  }
  // These two take and give back lists of any length instead of lots.
  free_block* take(std::uint32_t count) {
    std::lock_guard lock(mutex_);
    return chunks_.take(count);
  }
  void put(free_block* list) noexcept {
    std::lock_guard lock(mutex_);
    chunks_.put(list);
  }

 private:
  std::mutex mutex_;
  free_block* lots_ = nullptr;
  std::size_t count_ = 0;
  const std::size_t most_;
  chunks chunks_;
};

// Leaked on purpose: messages in static variables may be freed after main.
depot& depot_of(std::uint16_t size_class) {
  static const auto* const all = []<std::size_t... I>(std::index_sequence<I...>) {
    return new std::array<depot*, heap_class>{new depot(class_sizes[I])...};
  }
  (std::make_index_sequence<heap_class>());
  return *(*all)[size_class];
}

free_block* as_list(void* p) { return static_cast<free_block*>(p); }

// A thread that is ending keeps no blocks. Once its cache is closed, the shelf counts as full after each freed
// block, and put_lot passes that block on.
constexpr std::uint32_t full_after_one = full_shelf - 1;

struct cache_closer {
  ~cache_closer() {
    mine().closed = true;
    for (std::uint16_t c = 0; c < heap_class; ++c) {
      block_shelf& s = mine().shelves[c];
      depot_of(c).put(as_list(std::exchange(s.free, nullptr)));
      depot_of(c).put(as_list(std::exchange(s.spare, nullptr)));
      s.count = full_after_one;
    }
  }
};

// The closer is separate from the cache, so that access to the cache needs no guard.
void register_thread() {
  static thread_local cache_closer closer;
  (void)closer;
  mine().registered = true;
}

}  // namespace

void* heap_block(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* take_compiled(std::uint16_t size_class) {
  if constexpr (plain_heap) {
    return heap_block(class_sizes[size_class]);
  } else {
    return take_from(size_class);
  }
}
void put_compiled(std::uint16_t size_class, void* memory) noexcept {
  if constexpr (plain_heap) {
    std::free(memory);
  } else {
    put_on(size_class, memory);
  }
}

// The shelf is empty: takes the reserve, or a lot from the depot.
void* refill(std::uint16_t size_class) {
  if (!mine().registered) register_thread();
  block_shelf& s = mine().shelves[size_class];
  if (mine().closed) {
    s.count = full_after_one;
    return depot_of(size_class).take(1);
  }
  free_block* lot = as_list(std::exchange(s.spare, nullptr));
  if (lot == nullptr) lot = depot_of(size_class).take_lot();
  s.free = lot->next;
  s.count = lot_size - 1;
  return lot;
}

// The shelf is full: the blocks freed first become the reserve, and the former reserve goes to the depot.
void put_lot(std::uint16_t size_class) noexcept {
  block_shelf& s = mine().shelves[size_class];
  if (!mine().registered) register_thread();
  if (mine().closed) {
    s.count = full_after_one;
    return depot_of(size_class).put(as_list(std::exchange(s.free, nullptr)));
  }
  free_block* last_kept = as_list(s.free);
  for (std::uint32_t i = 1; i < kept_blocks; ++i) last_kept = last_kept->next;
  free_block* lot = std::exchange(last_kept->next, nullptr);
  s.count = kept_blocks;
  lot = as_list(std::exchange(s.spare, lot));
  if (lot != nullptr) depot_of(size_class).put_lot(lot);
}

}  // namespace aemp::detail
