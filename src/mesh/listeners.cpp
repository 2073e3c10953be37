#include "mesh/listeners.hpp"

#include <algorithm>
#include <iterator>

namespace aemp::mesh {

result<std::vector<net::endpoint>> listeners::open(const std::vector<net::endpoint>& at,
                                                   const net::transport::accepted& take) {
  std::vector<std::unique_ptr<net::listener>> opened;
  std::vector<net::endpoint> places;
  for (const net::endpoint& e : at) {
    auto l = network_.listen(e, take);
    if (!l) return l.error();
    places.push_back((*l)->local());
    opened.push_back(std::move(*l));
  }
  std::move(opened.begin(), opened.end(), std::back_inserter(open_));
  return places;
}

std::vector<net::endpoint> listeners::places() const {
  std::vector<net::endpoint> places;
  for (const auto& l : open_) places.push_back(l->local());
  return places;
}

bool listeners::is_mine(const net::endpoint& at) const {
  return std::ranges::any_of(open_, [&](const auto& l) { return l->local() == at; });
}

bool listeners::is_mine(const place& p) const {
  return std::ranges::any_of(open_, [&](const auto& l) { return l->local().str() == p.str(); });
}

}  // namespace aemp::mesh
