#include "mesh/link_facts.hpp"

#include <algorithm>

namespace aemp::mesh {
namespace {

std::string name_of(wire::encryption e) {
  switch (e) {
    case wire::encryption::certificates:
      return "certificates";
    case wire::encryption::secret:
      return "secret";
    default:
      return "none";
  }
}

}  // namespace

std::vector<link_facts> links_after(detail::local_node& node, const peers& all, std::uint64_t number,
                                    std::size_t most) {
  std::vector<const peer*> up;
  for (const auto& [id, p] : all.all()) {
    if (p->up != nullptr && p->alias_of.empty() && p->up->number > number) up.push_back(p.get());
  }
  const auto age = [](const peer* a, const peer* b) { return a->up->number < b->up->number; };
  most = std::min(most, up.size());
  std::partial_sort(up.begin(), up.begin() + static_cast<std::ptrdiff_t>(most), up.end(), age);
  up.resize(most);

  const core::time_point now = node.network_worker().now();
  std::vector<link_facts> links;
  for (const peer* p : up) {
    const connection& c = *p->up;
    link_facts& facts = links.emplace_back();
    facts.number = c.number;
    facts.node = p->id;
    facts.address = c.remote.str();
    facts.through = c.from.through;
    facts.dialled = c.from.dialled.has_value();
    facts.framing_in = c.session().framing_to_read();
    facts.framing_out = c.session().framing_to_write();
    facts.auth = to_text(c.session().own_auth());
    facts.encryption = name_of(c.session().encryption());
    facts.total = c.counted();
    facts.queued = c.queued();
    facts.age = now - c.ready_since();
    facts.idle = now - c.last_heard();
    facts.monitors = p->protocol->monitors();
    facts.watched = node.monitors().watched_port_count(p->id);
  }
  return links;
}

std::vector<wish_facts> wishes_in(const peers& all, std::size_t most) {
  std::vector<wish_facts> wishes;
  for (const auto& [id, p] : all.all()) {
    if (wishes.size() == most) break;
    if (p->up != nullptr) continue;
    wishes.push_back({id, p->waiting.size(), p->waiting.bytes(),
                      p->dial == nullptr ? std::string() : p->dial->outcomes()});
  }
  return wishes;
}

}  // namespace aemp::mesh
