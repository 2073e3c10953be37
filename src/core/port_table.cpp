#include "core/port_table.hpp"

#include <cstdlib>
#include <new>
#include <stdexcept>

namespace aemp::core {

port_table::~port_table() {
  for (auto& segment : segments_) std::free(segment.load(std::memory_order_relaxed));
}

// An entry of zero bytes is an unused one, and calloc returns zero pages that take no memory until they are written. So
// the unused part of a table costs nothing.
std::uint32_t port_table::fresh_slots(std::uint32_t count) {
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
    const auto pool = pool_.lock();
    if (!pool->for_others.empty()) {
      const std::uint64_t number = pool->for_others.back();
      pool->for_others.pop_back();
      return number;
    }
    stock_ = fresh_slots(lot);
    stock_end_ = stock_ + lot;
  }
  const std::uint32_t slot = stock_++;
  at(slot)->generation = 1;
  return port_number::make(worker_, slot, 1);
}

std::uint64_t port_table::reserve() {
  const auto pool = pool_.lock();
  std::uint64_t number;
  if (pool->for_others.empty()) {
    number = port_number::make(worker_, fresh_slots(1), 1);
  } else {
    number = pool->for_others.back();
    pool->for_others.pop_back();
  }
  pool->reserved.insert(number);
  reserved_count_.store(static_cast<std::uint32_t>(pool->reserved.size()), std::memory_order_relaxed);
  owed_.fetch_add(1, std::memory_order_relaxed);
  return number;
}

bool port_table::is_coming(std::uint64_t number) const {
  if (reserved_count_.load(std::memory_order_relaxed) == 0) return false;
  const auto pool = pool_.lock();
  return pool->reserved.contains(number);
}

[[gnu::noinline]] void port_table::has_come(std::uint64_t number) noexcept {
  const auto pool = pool_.lock();
  pool->reserved.erase(number);
  reserved_count_.store(static_cast<std::uint32_t>(pool->reserved.size()), std::memory_order_relaxed);
}

port_entry& port_table::open(std::uint64_t number, port_entry::state what) {
  if (reserved_count_.load(std::memory_order_relaxed) != 0) [[unlikely]]
    has_come(number);
  port_entry& e = *at(port_number::slot(number));
  e.generation = port_number::generation(number);
  e.what = what;
  e.handlers = nullptr;
  e.extras = nullptr;
  e.dropped = 0;
  ++open_;
  return e;
}

// Gives as many freed slots back to reserve() as it took. Otherwise the table of a program that makes all its ports on
// other threads would grow for ever.
[[gnu::noinline]] bool port_table::hand_to_others(std::uint64_t number) noexcept {
  const auto pool = pool_.lock();
  try {
    pool->for_others.push_back(number);
  } catch (const std::bad_alloc&) {
    return false;
  }
  owed_.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

void port_table::close(std::uint64_t number) noexcept {
  const std::uint32_t slot = port_number::slot(number);
  port_entry* e = at(slot);
  e->what = port_entry::state::unused;
  --open_;
  if (e->generation == port_number::last_generation) return;  // retired
  ++e->generation;
  if (owed_.load(std::memory_order_relaxed) != 0 &&
      hand_to_others(port_number::make(worker_, slot, e->generation))) [[unlikely]]
    return;
  e->next_free = free_;
  free_ = slot;
}

}  // namespace aemp::core
