// What a worker collects for one other worker until the end of its turn: a parcel holds the addresses of many blocks,
// side by side. So the sender does not touch the blocks again, and the receiver can prefetch several blocks at once,
// which lie in another CPU's cache; along a chain it would wait for one after the other. A parcel is itself a block,
// and keeps its place in the order of the inbox.
#pragma once

#include <array>
#include <utility>

#include "core/run_queue.hpp"

namespace aemp::core {

struct parcel : detail::block {
  static constexpr std::uint32_t room = 58;

  std::uint32_t count = 0;
  std::array<detail::block*, room> blocks;

  static parcel* make() {
    auto* p = ::new (detail::allocate_block<sizeof(parcel)>()) parcel;
    p->what = detail::block::kind::task;
    p->work = &table;
    p->size_class = detail::block_class_of(sizeof(parcel));
    return p;
  }

  // Null when it is some other block.
  static parcel* of(detail::block& b) noexcept {
    return b.what == detail::block::kind::task && b.work == &table ? static_cast<parcel*>(&b) : nullptr;
  }

  // Moves the blocks behind those in the queue, and frees the parcel.
  void unpack_to(run_queue& queue) noexcept {
    constexpr std::uint32_t ahead = 12;
    for (std::uint32_t i = 0; i < std::min(ahead, count); ++i) fetch(blocks[i]);
    for (std::uint32_t i = 0; i < count; ++i) {
      if (i + ahead < count) fetch(blocks[i + ahead]);
      queue.push(blocks[i]);
    }
    count = 0;
    detail::release(*this);
  }

 private:
  static void fetch(const detail::block* b) noexcept {
    __builtin_prefetch(b, 1);
    __builtin_prefetch(b + 1, 1);  // where the elements are
  }

  static void destroy_blocks(detail::block& b) noexcept {
    auto& p = static_cast<parcel&>(b);
    for (std::uint32_t i = 0; i < p.count; ++i) detail::release(*p.blocks[i]);
  }
  static constexpr detail::task_ops table{nullptr, destroy_blocks};  // never run, always unpacked
};

static_assert(sizeof(parcel) == 512);

// A parcel that is being filled, if there is one. Owns what is in it. One thread.
class open_parcel {
 public:
  open_parcel() = default;
  open_parcel(open_parcel&& other) noexcept : open_(std::exchange(other.open_, nullptr)) {}
  open_parcel& operator=(const open_parcel&) = delete;
  ~open_parcel() {
    if (open_ != nullptr) detail::release(*open_);
  }

  bool empty() const noexcept { return open_ == nullptr || open_->count == 0; }
  bool full() const noexcept { return open_ != nullptr && open_->count == parcel::room; }

  // Not when it is full. Takes over the block.
  void put(detail::block* b) {
    if (open_ == nullptr) open_ = parcel::make();
    open_->blocks[open_->count++] = b;
  }

  // Everything, as one block for the inbox. Not when it is empty.
  detail::block* take() noexcept {
    if (open_->count > 1) return std::exchange(open_, nullptr);
    open_->count = 0;
    return open_->blocks[0];
  }

 private:
  parcel* open_ = nullptr;
};

}  // namespace aemp::core
