// Builds a message of values in place: a decoder constructs the elements one by one in the block itself. One
// owner at a time; it can be reused for the next message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

#include <aemp/message.hpp>

namespace aemp::data {

class message_builder {
 public:
  message_builder() = default;
  message_builder(const message_builder&) = delete;
  message_builder& operator=(const message_builder&) = delete;
  ~message_builder() { clear(); }

  // Allocates room for so many elements altogether. If you know their number, call it before the first add()
  // to get by with one allocation. It costs 24 bytes for each, so check a number from outside against what
  // has come.
  void reserve(std::size_t elements) {
    if (elements > room()) make_room(elements);
  }

  // Constructs a value from these arguments. Grows when there is no room. The element is valid until the next
  // add.
  template <class... A>
  [[gnu::always_inline]] value& add(A&&... a) {
    return add_made([&] { return value(std::forward<A>(a)...); });
  }
  // Adds what make() returns, without a copy.
  template <class Make>
  [[gnu::always_inline]] value& add_made(Make make) {
    if (end_ == limit_) [[unlikely]]
      make_room(room() == 0 ? usual_room : 2 * room());
    value* const made = ::new (static_cast<void*>(end_)) value(make());
    ++end_;
    return *made;
  }

  std::size_t size() const noexcept {
    return block_ == nullptr ? 0 : static_cast<std::size_t>(end_ - block_->begin());
  }
  bool empty() const noexcept { return size() == 0; }
  const value& operator[](std::size_t i) const noexcept { return block_->begin()[i]; }

  // Returns the added elements as a message. The next add begins another one.
  message take() noexcept {
    if (empty()) {
      clear();
      return {};
    }
    block_->size = static_cast<std::uint32_t>(size());
    set_key(*block_);
    end_ = limit_ = nullptr;
    return message::adopt(std::exchange(block_, nullptr));
  }

  // Drops the added elements, after an error.
  void clear() noexcept {
    if (block_ == nullptr) return;
    block_->size = static_cast<std::uint32_t>(size());
    end_ = limit_ = nullptr;
    detail::release(*std::exchange(block_, nullptr));
  }

 private:
  static constexpr std::size_t usual_room = 4;

  std::size_t room() const noexcept {
    return block_ == nullptr ? 0 : static_cast<std::size_t>(limit_ - block_->begin());
  }

  void make_room(std::size_t elements) {
    detail::values_block* const larger = detail::new_values_block(elements);
    value* end = larger->begin();
    if (block_ != nullptr) end = std::uninitialized_move(block_->begin(), end_, end);
    clear();
    block_ = larger;
    end_ = end;
    limit_ = larger->begin() + elements;
  }

  detail::values_block* block_ = nullptr;
  value* end_ = nullptr;
  value* limit_ = nullptr;
};

}  // namespace aemp::data
