// A node of this process, as its port IDs know it: its ID, the prefix of its port names, and whether it still
// lives. One is made each time a node takes a name. They live as long as the process, because port IDs point
// to them and may outlive the node.
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
  // The number of calls by other threads that are inside the node. The top bit is set when no more may enter.
  mutable std::atomic<std::uint64_t> users{0};
};

// Keeps a node alive while a thread that is not its own is inside it. The node's destructor lets no more
// threads in, and waits for those that are: a call made meanwhile either completes or finds no node. Cost:
// two atomic additions.
class node_pin {
 public:
  explicit node_pin(const node_identity& id) noexcept;
  node_pin(const node_pin&) = delete;
  node_pin& operator=(const node_pin&) = delete;
  ~node_pin();

  void* owner() const noexcept { return owner_; }  // null when the node is going or gone

 private:
  const node_identity& id_;
  void* owner_ = nullptr;
};

// What a pin is made of. Call enter() only when the node is known to let others in.
void enter(const node_identity& id) noexcept;
void leave(const node_identity& id) noexcept;
// For the node's destructor: blocks until no pin is held; later pins find no node.
void let_nobody_in(const node_identity& id) noexcept;

// Never fails, never frees. Any thread.
node_identity& make_identity(std::string node, std::string uniq);

// The node in whose name this thread acts, or null. port_id::parse turns that node's ports into numbers.
const node_identity* home_identity() noexcept;
void set_home_identity(const node_identity* identity) noexcept;

// The number of a local port whose ID was text, if `name` is one of this node's own numbered names.
std::optional<std::uint64_t> number_of(const node_identity& node, std::string_view name) noexcept;

std::string name_of(const node_identity& node, std::uint64_t number);
// An upper bound on the size of str().
std::size_t text_size(const port_id& id) noexcept;

// Like port_id::parse, for a given home.
result<port_id> parse_port(std::string_view text, const node_identity* home);

// The two halves of a textual ID, without copying. Valid while the ID lives.
struct port_halves {
  std::string_view node;
  std::string_view name;
};
port_halves halves(const port_text& t) noexcept;

}  // namespace aemp::detail
