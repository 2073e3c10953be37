// The compiled side of include/aemp/group.hpp.
#include <aemp/group.hpp>

#include <stdexcept>

#include "core/begin_owned.hpp"
#include "core/local_node.hpp"
#include "core/registry.hpp"
#include "core/words.hpp"

namespace aemp::detail {
namespace {

void check_family(const std::string& family, const char* function) {
  if (family.empty() || family[0] == '\'' || !core::is_name(family) || !data::is_utf8(family)) {
    throw std::invalid_argument(std::string(function) + ": '" + family.substr(0, 100) +
                                "' is no name for a group or family; names that are empty or begin with ' "
                                "are reserved, and a name is UTF-8, has at most " +
                                std::to_string(core::longest_name) + " bytes, and no control characters");
  }
}

template <class T>
owned* begin_registering(T* o) {
  return begin_at_network(o, [](local_node& node, T& t) { node.registry().begin(t); });
}

// An entry that is cancelled before it begins still replaces the earlier entry of its key, so that key is erased.
owned* begin_entry(core::registry::entry* e) {
  return begin_at_network(
      e, [](local_node& node, core::registry::entry& t) { node.registry().begin(t); },
      [](local_node& node, core::registry::entry& t) { node.registry().erase(t.family, t.key); });
}

}  // namespace

owned* register_entry(local_node& node, const std::string& family, const std::string& key, value v,
                      const port_id& with) {
  check_family(family, with ? "grp_reg" : "db_set");
  if (with && (!node.names().is_local(with) || with.is_node_port())) {
    throw std::invalid_argument("grp_reg: '" + with.str() + "' is no port of this node (" + node.id() +
                                "); each node registers its own ports");
  }
  if (!core::is_key(key)) {
    throw std::invalid_argument("grp_reg, db_set: '" + key.substr(0, 100) + "' is no key for '" + family +
                                "'; a key is UTF-8 and has 1 to " + std::to_string(core::longest_key) +
                                " bytes");
  }
  node.check_size([&] { return "db_set of '" + key + "' in '" + family + "'"; },
                  message("db_set", family, key, v));
  return begin_entry(new core::registry::entry(node.registry(), family, key, std::move(v), with));
}

void delete_entries(local_node& node, const std::string& family, std::vector<std::string> keys) {
  check_family(family, "db_del");
  const auto act = [&node, family, keys = std::move(keys)] {
    for (const std::string& key : keys) node.registry().erase(family, key);
  };
  core::worker& w = node.network_worker();
  if (node.here() == &w) return act();
  w.post(make_task(act));
}

std::vector<port_id> group_members(local_node& node, const std::string& group) {
  std::vector<port_id> ports;
  for (const auto& [key, v] : node.registry().family(group)) {
    if (!core::is_port_key(key)) continue;
    if (auto id = port_id::parse(key)) ports.push_back(std::move(*id));
  }
  return ports;
}

owned* watch_family(local_node& node, const std::string& family, bool group, handler_ref f) {
  return begin_registering(new core::registry::watch(node.registry(), node.home_worker().index(),
                                                     running_number(node), std::move(f), family, group));
}

void query_family(local_node& node, const std::string& family, query what, handler_ref f) {
  const auto kind = what == query::family ? core::query_kind::family
                    : what == query::keys ? core::query_kind::keys
                                          : core::query_kind::values;
  release(begin_registering(new core::registry::question(node.registry(), node.home_worker().index(),
                                                         running_number(node), std::move(f), family, kind)));
}

}  // namespace aemp::detail
