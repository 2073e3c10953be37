#include "mesh/connections.hpp"

#include <algorithm>
#include <string_view>

namespace aemp::mesh {

connections::connections(core::worker& worker, net::transport& network, const settings& s)
    : worker_(worker), network_(network), settings_(s) {}

connection& connections::add(wire::session_config config, std::unique_ptr<net::stream> stream,
                             const origin& from, connection_owner& owner, traffic_events& events) {
  auto owned = std::make_unique<connection>(worker_, settings_, std::move(config), std::move(stream), from,
                                            ++made_, owner, events);
  connection& c = *owned;
  all_.emplace(&c, std::move(owned));
  handshakes_.emplace(c.number, &c);
  if (!from.dialled) ++incoming_handshakes_;
  return c;
}

void connections::handshake_done(connection& c) {
  if (handshakes_.erase(c.number) != 0 && !c.from.dialled) --incoming_handshakes_;
}

bool connections::retire(connection& c) {
  const auto found = all_.find(&c);
  if (found == all_.end()) return false;
  held_ -= static_cast<std::ptrdiff_t>(c.held());
  retired_.push_back(std::move(found->second));
  all_.erase(found);
  handshake_done(c);
  worker_.when_idle(*this);
  return true;
}

void connections::retire_all() {
  for (auto& [c, owned] : all_) retired_.push_back(std::move(owned));
  all_.clear();
  handshakes_.clear();
}

std::vector<connection*> connections::in_order() const {
  std::vector<connection*> all;
  for (const auto& [c, owned] : all_) all.push_back(c);
  std::ranges::sort(all, {}, &connection::number);
  return all;
}

void connections::accept(const std::vector<connection*>& list) {
  for (connection* c : list) {
    if (contains(*c)) accept(*c);
  }
}

// Circuits say goodbye first, because their last words go over the other connections.
void connections::say_goodbye() {
  for (const bool circuits : {true, false}) {
    for (connection* c : in_order()) {
      if (c->is_ready() && c->from.through.empty() != circuits) c->finish();
    }
  }
}

// ---- limits ----

// Incoming handshakes get at most half of the free file descriptors. The other half is for nodes that have
// proven themselves, and for what this node opens itself.
void connections::make_room_for_a_handshake() {
  const std::size_t share = network_.room() / 2 + incoming_handshakes_ / 2;
  const std::size_t most = std::max<std::size_t>(1, std::min(share, settings_.limits.max_handshakes));
  while (incoming_handshakes_ >= most && close_a_handshake()) continue;
}

// Closes the oldest incoming handshake of the host that has the most of them, so that a host that only knocks
// cannot keep others out. False: there is none.
bool connections::close_a_handshake() {
  std::map<std::string_view, std::size_t> per_host;
  for (const auto& [number, c] : handshakes_) {
    if (!c->from.dialled) ++per_host[c->remote.host];
  }
  connection* oldest = nullptr;
  std::size_t most = 0;
  for (const auto& [number, c] : handshakes_) {
    if (c->from.dialled) continue;
    const std::size_t n = per_host[c->remote.host];
    if (oldest != nullptr && (n < most || (n == most && c->number > oldest->number))) continue;
    oldest = c;
    most = n;
  }
  if (oldest == nullptr) return false;
  oldest->close({"too_many_handshakes",
                 std::to_string(incoming_handshakes_) +
                     " incoming connections have not finished their handshake; the oldest goes"});
  return true;
}

void connections::count_held(connection& c, std::ptrdiff_t more) {
  held_ += more;
  if (more < 0 || held_ <= static_cast<std::ptrdiff_t>(settings_.limits.max_received_total)) return;
  connection* largest = &c;
  for (const auto& [other, owned] : all_) {
    if (other->held() > largest->held()) largest = other;
  }
  largest->close({"too_much_received",
                  std::to_string(held_) +
                      " bytes of messages that are not complete have come from all nodes, " +
                      std::to_string(largest->held()) + " of them here; the limit is max_received_total"});
}

void connections::check_queued(std::size_t elsewhere) {
  std::size_t all = elsewhere;
  connection* fullest = nullptr;
  for (const auto& [c, owned] : all_) {
    all += c->queued();
    if (fullest == nullptr || c->queued() > fullest->queued()) fullest = c;
  }
  if (all <= settings_.limits.max_queued_total || fullest == nullptr) return;
  fullest->close({"send_buffer_full",
                  std::to_string(all) + " bytes wait for all nodes together, " +
                      std::to_string(fullest->queued()) +
                      " of them for this one, which does not read them; the limit is max_queued_total"});
}

std::size_t connections::queued() const {
  std::size_t all = 0;
  for (const auto& [c, owned] : all_) {
    if (c->is_ready()) all += c->queued();
  }
  return all;
}

}  // namespace aemp::mesh
