#include "core/port_table.hpp"

#include <cstdlib>
#include <new>
#include <stdexcept>

namespace aemp::core {

port_table::~port_table() {
  for (auto& segment : segments_) std::free(segment.load(std::memory_order_relaxed));
}

// Zero pages are what calloc gives, and an entry of zero bytes is an unused one: a table that grew costs
// nothing until used.
std::uint32_t port_table::fresh_slots(std::uint32_t count) {
  std::lock_guard lock(growing_);
  const std::uint32_t first = fresh_.load(std::memory_order_relaxed);
  if (first + count > (1u << port_number::slot_bits) - (1u << first_segment_bits)) {
    throw std::length_error("port table: all 268 million port slots of a worker are in use");
  }
  for (std::uint32_t slot = first; slot < first + count; ++slot) {
    if (at(slot) != nullptr) continue;
    const int k = std::bit_width(slot + (1u << first_segment_bits)) - 1 - first_segment_bits;
    void* memory = std::calloc(std::size_t{1} << (k + first_segment_bits), sizeof(port_entry));
    if (memory == nullptr) throw std::bad_alloc();
    segments_[static_cast<std::size_t>(k)].store(static_cast<port_entry*>(memory), std::memory_order_release);
  }
  fresh_.store(first + count, std::memory_order_release);
  return first;
}

std::uint64_t port_table::take() {
  if (free_ != 0) {
    const std::uint32_t slot = free_;
    port_entry* e = at(slot);
    free_ = e->next_free;
    return port_number::make(worker_, slot, e->generation);
  }
  if (stock_ == stock_end_) {
    constexpr std::uint32_t lot = 64;
    stock_ = fresh_slots(lot);
    stock_end_ = stock_ + lot;
  }
  const std::uint32_t slot = stock_++;
  at(slot)->generation = 1;
  return port_number::make(worker_, slot, 1);
}

std::uint64_t port_table::reserve() { return port_number::make(worker_, fresh_slots(1), 1); }

port_entry& port_table::open(std::uint64_t number, port_entry::state what) {
  port_entry& e = *at(port_number::slot(number));
  e.generation = port_number::generation(number);
  e.what = what;
  e.handlers = nullptr;
  e.extras = nullptr;
  e.dropped = 0;
  ++open_;
  return e;
}

void port_table::close(std::uint64_t number) noexcept {
  const std::uint32_t slot = port_number::slot(number);
  port_entry* e = at(slot);
  e->what = port_entry::state::unused;
  --open_;
  if (e->generation == port_number::last_generation) return;  // retired
  ++e->generation;
  e->next_free = free_;
  free_ = slot;
}

}  // namespace aemp::core
