// The network in bad weather: ends, resets, refusals, partitions, frozen links, dead processes and machines,
// TLS that fails.
#include "sim/network_test.hpp"

namespace aemp::sim {
namespace {

using namespace std::chrono_literals;

TEST(trouble, nobody_listens) {
  small_world w;
  program& a = w.start("alpha");
  w.start("beta");
  a.dial({"10.0.0.2", 4040});
  w.run();
  EXPECT_EQ("connection_refused", a.failure.name);
  EXPECT_NE(std::string::npos, a.failure.text.find("10.0.0.2:4040: Connection refused")) << a.failure.text;
  EXPECT_EQ(0u, w.net.connection_count());
}

TEST(trouble, no_host_has_the_address) {
  small_world w;
  program& a = w.start("alpha");
  a.dial({"10.0.0.99", 4040});
  EXPECT_EQ(0, a.answers);
  w.run();
  EXPECT_EQ("unreachable", a.failure.name);
  a.dial({"fd00::1", 4040});
  w.run();
  EXPECT_EQ(2, a.answers);
  EXPECT_EQ("unreachable", a.failure.name);
}

TEST(trouble, an_attempt_that_is_given_up_is_not_heard_of_again) {
  small_world w;
  program& a = w.start("alpha");
  program& b = w.start("beta");
  b.listen({"10.0.0.2", 4040});
  a.dial({"10.0.0.2", 4040});
  a.attempt.reset();
  w.run();
  EXPECT_EQ(0, a.answers);
  ASSERT_EQ(1u, b.accepted.size());
  EXPECT_EQ("Connection reset by peer", b.accepted[0]->closed);
}

TEST(trouble, a_listener_that_is_gone_refuses) {
  small_world w;
  program& a = w.start("alpha");
  program& b = w.start("beta");
  b.listen({"10.0.0.2", 4040});
  b.listener.reset();
  a.dial({"10.0.0.2", 4040});
  w.run();
  EXPECT_EQ("connection_refused", a.failure.name);
}

TEST(trouble, an_orderly_end_comes_after_the_last_byte) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    small_world w(seed);
    const auto [a, b] = w.connected_pair();
    EXPECT_TRUE(a->dialled->stream != nullptr);
    a->dialled->stream->finish(std::string(100'000, 'x'));
    a->dialled.reset();
    w.run();
    ASSERT_EQ(100'000u, b->accepted[0]->heard.size());
    EXPECT_EQ("Unexpected end-of-file", b->accepted[0]->closed);
    b->accepted.clear();
    w.run();
    EXPECT_EQ(0u, w.net.connection_count());
  }
}

TEST(trouble, last_words_arrive_although_the_peer_still_talks) {
  small_world w;
  const auto [a, b] = w.connected_pair();
  b->accepted[0]->say("are you there?");
  a->dialled->stream->finish("goodbye");
  w.run();
  EXPECT_EQ("goodbye", b->accepted[0]->heard);
  EXPECT_EQ("Unexpected end-of-file", b->accepted[0]->closed);
}

TEST(trouble, bytes_for_a_closed_end_are_answered_with_a_reset) {
  small_world w;
  const auto [a, b] = w.connected_pair();
  b->accepted[0]->stream->pause(true);
  w.run();
  a->dialled.reset();
  b->accepted[0]->say("too late");
  w.run();
  EXPECT_EQ("Connection reset by peer", b->accepted[0]->closed) << "a reset is reported, paused or not";
}

TEST(trouble, a_cut_resets_both_ends_and_loses_what_is_under_way) {
  small_world w;
  const auto [a, b] = w.connected_pair();
  a->dialled->say("lost");
  w.net.cut("beta", "alpha");
  w.run();
  EXPECT_EQ("", b->accepted[0]->heard);
  EXPECT_EQ("Connection reset by peer", a->dialled->closed);
  EXPECT_EQ("Connection reset by peer", b->accepted[0]->closed);
  EXPECT_EQ(1, a->answers);
}

TEST(trouble, a_cut_fails_an_attempt_that_is_under_way) {
  small_world w;
  program& a = w.start("alpha");
  program& b = w.start("beta");
  b.listen({"10.0.0.2", 4040});
  a.dial({"10.0.0.2", 4040});
  w.net.cut("alpha", "beta");
  w.run();
  EXPECT_EQ("network_error", a.failure.name);
  EXPECT_TRUE(b.accepted.empty());
  EXPECT_EQ(0u, w.net.connection_count());
}

TEST(trouble, a_partition_holds_everything_back_until_it_is_healed) {
  small_world w;
  const auto [a, b] = w.connected_pair();
  program& c = w.start("gamma");
  c.listen({"10.0.0.3", 4040});
  w.net.partition({"alpha", "gamma"}, {"beta"});
  a->dialled->say("hello");
  b->dial({"10.0.0.3", 4040});
  a->dial({"10.0.0.3", 4040});
  w.run(60s);
  EXPECT_EQ("", b->accepted[0]->heard);
  EXPECT_EQ("", b->accepted[0]->closed);
  EXPECT_EQ(0, b->answers);
  EXPECT_EQ(1u, c.accepted.size()) << "the same side of the partition is reached";
  w.net.heal();
  w.run();
  EXPECT_EQ("hello", b->accepted[0]->heard);
  EXPECT_EQ(2u, c.accepted.size());
}

TEST(trouble, an_attempt_into_a_partition_times_out) {
  small_world w;
  program& a = w.start("alpha");
  w.start("beta");
  w.net.partition({"alpha"}, {"beta"});
  const core::time_point before = w.time.now();
  a.dial({"10.0.0.2", 4040});
  w.run();
  EXPECT_EQ("timed_out", a.failure.name);
  EXPECT_EQ(before + 127s, w.time.now());
  EXPECT_EQ(0u, w.net.connection_count());
}

TEST(trouble, bytes_that_nobody_confirms_time_out_on_the_side_that_sent_them) {
  small_world w;
  const auto [a, b] = w.connected_pair();
  w.net.partition({"alpha"}, {"beta"});
  a->dialled->say("hello");
  w.run();
  EXPECT_EQ("Connection timed out", a->dialled->closed);
  EXPECT_EQ("", b->accepted[0]->closed) << "the other side waits for nothing and does not know";
}

TEST(trouble, a_frozen_link_is_frozen_one_way) {
  small_world w;
  const auto [a, b] = w.connected_pair();
  w.net.set_link("alpha", "beta", {.frozen = true});
  a->dialled->say("later");
  b->accepted[0]->say("now");
  w.run(10s);
  EXPECT_EQ("now", a->dialled->heard);
  EXPECT_EQ("", b->accepted[0]->heard);
  w.net.set_link("alpha", "beta", {});
  w.run();
  EXPECT_EQ("later", b->accepted[0]->heard);
}

TEST(trouble, a_killed_process_is_silent_itself_and_its_host_closes_for_it) {
  small_world w;
  const auto [a, b] = w.connected_pair();
  w.net.kill(*a->process, false);
  a->dialled->say("from the grave");
  a->dialled->stream->finish("and again");
  w.run();
  EXPECT_EQ("", b->accepted[0]->heard);
  EXPECT_EQ("Unexpected end-of-file", b->accepted[0]->closed);
  EXPECT_EQ("", a->dialled->closed);
}

TEST(trouble, a_killed_process_lets_go_of_its_ports) {
  small_world w;
  const auto [a, b] = w.connected_pair();
  w.net.kill(*b->process, false);
  program& next = w.start("beta");
  next.listen({"10.0.0.2", 4040});
  program& c = w.start("gamma");
  c.dial({"10.0.0.2", 4040});
  w.run();
  EXPECT_EQ(1u, next.accepted.size());
  EXPECT_EQ("Unexpected end-of-file", a->dialled->closed);
}

TEST(trouble, a_machine_without_power_says_nothing) {
  small_world w;
  const auto [a, b] = w.connected_pair();
  w.net.kill(*b->process, true);
  a->dialled->say("are you there?");
  program& c = w.start("gamma");
  c.dial({"10.0.0.2", 4040});
  w.run(100s);
  EXPECT_EQ("", a->dialled->closed);
  EXPECT_EQ(0, c.answers);
  w.run(100s);
  EXPECT_EQ("timed_out", c.failure.name);
  w.run();
  EXPECT_EQ("Connection timed out", a->dialled->closed);
}

TEST(trouble, a_machine_that_is_on_again_knows_nothing_of_old_connections) {
  small_world w;
  const auto [a, b] = w.connected_pair();
  w.net.kill(*b->process, true);
  a->dialled->say("are you there?");
  w.run(10s);
  EXPECT_EQ("", a->dialled->closed);
  w.start("beta");
  w.run();
  EXPECT_EQ("Connection reset by peer", a->dialled->closed);
}

// Destroys its own end in the middle of what it hears.
struct suicidal : talker {
  using talker::talker;
  void on_data(std::string_view bytes) override {
    talker::on_data(bytes);
    stream.reset();
  }
  void on_closed(const std::string&) override { FAIL() << "nothing follows after the stream is destroyed"; }
};

TEST(trouble, streams_may_be_destroyed_inside_their_callbacks) {
  small_world w;
  program& a = w.start("alpha");
  program& b = w.start("beta");
  std::unique_ptr<suicidal> end;
  std::unique_ptr<net::listener> listener;
  auto made = b.net.listen({"10.0.0.2", 4040}, [&](std::unique_ptr<net::stream> s) {
    end = std::make_unique<suicidal>(std::move(s));
    listener.reset();
  });
  ASSERT_TRUE(made);
  listener = std::move(*made);
  a.attempt = a.net.dial({"10.0.0.2", 4040}, [&](result<std::unique_ptr<net::stream>> done) {
    a.attempt.reset();
    a.dialled = std::make_unique<talker>(std::move(*done));
  });
  w.run();
  for (int i = 0; i < 5; ++i) a.dialled->say(std::string(100, 'x'));
  w.run();
  EXPECT_EQ(1, end->slices);
  EXPECT_EQ(nullptr, end->stream);
  EXPECT_NE("", a.dialled->closed);
}

// ---- TLS ----

struct tls_pair : small_world {
  explicit tls_pair(std::uint64_t seed = 1) : small_world(seed) { std::tie(a, b) = connected_pair(); }
  talker& client() { return *a->dialled; }
  talker& server() { return *b->accepted[0]; }
  program* a = nullptr;
  program* b = nullptr;
};

TEST(simulated_tls, passes_bytes_when_both_sides_have_the_same_settings) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    tls_pair w(seed);
    w.client().stream->start_tls(net::tls_role::client, {"PEM"}, {});
    w.run();
    const std::string early = std::exchange(w.server().heard, {});
    EXPECT_NE("", early);
    EXPECT_EQ("", w.client().tls);
    w.server().stream->start_tls(net::tls_role::server, {"PEM"}, early);
    w.run();
    ASSERT_EQ("fine", w.client().tls);
    ASSERT_EQ("fine", w.server().tls);
    w.client().say("secret");
    w.run();
    EXPECT_EQ("secret", w.server().heard);
  }
}

TEST(simulated_tls, fails_by_name) {
  struct {
    const char* client;
    const char* server;
    net::tls_role role;
    const char* name;
  } const cases[] = {
      {"PEM", "OTHER", net::tls_role::server, "certificate_not_trusted"},
      {"PEM", "PEM", net::tls_role::client, "tls_failed"},
      {"", "", net::tls_role::server, "bad_certificate"},
  };
  for (const auto& c : cases) {
    tls_pair w;
    w.client().stream->start_tls(net::tls_role::client, {c.client}, {});
    w.server().stream->start_tls(c.role, {c.server}, {});
    w.run();
    EXPECT_EQ(c.name, w.client().tls);
    EXPECT_EQ(c.name, w.server().tls);
    EXPECT_EQ("", w.client().closed) << "an error is the end";
  }
}

TEST(simulated_tls, fails_when_the_peer_speaks_in_the_clear) {
  tls_pair w;
  w.client().say("aemp;...");
  w.server().stream->start_tls(net::tls_role::server, {"PEM"}, {});
  w.run();
  EXPECT_EQ("tls_failed", w.server().tls);
  EXPECT_EQ("Unexpected end-of-file", w.client().closed);
}

TEST(simulated_tls, says_that_the_connection_broke_before_it_was_done) {
  tls_pair w;
  w.server().stream->start_tls(net::tls_role::server, {"PEM"}, {});
  w.a->dialled.reset();
  w.run();
  EXPECT_EQ("", w.server().tls);
  EXPECT_NE("", w.server().closed);
}

}  // namespace
}  // namespace aemp::sim
