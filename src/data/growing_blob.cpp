#include "data/growing_blob.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace aemp::detail {

void* blob_memory(void* former, std::size_t bytes) {
  void* const memory = std::realloc(former, sizeof(shared_blob) + bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

shared_blob* make_blob(void* memory, std::size_t size) noexcept {
  auto* const blob = ::new (memory) shared_blob;
  blob->size = size;
  return blob;
}

growing_blob::growing_blob(growing_blob&& other) noexcept
    : size_(other.size_),
      come_(other.come_),
      room_(other.room_),
      memory_(std::exchange(other.memory_, nullptr)) {}

void growing_blob::reserve(std::size_t bytes) {
  if (bytes <= room_) return;
  constexpr std::size_t believable = std::size_t{1} << 20;
  const std::size_t wanted = std::min(size_, std::max(believable, 2 * bytes));
  memory_ = blob_memory(memory_, wanted);
  room_ = wanted;
}

void growing_blob::append(std::string_view piece) {
  reserve(come_ + piece.size());
  piece.copy(static_cast<char*>(memory_) + sizeof(shared_blob) + come_, piece.size());
  come_ += piece.size();
}

std::span<char> growing_blob::place(std::size_t most) {
  if (missing() == 0) return {};
  reserve(come_ + 1);
  return {static_cast<char*>(memory_) + sizeof(shared_blob) + come_, std::min(room_ - come_, most)};
}

std::string_view growing_blob::come() const noexcept {
  if (memory_ == nullptr) return {};
  return {static_cast<const char*>(memory_) + sizeof(shared_blob), come_};
}

value growing_blob::finish(value::kind as) {
  value v(as);
  if (size_ <= value::inline_size) {
    v.set_blob(as, come());
    return v;
  }
  v.put_shared(make_blob(std::exchange(memory_, nullptr), size_));
  return v;
}

}  // namespace aemp::detail
