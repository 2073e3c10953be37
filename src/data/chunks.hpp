// Where the memory of one size class comes from and goes home to: chunks of 2 MiB at addresses that are
// multiples of 2 MiB, so that a block's address says which chunk it is of. Fresh blocks are given out side by
// side, so a long queue lies in memory in the order in which it will be read. A chunk whose blocks are all
// home goes back to the system, except for the last one.
//
// The first chunk of a class is touched page by page; for the others the system is asked for huge pages: a
// class that needs more than 2 MiB is going to need much, and the page faults of small pages cost more than
// the messages in them.
//
// Not locked: the depot (block_memory.cpp) does that. Cost: about ten instructions a block; a few system
// calls each chunk.
#pragma once

#include <cstddef>
#include <cstdint>

namespace aemp::detail {

// A block that nobody uses.
struct free_block {
  free_block* next;
  free_block* next_lot;  // of the first in a lot, in the depot: the next lot
};

class chunks {
 public:
  static constexpr std::size_t chunk_size = std::size_t{2} << 20;

  explicit chunks(std::size_t block_size) noexcept : block_size_(block_size) {}
  chunks(const chunks&) = delete;
  chunks& operator=(const chunks&) = delete;
  ~chunks();  // all blocks are home

  // So many blocks, linked by next; fresh ones by rising address. Throws std::bad_alloc.
  free_block* take(std::uint32_t count);
  // Takes back a list of any length, of blocks from any of these chunks.
  void put(free_block* list) noexcept;

  std::size_t chunks_held() const noexcept { return held_; }

 private:
  struct chunk;

  void make_one();
  void link(chunk& c) noexcept;
  void unlink(chunk& c) noexcept;

  const std::size_t block_size_;
  std::size_t held_ = 0;
  chunk* open_ = nullptr;  // those that have something to give
};

}  // namespace aemp::detail
