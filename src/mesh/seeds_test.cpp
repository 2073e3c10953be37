#include "mesh/seeds.hpp"

#include "mesh/mesh_test.hpp"

namespace aemp::mesh {
namespace {

settings seeded(std::vector<place> seeds) {
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

TEST(seeds, are_tried_within_the_connect_interval_when_the_last_node_is_lost) {
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
      2010ms))
      << w.whole_log();
}

TEST(seeds, that_start_anew_are_not_dialled_by_everybody_at_once) {
  test_world w;
  constexpr std::size_t nodes = 40;
  test_node* a = &w.add("alpha");
  a->listen({"10.0.0.1", 4040});
  std::vector<core::duration> dials;  // since the restart
  core::duration restart{};
  w.net.trace_to([&](std::string_view line) {
    if (line.find(" syn") != std::string_view::npos) dials.push_back(w.time.elapsed() - restart);
  });
  for (std::size_t i = 0; i < nodes; ++i)
    w.add("n" + std::to_string(i), seeded({{"10.0.0.1", 4040}})).start();
  const auto all_up = [&] { return a->core.presence().up().size() == nodes; };
  ASSERT_TRUE(w.run_until(all_up, 10s)) << w.whole_log();
  w.run(60s);
  w.kill(*a, false);
  a = &w.add("alpha");
  a->listen({"10.0.0.1", 4040});
  restart = w.time.elapsed();
  dials.clear();
  EXPECT_TRUE(w.run_until(all_up, 10s)) << w.whole_log();
  ASSERT_LE(nodes, dials.size());
  for (core::duration from{}; from < 2s; from += 200ms) {
    const auto then =
        std::ranges::count_if(dials, [&](core::duration d) { return d >= from && d < from + 200ms; });
    EXPECT_GE(15, then) << "of all " << nodes << " nodes, after " << from / 1ms << " ms";
  }
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

// ---- names ----

TEST(seeds, that_are_names_are_looked_up_at_each_attempt) {
  test_world w;
  test_node &old = w.add("old"), &b = w.add("beta", seeded({{"seed.test", 4040}}));
  test_node& young = w.add("young");
  old.listen({"10.0.0.1", 4040});
  young.listen({"10.0.0.3", 4040});
  w.net.set_name("seed.test", {"10.0.0.1"});
  b.start();
  ASSERT_TRUE(w.run_until([&] { return b.is_up("old"); }, 110ms)) << w.whole_log();
  w.net.set_name("seed.test", {"10.0.0.3"});
  w.kill(old, true);
  EXPECT_TRUE(w.run_until([&] { return b.is_up("young"); }, 40s)) << w.whole_log();
}

TEST(seeds, that_have_several_addresses_are_all_dialled) {
  test_world w;
  test_node& a = w.add("alpha");
  test_node& b = w.add("beta", seeded({{"seeds.test", 4040}}));
  test_node& c = w.add("gamma");
  a.listen({"10.0.0.1", 4040});
  c.listen({"10.0.0.3", 4040});
  w.net.set_name("seeds.test", {"10.0.0.9", "10.0.0.1", "10.0.0.3"});
  b.start();
  EXPECT_TRUE(w.run_until([&] { return b.is_up("alpha") && b.is_up("gamma"); }, 110ms)) << w.whole_log();
}

TEST(seeds, whose_names_do_not_exist_yet_are_found_when_they_do) {
  test_world w;
  test_node& a = w.add("alpha");
  test_node& b = w.add("beta", seeded({{"seed.test", 4040}}));
  a.listen({"10.0.0.1", 4040});
  b.start();
  w.run(5min);
  EXPECT_TRUE(w.was_logged("seed seed.test:4040: unresolvable: 'seed.test' has no address", 2));
  EXPECT_EQ(2, std::count_if(w.logged.begin(), w.logged.end(), [](const auto& l) { return l.first == 2; }))
      << w.whole_log();
  w.net.set_name("seed.test", {"10.0.0.1"});
  EXPECT_TRUE(w.run_until([&] { return b.is_up("alpha"); }, 3s)) << w.whole_log();
}

TEST(seeds, do_not_wait_for_a_name_server_that_is_silent) {
  test_world w;
  test_node& a = w.add("alpha");
  test_node& b = w.add("beta", seeded({{"seed.test", 4040}, {"10.0.0.3", 4040}}));
  test_node& c = w.add("gamma");
  a.listen({"10.0.0.1", 4040});
  c.listen({"10.0.0.3", 4040});
  w.net.set_name("seed.test", {"10.0.0.1"});
  w.net.silence_name_server(true);
  b.start();
  EXPECT_TRUE(w.run_until([&] { return b.is_up("gamma"); }, 110ms)) << w.whole_log();
  w.run(31s);
  EXPECT_TRUE(w.was_logged("seed seed.test:4040: unresolvable: the name server does not answer", 2));
  w.net.silence_name_server(false);
  EXPECT_TRUE(w.run_until([&] { return b.is_up("alpha"); }, 40s)) << w.whole_log();
}

TEST(seeds, are_found_at_their_last_address_while_the_name_server_is_silent) {
  test_world w;
  test_node& a = w.add("alpha");
  test_node& b = w.add("beta", seeded({{"seed.test", 4040}}));
  a.listen({"10.0.0.1", 4040});
  w.net.set_name("seed.test", {"10.0.0.1"});
  b.start();
  ASSERT_TRUE(w.run_until([&] { return b.is_up("alpha"); }, 110ms));
  w.run(31s);
  w.net.silence_name_server(true);
  w.net.cut("alpha", "beta");
  w.run_until([&] { return !b.is_up("alpha"); });
  EXPECT_TRUE(w.run_until([&] { return b.is_up("alpha"); }, 6s)) << w.whole_log();
}

TEST(seeds, that_are_names_of_this_node_are_not_dialled_for_ever) {
  test_world w;
  test_node& a = w.add("alpha", seeded({{"alpha", 4040}}));
  a.listen({"10.0.0.1", 4040});
  std::size_t dials = 0;
  w.net.trace_to(
      [&](std::string_view line) { dials += line.find(" syn") != std::string_view::npos ? 1 : 0; });
  a.start();
  w.run(1h);
  EXPECT_EQ(1u, dials) << w.whole_log();
}

}  // namespace
}  // namespace aemp::mesh
