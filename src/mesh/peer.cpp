#include "mesh/peer.hpp"

#include "core/worker.hpp"
#include "mesh/room.hpp"

namespace aemp::mesh {

void peer::put(const backlog::packet& p) {
  if (p.what == backlog::packet::kind::message) return up->send(p.port, p.content);
  if (p.what == backlog::packet::kind::kill)
    return up->send({}, kill_request(p.port, p.content, up->peer().key("mproto").has_value()));
  const message question = question_for(p.content, up->peer().key(room_key).has_value());
  if (!question.empty()) up->send({}, question);
}

// Sending may end the connection, and with it this object.
void peer::send_waiting() {
  connection& c = *up;
  for (const backlog::packet& packet : waiting.take()) {
    if (c.is_closed()) return;
    put(packet);
  }
}

void peer::fire_drained() {
  while (detail::owned* const o = wait_for_drain.pop()) {
    o->fire({});
    detail::release(o);
  }
}

}  // namespace aemp::mesh
