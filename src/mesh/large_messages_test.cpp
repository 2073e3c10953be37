// Large messages among small ones, between nodes that speak aemp1: who passes whom, and who must not.
#include <map>

#include "mesh/mesh_test.hpp"
#include "mesh/plain_peer_test.hpp"

namespace aemp::mesh {
namespace {

const net::endpoint alpha_place{"10.0.0.1", 4040};

settings with_parts() {
  settings s = plain_settings();
  s.framings = {"aemp1"};
  return s;
}

std::string text_of(std::size_t size) { return std::string(size, 'x'); }

// Beta sends to alpha, over a link of 10 MB a second.
struct couple {
  explicit couple(test_world& w, settings s = with_parts())
      : w(w), alpha(w.add("alpha", s)), beta(w.add("beta", s)) {
    alpha.listen(alpha_place);
    beta.mesh.learn("alpha", {alpha_place});
    for (const char* name : {"log", "bulk", "other"}) listen(name);
    beta.snd("alpha#log", "connect");
    EXPECT_TRUE(w.run_until([&] { return alpha.is_up("beta") && beta.is_up("alpha") && order.size() == 1; }));
    order.clear();
    w.net.set_link("beta", "alpha", {.latency = 1ms, .jitter = 0s, .bytes_per_second = 10'000'000});
  }

  // A port that writes down what it hears: its name, the tag, the last element unless it is large.
  void listen(const std::string& name) {
    alpha.act([&] {
      alpha.api.rcv(*port_id::parse("alpha#" + name), [this, name](const message& m) {
        const std::string last = m[m.size() - 1].to_string();
        order.push_back(name + " " + (last.size() < 100 ? last : "large"));
        if (last == "die") alpha.api.kil(*port_id::parse("alpha#" + name), "told to");
      });
    });
  }
  bool heard(std::size_t n) {
    return w.run_until([&] { return order.size() >= n; });
  }

