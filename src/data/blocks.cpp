// Memory for the message path. Each thread keeps a free list per size class; a list that grows too long gives a lot of blocks to a
// shared depot, and an empty one takes a lot from there before it asks the heap. So a thread that only sends and one
// that only receives exchange blocks by the lot, under one lock per lot, and a thread that does both never locks.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>
#include <vector>

#include <aemp/message.hpp>

// With the address sanitizer each block is the heap's own, or it would not notice what is used after it was freed.
#if defined(__SANITIZE_ADDRESS__)
#define AEMP_PLAIN_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AEMP_PLAIN_HEAP 1
#endif
#endif

namespace aemp::detail {
namespace {

#ifdef AEMP_PLAIN_HEAP
constexpr bool plain_heap = true;
#else
constexpr bool plain_heap = false;
#endif

void* from_heap(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

struct free_block {
  free_block* next;
  free_block* next_lot;  // in the depot: the next lot of this class
};

constexpr std::uint32_t lot_size = 64;
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

// Two lots per class: the current one, and a full spare one, so that a thread on the border does not visit the depot each time.
struct shelf {
  free_block* free = nullptr;
  free_block* spare = nullptr;
  std::uint32_t count = 0;
};

struct cache {
  std::array<shelf, heap_class> shelves;
  bool registered = false;
  bool closed = false;  // the thread is ending: nothing is kept any more
};

constinit thread_local cache mine [[gnu::tls_model("initial-exec")]];

// A thread that is ending keeps nothing: what is freed after its cache was closed fills a lot at once, and put_lot lets it go.
constexpr std::uint32_t full_after_one = lot_size - 1;

struct cache_closer {
  ~cache_closer() {
    mine.closed = true;
    for (shelf& s : mine.shelves) {
      free_list(std::exchange(s.free, nullptr));
      free_list(std::exchange(s.spare, nullptr));
      s.count = full_after_one;
    }
  }
};

// The closer is apart from the cache, so that touching the cache needs no guard.
void register_thread() {
  static thread_local cache_closer closer;
  (void)closer;
  mine.registered = true;
}

[[gnu::noinline]] void* refill(shelf& s, std::uint16_t size_class) {
  if (!mine.registered) register_thread();
  if (s.spare != nullptr) {
    s.free = std::exchange(s.spare, nullptr);
    s.count = lot_size;
  } else if (!mine.closed) {
    depot& d = depots()[size_class];
    std::lock_guard lock(d.mutex);
    if (d.lots != nullptr) {
      s.free = std::exchange(d.lots, d.lots->next_lot);
      s.count = lot_size;
      --d.count;
    }
  }
  if (s.free == nullptr) {
    if (mine.closed) s.count = full_after_one;
    return from_heap(class_sizes[size_class]);
  }
  --s.count;
  return std::exchange(s.free, s.free->next);
}

[[gnu::noinline]] void put_lot(shelf& s, std::uint16_t size_class) noexcept {
  if (mine.closed) {
    free_list(std::exchange(s.free, nullptr));
    s.count = full_after_one;
    return;
  }
  if (!mine.registered) register_thread();
  free_block* lot = std::exchange(s.spare, s.free);
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

}  // namespace

void* allocate(std::uint16_t size_class) {
  if constexpr (plain_heap) return from_heap(class_sizes[size_class]);
  shelf& s = mine.shelves[size_class];
  free_block* b = s.free;
  if (b == nullptr) [[unlikely]] return refill(s, size_class);
  --s.count;
  s.free = b->next;
  return b;
}

void* allocate(std::size_t size, std::uint16_t& size_class) {
  size_class = size_class_of(size);
  if (size_class != heap_class) return allocate(size_class);
  return from_heap(size);
}

void deallocate(void* memory, std::uint16_t size_class) noexcept {
  if (plain_heap || size_class == heap_class) [[unlikely]] return std::free(memory);
  shelf& s = mine.shelves[size_class];
  auto* b = static_cast<free_block*>(memory);
  b->next = s.free;
  s.free = b;
  if (++s.count == lot_size) [[unlikely]] put_lot(s, size_class);
}

}  // namespace aemp::detail
