#include "mesh/arrivals.hpp"

#include <aemp/log.hpp>

#include "mesh/internal_error.hpp"

namespace aemp::mesh {

arrivals::arrivals(detail::local_node& node, const settings& s, connections& all, introduction& greeter,
                   outcomes& told, const data_handover& data, connection_owner& owner,
                   traffic_events& traffic)
    : node_(node),
      settings_(s),
      connections_(all),
      introduction_(greeter),
      outcomes_(told),
      data_(data),
      owner_(owner),
      traffic_(traffic) {}

void arrivals::adopt(std::unique_ptr<net::stream> stream, const origin& from) {
  core::worker& worker = node_.network_worker();
  connection* made = nullptr;
  if (worker.enter("a new connection", [&] { begin(std::move(stream), from, made); })) return;
  const error why = internal_error();
  (void)worker.enter("a new connection", [&] {
    if (made != nullptr) {
      if (connections_.contains(*made)) made->close(why);
    } else if (from.dialled) {
      outcomes_.attempt_failed(from, why);
    }
  });
}

void arrivals::begin(std::unique_ptr<net::stream> stream, const origin& from, connection*& made) {
  if (settings_.stays_here && from.through.empty() && !stream->remote().is_loopback())
    return refuse_to_leave(stream->remote(), from);
  if (!from.dialled) connections_.make_room_for_a_handshake();
  wire::session_config config = introduction_.on(*stream, from, data_.is_served());
  connection& c = connections_.add(std::move(config), std::move(stream), from, owner_, traffic_);
  made = &c;
  c.start();
}

void arrivals::refuse_to_leave(const net::endpoint& remote, const origin& from) {
  const error why{
      "weak_secret",
      "the secret has less than 16 bytes, and " + remote.str() +
          " is another machine: whoever listens on the way there can guess such a secret; take a longer "
          "one on all nodes (aemp gensecret), or set allow_weak_secret"};
  node_.report(2, "connections with " + remote.host,
               [&] { return "no connection with " + remote.str() + ": " + why.name + ": " + why.text; });
  if (from.dialled) outcomes_.attempt_failed(from, why);
}

}  // namespace aemp::mesh
