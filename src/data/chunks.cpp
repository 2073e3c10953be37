#include "data/chunks.hpp"

#include <sys/mman.h>

#include <new>
#include <utility>

namespace aemp::detail {

// The head of a chunk, which lies at the beginning of the chunk's memory.
struct alignas(64) chunks::chunk {
  chunk* next = nullptr;
  chunk* previous = nullptr;
  free_block* home = nullptr;   // blocks that came back
  std::uint32_t used = 0;       // blocks that are given out
  std::uint32_t never_out = 0;  // blocks at the end that were never given out
  std::byte* fresh = nullptr;   // the first block that was never given out

  bool can_give() const noexcept { return home != nullptr || never_out != 0; }

  static chunk& of(const void* block) noexcept {
    return *reinterpret_cast<chunk*>(reinterpret_cast<std::uintptr_t>(block) & ~(chunk_size - 1));
  }
};

namespace {

// mmap aligns to a page only. So this maps twice as much, and gives back what lies around the aligned part.
std::byte* map_aligned(std::size_t size) {
  void* const all = mmap(nullptr, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) throw std::bad_alloc();
  auto* const begin = static_cast<std::byte*>(all);
  const std::size_t before = -reinterpret_cast<std::uintptr_t>(begin) & (size - 1);
  if (before != 0) munmap(begin, before);
  munmap(begin + before + size, size - before);
  return begin + before;
}

}  // namespace

chunks::~chunks() {
  if (open_ != nullptr) munmap(open_, chunk_size);
}

void chunks::link(chunk& c) noexcept {
  c.previous = nullptr;
  c.next = open_;
  if (open_ != nullptr) open_->previous = &c;
  open_ = &c;
}

void chunks::unlink(chunk& c) noexcept {
  (c.previous != nullptr ? c.previous->next : open_) = c.next;
  if (c.next != nullptr) c.next->previous = c.previous;
}

void chunks::make_one() {
  std::byte* const memory = map_aligned(chunk_size);
#ifdef MADV_HUGEPAGE
  if (held_ != 0) madvise(memory, chunk_size, MADV_HUGEPAGE);  // only a hint: it works without, too
#endif
  auto* const c = ::new (memory) chunk;
  c->never_out = static_cast<std::uint32_t>((chunk_size - sizeof(chunk)) / block_size_);
  c->fresh = memory + sizeof(chunk);
  link(*c);
  ++held_;
}

free_block* chunks::take(std::uint32_t count) {
  free_block* list = nullptr;
  for (free_block** end = &list; count > 0; --count) {
    if (open_ == nullptr) {
      try {
        make_one();
      } catch (...) {
        put(list);
        throw;
      }
    }
    chunk& c = *open_;
    free_block* b = c.home;
    if (b != nullptr) {
      c.home = b->next;
    } else {
      b = ::new (c.fresh) free_block;
      c.fresh += block_size_;
      --c.never_out;
    }
    ++c.used;
    if (!c.can_give()) unlink(c);
    b->next = nullptr;
    *end = b;
    end = &b->next;
  }
  return list;
}

void chunks::put(free_block* list) noexcept {
  while (list != nullptr) {
    free_block* const b = std::exchange(list, list->next);
    chunk& c = chunk::of(b);
    if (!c.can_give()) link(c);
    b->next = std::exchange(c.home, b);
    if (--c.used == 0 && held_ > 1) {
      unlink(c);
      --held_;
      munmap(&c, chunk_size);
    }
  }
}

}  // namespace aemp::detail
