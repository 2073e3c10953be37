#include "mesh/directory_access.hpp"

namespace aemp::mesh {
namespace {

std::vector<std::string> texts_of(const std::vector<net::endpoint>& places) {
  std::vector<std::string> texts;
  for (const net::endpoint& e : places) texts.push_back(e.str());
  return texts;
}

}  // namespace

void directory_access::tell(const std::string& node, std::string_view port, const message& m) {
  if (const peer* p = peers_.find_up(node)) p->up->send(port, m);
}

std::vector<std::string> directory_access::listening_at() const { return texts_of(listeners_.places()); }

std::vector<std::string> directory_access::addresses_of(const std::string& node) const {
  return texts_of(routes_.to(node));
}

// Numeric addresses only, which need no resolver; and a limited number, because peers choose it.
void directory_access::learn_addresses(const std::string& node, const std::vector<std::string>& addresses) {
  constexpr std::size_t most = 32;
  std::vector<net::endpoint> places;
  for (const std::string& text : addresses) {
    if (places.size() == most) break;
    if (auto e = net::endpoint::parse(text)) places.push_back(std::move(*e));
  }
  search_.learn(node, places);
}

}  // namespace aemp::mesh
