// The memory of one size class: chunks of 2 MiB at addresses that are multiples of 2 MiB, so that a block's
// address tells its chunk. Fresh blocks are given out side by side, so a long queue lies in memory in the
// order in which it will be read. A chunk whose blocks are all home goes back to the system, except the last
// one.
//
// The first chunk of a class is touched page by page. For the others the system is asked for huge pages: a
// class that needs more than 2 MiB will need much more, and the page faults of small pages cost more than the
// messages in them.
//
// Not locked: the depot (block_memory.cpp) does that. Cost: about ten instructions a block, and a few system
// calls a chunk.
#pragma once

#include <cstddef>
#include <cstdint>

namespace aemp::detail {

// A block that is not in use.
struct free_block {
  free_block* next;
  free_block* next_lot;  // in the depot, for the first block of a lot: the next lot
};

class chunks {
 public:
  static constexpr std::size_t chunk_size = std::size_t{2} << 20;

  explicit chunks(std::size_t block_size) noexcept : block_size_(block_size) {}
  chunks(const chunks&) = delete;
  chunks& operator=(const chunks&) = delete;
  ~chunks();  // requires that all blocks are home

  // Returns so many blocks, linked by next; fresh ones by rising address. Throws std::bad_alloc.
  free_block* take(std::uint32_t count);
  // Takes back a list of any length, with blocks of any of these chunks.
  void put(free_block* list) noexcept;

  std::size_t chunks_held() const noexcept { return held_; }

 private:
  struct chunk;

  void make_one();
  void link(chunk& c) noexcept;
  void unlink(chunk& c) noexcept;

  const std::size_t block_size_;
  std::size_t held_ = 0;
  chunk* open_ = nullptr;  // chunks with blocks to give
};

}  // namespace aemp::detail
