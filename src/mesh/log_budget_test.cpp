#include "mesh/log_budget.hpp"

#include "mesh/mesh_test.hpp"

namespace aemp::mesh {
namespace {

TEST(log_budget, lets_each_host_say_ten_things_a_minute) {
  test_world w;
  log_budget budget;
  for (int i = 0; i < 100; ++i) {
    budget.log(w.time.now(), "10.0.0.1", 2, "knock");
    budget.log(w.time.now(), "10.0.0.2", 2, "knock too");
  }
  EXPECT_EQ(22u, w.logged.size());
  w.time.advance(1min);
  budget.log(w.time.now(), "10.0.0.1", 2, "a new minute");
  EXPECT_TRUE(w.was_logged("a new minute", 2));
}

TEST(log_budget, remembers_a_bounded_number_of_hosts) {
  test_world w;
  log_budget budget;
  for (int i = 0; i < 5000; ++i) budget.log(w.time.now(), std::to_string(i), 2, "knock");
  EXPECT_EQ(log_budget::hosts, w.logged.size());
  w.time.advance(1min);
  budget.log(w.time.now(), "another", 2, "after a minute");
  EXPECT_TRUE(w.was_logged("after a minute", 2));
}

}  // namespace
}  // namespace aemp::mesh
