// The allocator for blocks and other small objects of the message path: size classes, cached per thread.
// Memory that is freed on another thread goes back in batches. Cost: a dozen instructions; no lock, no
// atomic.
//
// Blocks travel between workers, so two neighbours in memory may be in use by two CPUs at once. A block
// therefore never shares a cache line: it takes at least one, and larger classes are whole lines. The smaller
// classes are for objects that stay with one worker: handlers and their tables.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <aemp/export.hpp>

namespace aemp::detail {

inline constexpr std::size_t cache_line = 64;
inline constexpr std::array<std::uint16_t, 8> class_sizes = {32, 48, 64, 128, 192, 256, 512, 1024};
inline constexpr std::uint16_t heap_class = class_sizes.size();

constexpr std::uint16_t size_class_of(std::size_t size) {
  std::uint16_t c = 0;
  while (c < heap_class && class_sizes[c] < size) ++c;
  return c;
}

// A thread's cache for one size class: a list of free blocks, and a full batch in reserve.
struct block_shelf {
  void* free = nullptr;
  void* spare = nullptr;
  std::uint32_t count = 0;
};
struct block_cache {
  std::array<block_shelf, heap_class> shelves;
  bool registered = false;
  bool closed = false;  // the thread is ending; keep nothing
};
inline constexpr std::uint32_t full_shelf = 64;  // blocks; then a batch goes into reserve
AEMP_API extern constinit thread_local block_cache this_thread_blocks [[gnu::tls_model("initial-exec")]];

AEMP_API void* refill(std::uint16_t size_class);
AEMP_API void put_lot(std::uint16_t size_class) noexcept;
AEMP_API void* heap_block(std::size_t size);

// The same as take_from and put_on, as the library was compiled.
AEMP_API void* take_compiled(std::uint16_t size_class);
AEMP_API void put_compiled(std::uint16_t size_class, void* memory) noexcept;

// Under AddressSanitizer every block comes from the heap, so that it can detect a use after free. A program may be
// compiled with it and the library without: so it is the library that decides.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool plain_heap = true;
#elif defined(__has_feature)
inline constexpr bool plain_heap = __has_feature(address_sanitizer);
#else
inline constexpr bool plain_heap = false;
#endif

// For a class other than heap_class.
[[gnu::always_inline]] inline void* take_from(std::uint16_t size_class) {
  if constexpr (plain_heap) return take_compiled(size_class);
  block_shelf& s = this_thread_blocks.shelves[size_class];
  void* memory = s.free;
  if (memory == nullptr) [[unlikely]]
    return refill(size_class);
  s.free = *static_cast<void**>(memory);
  --s.count;
  return memory;
}
[[gnu::always_inline]] inline void put_on(std::uint16_t size_class, void* memory) noexcept {
  if constexpr (plain_heap) return put_compiled(size_class, memory);
  block_shelf& s = this_thread_blocks.shelves[size_class];
  *static_cast<void**>(memory) = s.free;
  s.free = memory;
  if (++s.count == full_shelf) [[unlikely]]
    put_lot(size_class);
}

// The same as size_class_of, for a size that is known at run time only.
inline std::uint16_t size_class_at_run_time(std::size_t size) noexcept {
  // The classes of all sizes, in steps of 16.
  static constexpr auto classes = [] {
    std::array<std::uint8_t, class_sizes.back() / 16 + 1> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(size_class_of(16 * i));
    return all;
  }();
  const std::size_t steps = (size + 15) / 16;
  return steps < classes.size() ? classes[steps] : heap_class;
}
inline void* allocate(std::size_t size, std::uint16_t& size_class) {
  size_class = size_class_at_run_time(size);
  if (size_class == heap_class) [[unlikely]]
    return heap_block(size);
  return take_from(size_class);
}
inline void deallocate(void* memory, std::uint16_t size_class) noexcept {
  if (size_class == heap_class) [[unlikely]]
    return std::free(memory);
  put_on(size_class, memory);
}

// For those who know the size again when they free it.
inline void* allocate_sized(std::size_t size) {
  std::uint16_t size_class;
  return allocate(size, size_class);
}
inline void deallocate_sized(void* memory, std::size_t size) noexcept {
  deallocate(memory, size_class_at_run_time(size));
}

constexpr std::uint16_t block_class_of(std::size_t size) { return size_class_of(std::max(size, cache_line)); }
// Like allocate and deallocate, for a size known at compile time.
template <std::size_t Size>
[[gnu::always_inline]] inline void* allocate_block() {
  constexpr std::uint16_t size_class = block_class_of(Size);
  if constexpr (size_class == heap_class) return heap_block(Size);
  return take_from(size_class);
}
template <std::size_t Size>
[[gnu::always_inline]] inline void deallocate_block(void* memory) noexcept {
  constexpr std::uint16_t size_class = block_class_of(Size);
  if constexpr (size_class == heap_class) return std::free(memory);
  put_on(size_class, memory);
}

}  // namespace aemp::detail
