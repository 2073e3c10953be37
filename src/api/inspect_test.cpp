// What a node tells about itself: who may ask, and what is true of the answers, in a simulated network. What
// concerns several threads is tested on real ones.
#include <aemp/aemp.hpp>
#include <aemp/sim/world.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <set>
#include <thread>

namespace aemp::api {
namespace {

using namespace std::chrono_literals;

class inspection : public ::testing::Test {
 protected:
  inspection() {
    set_log_sink([this](int, std::string_view text) { log_ += std::string(text) + "\n"; });
  }
  ~inspection() override { set_log_sink({}); }

  node& make(config settings, const std::string& name = "server") {
    settings.nodeid = name;
    settings.binds = {name + ":1"};
    if (name != "server") settings.seeds = {"server:1"};
    return world_.make_node(name, settings);
  }
  node& connected(const std::string& name, config settings = {}) {
    node& n = make(std::move(settings), name);
    EXPECT_TRUE(world_.run_until([&] { return n.node_is_up("server"); }, 10s));
    return n;
  }
  // The server's answer; null: none came.
  value ask(node& asker, const std::string& what, value::map options = {}) {
    value answer;
    asker.cal(*port_id::parse("server"), "aemp::inspect", what, value(std::move(options)))
        .within(5s)
        .then([&](value v) { answer = std::move(v); }, [](const message&) {});
    world_.run_until([&] { return !answer.is_null(); }, 6s);
    return answer;
  }
  static std::set<std::string> all(const value& answer, std::string_view key) {
    std::set<std::string> found;
    for (const value& item : answer["items"].elements()) found.insert(item[key].to_string());
    return found;
  }

