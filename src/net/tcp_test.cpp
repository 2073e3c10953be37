#include "net/tcp.hpp"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "net/loopback_test.hpp"

namespace aemp::net {
namespace {

using testing::any_port;
using testing::connected;
using testing::loopback;
using testing::owner;
using testing::pattern;

TEST(tcp, carries_bytes_in_both_directions) {
  connected pair;
  EXPECT_EQ(pair.client.it->remote(), pair.door->local());
  EXPECT_EQ(pair.client.it->local(), pair.server.it->remote());
  pair.server.when_data = [](owner& me) { EXPECT_TRUE(me.write("and hello to you")); };
  std::string bytes = "hello";
  EXPECT_TRUE(pair.client.it->write(bytes));
  EXPECT_TRUE(bytes.empty());
  ASSERT_TRUE(pair.run_until([&] { return pair.client.received.size() == 16; }));
  EXPECT_EQ(pair.server.received, "hello");
  EXPECT_EQ(pair.client.received, "and hello to you");
  EXPECT_EQ(pair.client.sent + pair.server.sent, 0);  // all went out at once
}

TEST(tcp, works_over_ipv6) {
  loopback here;
  owner server, client;
  auto door = here.net->listen({"::1", 0}, [&](std::unique_ptr<stream> s) { server.own(std::move(s)); });
  if (!door && door.error().name == "address_not_available") GTEST_SKIP() << "this machine has no IPv6";
  ASSERT_TRUE(door) << door.error().text;
  const auto dialling =
      here.net->dial(door.value()->local(), [&](auto s) { client.own(std::move(s).value()); });
  ASSERT_TRUE(here.run_until([&] { return client.it && server.it; }));
  EXPECT_TRUE(client.it->local().is_v6());
  client.write("six");
  ASSERT_TRUE(here.run_until([&] { return server.received == "six"; }));
}

// What each byte costs the owner is spent in a loop, so that the clock shows it.
TEST(tcp, reads_less_at_once_when_what_it_reads_is_dear) {
  connected pair;
  std::size_t before = 0, largest = 0;
  auto each_byte = std::chrono::nanoseconds(60);
  pair.server.when_data = [&](owner& me) {
    const std::size_t portion = me.received.size() - std::exchange(before, me.received.size());
    if (before > 1'000'000) largest = std::max(largest, portion);  // it has had time to learn
    const auto end = std::chrono::steady_clock::now() + portion * each_byte;
    while (std::chrono::steady_clock::now() < end) continue;
  };
  pair.client.write(pattern(2'000'000));
  ASSERT_TRUE(pair.run_until([&] { return pair.server.received.size() == 2'000'000; }));
  EXPECT_LE(largest, 20'000u) << "64 KiB would take 4 ms";

  pair.server.received.clear();
  before = largest = 0;
  each_byte = std::chrono::nanoseconds(0);
  pair.client.write(pattern(20'000'000));
  ASSERT_TRUE(pair.run_until([&] { return pair.server.received.size() == 20'000'000; }));
  EXPECT_GT(largest, 20'000u) << "and more again when it is cheap";
}

TEST(tcp, carries_more_than_the_kernel_takes_and_says_when_the_next_may_follow) {
  connected pair;
  const std::string big = pattern(10'000'000);
  EXPECT_FALSE(pair.client.write(big));
  EXPECT_TRUE(pair.client.to_send.empty());
  EXPECT_EQ(pair.client.sent, 0);
  bool again = false;
  pair.client.when_sent = [&](owner& me) {
    if (!std::exchange(again, true)) me.write("the end");
  };
  ASSERT_TRUE(pair.run_until([&] { return pair.server.received.size() == big.size() + 7; }));
  EXPECT_TRUE(pair.server.received == big + "the end");
  EXPECT_EQ(pair.client.sent, 1);
}

TEST(tcp, sends_pieces_from_where_they_lie_and_in_order) {
  connected pair;
  const std::string big = pattern(10'000'000);
  std::vector<std::string_view> pieces{"head,"};
  for (std::size_t at = 0, size = 1; at < big.size(); at += size, size = size * 2 % 900'001)
    pieces.push_back(std::string_view(big).substr(at, size));
  EXPECT_FALSE(pair.client.it->write_pieces(pieces));
  ASSERT_TRUE(pair.run_until([&] { return pair.client.sent == 1; }));
  pieces = {"the ", "end"};
  EXPECT_TRUE(pair.client.it->write_pieces(pieces) || pair.client.sent == 1);
  ASSERT_TRUE(pair.run_until([&] { return pair.server.received.size() == big.size() + 12; }));
  EXPECT_TRUE(pair.server.received == "head," + big + "the end");
}

TEST(tcp, keeps_pieces_that_are_not_sent_when_the_owner_goes_with_last_words) {
  connected pair;
  std::string expected = pattern(10'000'000) + "last words";
  auto big = std::make_unique<std::string>(pattern(10'000'000));
  const std::vector<std::string_view> pieces{*big};
  EXPECT_FALSE(pair.client.it->write_pieces(pieces));
  pair.client.it->finish("last words");
  pair.client.it.reset();
  big.reset();
  ASSERT_TRUE(pair.run_until([&] { return pair.server.closed.has_value(); }));
  EXPECT_TRUE(pair.server.received == expected);
}

TEST(tcp, reads_messages_of_every_size_completely) {
  connected pair;
  std::string all;
  for (const std::size_t size : {1, 2047, 2048, 2049, 4096, 65535, 65536, 65537, 131072, 262144, 262145}) {
    const std::string piece = pattern(size);
    const bool at_once = pair.client.write(piece);
    all += piece;
    const int before = pair.client.sent;
    ASSERT_TRUE(pair.run_until([&] {
      return pair.server.received.size() == all.size() && (at_once || pair.client.sent == before + 1);
    }));
  }
  EXPECT_TRUE(pair.server.received == all);
}

TEST(tcp, reports_an_orderly_end_once) {
  connected pair;
  pair.client.write("bye");
  pair.client.it.reset();
  ASSERT_TRUE(pair.run_until([&] { return pair.server.closed.has_value(); }));
  EXPECT_EQ(pair.server.received, "bye");
  EXPECT_EQ(*pair.server.closed, "Unexpected end-of-file");
  pair.settle();
  EXPECT_EQ(pair.client.ends, 0);
}

TEST(tcp, delivers_what_came_before_a_half_close) {
  loopback here;
  owner server;
  const auto listening =
      here.net->listen(any_port, [&](std::unique_ptr<stream> s) { server.own(std::move(s)); });
  ASSERT_TRUE(listening);
  namespace asio = boost::asio;
  asio::io_context other;
  asio::ip::tcp::socket raw(other);
  raw.connect({asio::ip::make_address("127.0.0.1"), listening.value()->local().port});
  const std::string text = pattern(100'000);
  asio::write(raw, asio::buffer(text));
  raw.shutdown(asio::ip::tcp::socket::shutdown_send);
  ASSERT_TRUE(here.run_until([&] { return server.closed.has_value(); }));
  EXPECT_TRUE(server.received == text);
  EXPECT_EQ(*server.closed, "Unexpected end-of-file");
}

TEST(tcp, reports_a_reset_with_the_systems_text) {
  loopback here;
  owner server;
  const auto door = here.net->listen(any_port, [&](std::unique_ptr<stream> s) { server.own(std::move(s)); });
  namespace asio = boost::asio;
  asio::io_context other;
  asio::ip::tcp::socket raw(other);
  raw.connect({asio::ip::make_address("127.0.0.1"), door.value()->local().port});
  ASSERT_TRUE(here.run_until([&] { return server.it != nullptr; }));
  raw.set_option(asio::socket_base::linger(true, 0));
  raw.close();
  ASSERT_TRUE(here.run_until([&] { return server.closed.has_value(); }));
  EXPECT_EQ(*server.closed, "Connection reset by peer");
}

TEST(tcp, tells_a_writer_that_the_peer_is_gone) {
  connected pair;
  pair.server.it->pause(true);
  EXPECT_FALSE(pair.client.write(pattern(30'000'000)));
  pair.settle();
  pair.server.it.reset();
  ASSERT_TRUE(pair.run_until([&] { return pair.client.closed.has_value(); }));
  EXPECT_EQ(pair.client.sent, 0);
  EXPECT_FALSE(pair.client.closed->empty());
}

TEST(tcp, tells_a_paused_owner_too) {
  connected pair;
  pair.client.it->pause(true);
  EXPECT_FALSE(pair.client.write(pattern(30'000'000)));
  pair.server.it.reset();
  ASSERT_TRUE(pair.run_until([&] { return pair.client.closed.has_value(); }));
}

TEST(tcp, names_why_it_cannot_connect) {
  loopback here;
  const endpoint nobody = here.net->listen(any_port, [](auto) {}).value()->local();  // closed again
  std::optional<error> refused, unusable;
  const auto a = here.net->dial(nobody, [&](auto s) { refused = s.error(); });
  const auto b = here.net->dial({"localhost", 1}, [&](auto s) { unusable = s.error(); });
  EXPECT_FALSE(refused || unusable);
  ASSERT_TRUE(here.run_until([&] { return refused && unusable; }));
  EXPECT_EQ(refused->name, "connection_refused");
  EXPECT_NE(refused->text.find(nobody.str()), std::string::npos);
  EXPECT_EQ(unusable->name, "address_not_available");
}

TEST(tcp, names_why_it_cannot_listen) {
  loopback here;
  const auto first = here.net->listen(any_port, [](auto) {});
  ASSERT_TRUE(first);
  const auto second = here.net->listen(first.value()->local(), [](auto) {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().name, "port_in_use");
  EXPECT_NE(second.error().text.find(first.value()->local().str()), std::string::npos);
  EXPECT_EQ(here.net->listen({"192.0.2.1", 0}, [](auto) {}).error().name, "address_not_available");
  EXPECT_EQ(here.net->listen({"localhost", 0}, [](auto) {}).error().name, "address_not_available");
}

TEST(tcp, listens_again_at_once_where_it_listened_before) {
  endpoint place;
  {
    connected pair;
    place = pair.door->local();
    pair.server.it.reset();  // the side that closes first keeps the port in TIME_WAIT
    ASSERT_TRUE(pair.run_until([&] { return pair.client.closed.has_value(); }));
  }
  loopback here;
  const auto again = here.net->listen(place, [](auto) {});
  EXPECT_TRUE(again) << again.error().text;
}

TEST(tcp, gives_up_dialling_when_the_attempt_is_destroyed) {
  loopback here;
  int answers = 0;
  owner server;
  const auto door = here.net->listen(any_port, [&](std::unique_ptr<stream> s) { server.own(std::move(s)); });
  here.net->dial(door.value()->local(), [&](auto) { ++answers; }).reset();
  ASSERT_TRUE(here.run_until([&] { return server.closed.has_value(); }));
  EXPECT_EQ(answers, 0);
}

TEST(tcp, stops_reading_while_paused) {
  connected pair;
  pair.server.it->pause(true);
  const std::string big = pattern(30'000'000);
  EXPECT_FALSE(pair.client.write(big));
  pair.settle();
  EXPECT_EQ(pair.server.received.size(), 0u);
  EXPECT_EQ(pair.client.sent, 0);
  // From now on one piece at a time.
  pair.server.when_data = [](owner& me) { me.it->pause(true); };
  pair.server.it->pause(false);
  ASSERT_TRUE(pair.run_until([&] { return !pair.server.received.empty(); }));
  const std::size_t piece = pair.server.received.size();
  pair.settle();
  EXPECT_EQ(pair.server.received.size(), piece);
  pair.server.when_data = nullptr;
  pair.server.it->pause(false);
  ASSERT_TRUE(
      pair.run_until([&] { return pair.server.received.size() == big.size() && pair.client.sent == 1; }));
  EXPECT_TRUE(pair.server.received == big);
}

TEST(tcp, delivers_every_byte_once_however_often_it_is_paused) {
  connected pair;
  const std::string big = pattern(3'000'000);
  int pieces = 0;
  pair.server.when_data = [&](owner& me) {
    me.it->pause(++pieces % 2 == 0);
    me.it->pause(pieces % 3 == 0);
  };
  pair.client.write(big);
  ASSERT_TRUE(pair.run_until([&] {
    if (pair.server.it && pieces % 3 == 0) pair.server.it->pause(false);
    return pair.server.received.size() >= big.size();
  }));
  EXPECT_TRUE(pair.server.received == big);
}

TEST(tcp, finishes_with_a_last_word_although_the_stream_is_gone) {
  connected pair;
  const std::string big = pattern(5'000'000);
  pair.server.write("the client never reads this");
  EXPECT_FALSE(pair.client.write(big));
  pair.client.it->finish("last word");
  pair.client.it.reset();
  ASSERT_TRUE(pair.run_until([&] { return pair.server.closed.has_value(); }));
  EXPECT_TRUE(pair.server.received == big + "last word");
  EXPECT_EQ(*pair.server.closed, "Unexpected end-of-file");
  EXPECT_EQ(pair.client.ends + pair.client.sent, 0);
}

TEST(tcp, finishes_inside_a_callback) {
  connected pair;
  pair.server.when_data = [](owner& me) {
    me.it->finish("go away");
    me.it.reset();
  };
  pair.client.write(pattern(50'000));
  ASSERT_TRUE(pair.run_until([&] { return pair.client.closed.has_value(); }));
  EXPECT_EQ(pair.client.received, "go away");
}

TEST(tcp, gives_up_its_last_word_when_the_peer_does_not_read) {
  connected pair;
  pair.server.it->pause(true);
  EXPECT_FALSE(pair.client.write(pattern(30'000'000)));
  pair.client.it->finish("unheard");
  pair.client.it.reset();
  // The client still takes what comes, until it gives up; then the server's next write finds nobody.
  ASSERT_TRUE(pair.run_until([&] {
    if (!pair.server.closed) pair.server.write("x");
    pair.loop.wait(core::time_point::clock::now() + std::chrono::milliseconds(5));
    return pair.server.closed.has_value();
  }));
}

TEST(tcp, lets_streams_be_destroyed_in_any_callback) {
  {
    connected pair;
    pair.server.when_data = [](owner& me) { me.it.reset(); };
    pair.client.write(pattern(1'000'000));
    ASSERT_TRUE(pair.run_until([&] { return pair.client.closed.has_value(); }));
  }
  {
    connected pair;
    pair.client.when_sent = [](owner& me) { me.it.reset(); };
    EXPECT_FALSE(pair.client.write(pattern(30'000'000)));
    ASSERT_TRUE(pair.run_until([&] { return pair.server.closed.has_value(); }));
    EXPECT_EQ(pair.server.received.size(), 30'000'000u);
  }
  {
    connected pair;
    pair.server.when_closed = [](owner& me) { me.it.reset(); };
    pair.client.it.reset();
    ASSERT_TRUE(pair.run_until([&] { return pair.server.closed.has_value(); }));
    pair.settle();
  }
}

TEST(tcp, lets_listeners_and_attempts_be_destroyed_in_their_callbacks) {
  loopback here;
  owner server, client;
  std::unique_ptr<listener> door;
  std::unique_ptr<attempt> dialling;
  door = here.net
             ->listen(any_port,
                      [&](std::unique_ptr<stream> s) {
                        door.reset();
                        server.own(std::move(s));
                      })
             .value();
  dialling = here.net->dial(door->local(), [&](auto s) {
    dialling.reset();
    client.own(std::move(s).value());
  });
  ASSERT_TRUE(here.run_until([&] { return client.it && server.it; }));
  client.write("still here");
  ASSERT_TRUE(here.run_until([&] { return server.received == "still here"; }));
}

TEST(tcp, lets_streams_live_longer_than_their_transport) {
  connected pair;
  pair.door.reset();
  pair.dialling.reset();
  pair.net.reset();
  pair.client.write("x");
  ASSERT_TRUE(pair.run_until([&] { return pair.server.received == "x"; }));
}

TEST(tcp, serves_many_connections) {
  constexpr int many = 200;
  loopback here;
  std::vector<std::unique_ptr<owner>> servers, clients;
  std::vector<std::unique_ptr<attempt>> attempts;
  const auto door = here.net->listen(any_port, [&](std::unique_ptr<stream> s) {
    servers.push_back(std::make_unique<owner>());
    servers.back()->when_data = [](owner& me) { me.write(std::exchange(me.received, {})); };
    servers.back()->own(std::move(s));
  });
  std::size_t echoed = 0;
  for (int i = 0; i < many; ++i) {
    attempts.push_back(here.net->dial(door.value()->local(), [&, i](auto s) {
      clients.push_back(std::make_unique<owner>());
      clients.back()->when_data = [&, i](owner& me) {
        ++echoed;
        if (i % 3 == 0) me.it.reset();
      };
      clients.back()->own(std::move(s).value());
      clients.back()->write("number " + std::to_string(i));
    }));
  }
  ASSERT_TRUE(here.run_until([&] { return echoed == many; }));
  clients.resize(many / 2);
  here.settle();
}

// The soft limit is what is in use now, so that nothing more can be opened.
struct no_more_files {
  rlimit before;
  no_more_files() {
    getrlimit(RLIMIT_NOFILE, &before);
    const int next = dup(0);
    close(next);
    rlimit tight = before;
    tight.rlim_cur = static_cast<rlim_t>(next);
    setrlimit(RLIMIT_NOFILE, &tight);
  }
  ~no_more_files() { setrlimit(RLIMIT_NOFILE, &before); }
};

TEST(tcp, accepts_again_when_there_are_files_again) {
  loopback here;
  owner server;
  const auto door = here.net->listen(any_port, [&](std::unique_ptr<stream> s) { server.own(std::move(s)); });
  namespace asio = boost::asio;
  asio::io_context other;
  asio::ip::tcp::socket raw(other);
  raw.open(asio::ip::tcp::v4());
  const auto why_no_connection_to = [&](const endpoint& place) {
    std::optional<error> failed;
    const auto dialling = here.net->dial(place, [&](auto s) { failed = s.error(); });
    return here.run_until([&] { return failed.has_value(); }) ? failed->name : "none";
  };
  // The first failure makes UBSan look at error codes, and for that it opens files.
  EXPECT_EQ(why_no_connection_to({"127.0.0.1", 1}), "connection_refused");
  {
    const no_more_files limit;
    raw.connect({asio::ip::make_address("127.0.0.1"), door.value()->local().port});
    EXPECT_EQ(why_no_connection_to(door.value()->local()), "too_many_files");
    here.settle();
    EXPECT_FALSE(server.it);
  }
  ASSERT_TRUE(here.run_until([&] { return server.it != nullptr; }));
}

}  // namespace
}  // namespace aemp::net
