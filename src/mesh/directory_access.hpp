// What groups and the database get from the mesh (directory_owner.hpp).
//
// Belongs to the network worker.
#pragma once

#include "mesh/directory_owner.hpp"
#include "mesh/listeners.hpp"
#include "mesh/peers.hpp"
#include "mesh/routes.hpp"
#include "mesh/search.hpp"
#include "mesh/seeds.hpp"

namespace aemp::mesh {

class directory_access final : public directory_owner {
 public:
  directory_access(const peers& all, const listeners& open, const routes& places, const seeds& given,
                   search& looked_for)
      : peers_(all), listeners_(open), routes_(places), seeds_(given), search_(looked_for) {}

  void tell(const std::string& node, std::string_view port, const message& m) override;
  bool is_up(const std::string& node) const override { return peers_.is_up(node); }
  std::size_t unsent(const std::string& node) const override { return peers_.unsent(node); }
  bool is_seed(const std::string& node) const override { return seeds_.is_seed(node); }
  bool tries_seeds() const override { return seeds_.trying(); }
  std::vector<std::string> listening_at() const override;
  std::vector<std::string> addresses_of(const std::string& node) const override;
  void learn_addresses(const std::string& node, const std::vector<std::string>& addresses) override;
  void want_connection(const std::string& node) override { (void)search_.reach(node); }
  void has_no_address(const std::string& node) override { search_.has_no_address(node); }
  void is_behind(const std::string& node, const std::vector<std::string>& relays) override {
    search_.add_ways(node, relays);
  }

 private:
  const peers& peers_;
  const listeners& listeners_;
  const routes& routes_;
  const seeds& seeds_;
  search& search_;
};

}  // namespace aemp::mesh
