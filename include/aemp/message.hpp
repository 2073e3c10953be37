// A message is what snd sends: a list of elements. By convention the first one is a tag. A reason, which says
// why a port died, is a message, too; an empty one means a normal end.
//
// A message made from C++ objects keeps them as they are. A handler whose parameters have the same types gets
// references to them; any other reader sees values, converted on demand (convert.hpp). A message that came
// over the network holds values from the start.
//
// A message is a handle to an immutable, shared block. Copying it costs one atomic increment, and any thread
// may do it.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <aemp/block.hpp>
#include <aemp/export.hpp>

namespace aemp {

class AEMP_API message {
 public:
  // Empty: the reason of a normal end.
  message() noexcept = default;

  template <class First, class... Rest>
  requires(!std::is_same_v<std::remove_cvref_t<First>, message> ||
           sizeof...(Rest) > 0) explicit message(First&& first, Rest&&... rest)
      : block_(detail::make_block(std::forward<First>(first), std::forward<Rest>(rest)...)) {}

  static message of(std::vector<value> elements) {
    return elements.empty() ? message() : adopt(detail::make_values_block(elements));
  }

  message(const message& other) noexcept : block_(other.block_) {
    if (block_) block_->refs.fetch_add(1, std::memory_order_relaxed);
  }
  message(message&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  message& operator=(message other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~message() {
    if (block_) detail::release(*block_);
  }

  std::size_t size() const noexcept { return block_ ? detail::size_of(*block_) : 0; }
  bool empty() const noexcept { return size() == 0; }
  value operator[](std::size_t i) const;  // null beyond the end
  std::vector<value> elements() const;

  // The text of the first element if it is text, else "".
  std::string tag() const;

  // As a person reads it: the elements, separated by blanks. "" for an empty message.
  std::string to_string() const;
  // A JSON array.
  std::string to_json() const;
  // Errors: bad_json, not_a_list.
  static result<message> from_json(std::string_view text);

  friend bool operator==(const message& a, const message& b);
  friend std::ostream& operator<<(std::ostream& out, const message& m);

  // For the library.
  static message adopt(detail::block* b) noexcept {
    message m;
    m.block_ = b;
    return m;
  }
  detail::block* get() const noexcept { return block_; }
  detail::block* leak() noexcept { return std::exchange(block_, nullptr); }

 private:
  detail::block* block_ = nullptr;
};
AEMP_API std::ostream& operator<<(std::ostream& out, const message& m);

}  // namespace aemp
