#include "mesh/node_protocol.hpp"

#include <map>

#include "core/words.hpp"

namespace aemp::mesh {
namespace {

using aemp::literal_symbol_key;

message with_reason(std::string_view tag, std::string_view port, const message& reason) {
  std::vector<value> all{tag, port};
  for (value& v : reason.elements()) all.push_back(std::move(v));
  return message::of(std::move(all));
}

message reason_of(const message& m) {
  std::vector<value> all = m.elements();
  all.erase(all.begin(), all.begin() + 2);
  return message::of(std::move(all));
}

}  // namespace

// The monitors' callbacks share this, because they may run after the connection has gone.
struct node_protocol::watches {
  explicit watches(core::worker& w) : worker(w) {}
  watches(const watches&) = delete;
  watches& operator=(const watches&) = delete;

  core::worker& worker;
  // A tree, because growing a hash table of 300,000 entries in one go would hold up others.
  std::map<std::string, aemp::handle> by_port;
  std::function<void(const message&)> reply;

  void fired(const std::string& port, const message& reason) {
    by_port.erase(port);
    reply(with_reason("kil0", port, reason));
  }

  ~watches() { take_back(worker, std::move(by_port)); }

  // Each cancel is work. So this cancels a portion at a time, and a peer that goes with many monitors holds
  // up nobody.
  static void take_back(core::worker& w, std::map<std::string, aemp::handle> all) {
    constexpr std::size_t at_once = 500;
    for (std::size_t i = 0; i < at_once && !all.empty(); ++i) {
      all.begin()->second.cancel();
      all.erase(all.begin());
    }
    if (all.empty()) return;
    w.enqueue(detail::make_task([&w, rest = std::move(all)]() mutable { take_back(w, std::move(rest)); }));
  }
};

node_protocol::node_protocol(detail::local_node& node, std::string peer, std::size_t most_monitors,
                             callbacks act)
    : node_(node),
      peer_(std::move(peer)),
      most_monitors_(most_monitors),
      act_(std::move(act)),
      watches_(std::make_shared<watches>(node.network_worker())) {
  watches_->reply = act_.reply;
}

node_protocol::~node_protocol() = default;

std::size_t node_protocol::monitors() const noexcept { return watches_->by_port.size(); }

void node_protocol::handle(const message& m) {
  // The key of a tag of up to seven bytes is the tag itself (symbol.hpp).
  switch (m.get() == nullptr ? 0 : m.get()->key) {
    case literal_symbol_key("mon1"):
      return watch(m[1]);
    case literal_symbol_key("mon0"):
      return unwatch(m[1]);
    case literal_symbol_key("kil0"):
      if (const auto port = core::word_in(m[1], core::is_name)) act_.died(*port, reason_of(m));
      return;
    case literal_symbol_key("kil"):
    case literal_symbol_key("kil1"):
      return kill(m);
    default:
      return node_.node_port().handle(m, &peer_);
  }
}

void node_protocol::unwatch(const value& port) {
  const auto found = watches_->by_port.find(core::word_in(port, core::is_name).value_or(""));
  if (found == watches_->by_port.end()) return;
  found->second.cancel();
  watches_->by_port.erase(found);
}

void node_protocol::watch(const value& name) {
  if (name.is_null()) return;
  const auto word = core::word_in(name, core::is_name);
  if (!word) return act_.reply(message("kil0", name, "no_such_port", "no port has such a name"));
  const std::string& port = *word;
  if (port.empty() || watches_->by_port.contains(port))
    return;  // one kil0 ends all monitors of a node on a port
  if (watches_->by_port.size() >= most_monitors_) {
    node_.report(1, "monitors of node " + peer_, [&] {
      return "node " + peer_ + " monitors " + std::to_string(most_monitors_) +
             " ports here and wants more; refused (limits: max_monitors)";
    });
    return act_.reply(
        message("kil0", port, "too_many_monitors",
                "node " + node_.id() + " lets a node monitor " + std::to_string(most_monitors_) + " ports"));
  }
  watches_->by_port[port] =
      node_.monitors().watch_local(port, [table = std::weak_ptr(watches_), port](const message& reason) {
        if (const auto alive = table.lock()) alive->fired(port, reason);
      });
}

// A kill of the node port ends a real 1.x node as a whole (aemp-protocol J.3).
void node_protocol::kill(const message& m) {
  const std::string port = core::word_in(m[1], core::is_name).value_or("");
  if (port.empty()) {
    return node_.report(2, "kills by node " + peer_, [&] {
      return "node " + peer_ + " wants to kill the node port of " + node_.id() +
             "; refused, only ports can be killed";
    });
  }
  node_.kill_local(port, reason_of(m));
}

message monitor_request(std::string_view port) { return message("mon1", port); }
message unmonitor_request(std::string_view port) { return message("mon0", port); }

bool tells_of_death(const message& m) {
  if (m.size() < 2) return false;
  const std::uint64_t tag = m.get()->key;
  return tag == literal_symbol_key("kil0") || tag == literal_symbol_key("kil") ||
         tag == literal_symbol_key("kil1");
}

message kill_request(std::string_view port, const message& reason, bool modern) {
  return with_reason(modern ? "kil1" : "kil", port, reason);
}

}  // namespace aemp::mesh
