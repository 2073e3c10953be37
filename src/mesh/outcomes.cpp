#include "mesh/outcomes.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <aemp/log.hpp>

#include "mesh/address.hpp"

namespace aemp::mesh {
namespace {

// These happen in a healthy network; all other errors need somebody's attention.
bool is_routine(const connection& c, const error& why) {
  static constexpr std::string_view routine[] = {"already_connected", "handshake_broken", "handshake_timeout",
                                                 "gave_up"};
  if (std::find(std::begin(routine), std::end(routine), why.name) != std::end(routine)) return true;
  return why.name == "talking_to_myself" && !c.from.dialled;  // the side that dialled says it
}

}  // namespace

outcomes::outcomes(detail::local_node& node, const peers& all, const listeners& open, membership& members,
                   seeds& given, data_handover& data, directory* groups)
    : node_(node),
      peers_(all),
      listeners_(open),
      membership_(members),
      seeds_(given),
      data_(data),
      directory_(groups) {}

void outcomes::named(const connection& c) {
  if (!c.from.dialled || !c.from.wanted.empty()) return;
  const std::string& id = c.peer_id();
  seeds_.named(*c.from.dialled, id);
  if (directory_ != nullptr && peers_.is_up(id)) directory_->seed_named(id);
}

// The node that answers may have another ID than the wanted one. Then the wanted ID is an alias of it, or
// belongs to another node.
void outcomes::came_up(const connection& c) {
  if (!c.from.dialled) return;
  if (c.from.wanted.empty()) return seeds_.ended(*c.from.dialled, {});
  tell(c, {"wrong_node", "node " + c.peer_id() + " answers there"});
}

void outcomes::handshake_failed(const connection& c, const error& why) {
  log(c, why);
  if (c.from.dialled) tell(c, why);
}

// The wanted node may be connected all the same: by another connection, or under the name that it gave
// itself.
void outcomes::tell(const connection& c, const error& why) {
  const std::string& wanted = c.from.wanted;
  if (!c.from.data_id.empty()) return attempt_failed(c.from, why);
  if (wanted.empty() && why.name == "talking_to_myself" && c.peer().node_id == node_.id()) {
    if (directory_ != nullptr) directory_->own_seed("it is a seed itself");
    return seeds_.is_myself(*c.from.dialled);
  }
  const peer* const p = peers_.find(wanted);
  const address a = address_of(wanted);
  const bool may_be_alias = a.what == address::kind::noderef ||
                            (a.what == address::kind::hidden && c.is_named() && c.peer_id() == a.id);
  if (p != nullptr && p->dial != nullptr && c.is_named() && may_be_alias) {
    if (peer* real = peers_.find(c.peer_id()); real != nullptr && real->up != nullptr)
      return membership_.add_alias(wanted, *real);
  }
  attempt_failed(c.from, why);
}

void outcomes::attempt_failed(const origin& from, const error& why) {
  if (!from.data_id.empty()) return data_.dial_ended(from, why);
  const net::endpoint& at = *from.dialled;
  if (from.wanted.empty()) return seeds_.ended(at, why);
  if (const peer* p = peers_.find(from.wanted); p != nullptr && p->dial != nullptr) p->dial->ended(at, why);
}

void outcomes::log(const connection& c, const error& why) const {
  const bool own = why.name == "talking_to_myself" && c.from.dialled && listeners_.is_mine(c.remote);
  node_.report(own || is_routine(c, why) ? 7 : 2, "connections with " + c.remote.host, [&] {
    return (c.from.dialled ? "no connection to " : "no connection from ") + c.remote.str() + ": " + why.name +
           ": " + why.text;
  });
}

}  // namespace aemp::mesh