  test_world& w;
  test_node& alpha;
  test_node& beta;
  std::vector<std::string> order;
};

TEST(large_messages, are_passed_by_small_ones_to_other_ports) {
  test_world w;
  couple c(w);
  c.beta.snd("alpha#bulk", "data", text_of(1'000'000));
  c.beta.snd("alpha#bulk", "data", 1);
  w.run(10ms);
  c.beta.snd("alpha#other", "small");
  ASSERT_TRUE(c.heard(1));
  EXPECT_EQ("other small", c.order[0]);
  EXPECT_GT(c.beta.mesh.unsent("alpha"), 500'000u);
  ASSERT_TRUE(c.heard(3));
  EXPECT_EQ((std::vector<std::string>{"other small", "bulk large", "bulk 1"}), c.order);
}

TEST(large_messages, are_passed_by_nothing_in_a_framing_without_parts) {
  test_world w;
  settings s = with_parts();
  s.framings = {"cbor"};
  couple c(w, s);
  c.beta.snd("alpha#bulk", "data", text_of(1'000'000));
  w.run(10ms);
  c.beta.snd("alpha#other", "small");
  ASSERT_TRUE(c.heard(2));
  EXPECT_EQ((std::vector<std::string>{"bulk large", "other small"}), c.order);
}

TEST(large_messages, wait_for_each_other) {
  test_world w;
  couple c(w);
  for (int i = 0; i < 5; ++i) {
    c.beta.snd("alpha#bulk", "data", text_of(300'000), "b" + std::to_string(i));
    c.beta.snd("alpha#log", "data", text_of(200'000), "l" + std::to_string(i));
  }
  c.beta.snd("alpha#other", "small");
  ASSERT_TRUE(c.heard(11));
  EXPECT_EQ("other small", c.order[0]);
  c.order.erase(c.order.begin());
  std::vector<std::string> expected;
  for (int i = 0; i < 5; ++i) {
    expected.push_back("bulk b" + std::to_string(i));
    expected.push_back("log l" + std::to_string(i));
  }
  EXPECT_EQ(expected, c.order);
}

TEST(large_messages, come_before_the_kill_that_was_sent_behind_them) {
  test_world w;
  couple c(w);
  c.beta.snd("alpha#bulk", "data", text_of(1'000'000));
  c.beta.act([&] { c.beta.api.kil(*port_id::parse("alpha#bulk"), "enough"); });
  c.beta.mon("alpha#bulk");
  ASSERT_TRUE(w.run_until([&] { return !c.beta.reasons.empty(); }));
  EXPECT_EQ(std::vector<std::string>{"bulk large"}, c.order);
}

TEST(large_messages, come_before_the_news_that_their_sender_is_dead) {
  test_world w;
  couple c(w);
  c.beta.act([&] {
    c.beta.api.rcv(*port_id::parse("beta#sender"), [&](const message&) {
      c.beta.api.snd(*port_id::parse("alpha#bulk"), "data", text_of(1'000'000));
      c.beta.api.kil(c.beta.api.self(), "done");
    });
  });
  c.alpha.act([&] {
    c.alpha.api.mon(*port_id::parse("beta#sender"),
                    [&](const message& why) { c.order.push_back(why.to_string()); });
  });
  w.run(1s);
  c.beta.snd("beta#sender", "go");
  ASSERT_TRUE(c.heard(2));
  EXPECT_EQ((std::vector<std::string>{"bulk large", "done"}), c.order);
}

TEST(large_messages, can_be_arguments_of_a_spawn_that_messages_follow) {
  test_world w;
  couple c(w);
  c.alpha.act([&] {
    c.alpha.api.define("sink", [&](const std::string& large) {
      c.order.push_back("born " + std::to_string(large.size()));
      c.alpha.api.rcv(c.alpha.api.self(), "go", [&] { c.order.push_back("go"); });
    });
  });
  c.beta.act([&] {
    const port_id born = c.beta.api.spawn("alpha", "sink", text_of(1'000'000));
    c.beta.api.snd(born, "go");
    c.beta.api.mon(born, [&](const message& why) { c.order.push_back(why.to_string()); });
  });
  ASSERT_TRUE(c.heard(2));
  EXPECT_EQ((std::vector<std::string>{"born 1000000", "go"}), c.order);
}

TEST(large_messages, are_not_passed_by_what_may_name_a_port_that_they_spawn) {
  test_world w;
  couple c(w);
  c.alpha.act([&] {
    c.alpha.api.define("sink", [&](const std::string&) {
      c.alpha.api.rcv(c.alpha.api.self(), "go", [&] { c.order.push_back("go"); });
    });
    c.alpha.api.rcv(*port_id::parse("alpha#introduced"),
                    [&](const port_id& to) { c.alpha.api.snd(to, "go"); });
  });
  c.beta.act([&] {
    c.beta.api.snd(*port_id::parse("alpha#bulk"), "data", text_of(1'000'000));
    const port_id born = c.beta.api.spawn("alpha", "sink", text_of(1'000'000));
    c.beta.api.snd(*port_id::parse("alpha#introduced"), born);
  });
  ASSERT_TRUE(c.heard(2));
  EXPECT_EQ((std::vector<std::string>{"bulk large", "go"}), c.order);
}

// The news reach the monitors of those whose large message did not arrive, and nothing that was sent later to
// the same port arrives before.
TEST(large_messages, that_are_cut_off_leave_no_hole) {
  test_world w;
  couple c(w);
  c.beta.mon("alpha#bulk");
  w.run(1s);
  c.beta.snd("alpha#bulk", "data", text_of(2'000'000));
  c.beta.snd("alpha#bulk", "data", 1);
  c.beta.snd("alpha#other", "small");
  w.run(50ms);
  w.net.cut("alpha", "beta");
  ASSERT_TRUE(w.run_until([&] { return !c.beta.reasons.empty(); }));
  c.beta.snd("alpha#bulk", "data", 2);
  ASSERT_TRUE(c.heard(2));
  EXPECT_EQ((std::vector<std::string>{"other small", "bulk 2"}), c.order);
}

// Messages of every size to several ports, in both directions at once: in order for each port, all of them.
TEST(large_messages, arrive_in_the_order_of_each_port_whatever_the_sizes) {
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    test_world w(seed);
    std::map<std::string, std::vector<int>> sent, got;
    sim::chance luck(seed);
    settings s = with_parts();
    test_node& alpha = w.add("alpha", s);
    test_node& beta = w.add("beta", s);
    alpha.listen(alpha_place);
    beta.mesh.learn("alpha", {alpha_place});
    std::vector<std::string> ports;
    for (test_node* n : {&alpha, &beta}) {
      for (const char* name : {"a", "b", "c"}) {
        ports.push_back(n->core.id() + "#" + name);
        n->act([&] {
          n->api.rcv(*port_id::parse(ports.back()),
                     [&got, p = ports.back()](const message& m) { got[p].push_back(m[1].as<int>()); });
        });
      }
    }
    std::size_t count = 0;
    for (int i = 0; i < 60; ++i) {
      const std::string& to = ports[luck.below(ports.size())];
      test_node& from = to.starts_with("alpha") ? beta : alpha;
      const std::size_t size = luck.one_in(3) ? 30'000 + luck.below(500'000) : luck.below(100);
      from.snd(to, "data", i, text_of(size));
      sent[to].push_back(i);
      ++count;
      if (luck.one_in(5)) w.run(std::chrono::milliseconds(luck.below(3)));
    }
    const auto received = [&] {
      std::size_t n = 0;
      for (const auto& [port, all] : got) n += all.size();
      return n == count;
    };
    ASSERT_TRUE(w.run_until(received)) << "seed " << seed << w.whole_log();
    EXPECT_EQ(sent, got) << "seed " << seed;
  }
}

// ---- back-pressure ----

struct drained {
  drained(couple& c, const std::string& node) {
    c.beta.act([&] { c.beta.api.when_drained(node, [this] { ++times; }); });
  }
  int times = 0;
};

TEST(back_pressure, can_be_asked_for_and_waited_for) {
  for (const char* framing : {"aemp1", "cbor"}) {
    test_world w;
    settings s = with_parts();
    s.framings = {framing};
    couple c(w, s);
    drained at_once(c, "alpha");
    w.run(1ms);
    EXPECT_EQ(1, at_once.times);
    for (int i = 0; i < 12; ++i) c.beta.snd("alpha#bulk", "data", text_of(100'000));
    drained later(c, "alpha");
    w.run(20ms);
    EXPECT_EQ(0, later.times);
    EXPECT_GT(c.beta.mesh.unsent("alpha"), 500'000u);
    ASSERT_TRUE(w.run_until([&] { return later.times == 1; }));
    EXPECT_LT(c.beta.mesh.unsent("alpha"), connection::drained_below);
    ASSERT_TRUE(c.heard(12));
    EXPECT_EQ(0u, c.beta.mesh.unsent("alpha"));
    EXPECT_EQ(1, later.times);
  }
}

TEST(back_pressure, counts_what_waits_for_a_node_that_is_not_up_yet) {
  test_world w;
  test_node& beta = w.add("beta", with_parts());
  int drained = 0;
  for (int i = 0; i < 30; ++i) beta.snd("gamma#bulk", "data", text_of(100'000));
  EXPECT_GT(beta.mesh.unsent("gamma"), 3'000'000u);
  beta.mon("gamma#bulk");
  beta.act([&] { beta.api.when_drained("gamma", [&] { ++drained; }); });
  w.run(1s);
  EXPECT_EQ(0, drained);
  ASSERT_TRUE(w.run_until([&] { return drained == 1; }));  // lost: nothing waits any more
  EXPECT_EQ(1u, beta.reasons.size());
  EXPECT_EQ(0u, beta.mesh.unsent("gamma"));
}

TEST(back_pressure, is_nothing_for_nodes_that_nothing_is_sent_to) {
  test_world w;
  couple c(w);
  drained unknown(c, "nobody"), own(c, "beta");
  w.run(1ms);
  EXPECT_EQ(1, unknown.times);
  EXPECT_EQ(1, own.times);
  EXPECT_EQ(0u, c.beta.mesh.unsent("nobody"));
}

TEST(back_pressure, holds_a_sender_that_waits_for_it_however_much_there_is_to_send) {
  test_world w;
  couple c(w);
  std::size_t most = 0;
  int sent = 0;
  std::function<void()> send_a_lot = [&] {
    for (int i = 0; i < 10 && sent < 100; ++i, ++sent)
      c.beta.api.snd(*port_id::parse("alpha#bulk"), "data", text_of(10'000), sent);
    most = std::max(most, c.beta.mesh.unsent("alpha"));
    if (sent < 100) c.beta.api.when_drained("alpha", [&] { send_a_lot(); });
  };
  c.beta.act(send_a_lot);
  ASSERT_TRUE(c.heard(100));
  EXPECT_LT(most, 500'000u);
}

TEST(back_pressure, ends_in_an_error_that_monitors_tell) {
  test_world w;
  settings s = with_parts();
  s.limits.max_queued = 1'000'000;
  couple c(w, s);
  c.beta.mon("alpha#bulk");
  for (int i = 0; i < 30; ++i) c.beta.snd("alpha#bulk", "data", text_of(100'000));
  ASSERT_TRUE(w.run_until([&] { return !c.beta.reasons.empty(); }));
  EXPECT_TRUE(contains(c.beta.reasons[0], "send_buffer_full")) << c.beta.reasons[0];
}

// Beta talks to alpha and to gamma, over links on which nothing moves.
struct trio {
  explicit trio(test_world& w, const settings& s) : c(w, s), gamma(w.add("gamma", s)) {
    const net::endpoint place{"10.0.0.3", 4040};
    gamma.listen(place);
    c.beta.mesh.learn("gamma", {place});
    c.beta.snd("gamma#log", "connect");
    EXPECT_TRUE(w.run_until([&] { return c.beta.is_up("gamma") && gamma.is_up("beta"); }));
    c.beta.mon("alpha");
    c.beta.mon("gamma");
  }
  couple c;
  test_node& gamma;
};

TEST(back_pressure, of_all_connections_together_ends_the_one_with_most) {
  test_world w;
  settings s = with_parts();
  s.limits.max_queued_total = 6'000'000;
  trio t(w, s);
  w.net.set_link("beta", "alpha", {.frozen = true});
  w.net.set_link("beta", "gamma", {.frozen = true});
  for (int i = 0; i < 20; ++i) t.c.beta.snd("gamma#bulk", "data", text_of(100'000));
  for (int i = 0; i < 30; ++i) t.c.beta.snd("alpha#bulk", "data", text_of(100'000));
  w.run(1ms);
  EXPECT_TRUE(t.c.beta.reasons.empty());
  for (int i = 0; i < 20; ++i) t.c.beta.snd("alpha#bulk", "data", text_of(100'000));
  w.run(1ms);
  ASSERT_EQ(1u, t.c.beta.reasons.size());
  EXPECT_TRUE(t.c.beta.reasons[0].starts_with("transport_error alpha send_buffer_full"))
      << t.c.beta.reasons[0];
  EXPECT_TRUE(contains(t.c.beta.reasons[0], "max_queued_total")) << t.c.beta.reasons[0];
  EXPECT_TRUE(t.c.beta.is_up("gamma"));
}

// Two peers whose messages do not end.
TEST(back_pressure, of_all_incomplete_messages_together_ends_the_connection_with_most) {
  test_world w;
  settings s = plain_settings();
  s.limits.max_received_total = 1'000'000;
  test_node& alpha = w.add("alpha", s);
  alpha.listen(alpha_place);
  std::vector<plain_peer*> peers;
  for (const std::string name : {"less", "more"}) {
    peers.push_back(&w.join(std::make_unique<plain_peer>(w.net, name, name)));
    peers.back()->dial(alpha_place);
    alpha.mon(name);
  }
  ASSERT_TRUE(w.run_until([&] { return alpha.is_up("less") && alpha.is_up("more"); }));
  for (plain_peer* p : peers) p->write("[\"log\",\"");
  peers[0]->write(text_of(400'000));
  peers[1]->write(text_of(500'000));
  w.run(100ms);
  EXPECT_TRUE(alpha.reasons.empty());
  peers[0]->write(text_of(300'000));
  peers[1]->write(text_of(300'000));
  ASSERT_TRUE(w.run_until([&] { return !alpha.reasons.empty(); }, 1s));
  w.run(1s);
  ASSERT_EQ(1u, alpha.reasons.size());
  EXPECT_TRUE(alpha.reasons[0].starts_with("transport_error more too_much_received")) << alpha.reasons[0];
  EXPECT_TRUE(alpha.is_up("less"));
}

}  // namespace
}  // namespace aemp::mesh
