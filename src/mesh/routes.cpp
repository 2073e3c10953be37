#include "mesh/routes.hpp"

#include <algorithm>

namespace aemp::mesh {

bool routes::has_room_for(const std::string& node) const {
  return known_.contains(node) || known_.size() < settings_.limits.max_routes;
}

bool routes::learn(const std::string& node, const std::vector<net::endpoint>& places) {
  if (!has_room_for(node)) return false;
  known_[node] = places;
  return true;
}

void routes::remember(const std::string& node, const net::endpoint& at) {
  if (!has_room_for(node)) return;
  std::vector<net::endpoint>& route = known_[node];
  std::erase(route, at);
  route.insert(route.begin(), at);
}

const std::vector<net::endpoint>& routes::to(const std::string& node) const {
  static const std::vector<net::endpoint> none;
  const auto route = known_.find(node);
  return route == known_.end() ? none : route->second;
}

std::vector<net::endpoint> routes::all_to(const std::string& node, const core::families& database) const {
  std::vector<net::endpoint> places = to(node);
  const auto listeners = database.find("'l");
  if (listeners == database.end()) return places;
  const auto entry = listeners->second.find(node);
  if (entry == listeners->second.end()) return places;
  for (std::size_t i = 0; i < entry->second.size(); ++i) {
    const auto at = net::endpoint::parse(entry->second[i].to_string());
    if (at && std::find(places.begin(), places.end(), *at) == places.end()) places.push_back(*at);
  }
  return places;
}

}  // namespace aemp::mesh
