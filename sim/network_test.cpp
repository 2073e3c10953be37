// The network in fine weather: names, dialling, listening, bytes, order, and the same run for the same seed.
#include "sim/network_test.hpp"

#include <stdexcept>

namespace aemp::sim {
namespace {

using namespace std::chrono_literals;

std::string long_text(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; out.size() < size; ++i) out += std::to_string(i) + ' ';
  return out;
}

TEST(network, connects_two_hosts_and_carries_bytes_both_ways) {
  small_world w;
  const auto [a, b] = w.connected_pair();
  EXPECT_TRUE(a->dialled->say("ping"));
  EXPECT_TRUE(b->accepted[0]->say("pong"));
  w.run();
  EXPECT_EQ("ping", b->accepted[0]->heard);
  EXPECT_EQ("pong", a->dialled->heard);
  EXPECT_EQ("10.0.0.2:4040", a->dialled->stream->remote().str());
  EXPECT_EQ("10.0.0.1:32768", a->dialled->stream->local().str());
  EXPECT_EQ("10.0.0.1:32768", b->accepted[0]->stream->remote().str());
  EXPECT_EQ("10.0.0.2:4040", b->accepted[0]->stream->local().str());
}

TEST(network, never_calls_back_inside_a_call) {
  small_world w;
  program& a = w.start("alpha");
  a.listen({"127.0.0.1", 1});
  a.dial({"127.0.0.1", 1});
  EXPECT_EQ(0, a.answers);
  EXPECT_TRUE(w.net.step() || w.net.next_event());
  EXPECT_EQ(0, a.answers);
  w.run();
  EXPECT_EQ(1, a.answers);
  ASSERT_EQ(1u, a.accepted.size());
}

TEST(network, takes_the_latency_of_the_link) {
  small_world w;
  const auto [a, b] = w.connected_pair();
  w.net.set_link("alpha", "beta", {.latency = 3s, .jitter = 0s});
  const core::time_point before = w.time.now();
  a->dialled->say("late");
  w.run();
  EXPECT_EQ(before + 3s, w.time.now());
  EXPECT_EQ("late", b->accepted[0]->heard);
}

TEST(network, needs_time_for_bytes_on_a_narrow_link) {
  small_world w(1, {.slices = false});
  const auto [a, b] = w.connected_pair();
  w.net.set_link("alpha", "beta", {.latency = 0s, .jitter = 0s, .bytes_per_second = 1000});
  a->dialled->say(std::string(500, 'x'));
  a->dialled->say(std::string(500, 'y'));
  w.run(600ms);
  EXPECT_EQ(500u, b->accepted[0]->heard.size());
  w.run(400ms);
  EXPECT_EQ(1000u, b->accepted[0]->heard.size());
}

TEST(network, keeps_bytes_in_order_however_it_cuts_them) {
  int cut = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    small_world w(seed);
    const auto [a, b] = w.connected_pair();
    const std::string text = long_text(3000);
    int waits = 0;
    for (std::size_t at = 0; at < text.size(); at += 100) {
      if (!a->dialled->say(text.substr(at, 100))) {
        w.run();
        ASSERT_EQ(++waits, a->dialled->sent) << "seed " << seed;
      }
    }
    w.run();
    ASSERT_EQ(text, b->accepted[0]->heard) << "seed " << seed;
    if (b->accepted[0]->slices != 30) ++cut;
  }
  EXPECT_GT(cut, 40);
}

TEST(network, delivers_each_write_as_it_was_when_told_not_to_cut) {
  small_world w(1, {.slices = false});
  const auto [a, b] = w.connected_pair();
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(a->dialled->say("0123456789"));
  w.run();
  EXPECT_EQ(30, b->accepted[0]->slices);
}

TEST(network, makes_a_writer_wait_while_the_window_is_full) {
  small_world w(1, {.window = 1000});
  const auto [a, b] = w.connected_pair();
  b->accepted[0]->stream->pause(true);
  const std::string text = long_text(5000);
  EXPECT_FALSE(a->dialled->say(text));
  w.run();
  EXPECT_EQ("", b->accepted[0]->heard);
  EXPECT_EQ(0, a->dialled->sent);
  b->accepted[0]->stream->pause(false);
  w.run();
  EXPECT_EQ(text, b->accepted[0]->heard);
  EXPECT_EQ(1, a->dialled->sent);
}

