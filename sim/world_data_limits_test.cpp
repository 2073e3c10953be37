// What a peer may say about data connections, and how much of them it may want.
#include <numeric>

#include "sim/world_data_test.hpp"

namespace aemp::sim {
namespace {

constexpr const char* expect = "AnyEvent::MP::DataConn::_expect";
constexpr const char* connect = "AnyEvent::MP::DataConn::_connect";

// The client says itself what the library would say for it.
class hostile_world : public data_world {
 public:
  port_id victim() {
    const port_id p = client.port([] {});
    client.mon(p, [this](const message& m) { reasons.push_back(m.to_string()); });
    return p;
  }
  void announce(const std::string& id, const port_id& p, const std::string& initdata = {}) {
    client.call_function("store", expect, id, p, 86'400, "sink", initdata);
  }
};

TEST(names_of_data_connections, that_no_greeting_can_hold_are_refused_with_a_line_in_the_log) {
  hostile_world d;
  for (const std::string id : {"", "x;y", "x\ny", "x\x7fy"}) {
    d.logged.clear();
    d.reasons.clear();
    d.announce(id, d.victim());
    d.client.call_function("store", connect, id, "client");
    ASSERT_TRUE(d.run_until([&] { return d.reasons.size() == 1; })) << id;
    EXPECT_TRUE(d.reasons[0].starts_with("AnyEvent::MP::DataConn bad_data_id: ")) << d.reasons[0];
    EXPECT_NE(std::string::npos, d.logged.find("of node client to 'sink' refused: bad_data_id")) << d.logged;
    d.w.run_for(20s);
  }
  d.reasons.clear();
  d.announce(std::string(301, 'x'), d.victim());
  ASSERT_TRUE(d.run_until([&] { return d.reasons.size() == 1; }));
  EXPECT_EQ(1u, d.w.connection_count());
  d.open(d.client, "store", "echo", "still here");
  EXPECT_TRUE(d.run_until([&] { return d.heard == "still here"; }));
}

TEST(names_of_data_connections, are_wrong_use_where_they_are_given) {
  data_world d;
  int wrong = 0;
  const port_id p = d.client.port([] {});
  d.client.peval(p, [&] {
    for (const auto& [where, function] :
         {std::pair{"a;b", "f"}, std::pair{"a\nb", "f"}, std::pair{"store", "f\ng"}}) {
      try {
        d.client.connect_to(where, 1s, function, [](data_connection) {});
      } catch (const std::invalid_argument&) {
        ++wrong;
      }
    }
  });
  ASSERT_TRUE(d.run_until([&] { return wrong == 3; }));
  EXPECT_THROW(d.store.define_data("f\ng", [](data_connection) {}), std::invalid_argument);
}

// The IDs of nodes that listen at several places have commas.
TEST(names_of_data_connections, may_have_the_commas_of_a_noderef) {
  data_world d;
  d.w.add_host("other");
  node& n = d.w.make_node(
      "other", {.nodeid = "10.0.0.3:1,10.0.0.3:2", .binds = {"other:1", "other:2"}, .seeds = {"store:4040"}});
  ASSERT_TRUE(d.run_until([&] { return n.node_is_up("store"); }));
  std::string heard;
  const port_id p = n.port([] {});
  n.peval(p, [&] {
    n.connect_to("store", 5s, "echo", "hello",
                 [&](data_connection c) { c.on_data([&](std::string_view bytes) { heard += bytes; }); });
  });
  EXPECT_TRUE(d.run_until([&] { return heard == "hello"; })) << d.logged;
}

// The user's function cannot be copied, which the library notices while a stream is handed over.
TEST(data_connections_that_fail, because_of_an_exception_end_alone_and_kill_their_port) {
  struct fragile {
    explicit fragile(int& budget) : left(budget) {}
    fragile(const fragile& other) : left(other.left) {
      if (armed && left-- == 0) throw std::runtime_error("this cannot be copied");
    }
    void operator()(const data_connection&) const {}
    int& left;
    bool armed = true;
  };
  bool seen = false;
  for (int copies = 0; copies < 20; ++copies) {
    data_world d;
    int budget = copies;
    const port_id p = d.client.port([] {});
    d.client.mon(p, [&](const message& m) { d.reasons.push_back(m.to_string()); });
    d.client.peval(p, [&] { d.client.connect_to("store", 5s, "hold", fragile(budget)); });
    (void)d.run_until([&] { return !d.reasons.empty(); });
    if (d.reasons.empty()) break;
    seen |= d.reasons[0].starts_with("AnyEvent::MP::DataConn internal_error: ");
    EXPECT_TRUE(d.client.node_is_up("store"));
  }
  EXPECT_TRUE(seen);
}

// ---- how much ----

TEST(limits_of_data_connections, count_what_is_expected_and_what_is_open) {
  hostile_world d;
  d.open(d.client, "store", "sink");
  ASSERT_TRUE(d.run_until([&] { return d.opened == 1; }));
  const port_id p = d.victim();
  for (int i = 0; i < 255; ++i) d.announce(std::to_string(i) + "@client", p);
  d.w.run_for(1s);
  EXPECT_EQ(0u, d.reasons.size());
  const port_id one_more = d.victim();
  d.announce("x@client", one_more);
  ASSERT_TRUE(d.run_until([&] { return d.reasons.size() == 1; }));
  EXPECT_NE(std::string::npos, d.reasons[0].find("max_data_connections")) << d.reasons[0];
  d.open(d.client, "store", "sink");
  ASSERT_TRUE(d.run_until([&] { return d.reasons.size() == 2; }));
  EXPECT_NE(std::string::npos, d.reasons[1].find("max_data_connections")) << d.reasons[1];

  d.mine.close();
  d.w.run_for(1s);
  d.open(d.client, "store", "echo", "there is room again");
  EXPECT_TRUE(d.run_until([&] { return d.heard == "there is room again"; })) << d.logged;
}

TEST(limits_of_data_connections, that_are_expected_are_forgotten_with_the_node_that_announced_them) {
  hostile_world d;
  const port_id p = d.victim();
  for (int i = 0; i < 256; ++i) d.announce(std::to_string(i) + "@client", p);
  d.w.run_for(1s);
  d.w.cut("client", "store");
  d.w.run_for(1s);
  ASSERT_TRUE(d.run_until([&] { return d.client.node_is_up("store") && d.store.node_is_up("client"); }));
  d.open(d.client, "store", "echo", "anew");
  EXPECT_TRUE(d.run_until([&] { return d.heard == "anew"; })) << d.logged;
}

TEST(limits_of_data_connections, count_the_bytes_that_came_with_them) {
  hostile_world d;
  const port_id p = d.victim();
  for (int i = 0; i < 3; ++i) d.announce(std::to_string(i) + "@client", p, std::string(1 << 20, 'x'));
  d.w.run_for(10s);
  EXPECT_EQ(0u, d.reasons.size());
  d.announce("x@client", p, std::string(1 << 20, 'x'));
  ASSERT_TRUE(d.run_until([&] { return d.reasons.size() == 1; }));
  EXPECT_NE(std::string::npos, d.reasons[0].find("max_data_waiting")) << d.reasons[0];
}

// Each of them may have a window of the network under way, and a read too much.
TEST(limits_of_data_connections, leave_in_the_network_what_no_port_takes) {
  constexpr std::size_t count = 60, size = 400'000, slack = 64 * 1024;
  data_world d;
  std::vector<data_connection> held, mine;
  std::size_t taken = 0;
  d.store.define_data("hoard", [&](data_connection c) { held.push_back(c); });
  const port_id p = d.client.port([] {});
  d.client.peval(p, [&] {
    for (std::size_t i = 0; i < count; ++i) {
      d.client.connect_to("store", 5s, "hoard", [&](data_connection c) {
        mine.push_back(c);
        c.write(std::string(size, 'x'));
      });
    }
  });
  ASSERT_TRUE(d.run_until([&] { return mine.size() == count && held.size() == count; })) << d.logged;
  d.w.run_for(10s);
  const std::size_t left = std::accumulate(mine.begin(), mine.end(), std::size_t{0},
                                           [](std::size_t n, const auto& c) { return n + c.unsent(); });
  EXPECT_LT(count * size - left, (std::size_t{4} << 20) + count * 2 * slack);
  for (data_connection& c : held) c.on_data([&](std::string_view bytes) { taken += bytes.size(); });
  EXPECT_TRUE(d.run_until([&] { return taken == count * size; }));
  held.clear();
  mine.clear();
}

}  // namespace
}  // namespace aemp::sim
