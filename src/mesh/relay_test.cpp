// Circuits through a node in the middle, of this library and of any other.
#include "mesh/relay.hpp"

#include "mesh/mesh_test.hpp"
#include "mesh/plain_peer_test.hpp"

namespace aemp::mesh {
namespace {

const net::endpoint hub_place{"10.0.0.1", 4040};
const std::string den = "laptop@10.0.0.1:4040";

// The hub listens at hub_place; the hidden node follows it, and the other one does not listen either.
struct trio {
  explicit trio(test_world& w, settings s = plain_settings()) : w(w), s(std::move(s)) {
    w.net.add_host("hub");
  }
  void add_hub() {
    hub = &w.add_on("hub", "hub", s);
    hub->listen(hub_place);
    hub->record("log");
  }
  plain_peer& add_foreign_hub(plain_peer::options how = {}) {
    how.many = true;
    plain_peer& p = w.join(std::make_unique<plain_peer>(w.net, "hub", "hub", how));
    p.listen(hub_place);
    return p;
  }
  void add_nodes() {
    hidden = &w.add_on("den", den, s);
    hidden->record("log");
    hidden->act([&] { hidden->mesh.follow({hub_place}); });
    hidden->start();
    other = &w.add("other", s);
    other->record("log");
    w.run(1s);
  }

  test_world& w;
  settings s;
  test_node* hub = nullptr;
  test_node* hidden = nullptr;
  test_node* other = nullptr;
};

TEST(circuits, lead_to_a_hidden_node_and_back) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test_world w(seed);
    trio t(w);
    t.add_hub();
    t.add_nodes();
    t.other->snd(den + "#log", "hello");
    t.other->mon(den + "#log");
    ASSERT_TRUE(w.run_until([&] { return t.hidden->heard.size() == 1; }, 5s)) << w.whole_log();
    t.hidden->snd("other#log", "hello yourself");
    ASSERT_TRUE(w.run_until([&] { return t.other->heard.size() == 1; }, 5s)) << w.whole_log();
    t.hidden->act([&] { t.hidden->api.kil(*port_id::parse(den + "#log"), "tired"); });
    ASSERT_TRUE(w.run_until([&] { return t.other->reasons.size() == 1; }, 5s)) << w.whole_log();
    EXPECT_EQ("tired", t.other->reasons[0]);
  }
}

TEST(circuits, lead_through_a_node_of_another_implementation) {
  for (const char* version : {"", "mproto"}) {
    test_world w;
    trio t(w);
    plain_peer::options how;
    if (*version != '\0') how.keys = {{version, "1"}};
    t.add_foreign_hub(how);
    t.add_nodes();
    for (int i = 0; i < 100; ++i) t.other->snd(den + "#log", i);
    ASSERT_TRUE(w.run_until([&] { return t.hidden->heard.size() == 100; }, 5s)) << w.whole_log();
    EXPECT_EQ("99", t.hidden->heard.back());
    t.hidden->snd("other#log", "back");
    ASSERT_TRUE(w.run_until([&] { return t.other->heard.size() == 1; }, 5s)) << w.whole_log();
    t.other->mon(den);
    w.net.cut("den", "hub");  // nobody tells the other one
    ASSERT_TRUE(w.run_until([&] { return t.other->reasons.size() == 1; }, 31s)) << w.whole_log();
    t.other->snd(den + "#log", "again");
    EXPECT_TRUE(w.run_until([&] { return t.hidden->heard.back() == "again"; }, 5s)) << w.whole_log();
  }
}

TEST(circuits, lead_to_a_port_when_a_peer_has_the_hubs_node_port_send) {
  test_world w;
  trio t(w);
  t.add_hub();
  t.add_nodes();
  plain_peer& perl = w.join(std::make_unique<plain_peer>(w.net, "perl", "perl"));
  perl.dial(hub_place);
  w.run(1s);
  perl.send("", message("snd", den + "#log", "through", "the node port"));
  ASSERT_TRUE(w.run_until([&] { return t.hidden->heard.size() == 1; }, 5s));
  EXPECT_EQ("through the node port", t.hidden->heard[0]);
}

