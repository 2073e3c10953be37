#include "mesh/address.hpp"

#include <optional>

namespace aemp::mesh {
namespace {

std::optional<place> place_of(std::string_view part) {
  const auto colon = part.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  const auto port = net::port_number(part.substr(colon + 1));
  if (!port || *port == 0) return {};
  std::string_view host = part.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    const auto numeric = net::canonical_address(host.substr(1, host.size() - 2));
    if (!numeric) return {};
    return place{*numeric, *port};
  }
  if (host.find_first_of(":/@ ") != std::string_view::npos) return {};
  return place{std::string(host), *port};
}

std::optional<std::vector<place>> places_of(std::string_view list) {
  std::vector<place> places;
  for (;;) {
    const auto comma = list.find(',');
    auto p = place_of(list.substr(0, comma));
    if (!p) return {};
    places.push_back(std::move(*p));
    if (comma == std::string_view::npos) return places;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

address address_of(std::string_view node_id) {
  if (auto places = places_of(node_id)) return {address::kind::noderef, std::move(*places), {}, {}};
  if (const auto at = node_id.rfind('@'); at != std::string_view::npos && at != 0) {
    const std::string_view master = node_id.substr(at + 1);
    if (auto places = places_of(master)) {
      return {address::kind::hidden, std::move(*places), std::string(node_id.substr(0, at)),
              std::string(master)};
    }
  }
  return {};
}

}  // namespace aemp::mesh
