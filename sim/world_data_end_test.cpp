// How data connections end: what was said, what was not, and who hears of it.
#include <algorithm>

#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>

#include <aemp/asio.hpp>

#include "sim/world_data_test.hpp"

namespace aemp::sim {
namespace {

// The client has one to that function of the store.
class open_world : public data_world {
 public:
  explicit open_world(const std::string& function = "sink", std::uint64_t seed = 1, config s = store_config(),
                      config c = client_config())
      : data_world(seed, std::move(s), std::move(c)) {
    owner = open(client, "store", function);
    EXPECT_TRUE(run_until([&] { return opened == 1 && served; })) << logged;
    w.run_for(1s);
  }
  void close_mine() {
    mine.close([this](const std::string& why) { closed += "done:" + why + ";"; });
  }
  bool has_ended(const std::string& part) const { return closed.find(part) != std::string::npos; }

  port_id owner;
};

config impatient(config c, std::chrono::seconds monitor_timeout) {
  c.monitor_timeout = monitor_timeout;
  return c;
}

TEST(ends_of_data_connections, that_a_killed_sender_leaves_are_no_orderly_ones) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    open_world d("sink", seed);
    d.mine.write(std::string(10'000, 'x'));
    ASSERT_TRUE(d.run_until([&] { return d.sunk.size() == 10'000; }));
    d.mine = {};
    d.w.kill(d.client);
    ASSERT_TRUE(d.run_until([&] { return !d.closed.empty(); }));
    EXPECT_TRUE(d.closed.starts_with("sink:ended_early: ") || d.closed.starts_with("sink:broken: "))
        << d.closed;
  }
}

TEST(ends_of_data_connections, are_told_to_who_closes_when_the_other_port_has_everything) {
  for (const bool to_itself : {false, true}) {
    open_world d("sink");
    if (to_itself) {
      d.open(d.client, "client", "sink");
      ASSERT_TRUE(d.run_until([&] { return d.opened == 2; }));
      d.w.run_for(1s);
    }
    d.sink.pause(true);
    d.w.run_for(1s);
    d.mine.write(std::string(1'000'000, 'x'));
    d.close_mine();
    d.w.run_for(60s);
    EXPECT_EQ("", d.closed);
    d.sink.pause(false);
    ASSERT_TRUE(d.run_until([&] { return d.has_ended("done:"); }));
    EXPECT_EQ(1'000'000u, d.sunk.size());
    EXPECT_EQ("sink:;done:;", d.closed);
    EXPECT_TRUE(d.run_until([&] { return d.w.connection_count() == (to_itself ? 2u : 1u); }));
  }
}

TEST(ends_of_data_connections, are_told_once_to_who_closes_what_is_over) {
  open_world d;
  d.sink.close();
  ASSERT_TRUE(d.run_until([&] { return d.has_ended("mine:;"); }));
  d.close_mine();
  ASSERT_TRUE(d.run_until([&] { return d.has_ended("done:ended_early: "); }));
  d.close_mine();
  d.w.run_for(1s);
  EXPECT_EQ(2, std::ranges::count(d.closed, ';') - 1) << d.closed;
}

TEST(ends_of_data_connections, tell_who_closes_that_the_other_one_has_not_taken_everything) {
  open_world d;
  d.sink.pause(true);
  d.w.run_for(1s);
  d.mine.write("nobody reads this");
  d.w.run_for(1s);
  d.close_mine();
  d.sink.close([&](const std::string& why) { d.closed += "other:" + why + ";"; });
  ASSERT_TRUE(d.run_until([&] { return d.has_ended("done:") && d.has_ended("other:"); })) << d.closed;
  EXPECT_TRUE(d.has_ended("done:ended_early: ")) << d.closed;
  EXPECT_TRUE(d.has_ended("other:;")) << d.closed;
  EXPECT_EQ("", d.sunk);
}

TEST(ends_of_data_connections, that_both_sides_want_at_once_are_fine) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    open_world d("sink", seed);
    d.close_mine();
    d.sink.close([&](const std::string& why) { d.closed += "other:" + why + ";"; });
    ASSERT_TRUE(d.run_until([&] { return d.has_ended("done:") && d.has_ended("other:"); })) << d.closed;
    EXPECT_TRUE(d.has_ended("done:;") && d.has_ended("other:;")) << d.closed;
  }
}

TEST(ends_of_data_connections, tell_who_closes_of_a_connection_that_breaks_meanwhile) {
  open_world d;
  d.sink.pause(true);
  d.w.run_for(1s);
  d.mine.write(std::string(1'000'000, 'x'));
  d.close_mine();
  d.w.run_for(1s);
  d.w.cut("client", "store");
  ASSERT_TRUE(d.run_until([&] { return d.has_ended("done:"); }));
  EXPECT_TRUE(d.has_ended("done:broken: ")) << d.closed;
}

TEST(ends_of_data_connections, that_a_port_did_not_say_are_told_as_such) {
  open_world d;
  d.mine.write("half of it");
  d.mine.abort();
  ASSERT_TRUE(d.run_until([&] { return !d.closed.empty(); }));
  EXPECT_TRUE(d.closed.starts_with("sink:aborted: the port at node client ")) << d.closed;
}

// ---- somebody has to listen ----

TEST(ends_of_data_connections, wait_for_a_callback_and_come_behind_what_waits) {
  const auto on_closed = [](open_world& d) {
    d.held.on_closed([&d](const std::string& why) { d.closed += d.sunk + ":" + why + ";"; });
  };
  const auto on_data = [](open_world& d) {
    d.held.on_data([&d](std::string_view bytes) { d.sunk += bytes; });
  };
  const auto both = [](open_world& d) {
    d.held.listen({.data = [&d](std::string_view bytes) { d.sunk += bytes; },
                   .closed = [&d](const std::string& why) { d.closed += d.sunk + ":" + why + ";"; },
                   .drained = {}});
  };
  for (int way = 0; way < 3; ++way) {
    open_world d("hold");
    d.mine.write("last words");
    d.close_mine();
    d.w.run_for(60s);
    EXPECT_EQ("", d.closed) << way;
    if (way == 0) on_data(d);
    if (way < 2) on_closed(d);
    if (way == 1) on_data(d);
    if (way == 2) both(d);
    ASSERT_TRUE(d.run_until([&] { return d.has_ended("done:"); })) << way << d.closed;
    EXPECT_EQ("last words:;done:;", d.closed) << way;
  }
}

TEST(ends_of_data_connections, wait_behind_bytes_that_are_held_back) {
  open_world d("hold");
  d.mine.on_data({});
  d.held.write("last words");
  d.held.close();
  d.w.run_for(60s);
  EXPECT_EQ("", d.closed);
  d.mine.on_data([&](std::string_view bytes) { d.heard += bytes; });
  ASSERT_TRUE(d.run_until([&] { return !d.closed.empty(); }));
  EXPECT_EQ("last words", d.heard);
  EXPECT_EQ("mine:;", d.closed);
}

TEST(ends_of_data_connections, are_told_later_where_only_bytes_were_listened_for) {
  data_world d;
  std::string heard;
  const port_id p = d.client.port([] {});
  d.client.peval(p, [&] {
    d.client.connect_to("store", 5s, "hold", [&](data_connection c) {
      d.mine = c;
      c.on_data([&](std::string_view bytes) { heard += bytes; });
    });
  });
  ASSERT_TRUE(d.run_until([&] { return d.mine && d.held; }));
  d.held.write("bytes");
  d.held.close();
  d.w.run_for(1s);
  EXPECT_EQ("bytes", heard);
  d.mine.on_closed([&](const std::string& why) { d.closed += "late:" + why + ";"; });
  ASSERT_TRUE(d.run_until([&] { return !d.closed.empty(); }));
  EXPECT_EQ("late:;", d.closed);
}

TEST(ends_of_data_connections, wait_for_a_stream_of_asio) {
  open_world d("hold");
  d.mine.write("last words");
  d.close_mine();
  d.w.run_for(1s);
  boost::asio::io_context context;
  asio_stream s(context.get_executor(), d.held);
  std::string heard;
  boost::system::error_code ended;
  boost::asio::async_read(s, boost::asio::dynamic_buffer(heard),
                          [&](boost::system::error_code code, std::size_t) { ended = code; });
  ASSERT_TRUE(d.run_until([&] {
    context.restart();
    context.poll();
    return ended.failed();
  }));
  EXPECT_EQ(boost::asio::error::eof, ended);
  EXPECT_EQ("last words", heard);
}

// The port of such a connection would stay for ever.
TEST(ends_of_data_connections, are_over_when_nobody_can_listen_any_more) {
  for (const bool kept : {false, true}) {
    open_world d(kept ? "hold" : "drop");
    std::string end = "none";
    d.store.mon(d.served, [&](const message& m) { end = m.to_string(); });
    d.close_mine();
    d.w.run_for(60s);
    EXPECT_EQ(kept ? "none" : "", end);
    d.held = {};
    ASSERT_TRUE(d.run_until([&] { return end != "none" && d.has_ended("done:"); }));
    EXPECT_EQ("", end);
    EXPECT_EQ("done:;", d.closed);
  }
}

// ---- silence ----

TEST(ends_of_data_connections, are_noticed_by_silence_within_the_time_limit) {
  for (const bool client_is_deaf : {true, false}) {
    open_world d;
    const auto before = d.w.elapsed();
    std::chrono::nanoseconds noticed{};
    if (client_is_deaf) {
      d.w.set_link("store", "client", {.frozen = true});
      d.mine.on_closed([&](const std::string& why) {
        noticed = d.w.elapsed() - before;
        d.closed += why;
      });
    } else {
      d.w.set_link("client", "store", {.frozen = true});
      d.sink.on_closed([&](const std::string& why) {
        noticed = d.w.elapsed() - before;
        d.closed += why;
      });
    }
    d.mine.write("is there anybody?");
    ASSERT_TRUE(d.w.run_until([&] { return noticed.count() != 0; }, 60s));
    EXPECT_TRUE(d.closed.starts_with("timed_out: ")) << d.closed;
    EXPECT_LE(noticed, 31s);
  }
}

TEST(ends_of_data_connections, do_not_come_of_ports_that_have_nothing_to_say_or_take_nothing) {
  open_world d("sink", 1, impatient(data_world::store_config(), 2s),
               impatient(data_world::client_config(), 9s));
  d.w.run_for(10min);
  d.sink.pause(true);
  d.mine.write(std::string(1'000'000, 'x'));
  d.w.run_for(10min);
  d.sink.pause(false);
  d.close_mine();
  ASSERT_TRUE(d.run_until([&] { return d.has_ended("done:"); }));
  EXPECT_EQ("sink:;done:;", d.closed);
  EXPECT_EQ(1'000'000u, d.sunk.size());
}

}  // namespace
}  // namespace aemp::sim
