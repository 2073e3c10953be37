// What a mesh promises to the core: order, loss that is told, and one connection.
#include "mesh/mesh.hpp"

#include "mesh/mesh_test.hpp"
#include "mesh/plain_peer_test.hpp"

namespace aemp::mesh {
namespace {

const net::endpoint alpha_place{"10.0.0.1", 4040};

// Alpha listens and records, beta knows where alpha is.
struct couple {
  explicit couple(test_world& w, settings a = plain_settings(), settings b = plain_settings())
      : w(w), alpha(w.add("alpha", std::move(a))), beta(w.add("beta", std::move(b))) {
    alpha.listen(alpha_place);
    alpha.record("log");
    beta.record("log");
    beta.mesh.learn("alpha", {alpha_place});
  }
  bool connected() const { return alpha.is_up("beta") && beta.is_up("alpha"); }

  test_world& w;
  test_node& alpha;
  test_node& beta;
};

TEST(mesh, keeps_messages_in_order_while_the_node_is_being_connected) {
  test_world w;
  couple c(w);
  std::vector<std::string> sent;
  for (int i = 0; i < 100; ++i) {
    c.beta.snd("alpha#log", i);
    sent.push_back(std::to_string(i));
  }
  ASSERT_TRUE(w.run_until([&] { return c.alpha.heard.size() >= 50; }));
  for (int i = 100; i < 200; ++i) {
    c.beta.snd("alpha#log", i);
    sent.push_back(std::to_string(i));
  }
  ASSERT_TRUE(w.run_until([&] { return c.alpha.heard.size() >= 200; }));
  EXPECT_EQ(sent, c.alpha.heard);
  EXPECT_EQ(std::vector<std::string>{"+alpha"}, c.beta.changes);
  EXPECT_EQ(std::vector<std::string>{"+beta"}, c.alpha.changes);
}

TEST(mesh, asks_for_a_monitor_behind_the_spawn_that_waits) {
  test_world w;
  couple c(w);
  c.alpha.act([&] {
    c.alpha.api.define("echo", [&] {
      c.alpha.heard.push_back("born");
      throw std::runtime_error("tired");
    });
  });
  c.beta.act([&] {
    const port_id port = c.beta.api.spawn("alpha", "echo");
    c.beta.api.mon(port, [&](const message& reason) { c.beta.reasons.push_back(reason.to_string()); });
  });
  ASSERT_TRUE(w.run_until([&] { return !c.beta.reasons.empty(); }));
  EXPECT_EQ(std::vector<std::string>{"born"}, c.alpha.heard);
  EXPECT_EQ(std::vector<std::string>{"die tired"}, c.beta.reasons);
}

TEST(mesh, tells_monitors_of_ports_on_the_other_node) {
  test_world w;
  couple c(w);
  c.beta.mon("alpha#log");
  c.beta.mon("alpha#nobody");
  ASSERT_TRUE(w.run_until([&] { return c.beta.reasons.size() == 1; }));
  EXPECT_EQ("no_such_port cannot monitor nonexistent port alpha#nobody", c.beta.reasons[0]);
  c.beta.act([&] { c.beta.api.kil(*port_id::parse("alpha#log"), "because", 7); });
  ASSERT_TRUE(w.run_until([&] { return c.beta.reasons.size() == 2; }));
  EXPECT_EQ("because 7", c.beta.reasons[1]);
}

TEST(mesh, fires_monitors_when_the_connection_is_lost_and_before_anything_later_arrives) {
  test_world w;
  couple c(w);
  c.beta.mon("alpha#log");
  c.beta.snd("alpha#log", "first");
  ASSERT_TRUE(w.run_until([&] { return c.alpha.heard.size() == 1; }));
  w.net.cut("alpha", "beta");
  c.beta.snd("alpha#log", "lost");
  ASSERT_TRUE(w.run_until([&] { return !c.beta.reasons.empty(); }, 1s));
  EXPECT_TRUE(c.beta.reasons[0].starts_with("transport_error alpha ")) << c.beta.reasons[0];
  EXPECT_EQ((std::vector<std::string>{"+alpha", "-alpha"}), c.beta.changes);
  c.beta.snd("alpha#log", "second");  // it is remembered where alpha was
  ASSERT_TRUE(w.run_until([&] { return c.alpha.heard.size() == 2; }));
  EXPECT_EQ("second", c.alpha.heard[1]);
}

TEST(mesh, gives_up_after_the_monitor_timeout_and_says_what_it_tried) {
  test_world w;
  test_node& a = w.add("alpha");
  w.net.add_host("beta", {"10.0.0.2", "10.0.1.2"});
  w.net.add_host("gamma");
  a.mesh.learn("beta", {{"10.0.0.2", 1}, {"10.0.1.2", 2}});
  a.mon("beta#port");
  a.mon("beta");
  a.snd("beta#port", "hello");
  const auto begin = w.time.now();
  w.net.partition({"alpha"}, {"gamma"});
  EXPECT_EQ(std::vector<std::string>{"beta"}, a.mesh.known_nodes());
  ASSERT_TRUE(w.run_until([&] { return a.reasons.size() == 2; }));
  EXPECT_EQ(30s, w.time.now() - begin);
  EXPECT_TRUE(a.reasons[0].starts_with(
      "transport_error beta unable to connect within 30 s: 10.0.0.2:1: connection_refused"))
      << a.reasons[0];
  EXPECT_TRUE(contains(a.reasons[0], "10.0.1.2:2: connection_refused")) << a.reasons[0];
  EXPECT_TRUE(a.changes.empty());
  EXPECT_TRUE(a.mesh.known_nodes().empty());
}

TEST(mesh, says_how_to_give_an_address_to_a_node_that_has_none) {
  test_world w;
  test_node& a = w.add("alpha");
  a.mon("beta");
  a.mon("me@10.0.0.9:4040");
  ASSERT_TRUE(w.run_until([&] { return a.reasons.size() == 2; }));
  std::sort(a.reasons.begin(), a.reasons.end());
  EXPECT_TRUE(contains(a.reasons[1], "through node 10.0.0.9:4040: not_connected")) << a.reasons[1];
  EXPECT_TRUE(contains(a.reasons[0], "no known address")) << a.reasons[0];
  EXPECT_TRUE(contains(a.reasons[0], "seeds")) << a.reasons[0];
  EXPECT_TRUE(contains(a.reasons[1], "hidden node")) << a.reasons[1];
}

TEST(mesh, waits_for_a_node_without_address_to_connect_by_itself) {
  test_world w;
  couple c(w);
  c.alpha.snd("beta#log", "at last");
  w.run(20s);
  c.beta.snd("alpha#log", "here I am");
  ASSERT_TRUE(w.run_until([&] { return c.beta.heard.size() == 1; }, 1s));
  EXPECT_EQ("at last", c.beta.heard[0]);
}

TEST(mesh, dials_a_node_whose_id_is_a_noderef) {
  test_world w;
  test_node& a = w.add_on("alpha", "10.0.0.1:4040");
  test_node& b = w.add("beta");
  a.listen(alpha_place);
  a.record("log");
  b.snd("10.0.0.1:4040#log", "hello");
  ASSERT_TRUE(w.run_until([&] { return a.heard.size() == 1; }, 1s));
}

TEST(mesh, takes_a_noderef_as_another_name_of_the_node_that_answers_there) {
  test_world w;
  couple c(w);
  c.beta.snd("alpha:4040#log", "by host name");
  c.beta.mon("alpha:4040#log");
  ASSERT_TRUE(w.run_until([&] { return c.alpha.heard.size() == 1; }, 1s)) << w.whole_log();
  c.beta.snd("10.0.0.1:4040#log", "by address, although connected");
  ASSERT_TRUE(w.run_until([&] { return c.alpha.heard.size() == 2; }, 1s)) << w.whole_log();
  c.beta.mon("10.0.0.1:4040#log");
  EXPECT_EQ(std::vector<std::string>{"+alpha"}, c.beta.changes);
  w.run(1s);
  EXPECT_EQ(1u, w.net.connection_count());
  c.alpha.act([&] { c.alpha.api.kil(*port_id::parse("alpha#log"), "gone"); });
  ASSERT_TRUE(w.run_until([&] { return c.beta.reasons.size() == 2; }, 1s));
  EXPECT_EQ((std::vector<std::string>{"gone", "gone"}), c.beta.reasons);
  c.beta.mon("10.0.0.1:4040");
  w.net.cut("alpha", "beta");
  ASSERT_TRUE(w.run_until([&] { return c.beta.reasons.size() == 3; }, 1s));
  EXPECT_TRUE(c.beta.reasons[2].starts_with("transport_error 10.0.0.1:4040 ")) << c.beta.reasons[2];
}

TEST(mesh, ends_an_alias_when_a_node_of_that_name_comes) {
  test_world w;
  couple c(w);
  c.beta.listen({"10.0.0.2", 4040});
  c.beta.snd("10.0.0.1:4040#log", "hello");
  ASSERT_TRUE(w.run_until([&] { return c.alpha.heard.size() == 1; }, 1s));
  c.beta.mon("10.0.0.1:4040#log");
  test_node& real = w.add_on("real", "10.0.0.1:4040");
  real.mesh.learn("beta", {{"10.0.0.2", 4040}});
  real.record("log");
  real.snd("beta#log", "I am the real one");
  ASSERT_TRUE(w.run_until([&] { return c.beta.heard.size() == 1; }, 1s));
  ASSERT_EQ(1u, c.beta.reasons.size());
  EXPECT_TRUE(contains(c.beta.reasons[0], "a node of its own now")) << c.beta.reasons[0];
  c.beta.snd("10.0.0.1:4040#log", "to the real one");
  ASSERT_TRUE(w.run_until([&] { return real.heard.size() == 1; }, 1s));
  w.net.cut("beta", "alpha");
  w.run(1s);
  EXPECT_EQ((std::vector<std::string>{"+alpha", "+10.0.0.1:4040", "-alpha"}), c.beta.changes);
  EXPECT_EQ(1u, c.beta.reasons.size());
}

TEST(mesh, resolves_names_in_a_noderef_again_until_they_are_known) {
  test_world w;
  test_node& b = w.add("beta");
  b.snd("alpha:4040#log", "hello");
  w.run(5s);
  test_node& a = w.add_on("alpha", "alpha:4040");
  a.listen({"10.0.0.2", 4040});
  a.record("log");
  EXPECT_TRUE(w.run_until([&] { return a.heard.size() == 1; }, 5s)) << w.whole_log();
}

TEST(mesh, bounds_what_waits_for_a_node_that_is_not_up) {
  test_world w;
  settings s = plain_settings();
  s.limits.max_queued_messages = 10;
  test_node& a = w.add("alpha", s);
  a.mon("beta");
  for (int i = 0; i < 10; ++i) a.snd("beta#log", i);
  w.settle();
  EXPECT_TRUE(a.reasons.empty());
  a.snd("beta#log", 10);
  w.settle();
  ASSERT_EQ(1u, a.reasons.size());
  EXPECT_TRUE(a.reasons[0].starts_with("transport_error beta queue_full: 10 messages")) << a.reasons[0];
}

TEST(mesh, ends_a_connection_whose_peer_does_not_read) {
  test_world w;
  settings s = plain_settings();
  s.limits.max_queued = 1 << 20;
  couple c(w, plain_settings(), s);
  c.beta.snd("alpha#log", "hello");
  ASSERT_TRUE(w.run_until([&] { return c.connected(); }));
  c.beta.mon("alpha#log");
  w.run(1s);
  w.net.partition({"alpha"}, {"beta"});
  for (int i = 0; i < 12; ++i) {
    c.beta.snd("alpha#log", std::string(100'000, 'x'));
    w.settle();
  }
  ASSERT_EQ(1u, c.beta.reasons.size());
  EXPECT_TRUE(c.beta.reasons[0].starts_with("transport_error alpha send_buffer_full: ")) << c.beta.reasons[0];
}

TEST(mesh, says_goodbye_after_what_was_sent) {
  test_world w;
  couple c(w);
  c.beta.snd("alpha#log", "hello");
  ASSERT_TRUE(w.run_until([&] { return c.connected(); }));
  for (int i = 0; i < 1000; ++i) c.beta.snd("alpha#log", std::string(1000, 'x'));
  c.beta.act([&] { c.beta.mesh.close(); });
  ASSERT_TRUE(w.run_until([&] { return !c.alpha.is_up("beta"); }, 10s));
  EXPECT_EQ(1001u, c.alpha.heard.size());
}

TEST(mesh, talks_inside_tls_when_both_have_a_certificate) {
  test_world w;
  settings s;
  s.tls.pem = "a certificate of the simulator";
  couple c(w, s, s);
  c.beta.snd("alpha#log", "secret things");
  ASSERT_TRUE(w.run_until([&] { return c.alpha.heard.size() == 1; }, 1s)) << w.whole_log();
  EXPECT_TRUE(w.was_logged("tls_sha3_512", 7)) << w.whole_log();
}

TEST(mesh, says_why_certificates_do_not_go_together) {
  test_world w;
  settings s, t;
  s.tls.pem = "one certificate";
  t.tls.pem = "another certificate";
  couple c(w, s, t);
  c.beta.mon("alpha");
  ASSERT_TRUE(w.run_until([&] { return c.beta.reasons.size() == 1; }));
  EXPECT_TRUE(contains(c.beta.reasons[0], "certificate_not_trusted")) << c.beta.reasons[0];
}

TEST(mesh, says_on_both_sides_why_secrets_do_not_match) {
  test_world w;
  settings other = plain_settings();
  other.secret = "something else";
  couple c(w, plain_settings(), other);
  c.beta.snd("alpha#log", "hello");
  w.run(1s);
  EXPECT_TRUE(w.was_logged("no connection from 10.0.0.2:", 2)) << w.whole_log();
  EXPECT_TRUE(w.was_logged("wrong_secret: node beta at 10.0.0.2:", 2)) << w.whole_log();
  EXPECT_FALSE(c.connected());
}

TEST(mesh, with_a_weak_secret_has_no_connections_with_other_machines) {
  for (const bool mine : {true, false}) {
    test_world w;
    settings weak = plain_settings();
    weak.stays_here = true;
    couple c(w, mine ? weak : plain_settings(), mine ? plain_settings() : weak);
    c.beta.snd("alpha#log", "hello");
    w.run(5s);
    EXPECT_FALSE(c.connected());
    EXPECT_TRUE(w.was_logged("weak_secret: the secret has less than 16 bytes, and 10.0.0.", 2))
        << w.whole_log();
  }
}

TEST(mesh, does_not_let_a_host_that_knocks_fill_the_log) {
  test_world w;
  settings other = plain_settings();
  other.secret = "something else";
  other.connect_interval = 100ms;
  other.monitor_timeout = 10min;
  couple c(w, plain_settings(), other);
  c.beta.snd("alpha#log", "hello");
  w.run(50s);
  const auto refusals = std::count_if(w.logged.begin(), w.logged.end(), [](const auto& line) {
    return contains(line.second, "no connection from");
  });
  EXPECT_EQ(10, refusals);
  EXPECT_TRUE(w.was_logged("connections with 10.0.0.2: more lines about this are left out", 2));
}

TEST(mesh, learns_where_to_listen_from_the_system_and_tells_when_it_cannot) {
  test_world w;
  test_node& a = w.add("alpha");
  a.act([&] {
    const auto places = a.mesh.listen({{"10.0.0.1", 0}, {"127.0.0.1", 4040}});
    ASSERT_TRUE(places);
    EXPECT_NE(0, (*places)[0].port);
    EXPECT_EQ(*places, a.mesh.listening());
    const auto taken = a.mesh.listen({{"10.0.0.1", 7000}, {"127.0.0.1", 4040}});
    ASSERT_FALSE(taken);
    EXPECT_EQ("port_in_use", taken.error().name);
    EXPECT_EQ(2u, a.mesh.listening().size());
  });
}

}  // namespace
}  // namespace aemp::mesh
