// Memory for the message path. Each thread keeps a free list per size class; a list that grows too long gives
// a lot of blocks to a shared depot, and an empty one takes a lot from there before it asks the heap. So a
// thread that only sends and one that only receives exchange blocks by the lot, under one lock per lot, and a
// thread that does both never locks.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>
#include <vector>

#include <aemp/message.hpp>

namespace aemp::detail {

constinit thread_local block_cache this_thread_blocks [[gnu::tls_model("initial-exec")]];

namespace {

block_cache& mine() noexcept { return this_thread_blocks; }

struct free_block {
  free_block* next;
  free_block* next_lot;  // in the depot: the next lot of this class
};

constexpr std::uint32_t lot_size = blocks_in_a_lot;
constexpr std::size_t depot_lots = 4096;  // per class; beyond that, memory goes back to the heap

struct depot {
  std::mutex mutex;
  free_block* lots = nullptr;
  std::size_t count = 0;
};

// Leaked on purpose: messages in static variables may be freed after main.
std::array<depot, heap_class>& depots() {
  static auto* all = new std::array<depot, heap_class>;
  return *all;
}

void free_list(free_block* b) {
  while (b != nullptr) std::free(std::exchange(b, b->next));
}

free_block* as_list(void* p) { return static_cast<free_block*>(p); }

// A thread that is ending keeps nothing: what is freed after its cache was closed fills a lot at once, and
// put_lot lets it go.
constexpr std::uint32_t full_after_one = lot_size - 1;

struct cache_closer {
  ~cache_closer() {
    mine().closed = true;
    for (block_shelf& s : mine().shelves) {
      free_list(as_list(std::exchange(s.free, nullptr)));
      free_list(as_list(std::exchange(s.spare, nullptr)));
      s.count = full_after_one;
    }
  }
};

// The closer is apart from the cache, so that touching the cache needs no guard.
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

// The shelf is empty: the reserve, a lot from the depot, or the heap.
void* refill(std::uint16_t size_class) {
  if (!mine().registered) register_thread();
  block_shelf& s = mine().shelves[size_class];
  if (s.spare != nullptr) {
    s.free = std::exchange(s.spare, nullptr);
    s.count = lot_size;
  } else if (!mine().closed) {
    depot& d = depots()[size_class];
    std::lock_guard lock(d.mutex);
    if (d.lots != nullptr) {
      s.free = std::exchange(d.lots, d.lots->next_lot);
      s.count = lot_size;
      --d.count;
    }
  }
  if (s.free == nullptr) {
    if (mine().closed) s.count = full_after_one;
    return heap_block(class_sizes[size_class]);
  }
  --s.count;
  return std::exchange(s.free, as_list(s.free)->next);
}

// The shelf holds a lot: into reserve with it, and the reserve to the depot.
void put_lot(std::uint16_t size_class) noexcept {
  block_shelf& s = mine().shelves[size_class];
  if (mine().closed) {
    free_list(as_list(std::exchange(s.free, nullptr)));
    s.count = full_after_one;
    return;
  }
  if (!mine().registered) register_thread();
  free_block* lot = as_list(std::exchange(s.spare, s.free));
  s.free = nullptr;
  s.count = 0;
  if (lot == nullptr) return;
  depot& d = depots()[size_class];
  {
    std::lock_guard lock(d.mutex);
    if (d.count < depot_lots) {
      lot->next_lot = std::exchange(d.lots, lot);
      ++d.count;
      return;
    }
  }
  free_list(lot);
}

void* allocate(std::size_t size, std::uint16_t& size_class) {
  size_class = size_class_of(size);
  if (size_class == heap_class) return heap_block(size);
  return take_from(size_class);
}

void deallocate(void* memory, std::uint16_t size_class) noexcept {
  if (size_class == heap_class) return std::free(memory);
  put_on(size_class, memory);
}

}  // namespace aemp::detail
