// Data connections, as far as the mesh is concerned: where to dial, and that a stream which speaks their
// protocol is handed over, instead of becoming the connection with a node.
#include <algorithm>

#include <aemp/log.hpp>

#include "core/registry.hpp"
#include "mesh/heartbeat.hpp"
#include "mesh/mesh.hpp"

namespace aemp::mesh {

std::string mesh::real_name(const std::string& node) const {
  const auto found = peers_.find(node);
  return found == peers_.end() || found->second->alias_of.empty() ? node : found->second->alias_of;
}

std::vector<net::endpoint> mesh::places_of(const std::string& node) const {
  std::vector<net::endpoint> places;
  if (const auto route = routes_.find(node); route != routes_.end()) places = route->second;
  const core::families& known = node_.registry().all();
  if (const auto listeners = known.find("'l"); listeners != known.end()) {
    if (const auto entry = listeners->second.find(node); entry != listeners->second.end()) {
      for (std::size_t i = 0; i < entry->second.size(); ++i) {
        const auto at = net::endpoint::parse(entry->second[i].to_string());
        if (at && std::find(places.begin(), places.end(), *at) == places.end()) places.push_back(*at);
      }
    }
  }
  return places;
}

std::unique_ptr<net::attempt> mesh::dial_data(const net::endpoint& at, const std::string& node,
                                              const std::string& id) {
  return network_.dial(at, [this, at, node, id](result<std::unique_ptr<net::stream>> dialled) {
    if (over_) return;
    if (!dialled) return data_->dial_ended(node, id, at, dialled.error());
    if (worker_.enter("a data connection", [&] { adopt(std::move(*dialled), {at, node, id}); })) return;
    data_->dial_ended(node, id, at, internal_error());
  });
}

void mesh::data_ready(connection& c) {
  const std::string& node = c.peer_id();
  const std::string id = c.data_id();
  const bool wrong = c.from.dialled && c.from.wanted != node;
  const bool framed = c.peer().key(frames_key) == "1";
  const auto announced = announced_silence(c.peer());
  raw_stream s = c.release();
  s.framed = framed;
  s.listen_for = settings_.monitor_timeout;
  if (framed && announced) s.speak_every = *announced / 3;
  const result<void> taken =
      wrong ? result<void>(error{"wrong_node", "node " + node + " answers there, not " + c.from.wanted})
            : data_->take(node, id, s);
  if (taken) {
    node_.report(7, "data connections with node " + node,
                 [&] { return "data connection " + id + " with node " + node + ": " + c.remote.str(); });
  } else {
    s.stream.reset();
    node_.report(2, "connections with " + c.remote.host, [&] {
      return "no data connection with " + c.remote.str() + ": " + taken.error().name + ": " +
             taken.error().text;
    });
    if (c.from.dialled) data_->dial_ended(c.from.wanted, id, *c.from.dialled, taken.error());
  }
  retire(c);
}

}  // namespace aemp::mesh
