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
};

// Never fails, never frees. Any thread.
node_identity& make_identity(std::string node, std::string uniq);

// The node in whose name this thread acts: port_id::parse turns that node's ports into numbers. Null: none.
const node_identity* home_identity() noexcept;
void set_home_identity(const node_identity* identity) noexcept;

// The number of a local port ID that was made from text, if `name` is one of this node's own numbered names.
std::optional<std::uint64_t> number_of(const node_identity& node, std::string_view name) noexcept;

std::string name_of(const node_identity& node, std::uint64_t number);

// Same as port_id::parse, for a given home.
result<port_id> parse_port(std::string_view text, const node_identity* home);

// The two halves of an ID that is text, without copying; valid while the ID lives.
struct port_halves {
  std::string_view node;
  std::string_view name;
};
port_halves halves(const port_text& t) noexcept;

}  // namespace aemp::detail
