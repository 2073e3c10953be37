// Time limits of the handshake, heartbeats, and what a connection does with a peer that does not behave.
#include "mesh/connection.hpp"

#include "mesh/heartbeat.hpp"
#include "mesh/mesh_test.hpp"
#include "mesh/plain_peer_test.hpp"
#include "wire/vectors_test.hpp"

namespace aemp::mesh {
namespace {

const net::endpoint alpha_place{"10.0.0.1", 4040};

struct visited {
  explicit visited(test_world& w, plain_peer::options how = {}, settings s = plain_settings())
      : alpha(w.add("alpha", std::move(s))),
        peer(w.join(std::make_unique<plain_peer>(w.net, "perl", "perl", std::move(how)))) {
    alpha.listen(alpha_place);
    alpha.record("log");
    peer.dial(alpha_place);
  }
  test_node& alpha;
  plain_peer& peer;
};

TEST(connection, talks_to_a_node_that_knows_none_of_our_extensions) {
  test_world w;
  visited v(w);
  ASSERT_TRUE(w.run_until([&] { return v.alpha.is_up("perl") && v.peer.up() == 1; }, 1s)) << w.whole_log();
  v.peer.send("log", message("hello", 1));
  v.alpha.snd("perl#port", "hello", 2);
  w.run(1s);
  EXPECT_EQ(std::vector<std::string>{"hello 1"}, v.alpha.heard);
  EXPECT_EQ(std::vector<std::string>{"port hello 2"}, v.peer.packets);
}

TEST(connection, ends_a_handshake_after_the_monitor_timeout_without_a_byte) {
  test_world w;
  visited v(w, {.silent = true});
  w.run(29s);
  EXPECT_EQ(1, v.peer.open());
  w.run(2s);
  EXPECT_EQ(0, v.peer.open());
  EXPECT_TRUE(w.was_logged("handshake_timeout", 7)) << w.whole_log();
}

TEST(connection, ends_a_handshake_that_comes_in_drips_after_twice_that_time) {
  test_world w;
  visited v(w, {.silent = true});
  w.run(1s);
  for (int i = 0; i < 5; ++i) {
    v.peer.write("a");
    w.run(11s);
  }
  EXPECT_EQ(1, v.peer.open());
  v.peer.write("a");
  w.run(10s);
  EXPECT_EQ(0, v.peer.open());
}

TEST(connection, ends_a_handshake_that_lacks_only_the_proof) {
  test_world w;
  visited v(w, {.stop_before_auth = true});
  w.run(29s);
  EXPECT_EQ(1, v.peer.open());
  w.run(2s);
  EXPECT_EQ(0, v.peer.open());
  EXPECT_FALSE(v.alpha.is_up("perl"));
}

TEST(connection, drops_the_oldest_handshake_of_the_greediest_host_when_there_are_too_many) {
  test_world w;
  settings s = plain_settings();
  s.limits.max_handshakes = 8;
  visited v(w, {.silent = true}, s);
  plain_peer& other =
      w.join(std::make_unique<plain_peer>(w.net, "other", "other", plain_peer::options{.silent = true}));
  other.dial(alpha_place);
  w.run(1s);
  for (int i = 0; i < 20; ++i) v.peer.dial(alpha_place);
  w.run(1s);
  EXPECT_EQ(7, v.peer.open());
  EXPECT_EQ(1, other.open());
  EXPECT_TRUE(w.was_logged("too_many_handshakes", 2)) << w.whole_log();
}

TEST(connection, ends_when_what_comes_is_no_packet) {
  test_world w;
  visited v(w);
  ASSERT_TRUE(w.run_until([&] { return v.alpha.is_up("perl") && v.peer.up() == 1; }, 1s));
  v.alpha.mon("perl");
  v.peer.write("[\"log\",1]nonsense");
  ASSERT_TRUE(w.run_until([&] { return !v.alpha.reasons.empty(); }, 1s));
  EXPECT_TRUE(v.alpha.reasons[0].starts_with("transport_error perl malformed_packet")) << v.alpha.reasons[0];
  EXPECT_EQ(std::vector<std::string>{"1"}, v.alpha.heard);
}

// From a Perl node that speaks storable only: to port log JSON::XS::true, an object of class Foo, code.
TEST(connection, stays_up_and_logs_once_when_perl_sends_what_a_message_cannot_hold) {
  test_world w;
  visited v(w, {.framings = {"storable"}});
  ASSERT_TRUE(w.run_until([&] { return v.alpha.is_up("perl") && v.peer.up() == 1; }, 1s)) << w.whole_log();
  const auto send = [&](std::string_view hex) {
    const std::string image = wire::testing::from_hex("050b02000000020a036c6f67" + std::string(hex));
    v.peer.write(static_cast<char>(image.size()) + image);
    w.run(1s);
  };
  constexpr std::string_view lost = "node perl: a message to port 'log' contains";
  send("1411114a534f4e3a3a50503a3a426f6f6c65616e0881");
  EXPECT_FALSE(w.was_logged(lost, 2)) << w.whole_log();
  send("041103466f6f030000000108810000000161");
  EXPECT_TRUE(w.was_logged(lost, 2)) << w.whole_log();
  send("041a0a027b7d");
  EXPECT_EQ((std::vector<std::string>{"true", R"({"a":1})", "null"}), v.alpha.heard);
  EXPECT_EQ(1, w.times_logged(lost)) << w.whole_log();
  EXPECT_TRUE(v.alpha.is_up("perl"));
}

TEST(connection, stays_up_for_hours_without_a_message_and_keeps_quiet_most_of_the_time) {
  test_world w;
  visited v(w);
  test_node& beta = w.add("beta");
  beta.mesh.learn("alpha", {alpha_place});
  beta.snd("alpha#log", "hello");
  ASSERT_TRUE(w.run_until([&] { return v.alpha.is_up("perl") && v.alpha.is_up("beta"); }));
  w.run(2h);
  EXPECT_EQ((std::vector<std::string>{"+perl", "+beta"}), v.alpha.changes);
  EXPECT_TRUE(v.peer.packets.empty());
  EXPECT_NEAR(240 * 4, v.peer.bytes, 16);  // [""] every 30 s
}

TEST(connection, notices_within_the_monitor_timeout_that_the_other_host_is_gone_without_a_word) {
  test_world w;
  visited v(w);
  test_node& beta = w.add("beta");
  beta.mesh.learn("alpha", {alpha_place});
  beta.mon("alpha#log");
  ASSERT_TRUE(w.run_until([&] { return beta.is_up("alpha"); }));
  w.run(95s);
  const auto died = w.time.now();
  w.kill(v.alpha, true);
  ASSERT_TRUE(w.run_until([&] { return !beta.reasons.empty(); }));
  EXPECT_LE(w.time.now() - died, 30s);
  EXPECT_GE(w.time.now() - died, 19s);
  EXPECT_EQ("transport_error alpha nothing came from node alpha for 30 s", beta.reasons[0]);
}

TEST(connection, each_side_listens_for_its_own_time) {
  test_world w;
  settings s = plain_settings();
  s.monitor_timeout = 3s;
  test_node& alpha = w.add("alpha", s);
  test_node& beta = w.add("beta");
  alpha.listen(alpha_place);
  beta.mesh.learn("alpha", {alpha_place});
  beta.mon("alpha#log");
  ASSERT_TRUE(w.run_until([&] { return beta.is_up("alpha"); }));
  w.run(10min);
  EXPECT_EQ(std::vector<std::string>{"+beta"}, alpha.changes);
  w.net.partition({"alpha"}, {"beta"});
  const auto begin = w.time.now();
  ASSERT_TRUE(w.run_until([&] { return !alpha.is_up("beta"); }));
  EXPECT_LE(w.time.now() - begin, 3s);
}

TEST(connection, is_slowed_down_and_not_stored_when_it_sends_faster_than_it_is_worked_off) {
  test_world w;
  visited v(w);
  ASSERT_TRUE(w.run_until([&] { return v.alpha.is_up("perl") && v.peer.up() == 1; }, 1s));
  for (int i = 0; i < 20'000; ++i) v.peer.send("log", message("n", i));
  ASSERT_TRUE(w.run_until([&] { return v.alpha.heard.size() == 20'000; }));
  for (int i = 0; i < 20'000; ++i)
    ASSERT_EQ("n " + std::to_string(i), v.alpha.heard[static_cast<std::size_t>(i)]);
}

TEST(heartbeat, understands_what_is_announced_and_nothing_else) {
  const auto announced = [](const std::string& value) {
    wire::greeting g;
    if (!value.empty()) g.keys.emplace_back("heartbeat", value);
    return announced_silence(g);
  };
  EXPECT_EQ(core::duration(30s), announced("30"));
  EXPECT_EQ(core::duration(500ms), announced("0.5"));
  EXPECT_EQ(core::duration(50ms), announced("0.0001"));
  EXPECT_EQ(core::duration(24h), announced("1e30"));
  for (const char* bad : {"", "-1", "0", "nan", "inf", "30s", "x"}) EXPECT_FALSE(announced(bad)) << bad;
  EXPECT_EQ((std::pair<std::string, std::string>{"heartbeat", "0.25"}), heartbeat_key(250ms));
  EXPECT_EQ((std::pair<std::string, std::string>{"heartbeat", "30"}), heartbeat_key(30s));
}

}  // namespace
}  // namespace aemp::mesh
