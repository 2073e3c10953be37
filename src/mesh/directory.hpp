// Groups and the database between nodes. What is registered here is told to every peer in the peer's own
// protocol, and what peers tell goes to core/registry. A peer whose greeting has the key gproto speaks version
// 2 (global2); any other speaks version 1 (global1), like the original's older releases. A node with peers of
// both kinds tells each kind what the other has (aemp-protocol E, I.5).
//
// Belongs to the network worker.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "core/local_node.hpp"
#include "core/registry.hpp"
#include "mesh/dice.hpp"
#include "mesh/directory_owner.hpp"
#include "mesh/global1.hpp"
#include "mesh/global2.hpp"
#include "mesh/settings.hpp"

namespace aemp::mesh {

class directory final : core::registry_backend {
 public:
  directory(detail::local_node& node, const settings& s, dice& chance, directory_owner& owner);
  directory(const directory&) = delete;
  directory& operator=(const directory&) = delete;
  ~directory();

  // The places where this node listens are known. moved(): these places, or the node's ID, have changed.
  void start();
  void moved();

  void node_up(const std::string& node, const directory_dialect& speaks);
  void node_gone(const std::string& node);  // lost, or not reached
  void seed_named(const std::string& node);
  void own_seed(const std::string& why);
  // A message to the node port of this node. True: it was about groups or the database.
  bool handle(const std::string& node, const message& m);
  // A source has answered, or has failed: monitors that have not told their first state may do so now.
  void look_again() { node_.registry().look_again(); }
  // Somebody wants to reach this node.
  void find(const std::string& node) { two_.find(node); }

 private:
  void local_changed(const core::family_change& c) override;
  void subscribe(const std::string& family) override;
  void unsubscribe(const std::string& family) override;
  void query(const std::string& family, core::query_kind what,
             std::function<void(const value&)> answer) override;
  bool is_known(const std::string& family) const override;

  void wait_for(const std::string& family);

  // A seed that speaks version 1 is nobody's master in version 2.
  void look_for_master();

  // What peers of version 1 have registered belongs, for version 2, to this node; and for them, what nodes of
  // version 2 have, too.
  void ones_changed(const std::string& node, const core::family_change& c);
  void ones_forgotten(const std::string& node);
  void twos_changed();
  void speak_for_twos();

  using member = std::pair<std::string, std::string>;  // group, port

  detail::local_node& node_;
  core::worker& worker_;
  const settings& settings_;
  directory_owner& owner_;
  global2 two_;
  global1 one_;
  std::set<std::string> related_;  // that are up
  std::set<std::string> introduced_;
  std::set<member> spoken_for_;  // ports of version 2 that version 1 knows from us
  core::own_timer soon_;
  // Families that somebody wants to know, and how long their monitors still wait for an answer; null: long
  // enough, so they tell what there is.
  std::map<std::string, std::unique_ptr<core::own_timer>> waits_;
  bool started_ = false;
};

}  // namespace aemp::mesh
