// Data connections read and written by coroutines (include/aemp/data_channel.hpp), in virtual time.
#include "sim/world_data_test.hpp"

namespace aemp::sim {
namespace {

class channels : public testing::Test {
 protected:
  // Runs a coroutine of the client with a channel to that function of the store.
  template <class F, class... Initdata>
  void talk(const std::string& function, F f, Initdata... initdata) {
    const port_id p =
        d.client.port("connection", [f](data_connection c) -> task<> { return f(std::move(c)); });
    d.client.peval(p, [p, function, initdata...] {
      connect_to("store", 5s, function, initdata..., [p](data_connection c) { snd(p, "connection", c); });
    });
  }
  void note(const std::string& text) { notes += text + " "; }

  data_world d;
  std::string notes;
};

TEST_F(channels, carry_bytes_both_ways_and_their_end) {
  talk(
      "echo",
      [this](data_connection c) -> task<> {
        data_channel to(std::move(c));
        note(co_await to.read());
        co_await to.write("abc");
        note(co_await to.read());
        to.close();
      },
      "hello");
  ASSERT_TRUE(d.run_until([&] { return !d.closed.empty(); })) << notes;
  EXPECT_EQ(notes, "hello abc ");
  EXPECT_EQ(d.closed, "echo:;");
}

TEST_F(channels, are_opened_and_served_by_coroutines) {
  std::string got;
  d.store.define_data("upload", [&](std::string name, data_connection c) -> task<> {
    data_channel from(c);
    got = name + ":";
    for (;;) {
      const std::string bytes = co_await from.read();
      if (bytes.empty()) break;
      got += bytes;
    }
    note("all");
  });
  d.client.spawn([this]() -> task<> {
    data_channel to = co_await channel_to("store", 5s, "upload", "letter");
    co_await to.write("dear all");
    to.close();
    note("closed");
    co_await sleep_for(1s);
  });
  ASSERT_TRUE(d.run_until([&] { return notes.find("all") != notes.npos; })) << notes;
  EXPECT_EQ(got, "letter:dear all");
  const port_id p =
      d.client.spawn([]() -> task<> { (void)co_await channel_to("store", 2s, "no such function"); });
  d.client.mon(p, [this](const message& reason) { note(reason.tag()); });
  ASSERT_TRUE(d.run_until([&] { return notes.ends_with("AnyEvent::MP::DataConn "); })) << notes;
}

TEST_F(channels, do_not_hold_more_than_they_should) {
  constexpr std::size_t part = 100'000;
  std::size_t written = 0;
  talk("hold", [&](data_connection c) -> task<> {
    data_channel to(std::move(c));
    const std::string bytes(part, 'x');
    for (int i = 0; i < 50; ++i) {
      co_await to.write(bytes);
      written += part;
    }
    note("written");
    co_await receive("never");
  });
  d.w.run_for(60s);
  EXPECT_EQ(notes, "") << "nobody reads";
  EXPECT_LT(written, 20 * part);
  std::size_t read = 0;
  d.held.on_data([&](std::string_view bytes) { read += bytes.size(); });
  ASSERT_TRUE(d.run_until([&] { return read == 50 * part; })) << read;
  EXPECT_EQ(notes, "written ");
}

TEST_F(channels, end_when_the_other_side_has_closed) {
  talk("hold", [this](data_connection c) -> task<> {
    data_channel to(std::move(c));
    note("read '" + co_await to.read() + "'");
    note("read '" + co_await to.read() + "'");
    try {
      co_await to.write("x");
    } catch (const failure& f) {
      note(f.reason());
    }
  });
  ASSERT_TRUE(d.run_until([&] { return bool(d.held); }));
  d.held.write("last");
  d.held.close();
  ASSERT_TRUE(d.run_until([&] { return notes.ends_with("ended "); })) << notes;
  EXPECT_EQ(notes, "read 'last' read '' ended ");
}

TEST_F(channels, give_all_bytes_to_a_reader_that_is_slow_although_the_other_side_has_closed) {
  std::size_t got = 0;
  d.store.define_data("upload", [&](data_connection c) -> task<> {
    data_channel from(c);
    for (;;) {
      const std::string bytes = co_await from.read();
      if (bytes.empty()) break;
      got += bytes.size();
      co_await sleep_for(300ms);
    }
    note("all");
  });
  d.client.spawn([]() -> task<> {
    data_channel to = co_await channel_to("store", 5s, "upload");
    co_await to.write(std::string(1000, 'x'));
    co_await sleep_for(50ms);
    co_await to.write(std::string(100'000, 'x'));
    to.close();
    co_await sleep_for(1h);
  });
  ASSERT_TRUE(d.run_until([&] { return notes == "all "; })) << notes << got;
  EXPECT_EQ(got, 101'000u);
}

TEST_F(channels, fail_when_the_connection_breaks) {
  talk("hold", [this](data_connection c) -> task<> {
    data_channel to(std::move(c));
    try {
      (void)co_await to.read();
    } catch (const failure& f) {
      note(f.reason());
    }
  });
  ASSERT_TRUE(d.run_until([&] { return bool(d.held); }));
  d.held.abort();
  ASSERT_TRUE(d.run_until([&] { return !notes.empty(); }));
  EXPECT_EQ(notes, "aborted ");
}

TEST_F(channels, abort_the_connection_when_their_coroutine_is_destroyed) {
  talk("sink", [](data_connection c) -> task<> {
    data_channel to(std::move(c));
    co_await any(to.read(), sleep_for(1s));
    throw failure(message("enough"));
  });
  ASSERT_TRUE(d.run_until([&] { return !d.closed.empty(); }));
  EXPECT_TRUE(d.closed.starts_with("sink:aborted")) << d.closed;
}

}  // namespace
}  // namespace aemp::sim