TEST(network, leaves_the_written_string_empty) {
  small_world w;
  const auto [a, b] = w.connected_pair();
  std::string text = "some";
  a->dialled->stream->write(text);
  EXPECT_EQ("", text);
  text.assign(1'000'000, 'x');
  EXPECT_FALSE(a->dialled->stream->write(text));
  EXPECT_EQ("", text);
}

// Pauses after every slice, inside the call that brings it.
struct hesitant : talker {
  using talker::talker;
  void on_data(std::string_view bytes) override {
    talker::on_data(bytes);
    stream->pause(true);
  }
};

TEST(network, delivers_nothing_while_paused) {
  small_world w(1, {.slices = false});
  program& a = w.start("alpha");
  program& b = w.start("beta");
  std::unique_ptr<hesitant> end;
  const auto listening = b.net.listen({"10.0.0.2", 4040}, [&](std::unique_ptr<net::stream> s) {
    end = std::make_unique<hesitant>(std::move(s));
  });
  ASSERT_TRUE(listening);
  a.dial({"10.0.0.2", 4040});
  w.run();
  for (const char* word : {"one ", "two ", "three"}) a.dialled->say(word);
  a.dialled.reset();
  w.run();
  EXPECT_EQ("one ", end->heard);
  end->stream->pause(false);
  w.run();
  EXPECT_EQ("one two ", end->heard);
  end->stream->pause(false);
  w.run();
  EXPECT_EQ("one two three", end->heard);
  EXPECT_EQ("", end->closed);
  end->stream->pause(false);
  w.run();
  EXPECT_EQ("Unexpected end-of-file", end->closed);
}

TEST(network, gives_the_same_run_for_the_same_seed_and_another_for_another) {
  const auto run = [](std::uint64_t seed) {
    small_world w(seed);
    const auto [a, b] = w.connected_pair();
    a->dialled->say(long_text(2000));
    b->accepted[0]->say(long_text(3000));
    w.run();
    b->accepted.clear();
    w.run();
    return w.trace;
  };
  EXPECT_EQ(run(5), run(5));
  EXPECT_NE(run(5), run(6));
}

TEST(network, resolves_hosts_by_name_and_by_number) {
  small_world w;
  w.net.add_host("gamma", {"fd00::3", "10.9.0.3", "10.9.0.4"});
  program& a = w.start("alpha");
  const auto gamma = a.net.resolve_now("gamma", "aemp=4040");
  ASSERT_TRUE(gamma);
  ASSERT_EQ(3u, gamma.value().size());
  EXPECT_EQ("10.9.0.3:4040", gamma.value()[0].str());
  EXPECT_EQ("[fd00::3]:4040", gamma.value()[2].str());
  EXPECT_EQ("10.0.0.77:1", a.net.resolve_now("10.0.0.77", "1").value()[0].str());
  EXPECT_EQ("unresolvable", a.net.resolve_now("delta", "1").error().name);
  EXPECT_EQ("unresolvable", a.net.resolve_now("gamma", "aemp").error().name);
  EXPECT_EQ("alpha", a.net.host_name());
  EXPECT_EQ((std::vector<std::string>{"127.0.0.1", "::1", "10.0.0.2"}), a.net.own_addresses());

  std::vector<net::endpoint> found;
  auto wanted = a.net.resolve("gamma", 7, [&](result<std::vector<net::endpoint>> r) { found = *r; });
  auto unwanted = a.net.resolve("gamma", 7, [&](result<std::vector<net::endpoint>>) { FAIL(); });
  unwanted.reset();
  EXPECT_TRUE(found.empty());
  w.run();
  EXPECT_EQ(3u, found.size());
}

TEST(network, listens_where_it_may_and_says_why_it_may_not) {
  small_world w;
  program& a = w.start("alpha");
  const auto ignore = [](std::unique_ptr<net::stream>) {};
  const auto first = a.net.listen({"10.0.0.1", 4040}, ignore);
  ASSERT_TRUE(first);
  EXPECT_EQ("port_in_use", a.net.listen({"10.0.0.1", 4040}, ignore).error().name);
  EXPECT_EQ("port_in_use", a.net.listen({"0.0.0.0", 4040}, ignore).error().name);
  EXPECT_EQ("address_not_available", a.net.listen({"10.0.0.9", 4040}, ignore).error().name);
  EXPECT_TRUE(a.net.listen({"127.0.0.1", 4040}, ignore));
  const auto chosen = a.net.listen({"10.0.0.1", 0}, ignore);
  ASSERT_TRUE(chosen);
  EXPECT_NE(0, chosen.value()->local().port);
}

