// What port IDs know of a node of this process: its ID, the prefix of its port names, and whether it still
// lives. One is made each time a node takes a name. They are kept for the life of the process, because port
// IDs point to them and may outlive the node.
#pragma once

#include <aemp/port_id.hpp>

#include <atomic>
#include <optional>
#include <string>

namespace aemp::detail {

struct node_identity {
  std::string node;                   // node ID
  std::string uniq;                   // prefix of port names, random per process start (aemp-protocol B.1)
  std::size_t hash;                   // of both
  std::atomic<void*> owner{nullptr};  // the core's local node; null once it is gone
  // How many calls of other threads are inside of the node; the top bit: no more may come (node_pin).
  mutable std::atomic<std::uint64_t> users{0};
};

// Keeps a node from going while another thread than its own is inside of it. The node's destructor lets no
// more in, and waits for those that are; so a call that is made meanwhile either comes to its end, or finds
// no node. Cost: two atomic additions.
class node_pin {
 public:
  explicit node_pin(const node_identity& id) noexcept;
  node_pin(const node_pin&) = delete;
  node_pin& operator=(const node_pin&) = delete;
  ~node_pin();

  void* owner() const noexcept { return owner_; }  // null: the node goes, or is gone

 private:
  const node_identity& id_;
  void* owner_ = nullptr;
};

// What a pin is made of. enter() is for those who know that the node still lets others in.
void enter(const node_identity& id) noexcept;
void leave(const node_identity& id) noexcept;
// For the node's destructor: from now on no pin holds, and none is held any more.
void let_nobody_in(const node_identity& id) noexcept;

// Never fails, never frees. Any thread.
node_identity& make_identity(std::string node, std::string uniq);

// The node in whose name this thread acts: port_id::parse turns that node's ports into numbers. Null: none.
const node_identity* home_identity() noexcept;
void set_home_identity(const node_identity* identity) noexcept;

// The number of a local port ID that was made from text, if `name` is one of this node's own numbered names.
std::optional<std::uint64_t> number_of(const node_identity& node, std::string_view name) noexcept;

std::string name_of(const node_identity& node, std::uint64_t number);
// At least the size of str().
std::size_t text_size(const port_id& id) noexcept;

// Same as port_id::parse, for a given home.
result<port_id> parse_port(std::string_view text, const node_identity* home);

// The two halves of an ID that is text, without copying; valid while the ID lives.
struct port_halves {
  std::string_view node;
  std::string_view name;
};
port_halves halves(const port_text& t) noexcept;

}  // namespace aemp::detail
