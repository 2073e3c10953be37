// What groups and the database get from the mesh.
#include "mesh/address.hpp"
#include "mesh/mesh.hpp"

namespace aemp::mesh {

void mesh::tell(const std::string& node, std::string_view port, const message& m) {
  if (over_) return;
  const peer* p = find(node);
  if (p != nullptr && p->up != nullptr && p->alias_of.empty()) p->up->send(port, m);
}

std::vector<std::string> mesh::listening_at() const {
  std::vector<std::string> places;
  for (const net::endpoint& e : listening()) places.push_back(e.str());
  return places;
}

std::vector<std::string> mesh::addresses_of(const std::string& node) const {
  std::vector<std::string> places;
  if (const auto route = routes_.find(node); route != routes_.end()) {
    for (const net::endpoint& e : route->second) places.push_back(e.str());
  }
  return places;
}

// Only what can be dialled without asking anybody, and not without end.
void mesh::learn_addresses(const std::string& node, const std::vector<std::string>& addresses) {
  constexpr std::size_t most = 32;
  std::vector<net::endpoint> places;
  for (const std::string& text : addresses) {
    if (places.size() == most) break;
    if (auto e = net::endpoint::parse(text)) places.push_back(std::move(*e));
  }
  learn(node, places);
}

void mesh::has_no_address(const std::string& node) {
  const peer* p = find(node);
  if (p == nullptr || p->up != nullptr || p->dial == nullptr || p->dial->knows_places()) return;
  lose(node, "no known address: nobody in the network says where node " + node + " is");
}

void mesh::is_behind(const std::string& node, const std::vector<std::string>& relays) {
  const peer* p = find(node);
  if (p == nullptr || p->dial == nullptr) return;
  constexpr std::size_t most = 8;
  for (std::size_t i = 0; i < std::min(most, relays.size()); ++i) p->dial->add_way(relays[i]);
}

}  // namespace aemp::mesh