TEST(network, reaches_a_loopback_address_from_the_same_host_only) {
  small_world w;
  program& a = w.start("alpha");
  program& b = w.start("beta");
  program& other = w.start("alpha");
  a.listen({"127.0.0.1", 4040});
  b.dial({"127.0.0.1", 4040});
  other.dial({"127.0.0.1", 4040});
  w.run();
  EXPECT_EQ("connection_refused", b.failure.name);
  EXPECT_NE(nullptr, other.dialled);
}

TEST(network, refuses_misuse_with_a_text) {
  small_world w;
  w.net.add_host("alpha");
  EXPECT_THROW(w.net.add_host("alpha"), std::invalid_argument);
  EXPECT_THROW(w.net.add_host("beta", {"10.0.0.1"}), std::invalid_argument);
  EXPECT_THROW(w.net.add_host("beta", {"nonsense"}), std::invalid_argument);
  EXPECT_THROW(w.net.cut("alpha", "nowhere"), std::invalid_argument);
  EXPECT_THROW(w.net.partition({"alpha"}, {"alpha"}), std::invalid_argument);
  EXPECT_THROW(small_world(1, {.window = 0}), std::invalid_argument);
}

// ---- by schedule ----

TEST(scheduled_network, offers_everything_that_is_under_way) {
  small_world w(1, {.scheduled = true});
  program& a = w.start("alpha");
  program& b = w.start("beta");
  a.listen({"10.0.0.1", 4040});
  b.listen({"10.0.0.2", 4040});
  a.dial({"10.0.0.2", 4040});
  b.dial({"10.0.0.1", 4040});
  const auto offered = w.net.choices();
  ASSERT_EQ(2u, offered.size());
  EXPECT_EQ("alpha#1>1 syn", offered[0].what);
  EXPECT_EQ("beta", offered[0].where);
  EXPECT_EQ("beta#1>1 syn", offered[1].what);
  EXPECT_EQ("alpha", offered[1].where);
  EXPECT_FALSE(w.net.next_event());
  w.net.take(1);
  w.poll();
  EXPECT_EQ(1u, a.accepted.size());
  EXPECT_EQ("beta#1<1 accepted", w.net.choices().at(1).what);
}

// Alpha dials, and both ends send two words. The acceptor's half: after the SYN come ACCEPTED and two words
// to alpha. Alpha speaks once it knows that it is connected.
std::string two_words_each(chooser& next, std::set<std::string>* outcomes) {
  small_world w(1, {.scheduled = true});
  program& a = w.start("alpha");
  program& b = w.start("beta");
  b.listen({"10.0.0.2", 4040});
  a.dial({"10.0.0.2", 4040});
  std::string order;
  bool a_spoke = false, b_spoke = false;
  for (;;) {
    while (w.poll()) continue;
    if (a.dialled && !std::exchange(a_spoke, true)) {
      a.dialled->say("a");
      a.dialled->say("b");
    }
    if (!b.accepted.empty() && !std::exchange(b_spoke, true)) {
      b.accepted[0]->say("c");
      b.accepted[0]->say("d");
    }
    const auto offered = w.net.choices();
    if (offered.empty()) break;
    const std::size_t which = next.choose(offered);
    order += offered[which].what + ';';
    w.net.take(which);
  }
  if (outcomes != nullptr) outcomes->insert(order);
  return a.dialled->heard == "cd" && b.accepted[0]->heard == "ab" ? "" : "bytes out of order";
}

TEST(scheduled_network, has_exactly_the_interleavings_that_can_be_counted_by_hand) {
  std::set<std::string> outcomes;
  const exploration all = explore([&](chooser& next) { return two_words_each(next, &outcomes); });
  EXPECT_EQ("", all.failure) << all.str();
  EXPECT_TRUE(all.complete);
  EXPECT_EQ(6u, all.schedules);  // 4! / (2! 2!), for syn and accepted have no choice
  EXPECT_EQ(6u, outcomes.size());
}

TEST(scheduled_network, has_one_schedule_when_each_host_hears_one_other_only) {
  const exploration all =
      explore([&](chooser& next) { return two_words_each(next, nullptr); }, {.skip_equivalent = true});
  EXPECT_EQ("", all.failure) << all.str();
  EXPECT_TRUE(all.complete);
  EXPECT_EQ(1u, all.schedules);
}

}  // namespace
}  // namespace aemp::sim
