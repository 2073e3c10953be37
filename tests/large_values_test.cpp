// Large values among small messages, between two nodes over TCP and TLS: order, back-pressure, and a node
// that goes while something large is on its way.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>

#include "net/certificates_test.hpp"
#include "tests/live_node.hpp"

namespace aemp::testing {
namespace {

using namespace std::chrono_literals;

struct setting {
  const char* name;
  const char* framing;
  bool tls;
};

// No two of them are alike, and a piece that is lost, doubled or elsewhere is noticed.
std::string text_of(std::size_t size, int number) {
  std::string s(size, '\0');
  auto x = static_cast<std::uint32_t>(number) * 2654435761u + 1;
  for (char& c : s) {
    x = x * 1664525u + 1013904223u;
    c = static_cast<char>('a' + (x >> 24) % 26);
  }
  return s;
}

// To be declared behind what their handlers use: they end first.
struct couple {
  std::unique_ptr<live_node> server = std::make_unique<live_node>(configured("server", ""));
  std::unique_ptr<live_node> client = std::make_unique<live_node>(configured("client", server->endpoint()));

  void start() const {
    server->start();
    client->start();
  }

 private:
  static config configured(const char* id, const std::string& seed);
};

class large_values : public ::testing::TestWithParam<setting> {};

config couple::configured(const char* id, const std::string& seed) {
  const setting& s = large_values::GetParam();
  config c{.nodeid = id, .binds = {"127.0.0.1:0"}, .secret = "geheim", .framing_format = {s.framing}};
  if (s.tls) {
    static const std::string pem = net::testing::make_identity("aemp test").pem();
    c.cert = pem;
    c.secret = "";
  }
  if (!seed.empty()) c.seeds = {seed};
  return c;
}

// Every message comes back to a port of its own kind. What the server sends back is what it has received, so
// values are also sent that have arrived in parts.
TEST_P(large_values, keep_the_order_of_each_port_on_both_ways) {
  constexpr int count = 60;
  constexpr std::array<std::size_t, 6> sizes{20, 500'000, 40'000, 3, 150'000, 1'000};
  const auto size_of = [&](int i) { return sizes[static_cast<std::size_t>(i) % sizes.size()]; };
  awaited<std::string> ended;
  int left = count;
  std::map<std::string, int> next;
  const couple nodes;
  for (const char* name : {"a", "b", "c"}) {
    const port_id back = *port_id::parse("client#" + std::string(name));
    nodes.server->node.rcv(*port_id::parse("server#" + std::string(name)),
                           [back](const message& m) { snd(back, m[0], m[1], m[2]); });
    nodes.client->node.rcv(back, [&, name](int i, int in_turn, const std::string& text) {
      if (in_turn != next[name]++) return ended.set("out of turn for " + std::string(name));
      if (text != text_of(size_of(i), i)) return ended.set("not what was sent");
      if (--left == 0) ended.set("all");
    });
  }
  nodes.client->node.after(0ns, [&] {
    std::map<char, int> turn;
    for (int i = 0; i < count; ++i) {
      const char name = "aabc"[i % 4];
      snd(*port_id::parse(std::string("server#") + name), i, turn[name]++, text_of(size_of(i), i));
    }
  });
  nodes.start();
  EXPECT_EQ("all", ended.get());
}

TEST_P(large_values, of_every_kind_arrive_as_they_were) {
  awaited<message> got;
  const couple nodes;
  nodes.server->node.rcv(*port_id::parse("server#sink"), [&](const message& m) { got.set(m); });
  const std::string text = text_of(300'000, 1);
  const value list(value::array(20'000, value(*port_id::parse("client#some"))));
  const value map(value::map{{"key", value::bytes_of(text)}, {"other", list}});
  nodes.client->node.snd(*port_id::parse("server#sink"), text, value::bytes_of(text + '\xff'), list, map, 1);
  nodes.start();
  const message m = got.get();
  ASSERT_EQ(5u, m.size());
  EXPECT_TRUE(m[0] == value(text));
  EXPECT_TRUE(m[1] == value::bytes_of(text + '\xff'));
  EXPECT_EQ(20'000u, m[2].size());
  EXPECT_EQ("client#some", m[2][19'999].as<std::string>());
  EXPECT_EQ(text, m[3]["key"].as<std::string>());
  EXPECT_EQ(20'000u, m[3]["other"].size());
  EXPECT_EQ(value(1), m[4]);
}

TEST_P(large_values, are_held_back_by_a_sender_that_waits_until_few_are_left) {
  constexpr int count = 80;
  constexpr std::size_t size = 200'000;
  constexpr int at_once = 5;
  awaited<int> arrived;
  int next = 0;
  int sent = 0;
  std::atomic<std::size_t> most = 0;
  std::function<void()> send_a_lot;
  const couple nodes;
  nodes.server->node.rcv(*port_id::parse("server#sink"), [&](int i, const std::string& text) {
    if (i != next || text.size() != size) return arrived.set(-1);
    if (++next == count) arrived.set(next);
  });
  send_a_lot = [&] {
    for (int i = 0; i < at_once && sent < count; ++i, ++sent)
      snd(*port_id::parse("server#sink"), sent, text_of(size, sent));
    most = std::max(most.load(), unsent("server"));
    if (sent < count) when_drained("server", [&] { send_a_lot(); });
  };
  nodes.client->node.after(0ns, [&] { send_a_lot(); });
  nodes.start();
  EXPECT_EQ(count, arrived.get());
  EXPECT_LT(most, at_once * size + 200'000);
}

TEST_P(large_values, that_are_cut_off_by_the_end_of_a_node_are_told_of) {
  awaited<message> lost;
  awaited<int> passing, drained;
  std::atomic<int> whole = 0;
  couple nodes;
  nodes.server->node.rcv(*port_id::parse("server#sink"), [&](const std::string&) { ++whole; });
  nodes.server->node.rcv(*port_id::parse("server#other"), [&](int) { passing.set(1); });
  nodes.start();
  const port_id user = nodes.client->node.port();
  nodes.client->node.peval(user, [&] {
    mon(*port_id::parse("server#sink"), [&](const message& why) { lost.set(why); });
    for (int i = 0; i < 3; ++i) snd(*port_id::parse("server#sink"), text_of(3'000'000, i));
    snd(*port_id::parse("server#other"), 1);
    when_drained("server", [&] { drained.set(1); });
  });
  passing.get();
  nodes.server.reset();
  EXPECT_EQ(value("node_stopped"), lost.get()[0]);
  drained.get();
  EXPECT_LE(whole, 3);
  EXPECT_EQ(0u, nodes.client->node.unsent("server"));
}

INSTANTIATE_TEST_SUITE_P(over, large_values,
                         ::testing::Values(setting{"native", "aemp1", false}, setting{"cbor", "cbor", false},
                                           setting{"native_in_tls", "aemp1", true},
                                           setting{"cbor_in_tls", "cbor", true}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace aemp::testing
