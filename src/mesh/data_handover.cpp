#include "mesh/data_handover.hpp"

#include <aemp/log.hpp>

#include "mesh/heartbeat.hpp"

namespace aemp::mesh {

void data_handover::ready(connection& c) {
  const std::string& node = c.peer_id();
  const std::string id = c.data_id();
  const bool wrong = c.from.dialled && c.from.wanted != node;
  const bool framed = c.peer().key(frames_key) == "1";
  const auto announced = announced_silence(c.peer());
  raw_stream s = c.release();
  s.framed = framed;
  s.listen_for = settings_.monitor_timeout;
  if (framed && announced) s.speak_every = *announced / 3;
  const result<void> taken =
      wrong ? result<void>(error{"wrong_node", "node " + node + " answers there, not " + c.from.wanted})
            : server_->take(node, id, s);
  if (taken) {
    node_.report(7, "data connections with node " + node,
                 [&] { return "data connection " + id + " with node " + node + ": " + c.remote.str(); });
  } else {
    s.stream.reset();
    node_.report(2, "connections with " + c.remote.host, [&] {
      return "no data connection with " + c.remote.str() + ": " + taken.error().name + ": " +
             taken.error().text;
    });
    if (c.from.dialled) server_->dial_ended(c.from.wanted, id, *c.from.dialled, taken.error());
  }
  connections_.retire(c);
}

void data_handover::dial_ended(const origin& from, const error& why) {
  server_->dial_ended(from.wanted, from.data_id, *from.dialled, why);
}

}  // namespace aemp::mesh
