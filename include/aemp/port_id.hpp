// A port ID names a port, here or on any node. It can be put into a message, printed, stored, compared, and
// sent to. It prints as "node#name"; the ID of a node port prints as the bare node ID. IDs are never reused,
// not even after a restart.
//
// Sixteen bytes. The ID of a port of this process is a number, and is copied like one; any other ID shares an
// immutable, reference-counted text. So any thread may read and copy it. The two forms of an ID compare,
// order and hash the same.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

#include <aemp/export.hpp>
#include <aemp/result.hpp>

namespace aemp {

class port_id;

namespace detail {

// A node of this process, as its port IDs see it. One is made whenever a node takes a name, and none is ever
// freed, so that IDs may outlive their node.
struct node_identity;

struct port_text;  // the shared text of an ID that is not a number

AEMP_API port_id make_local_port(const node_identity& node, std::uint64_t number);
AEMP_API port_id make_named_port(std::string_view node, std::string_view name);

AEMP_API void retain(port_text* t) noexcept;
AEMP_API void release(port_text* t) noexcept;

}  // namespace detail

class AEMP_API port_id {
 public:
  // The empty ID, which names no port. Sending to it is an error.
  port_id() noexcept = default;

  port_id(const port_id& other) noexcept : where_(other.where_), number_(other.number_) {
    if (is_text()) detail::retain(text());
  }
  port_id(port_id&& other) noexcept
      : where_(std::exchange(other.where_, 0)), number_(std::exchange(other.number_, 0)) {}
  port_id& operator=(port_id other) noexcept {
    std::swap(where_, other.where_);
    std::swap(number_, other.number_);
    return *this;
  }
  ~port_id() {
    if (is_text()) detail::release(text());
  }

  // Parses "node#name", "node#" or "node", split at the first '#'. Error: bad_port_id, for an empty node, a
  // line break, or ';' in the node.
  static result<port_id> parse(std::string_view text);

  std::string str() const;   // "" for the empty ID
  std::string node() const;  // the part before '#'
  std::string name() const;  // the part after it; "" for a node port

  explicit operator bool() const noexcept { return where_ != 0; }
  bool is_node_port() const noexcept;
  std::size_t hash() const noexcept;

  friend bool operator==(const port_id& a, const port_id& b) noexcept {
    if (a.where_ == b.where_ && a.number_ == b.number_) return true;
    if (!a.is_text() && !b.is_text() && a.where_ == b.where_) return false;
    return equal_text(a, b);
  }
  friend std::strong_ordering operator<=>(const port_id& a, const port_id& b) noexcept {
    return compare(a, b);
  }
  friend std::ostream& operator<<(std::ostream& out, const port_id& id);

  // For the library: the node, when the ID is the number of a port of this process; null when it is text.
  const detail::node_identity* identity() const noexcept {
    return is_text() ? nullptr : reinterpret_cast<const detail::node_identity*>(where_);
  }
  std::uint64_t number() const noexcept { return number_; }
  const detail::port_text* shared_text() const noexcept { return is_text() ? text() : nullptr; }

 private:
  friend port_id detail::make_local_port(const detail::node_identity&, std::uint64_t);
  friend port_id detail::make_named_port(std::string_view, std::string_view);

  static bool equal_text(const port_id& a, const port_id& b) noexcept;
  static std::strong_ordering compare(const port_id& a, const port_id& b) noexcept;

  bool is_text() const noexcept { return (where_ & 1) != 0; }
  detail::port_text* text() const noexcept { return reinterpret_cast<detail::port_text*>(where_ - 1); }

  std::uintptr_t where_ = 0;  // a node_identity*, or a port_text* with the low bit set
  std::uint64_t number_ = 0;  // generation, slot and worker; zero is the node port
};
AEMP_API std::ostream& operator<<(std::ostream& out, const port_id& id);

// The port of that name on that node: one that was registered under a name there, by rcv or spawn. Throws
// std::invalid_argument for what can be no node ID.
//   snd(named_port("alpha", "lobby"), "enter", self());
AEMP_API port_id named_port(std::string_view node, std::string_view name);

}  // namespace aemp

template <>
struct std::hash<aemp::port_id> {
  std::size_t operator()(const aemp::port_id& id) const noexcept { return id.hash(); }
};
