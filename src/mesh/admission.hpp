// Who may connect: sees that between two nodes there is one connection, whoever dials whom and however often
// (docs/architecture.md, "One connection per pair").
//
// Of two nodes, one is the arbiter. It shows its proof on one connection only, after it has seen the other's
// proof there, and closes the rivals of that one. A connection with a node that is up already is a claim: the
// holder of the place is asked whether it lives, and the claim waits for the answer (succession.hpp).
//
// Belongs to the network worker.
#pragma once

#include <cstdint>
#include <string>

#include "core/local_node.hpp"
#include "mesh/connections.hpp"
#include "mesh/data_handover.hpp"
#include "mesh/membership.hpp"
#include "mesh/outcomes.hpp"
#include "mesh/peers.hpp"
#include "mesh/settings.hpp"

namespace aemp::mesh {

class admission final : public connection_owner {
 public:
  // These outlive it.
  admission(detail::local_node& node, const settings& s, connections& made, const peers& all,
            membership& members, outcomes& told, data_handover& data);

  void named(connection& c) override;
  void verified(connection& c) override;
  void ready(connection& c) override;
  void closed(connection& c, const error& why) override;

  // The holder of that node's place has answered, or was silent for so long that it is taken for dead.
  void settle_claims(const std::string& node, bool holder_lives);

 private:
  bool is_arbiter(const connection& c) const;
  void close_rivals(const connection& winner);
  void claim(connection& c, bool proven);

  detail::local_node& node_;
  const settings& settings_;
  connections& connections_;
  const peers& peers_;
  membership& membership_;
  outcomes& outcomes_;
  data_handover& data_;
  std::uint64_t questions_asked_ = 0;
};

}  // namespace aemp::mesh
