#include "mesh/seeds.hpp"

#include "mesh/mesh_test.hpp"

namespace aemp::mesh {
namespace {

settings seeded(std::vector<net::endpoint> seeds) {
  settings s = plain_settings();
  s.seeds = std::move(seeds);
  return s;
}

TEST(seeds, are_dialled_right_after_the_start) {
  test_world w;
  test_node& a = w.add("alpha");
  test_node& b = w.add("beta");
  test_node& c = w.add("gamma", seeded({{"10.0.0.1", 4040}, {"10.0.0.2", 4040}, {"10.0.0.1", 4040}}));
  a.listen({"10.0.0.1", 4040});
  b.listen({"10.0.0.2", 4040});
  w.run(1s);
  EXPECT_TRUE(c.changes.empty());
  c.start();
  EXPECT_TRUE(w.run_until([&] { return c.is_up("alpha") && c.is_up("beta"); }, 110ms)) << w.whole_log();
}

TEST(seeds, are_tried_until_somebody_answers_and_the_trouble_is_told_once) {
  test_world w;
  test_node& b = w.add("beta", seeded({{"10.0.0.2", 4040}, {"10.0.0.3", 4040}}));
  w.net.add_host("alpha");
  w.net.add_host("gamma");
  b.start();
  w.run(60s);
  EXPECT_EQ(1, std::count_if(w.logged.begin(), w.logged.end(), [](const auto& l) { return l.first == 2; }))
      << w.whole_log();
  EXPECT_TRUE(w.was_logged("no contact to any other node", 2));
  test_node& a = w.add("alpha");
  a.listen({"10.0.0.2", 4040});
  EXPECT_TRUE(w.run_until([&] { return b.is_up("alpha"); }, 10s)) << w.whole_log();
}

TEST(seeds, are_tried_at_once_when_the_last_node_is_lost) {
  test_world w;
  test_node& a = w.add("alpha");
  test_node& b = w.add("beta", seeded({{"10.0.0.1", 4040}}));
  a.listen({"10.0.0.1", 4040});
  b.start();
  w.run(10s);
  w.net.cut("alpha", "beta");
  EXPECT_TRUE(w.run_until(
      [&] {
        return b.changes == std::vector<std::string>{"+alpha", "-alpha", "+alpha"};
      },
      10ms))
      << w.whole_log();
}

TEST(seeds, forget_the_node_itself) {
  test_world w;
  test_node& a = w.add("alpha", seeded({{"10.0.0.1", 4040}}));
  a.listen({"10.0.0.1", 4040});
  a.start();
  w.run(1s);
  const auto lines = w.logged.size();
  EXPECT_TRUE(w.was_logged("talking_to_myself", 7)) << w.whole_log();
  w.run(1h);
  EXPECT_EQ(lines, w.logged.size()) << w.whole_log();
  EXPECT_FALSE(std::any_of(w.logged.begin(), w.logged.end(), [](const auto& l) { return l.first < 7; }))
      << w.whole_log();
}

TEST(seeds, complain_about_another_node_of_the_same_name) {
  test_world w;
  test_node& other = w.add_on("other", "alpha");
  test_node& a = w.add_on("mine", "alpha", seeded({{"10.0.0.1", 4040}}));
  other.listen({"10.0.0.1", 4040});
  a.start();
  w.run(1s);
  EXPECT_TRUE(w.was_logged("talking_to_myself", 2)) << w.whole_log();
}

TEST(seeds, are_left_alone_while_they_are_connected) {
  test_world w;
  std::size_t dials = 0;
  w.net.trace_to(
      [&](std::string_view line) { dials += line.find(" syn") != std::string_view::npos ? 1 : 0; });
  test_node& a = w.add("alpha");
  test_node& b = w.add("beta", seeded({{"10.0.0.1", 4040}}));
  a.listen({"10.0.0.1", 4040});
  b.start();
  w.run(10min);
  EXPECT_EQ(1u, dials);
}

TEST(seeds, stop_waiting_for_a_host_that_swallows_everything) {
  test_world w;
  test_node& b = w.add("beta", seeded({{"10.0.0.2", 4040}}));
  test_node& a = w.add("alpha");
  a.listen({"10.0.0.2", 4040});
  w.net.partition({"alpha"}, {"beta"});
  b.start();
  w.run(29s);
  EXPECT_FALSE(w.was_logged("no answer", 7));
  w.run(2s);
  EXPECT_TRUE(w.was_logged("seed 10.0.0.2:4040: no answer", 7)) << w.whole_log();
  w.net.heal();
  EXPECT_TRUE(w.run_until([&] { return b.is_up("alpha"); }, 10s));
}

}  // namespace
}  // namespace aemp::mesh
