#include "mesh/dialler.hpp"

#include "mesh/mesh_test.hpp"

namespace aemp::mesh {
namespace {

struct caller {
  explicit caller(settings s = plain_settings()) : s(std::move(s)) {
    w.net.trace_to([this](std::string_view line) {
      if (contains(std::string(line), " syn")) dials.push_back(w.time.elapsed() - begin);
    });
    w.net.add_host("target", {"10.1.0.1", "10.1.0.2"});
    begin = w.time.elapsed();
    dial = std::make_unique<dialler>(
        node.core.network_worker(), node.transport, this->s, chance,
        dialler::callbacks{[this](const net::endpoint& at, std::unique_ptr<net::stream> stream) {
                             reached.push_back(at);
                             streams.push_back(std::move(stream));
                           },
                           [this](std::string text) { given_up = text; }});
  }

  test_world w;
  settings s;
  test_node& node = w.add("alpha");
  dice chance{[this](std::span<std::byte> out) { node.luck.fill(out); }};
  core::duration begin{};
  std::vector<core::duration> dials;  // when
  std::vector<net::endpoint> reached;
  std::vector<std::unique_ptr<net::stream>> streams;
  std::string given_up;
  std::unique_ptr<dialler> dial;
};

TEST(dialler, tries_once_per_interval_in_a_circle_until_the_time_is_over) {
  caller c;
  c.dial->add(std::vector<net::endpoint>{{"10.1.0.1", 1}, {"10.1.0.2", 2}});
  c.w.run(60s);
  ASSERT_LT(2u, c.dials.size());
  EXPECT_LE(c.dials[0], 51ms);
  for (std::size_t i = 1; i < c.dials.size(); ++i) {
    EXPECT_LE(1799ms, c.dials[i] - c.dials[i - 1]);
    EXPECT_GE(2001ms, c.dials[i] - c.dials[i - 1]);
  }
  EXPECT_TRUE(contains(c.given_up, "10.1.0.1:1: connection_refused")) << c.given_up;
  EXPECT_TRUE(contains(c.given_up, "10.1.0.2:2: connection_refused")) << c.given_up;
}

TEST(dialler, has_time_for_each_of_many_places) {
  caller c;
  std::vector<net::endpoint> places;
  for (std::uint16_t port = 1; port <= 40; ++port) places.push_back({"10.1.0.1", port});
  c.dial->add(places);
  c.w.run(29s);
  EXPECT_LT(40u, c.dials.size());
  for (std::size_t i = 1; i < c.dials.size(); ++i) EXPECT_LE(359ms, c.dials[i] - c.dials[i - 1]);
}

TEST(dialler, begins_with_what_it_learned_last) {
  caller c;
  c.dial->add(std::vector<net::endpoint>{{"10.1.0.1", 1}});
  c.w.run(1s);
  c.w.net.add_host("target2", {"10.0.0.2"});
  test_node& target = c.w.add_on("target2", "target2");
  target.listen({"10.0.0.2", 4040});
  c.dial->add(std::vector<net::endpoint>{{"10.0.0.2", 4040}});
  c.w.run(2s);
  EXPECT_EQ((std::vector<net::endpoint>{{"10.0.0.2", 4040}}), c.reached);
}

TEST(dialler, does_not_dial_again_while_a_handshake_lasts_and_does_when_it_has_ended) {
  caller c;
  c.w.net.add_host("target2", {"10.0.0.2"});
  test_node& target = c.w.add_on("target2", "target2");
  target.listen({"10.0.0.2", 4040});
  c.dial->add(std::vector<net::endpoint>{{"10.0.0.2", 4040}});
  c.w.run(10s);
  EXPECT_EQ(1u, c.reached.size());
  c.dial->ended({"10.0.0.2", 4040}, {"wrong_secret", "no"});
  c.w.run(2s);
  EXPECT_EQ(2u, c.reached.size());
  c.w.run(30s);
  EXPECT_TRUE(contains(c.given_up, "10.0.0.2:4040: the handshake")) << c.given_up;
}

TEST(dialler, replaces_a_name_by_its_addresses) {
  caller c;
  c.dial->add(std::vector<place>{{"nobody", 9}, {"target", 7}});
  c.w.run(60s);
  EXPECT_TRUE(contains(c.given_up, "nobody:9: unresolvable")) << c.given_up;
  EXPECT_TRUE(contains(c.given_up, "10.1.0.1:7: connection_refused")) << c.given_up;
  EXPECT_TRUE(contains(c.given_up, "10.1.0.2:7: connection_refused")) << c.given_up;
}

}  // namespace
}  // namespace aemp::mesh
