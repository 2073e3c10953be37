// Monitors from the moment they are set to the moment they fire or are cancelled, wherever the watched port lives; and
// what a loss of a node or of a port means for them.
//
// Monitors of local ports are in the lists of those ports (core/extras.hpp). Monitors of remote ports are here, and
// belong to the network worker, as everything does that does not say otherwise.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/crew.hpp"
#include "core/gateway.hpp"
#include "core/guarded.hpp"
#include "core/names.hpp"
#include "core/owned.hpp"
#include "core/presence.hpp"

namespace aemp::core {

class monitors {
 public:
  monitors(crew& workers, const names& known, presence& nodes)
      : workers_(workers), names_(known), presence_(nodes) {}

  void set_gateway(gateway* g) noexcept { gateway_ = g; }  // null: a private node

  // ---- any thread ----
  // A monitor begins to watch, when it is linked to its owner. It fires with `no_such_port` when there is no such port.
  void watch(detail::owned* o);
  // A monitor is cancelled.
  void unwatch(detail::owned* o);
  // For the network: fired(reason) runs on the network worker when a local port ends, later, with `no_such_port` when
  // there is no such port. Cancelled by the handle. In order with what the network delivers, kills and spawns.
  handle watch_local(std::string_view port_name, std::function<void(const message& reason)> fired);
  // A port ended in its first function, and nothing monitored it: a monitor that is set a little later gets this
  // reason.
  void was_stillborn(port_id port, const message& reason);
  // A worker has told its part of a loss. On that worker.
  void loss_was_heard(epoch when);

  // ---- what the network has heard ----
  // A monitored port of another node is dead (kil0): its monitors fire.
  void remote_died(const port_id& port, const message& reason);
  // Everything on the way to a node is lost: a loss begins (core/losses.hpp). The monitors of the node and of all its
  // ports fire with `reason`; if the node was up, the callbacks of mon_nodes are told that it is down.
  void node_lost(const std::string& node, const message& reason);
  // The same for one port of a node that stays up: a message to it cannot be sent.
  void port_lost(const port_id& port, const message& reason);

  // Whether anything here monitors the node or a port of it; how many of its ports are monitored, and which: after a
  // reconnect the mesh asks for them again.
  bool is_watching(const std::string& node) const { return remote_.contains(node); }
  std::size_t watched_port_count(const std::string& node) const;
  std::vector<port_id> watched_ports(const std::string& node) const;

  void shut_down() noexcept;

 private:
  using by_port = std::map<port_id, owned_list>;

  void watch_on(worker& w, std::uint64_t number, detail::owned* o);
  void watch_remote(detail::owned* o);
  void unlink(detail::owned* o);
  // The monitors of a remote port, which has none here afterwards: f(list).
  template <class F>
  bool take_out(const port_id& port, F&& f);
  message why_gone(const port_id& port) const;
  bulletin begin_loss(const std::string& node, std::string_view port, const message& reason);
  void tell(bulletin news);

  crew& workers_;
  const names& names_;
  presence& presence_;
  gateway* gateway_ = nullptr;
  std::unordered_map<std::string, by_port> remote_;  // by node
  owned_list of_node_port_;                          // monitors of the own node port, which never fire
  guarded<std::deque<std::pair<port_id, message>>> stillborn_;  // the newest of them
};

}  // namespace aemp::core
