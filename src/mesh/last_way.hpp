// Where this node's last message went, so that the next one to the same port finds its connection without a
// search. It means nothing any more when a peer has come up or is lost; whoever changes the table of peers
// forgets it first. There is none while this worker has not heard of all losses.
//
// Belongs to the network worker. Cost of is(): two comparisons.
#pragma once

#include <cstdint>
#include <string_view>

#include <aemp/port_id.hpp>

#include "mesh/connection.hpp"

namespace aemp::mesh {

struct last_way {
  bool is(const port_id& to) const noexcept {
    return up != nullptr && to.shared_text() == port.shared_text();
  }
  void send(const message& m) { up->send({name, &note}, m); }
  void forget() noexcept { *this = {}; }

  port_id port = {};  // not a number
  std::string_view name = {};
  connection* up = nullptr;
  std::uint64_t note = 0;  // its encoder's
};

}  // namespace aemp::mesh
