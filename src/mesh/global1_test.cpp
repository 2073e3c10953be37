// Masters of version 1 (aemp-protocol E.3), with a network that is made up.
#include "mesh/global1.hpp"
#include "core/quiet_neighbours_test.hpp"

#include <gtest/gtest.h>

#include "sim/chance.hpp"
#include "sim/clock.hpp"

namespace aemp::mesh {
namespace {

class masters : public testing::Test, public directory_owner {
 protected:
  explicit masters(std::uint64_t seed = 1) : luck_(seed) {}
  ~masters() override {
    core::worker::scope here(core_.network_worker());
    one_.reset();
  }

  void up(const std::string& node) {
    core::worker::scope here(core_.network_worker());
    one().node_up(node, false);
  }
  void down(const std::string& node) {
    core::worker::scope here(core_.network_worker());
    one().node_gone(node);
  }
  void seed_named(const std::string& node) {
    core::worker::scope here(core_.network_worker());
    one().seed_named(node);
  }
  const std::string& master() { return one().master(); }
  // Who was told what about masters, since the last time.
  std::string told() { return std::exchange(told_, {}); }

  std::set<std::string> seeds_;

 private:
  void tell(const std::string& node, std::string_view port, const message& m) override {
    if (!port.empty() && (m.tag().starts_with("seedme") || m.tag() == "find"))
      told_ += node + " " + m.to_string() + "; ";
  }
  bool is_up(const std::string&) const override { return true; }
  bool is_seed(const std::string& node) const override { return seeds_.contains(node); }
  bool tries_seeds() const override { return false; }
  std::size_t unsent(const std::string&) const override { return 0; }
  std::vector<std::string> listening_at() const override { return {}; }
  std::vector<std::string> addresses_of(const std::string&) const override { return {}; }
  void learn_addresses(const std::string&, const std::vector<std::string>&) override {}
  void want_connection(const std::string&) override {}
  void has_no_address(const std::string&) override {}
  void is_behind(const std::string&, const std::vector<std::string>&) override {}

  struct no_sleep final : core::poller {
    bool poll() override { return false; }
    void wait(std::optional<core::time_point>) override {}
    void wake() noexcept override {}
  };
  global1& one() {
    if (one_ == nullptr) {
      core_.set_gateway(&nobody_);
      directory_owner& owner = *this;
      one_ =
          std::make_unique<global1>(core_, settings_, dice_, owner,
                                    global1::callbacks{[](const std::string&, const core::family_change&) {},
                                                       [](const std::string&) {}, [] {}});
    }
    return *one_;
  }

  core::quiet_gateway nobody_;
  sim::clock time_;
  sim::chance luck_;
  settings settings_;
  dice dice_{[this](std::span<std::byte> bytes) { luck_.fill(bytes); }};
  detail::local_node core_{
      {.node_id = "me", .uniq = "q", .crew = {.clock = &time_, .make_poller = [](unsigned, bool) {
                                                return std::make_unique<no_sleep>();
                                              }}}};
  std::unique_ptr<global1> one_;
  std::string told_;
};

TEST_F(masters, are_the_first_node_and_then_the_last_in_order_without_seeds) {
  up("b");
  EXPECT_EQ("b seedme1; ", told());
  up("c");
  up("a");
  EXPECT_EQ("", told()) << "a master stays what it is while it is connected";
  down("b");
  EXPECT_EQ("c seedme1; c find b; ", told());
  down("a");
  EXPECT_EQ("c find a; ", told());
  down("c");
  EXPECT_EQ("", master());
  EXPECT_EQ("", told());
}

TEST_F(masters, are_seeds_as_soon_as_one_is_connected) {
  seeds_ = {"seed"};
  up("z");
  up("seed");
  EXPECT_EQ("z seedme1; z seedme0; seed seedme1; ", told());
  up("zz");
  EXPECT_EQ("seed", master());
  down("seed");
  EXPECT_EQ("zz seedme1; zz find seed; ", told());
}

TEST_F(masters, are_one_of_the_seeds_that_are_left) {
  seeds_ = {"s1", "s2", "s3"};
  for (const char* node : {"z", "s1", "s2", "s3"}) up(node);
  for (std::size_t left = seeds_.size(); left > 0; --left) {
    EXPECT_TRUE(seeds_.contains(master()));
    const std::string lost = master();
    down(lost);
    EXPECT_NE(lost, master());
  }
  EXPECT_EQ("z", master());
}

// The second takes over with a probability of 1/2, the third with 2/3: the first is left with 1/2 times 1/3.
struct many_masters : masters {
  explicit many_masters(std::uint64_t seed) : masters(seed) {}
  void TestBody() override {}
  std::string choose() {
    seeds_ = {"s1", "s2", "s3"};
    for (const char* node : {"s1", "s2", "s3"}) up(node);
    return master();
  }
};

TEST(many, spread_over_the_seeds_with_the_probabilities_of_the_original) {
  std::map<std::string, int> chosen;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) ++chosen[many_masters(seed).choose()];
  EXPECT_NEAR(1000 / 6, chosen["s1"], 60);
  EXPECT_NEAR(1000 / 6, chosen["s2"], 60);
  EXPECT_NEAR(4000 / 6, chosen["s3"], 60);
}

TEST_F(masters, may_turn_out_to_be_seeds_when_they_are_connected_already) {
  up("z");
  up("seed");
  told();
  seeds_ = {"seed"};
  seed_named("seed");
  EXPECT_EQ("z seedme0; seed seedme1; ", told());
}

}  // namespace
}  // namespace aemp::mesh
