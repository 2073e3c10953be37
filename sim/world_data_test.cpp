// Worlds whose nodes open data connections to each other.
#include "sim/world_data_test.hpp"

namespace aemp::sim {
namespace {

TEST(data_connections, carry_bytes_in_both_directions) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    data_world d(seed);
    d.open(d.client, "store", "echo", "hello ");
    ASSERT_TRUE(d.run_until([&] { return d.heard == "hello "; })) << d.logged;
    std::string sent;
    for (int i = 0; i < 200; ++i) {
      const std::string part(static_cast<std::size_t>(i * 37), static_cast<char>('a' + i % 26));
      d.mine.write(part);
      sent += part;
    }
    ASSERT_TRUE(d.run_until([&] { return d.heard.size() == 6 + sent.size(); })) << seed;
    EXPECT_EQ("hello " + sent, d.heard);
    EXPECT_EQ("store", d.mine.node());
    EXPECT_EQ((std::vector<std::string>{"client"}), d.met);
  }
}

TEST(data_connections, to_the_same_node_can_be_many) {
  data_world d;
  for (int i = 0; i < 5; ++i) d.open(d.client, "store", "echo", i);
  ASSERT_TRUE(d.run_until([&] { return d.heard.size() == 5; })) << d.logged;
  EXPECT_EQ(6u, d.w.connection_count());
  d.open(d.client, "store", "echo", "again");
  ASSERT_TRUE(d.run_until([&] { return d.heard.ends_with("again"); })) << d.logged;
}

TEST(data_connections, are_dialled_by_the_target_when_it_listens_nowhere) {
  config quiet = data_world::client_config();
  quiet.binds = {};
  data_world d(1, data_world::store_config(), quiet);
  d.open(d.store, "client", "echo", "from behind a wall");
  ASSERT_TRUE(d.run_until([&] { return d.heard == "from behind a wall"; })) << d.logged;
  d.open(d.store, "client", "echo", " twice");
  ASSERT_TRUE(d.run_until([&] { return d.heard == "from behind a wall twice"; })) << d.logged;
}

TEST(data_connections, are_dialled_by_the_initiator_where_it_only_learned_of_the_target) {
  data_world d;
  d.open(d.store, "client", "echo", "hello");
  ASSERT_TRUE(d.run_until([&] { return d.heard == "hello"; })) << d.logged;
}

TEST(data_connections, connect_a_node_with_itself) {
  data_world d;
  d.open(d.client, "client", "echo", "me ");
  ASSERT_TRUE(d.run_until([&] { return d.heard == "me "; }));
  d.mine.write("myself");
  ASSERT_TRUE(d.run_until([&] { return d.heard == "me myself"; }));
  EXPECT_EQ(1u, d.w.connection_count());
  d.mine.close();
  ASSERT_TRUE(d.run_until([&] { return !d.closed.empty(); }));
  EXPECT_EQ("echo:;", d.closed);
  d.open(d.client, "client", "nothing");
  ASSERT_TRUE(d.run_until([&] { return !d.reasons.empty(); }));
  EXPECT_EQ("AnyEvent::MP::DataConn no data function 'nothing' is defined on node client", d.reasons[0]);
}

TEST(data_connections, work_on_a_private_node_and_say_what_it_lacks_for_others) {
  world w(1);
  node& n = w.make_node("lonely");
  std::string heard, reason;
  n.define_data("f", [&](int i, data_connection c) { c.write(std::to_string(i)); });
  const port_id p = n.port([] {});
  n.mon(p, [&](const message& m) { reason = m.to_string(); });
  n.peval(p, [&] {
    n.connect_to(n.id(), 1s, "f", 7,
                 [&](data_connection c) { c.on_data([&](std::string_view bytes) { heard += bytes; }); });
  });
  EXPECT_TRUE(w.run_until([&] { return heard == "7"; }, 1s));
  n.peval(p, [&] { n.connect_to("elsewhere", 1s, "f", [](data_connection) {}); });
  EXPECT_TRUE(w.run_until([&] { return !reason.empty(); }, 1s));
  EXPECT_NE(std::string::npos, reason.find("is private")) << reason;
}