  std::string log_;
  sim::world world_{3};
};

TEST_F(inspection, tells_how_much_waits_for_ports_with_limits) {
  node& server = make({});
  const port_id limited = server.rcv(*port_id::parse("server#limited"), "begin", []() -> task<> {
    for (int i = 0; i < 5; ++i) snd(self(), "more");
    co_await receive("never");
  });
  server.rcv(*port_id::parse("server#other"), "x", [] {});
  server.set_limits(limited, {.messages = 2});
  server.snd(limited, "begin");
  const value ports = ask(connected("a"), "ports");
  for (const value& p : ports["items"].elements()) {
    const bool has_limits = p["port"].to_string() == "server#limited";
    EXPECT_EQ(p["waiting"], has_limits ? value(2) : value()) << p.to_json();
    EXPECT_EQ(p["refused"], has_limits ? value(3) : value()) << p.to_json();
  }
  EXPECT_EQ(all(ports, "port").count("server#limited"), 1u);
}

TEST_F(inspection, tells_what_kind_of_node_it_is) {
  node& server = make({});
  const port_id p = server.port("x", [] {});
  node& a = connected("a");
  world_.run_for(7s);
  const value node = ask(a, "node");
  EXPECT_EQ(node["inspect"], value(1));
  EXPECT_EQ(node["node"], value("server"));
  EXPECT_TRUE(node["version"].to_string().starts_with("aemp "));
  EXPECT_GE(node["uptime"].to<double>().value_or(0), 7);
  EXPECT_EQ(node["up"], value(1));
  EXPECT_EQ(node["listening"].size(), 1u);
  EXPECT_EQ(node["workers"].size(), 1u);
  EXPECT_GE(node["ports"].to<int>().value_or(0), 1);
}

TEST_F(inspection, lists_ports_page_by_page) {
  node& server = make({});
  std::set<std::string> made;
  for (int i = 0; i < 25; ++i)
    made.insert(server
                    .port(
                        "a", [] {}, "b", [] {})
                    .str());
  server.rcv(*port_id::parse("server#lobby"), "hello", [] {});
  made.insert("server#lobby");
  node& a = connected("a");
  a.mon(*port_id::parse("server#lobby"), [](const message&) {});
  world_.run_for(1s);

  std::set<std::string> found;
  int pages = 0;
  for (value next; pages == 0 || !next.is_null(); ++pages) {
    const value page = ask(a, "ports", {{"most", 10}, {"after", next}});
    ASSERT_LE(page["items"].size(), 10u);
    found.merge(all(page, "port"));
    for (const value& item : page["items"].elements()) {
      if (item["port"] == value("server#lobby")) {
        EXPECT_EQ(item["monitors"], value(1));
        EXPECT_EQ(item["handlers"], value(1));
      } else if (made.contains(item["port"].to_string())) {
        EXPECT_EQ(item["handlers"], value(2));
      }
    }
    next = page["next"];
  }
  EXPECT_GE(pages, 3);
  EXPECT_TRUE(std::ranges::includes(found, made));
  EXPECT_EQ(ask(a, "ports", {{"after", "nonsense"}})["error"], value("bad_place"));
}

TEST_F(inspection, counts_what_goes_over_connections) {
  make({});
  node& a = connected("a");
  connected("b");
  const auto of_a = [&](std::string_view key) {
    const value answer = ask(a, "connections");
    for (const value& c : answer["items"].elements()) {
      if (c["node"] == value("a")) return c[key];
    }
    return value();
  };
  const auto number = [&](std::string_view key) { return of_a(key).to<double>().value_or(-1); };
  (void)ask(a, "connections");
  EXPECT_EQ(of_a("dialled"), value(false));
  EXPECT_EQ(of_a("framing_in"), value("aemp1"));
  EXPECT_EQ(of_a("encryption"), value("secret"));
  EXPECT_GT(number("round_trip"), 0);
  EXPECT_LT(number("round_trip"), 1);
  const double packets = number("packets_in"), bytes = number("bytes_in");
  for (int i = 0; i < 100; ++i) a.snd(*port_id::parse("server#nobody"), "x", std::string(1000, 'x'));
  world_.run_for(1s);
  EXPECT_GE(number("packets_in"), packets + 100);
  EXPECT_LT(number("packets_in"), packets + 120);
  EXPECT_GT(number("bytes_in"), bytes + 100'000);
  EXPECT_GE(number("age"), 1);

  const value first = ask(a, "connections", {{"most", 1}});
  const value second = ask(a, "connections", {{"most", 1}, {"after", first["next"]}});
  EXPECT_EQ(first["items"].size(), 1u);
  EXPECT_EQ(second["items"].size(), 1u);
  EXPECT_NE(first["items"][0]["node"], second["items"][0]["node"]);
}

TEST_F(inspection, tells_of_nodes_that_are_being_connected) {
  node& server = make({});
  node& a = connected("a");
  server.snd(*port_id::parse("nowhere#x"), "hello");
  world_.run_for(100ms);
  const value wishes = ask(a, "connections")["wishes"];
  ASSERT_EQ(wishes.size(), 1u);
  EXPECT_EQ(wishes[0]["node"], value("nowhere"));
  EXPECT_EQ(wishes[0]["messages"], value(1));
}

TEST_F(inspection, lists_groups_page_by_page) {
  node& server = make({});
  for (const char* group : {"one", "three", "two"}) server.grp_reg(group, server.port([] {}));
  node& a = connected("a");
  const value page = ask(a, "groups", {{"after", "'z"}, {"most", 2}});
  EXPECT_EQ(all(page, "group"), (std::set<std::string>{"one", "three"}));
  EXPECT_EQ(page["items"][0]["members"], value(1));
  EXPECT_EQ(page["items"][0]["own"], value(1));
  EXPECT_EQ(all(ask(a, "groups", {{"after", page["next"]}}), "group"), std::set<std::string>{"two"});
}

TEST_F(inspection, is_refused_by_a_secure_node_and_where_it_is_switched_off) {
  node& server = make({.secure = true});
  node& a = connected("a");
  EXPECT_EQ(ask(a, "node")["error"], value("inspect_is_off"));
  EXPECT_EQ(ask(server, "node")["node"], value("server"));  // it may look at itself
  world_.kill(a);
  world_.kill(server);
  make({.secure = true, .inspect = true});
  EXPECT_EQ(ask(connected("a"), "node")["node"], value("server"));
}

TEST_F(inspection, answers_nobody_but_the_node_that_asks) {
  make({});
  node& a = connected("a");
  node& b = connected("b");
  bool told = false;
  const port_id other = b.port([&](const message&) { told = true; });
  a.call_function("server", "aemp::inspect", "node", value(value::map{}), other);
  world_.run_for(1s);
  EXPECT_FALSE(told);
  EXPECT_NE(log_.find("did not say to which of its ports"), std::string::npos);
  EXPECT_EQ(ask(a, "colour")["error"], value("unknown_question"));
}

// ---- several workers ----

value ask_itself(node& n, const std::string& what, value::map options = {}) {
  value answer;
  n.cal(*port_id::parse(n.id()), "aemp::inspect", what, value(std::move(options)))
      .within(20s)
      .then(
          [&](value v) {
            answer = std::move(v);
            n.stop();
          },
          [&](const message&) { n.stop(1); });
  n.run();
  return answer;
}

TEST(inspection_of_workers, says_what_waits_and_for_whom) {
  node n;
  const port_id busy = n.port("x", [] { snd(self(), "x"); });  // so its queue never gets shorter
  for (int i = 0; i < 310; ++i) n.snd(busy, "x");
  const value queue = ask_itself(n, "queue");
  ASSERT_EQ(queue["items"].size(), 1u);
  const value& all = queue["items"][0];
  EXPECT_GE(all["waiting"].to<int>().value_or(0), 310);
  ASSERT_GE(all["ports"].size(), 1u);
  EXPECT_EQ(all["ports"][0]["port"], value(busy.str()));
  EXPECT_EQ(all["ports"][0]["waiting"], value(310));
}

TEST(inspection_of_workers, does_not_wait_for_one_that_is_blocked) {
  node n{{.workers = 2}};
  std::promise<void> go_on, blocked;
  const auto signal = go_on.get_future().share();
  std::vector<port_id> ports;  // one on each worker
  for (int i = 0; i < 2; ++i) ports.push_back(n.spawn([] { rcv(self(), "x", [] {}); }));
  std::jthread asker([&] {
    blocked.get_future().wait();
    const port_id looker = n.port([] {});
    n.cal(*port_id::parse(n.id()), "aemp::inspect", "node", value(value::map{}))
        .within(20s)
        .then(
            [&](value v) {
              const value workers = v["workers"];
              EXPECT_EQ(workers.size(), 2u);
              EXPECT_TRUE(workers[0]["busy"].is_null());
              EXPECT_EQ(workers[1]["busy"], value(true));
              go_on.set_value();
              n.stop();
            },
            [&](const message&) {
              ADD_FAILURE() << "no answer";
              go_on.set_value();
              n.stop();
            });
  });
  // Blocks whichever of the two is not on the network worker.
  for (const port_id& p : ports) {
    n.peval(p, [&blocked, signal, first = std::this_thread::get_id()] {
      if (std::this_thread::get_id() == first) return;
      blocked.set_value();
      signal.wait();
    });
  }
  n.run();
}

}  // namespace
}  // namespace aemp::api