TEST(circuits, carry_what_is_large_in_windows_and_keep_the_order) {
  test_world w;
  trio t(w);
  t.add_hub();
  t.add_nodes();
  for (int i = 0; i < 20; ++i) t.other->snd(den + "#log", std::string(300'000, static_cast<char>('a' + i)));
  t.other->snd(den + "#log", "end");
  ASSERT_TRUE(w.run_until([&] { return t.hidden->heard.size() == 21; }, 30s)) << t.hidden->heard.size();
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(static_cast<char>('a' + i), t.hidden->heard[static_cast<std::size_t>(i)][0]);
}

TEST(circuits, end_at_once_when_either_leg_is_lost) {
  for (const bool far : {false, true}) {
    test_world w;
    trio t(w);
    t.add_hub();
    t.add_nodes();
    t.other->mon(den + "#log");
    t.hidden->mon("other#log");
    t.other->snd(den + "#log", 1);
    ASSERT_TRUE(w.run_until([&] { return t.hidden->heard.size() == 1; }, 5s));
    w.run(1s);
    w.net.cut(far ? "den" : "other", "hub");
    ASSERT_TRUE(w.run_until([&] { return t.other->reasons.size() == 1; }, 1s)) << w.whole_log();
    ASSERT_TRUE(w.run_until([&] { return t.hidden->reasons.size() == 1; }, 1s)) << w.whole_log();
    EXPECT_TRUE(t.other->reasons[0].starts_with("transport_error " + den + " node hub, "))
        << t.other->reasons[0];
    t.other->snd(den + "#log", 2);  // the hidden node comes back by itself
    EXPECT_TRUE(w.run_until([&] { return t.hidden->heard.size() == 2; }, 5s)) << w.whole_log();
  }
}

TEST(circuits, say_that_the_hidden_node_is_not_with_its_master) {
  test_world w;
  trio t(w);
  t.add_hub();
  t.add_nodes();
  w.kill(*t.hidden, false);
  w.run(1s);
  t.other->mon(den + "#log");
  t.hub->mon(den + "#log");
  ASSERT_TRUE(w.run_until([&] { return t.other->reasons.size() == 1; }, 31s));
  EXPECT_TRUE(contains(t.other->reasons[0], "through node 10.0.0.1:4040")) << t.other->reasons[0];
  EXPECT_TRUE(contains(t.other->reasons[0], "node " + den + " is not connected to it"))
      << t.other->reasons[0];
  ASSERT_TRUE(w.run_until([&] { return t.hub->reasons.size() == 1; }, 31s));
  EXPECT_TRUE(contains(t.hub->reasons[0], "which is this node")) << t.hub->reasons[0];
}

TEST(circuits, are_limited_in_number) {
  test_world w;
  settings s = plain_settings();
  s.limits.max_circuits = 2;
  trio t(w, s);
  t.add_hub();
  t.add_nodes();
  std::vector<test_node*> more;
  for (const char* name : {"n1", "n2", "n3"}) {
    more.push_back(&w.add(name, s));
    more.back()->mon(den);
    more.back()->snd(den + "#log", name);
    w.run(1s);
  }
  EXPECT_EQ((std::vector<std::string>{"n1", "n2"}), t.hidden->heard);
  ASSERT_TRUE(w.run_until([&] { return more[2]->reasons.size() == 1; }, 31s));
  EXPECT_TRUE(contains(more[2]->reasons[0], "too_many_circuits")) << more[2]->reasons[0];
}

// A connected node that knows of a circuit, but is no end of it.
TEST(circuits, cannot_be_disturbed_by_a_third_node) {
  test_world w;
  trio t(w);
  t.add_hub();
  t.add_nodes();
  t.other->snd(den + "#log", 1);
  w.run(1s);
  plain_peer& evil = w.join(std::make_unique<plain_peer>(w.net, "evil", "evil"));
  evil.dial(hub_place);
  w.run(1s);
  for (const char* kind : {"end", "data", "ack", "open"}) {
    evil.send("", message("relay", den, "some circuit", kind, 0, "eA=="));
    evil.send("", message("circuit", den, "some circuit", kind, 0, "eA=="));
    evil.send("", message("relay", den));
    evil.send("", message("circuit"));
  }
  w.run(1s);
  t.other->snd(den + "#log", 2);
  EXPECT_TRUE(w.run_until([&] { return t.hidden->heard.size() == 2; }, 5s));
  EXPECT_TRUE(t.other->changes.size() == 2) << t.other->changes.size();  // the hub, and the hidden node
}

// Sends numbers, and counts how often the monitor of the port has fired by then: "3.17" is number 17, sent
// after the third loss.
struct counter {
  counter(test_node& from, std::string to) : from(from), to(std::move(to)) { watch(); }
  void watch() {
    from.act([&] {
      from.api.mon(*port_id::parse(to), [this](const message&) {
        ++losses;
        watch_again = true;
      });
    });
  }
  void send() {
    if (std::exchange(watch_again, false)) watch();
    from.snd(to, losses, ++sent);
  }
  test_node& from;
  std::string to;
  int losses = 0, sent = 0;
  bool watch_again = false;
};

// Nothing twice, nothing out of order, and between two of the same count nothing is missing.
std::string holes(const std::vector<std::string>& heard) {
  int losses = 0, last = 0;
  for (const std::string& line : heard) {
    const int l = std::stoi(line), n = std::stoi(line.substr(line.find(' ') + 1));
    if (n <= last) return line + " after number " + std::to_string(last);
    if (l == losses && n != last + 1 && last != 0) return line + " after number " + std::to_string(last);
    losses = l;
    last = n;
  }
  return "";
}

TEST(circuits, have_no_holes_whatever_breaks) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    test_world w(seed);
    sim::chance luck(seed);
    trio t(w);
    if (seed % 3 == 0) {
      t.add_foreign_hub();
    } else {
      t.add_hub();
    }
    t.add_nodes();
    counter c(*t.other, den + "#log");
    counter back(*t.hidden, "other#log");
    const std::vector<std::string> places{"hub", "den", "other"};
    for (int round = 0; round < 40; ++round) {
      for (std::size_t i = luck.below(30); i > 0; --i) c.send();
      for (std::size_t i = luck.below(10); i > 0; --i) back.send();
      w.run(luck.below(4) == 0 ? 10s : 1ms * static_cast<int>(luck.below(50)));
      const std::string& leg = places[1 + luck.below(2)];
      switch (luck.below(8)) {
        case 0:
          w.net.cut("hub", leg);
          break;
        case 1:
          w.net.partition({"hub"}, {leg});
          break;
        case 2:
          w.net.heal();
          break;
        case 3:
          if (t.hub == nullptr || luck.below(3) != 0) break;
          w.kill(*t.hub, luck.below(2) == 0);
          t.add_hub();
          break;
        default:
          break;
      }
    }
    w.net.heal();
    w.run(2min);
    c.send();
    ASSERT_TRUE(w.run_until(
        [&] {
          return !t.hidden->heard.empty() &&
                 contains(t.hidden->heard.back() + "!", " " + std::to_string(c.sent) + "!");
        },
        70s))
        << "seed " << seed << ": " << c.losses << " losses; " << c.sent << " sent\n"
        << w.whole_log();
    ASSERT_EQ("", holes(t.hidden->heard)) << "seed " << seed;
    ASSERT_EQ("", holes(t.other->heard)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace aemp::mesh
