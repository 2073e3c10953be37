// What becomes of the streams that this node has dialled: whoever wanted one is told. That is the search for a
// node (dialler), the seeds, or whoever serves data connections. And the log is told of handshakes that fail.
//
// Belongs to the network worker.
#pragma once

#include "core/local_node.hpp"
#include "mesh/connection.hpp"
#include "mesh/data_handover.hpp"
#include "mesh/directory.hpp"
#include "mesh/listeners.hpp"
#include "mesh/membership.hpp"
#include "mesh/peers.hpp"
#include "mesh/seeds.hpp"

namespace aemp::mesh {

class outcomes {
 public:
  // These outlive it. `groups` is null when no global protocol is spoken.
  outcomes(detail::local_node& node, const peers& all, const listeners& open, membership& members,
           seeds& given, data_handover& data, directory* groups);

  // The peer has said who it is.
  void named(const connection& c);
  // The connection has come up.
  void came_up(const connection& c);
  // Its handshake came to nothing.
  void handshake_failed(const connection& c, const error& why);
  // There was not even a connection.
  void attempt_failed(const origin& from, const error& why);

 private:
  void tell(const connection& c, const error& why);
  void log(const connection& c, const error& why) const;

  detail::local_node& node_;
  const peers& peers_;
  const listeners& listeners_;
  membership& membership_;
  seeds& seeds_;
  data_handover& data_;
  directory* directory_;
};

}  // namespace aemp::mesh