TEST(data_connections, push_back_when_the_other_side_does_not_read) {
  data_world d;
  d.open(d.client, "store", "sink");
  ASSERT_TRUE(d.run_until([&] { return d.opened == 1 && d.sink; }));
  d.sink.pause(true);
  int drained = 0;
  d.mine.on_drained([&] { ++drained; });
  std::size_t written = 0;
  const std::string part(10'000, 'x');
  for (int round = 0; round < 1000 && written < (64u << 20); ++round) {
    written += part.size();
    if (!d.mine.write(part)) {
      const std::size_t before = d.mine.unsent();
      d.w.run_for(100ms);
      if (d.mine.unsent() == before) break;  // it does not move any more
    }
  }
  EXPECT_LT(written, 8u << 20);
  EXPECT_GT(d.mine.unsent(), data_connection::enough);
  const int so_far = drained;
  d.sink.pause(false);
  ASSERT_TRUE(d.run_until([&] { return d.sunk.size() == written; }));
  EXPECT_GT(drained, so_far);
  EXPECT_EQ(0u, d.mine.unsent());
}

TEST(data_connections, keep_bytes_back_until_somebody_wants_them) {
  data_world d;
  d.open(d.client, "store", "sink");
  ASSERT_TRUE(d.run_until([&] { return d.opened == 1 && d.sink; }));
  d.mine.on_data({});
  for (int i = 0; i < 1000; ++i) d.sink.write(std::to_string(i) + " ");
  d.w.run_for(1s);
  EXPECT_EQ("", d.heard);
  d.mine.on_data([&](std::string_view bytes) { d.heard += bytes; });
  std::string all;
  for (int i = 0; i < 1000; ++i) all += std::to_string(i) + " ";
  ASSERT_TRUE(d.run_until([&] { return d.heard == all; }));
}

TEST(data_connections, end_after_what_was_written) {
  data_world d;
  d.open(d.client, "store", "sink");
  ASSERT_TRUE(d.run_until([&] { return d.opened == 1; }));
  for (int i = 0; i < 100; ++i) d.mine.write(std::string(10'000, 'x'));
  d.mine.close();
  d.mine.write("too late");
  ASSERT_TRUE(d.run_until([&] { return !d.closed.empty(); }));
  EXPECT_EQ("sink:;", d.closed);
  EXPECT_EQ(1'000'000u, d.sunk.size());
  EXPECT_TRUE(d.reasons.empty());
}

TEST(data_connections, end_with_the_port_they_belong_to_on_either_side) {
  data_world d;
  const port_id p = d.open(d.client, "store", "sink");
  ASSERT_TRUE(d.run_until([&] { return d.opened == 1 && d.sink; }));
  std::string end = "none";
  d.store.mon(d.served, [&](const message& m) { end = m.to_string(); });
  d.client.kil(p);
  ASSERT_TRUE(d.run_until([&] { return end != "none"; }));
  EXPECT_EQ("", end);
  EXPECT_TRUE(d.closed.starts_with("sink:aborted: ")) << d.closed;

  d.open(d.client, "store", "sink");
  ASSERT_TRUE(d.run_until([&] { return d.opened == 2; }));
  d.w.run_for(1s);
  d.store.kil(d.served, "enough");
  ASSERT_TRUE(d.run_until([&] { return d.closed.find("mine:") != std::string::npos; })) << d.closed;
  EXPECT_TRUE(d.run_until([&] { return d.w.connection_count() == 1; }));

  d.open(d.client, "store", "faulty");
  ASSERT_TRUE(d.run_until([&] { return d.opened == 3; }));
  d.closed.clear();
  d.mine.write("anything");
  ASSERT_TRUE(d.run_until([&] { return d.closed.find("mine:") != std::string::npos; }));
  EXPECT_NE(std::string::npos, d.logged.find("cannot read this"));
}

TEST(data_connections, say_when_they_break) {
  data_world d;
  d.open(d.client, "store", "sink");
  ASSERT_TRUE(d.run_until([&] { return d.opened == 1 && d.sink; }));
  d.w.cut("client", "store");
  ASSERT_TRUE(d.run_until(
      [&] { return d.closed.find("mine:") != d.closed.npos && d.closed.find("sink:") != d.closed.npos; }));
  EXPECT_EQ(std::string::npos, d.closed.find(":;")) << d.closed;
}

TEST(data_connections, kill_the_port_that_wanted_them_when_they_fail) {
  data_world d(1, [] {
    config c = data_world::store_config();
    c.secure = true;
    return c;
  }());
  d.open(d.client, "store", "echo", 1);
  ASSERT_TRUE(d.run_until([&] { return d.reasons.size() == 1; }));
  EXPECT_EQ("AnyEvent::MP::DataConn node store is secure, remote execution not allowed", d.reasons[0]);
  d.open(d.store, "client", "no such");
  ASSERT_TRUE(d.run_until([&] { return d.reasons.size() == 2; }));
  EXPECT_EQ("AnyEvent::MP::DataConn no data function 'no such' is defined on node client", d.reasons[1]);
  d.w.partition({"client"}, {"store"});
  const auto before = d.w.elapsed();
  d.open(d.store, "client", "echo", 1);
  ASSERT_TRUE(d.run_until([&] { return d.reasons.size() == 3; }));
  EXPECT_EQ("AnyEvent::MP::DataConn client: unable to establish connection within 5 seconds", d.reasons[2]);
  EXPECT_EQ(5s, d.w.elapsed() - before);
  EXPECT_EQ(0, d.opened);
  d.open(d.store, "nowhere", "echo", 1);
  ASSERT_TRUE(d.run_until([&] { return d.reasons.size() == 4; }));
  EXPECT_EQ(0u, d.reasons[3].find("AnyEvent::MP::DataConn nowhere: ")) << d.reasons[3];
}

// What a function holds may do anything when it goes.
TEST(data_connections, have_functions_whose_end_may_define_another_one) {
  world w(1);
  node& n = w.make_node("lonely");
  int ended = 0;
  struct last_will {
    ~last_will() { it(); }
    std::function<void()> it;
  };
  auto will = std::make_shared<last_will>();
  will->it = [&] {
    ++ended;
    n.define_data("other", [](data_connection) {});
  };
  n.define_data("f", [held = std::move(will)](data_connection) {});
  n.define_data("f", [](data_connection) {});
  EXPECT_EQ(1, ended);
}

TEST(data_connections, are_wanted_by_ports_only) {
  world w(1);
  node& n = w.make_node("lonely");
  EXPECT_THROW(n.connect_to("x", 1s, "f", [](data_connection) {}), std::logic_error);
}

TEST(data_connections, leave_the_world_in_order_when_nodes_end_in_the_middle) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    data_world d(seed);
    d.open(d.client, "store", "echo", "hello");
    d.open(d.store, "client", "echo", "hello");
    d.open(d.client, "client", "echo", "hello");
    d.w.run_for(std::chrono::microseconds(200 * seed));
    d.w.kill(d.store);
    d.w.run_for(10s);
    d.mine = d.sink = {};
  }
}

}  // namespace
}  // namespace aemp::sim
