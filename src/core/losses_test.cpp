// What is sent in ignorance of a loss does not go out after it: by any worker, handler, timer or thread.
#include "core/losses.hpp"

#include <gtest/gtest.h>

#include <aemp/unsendable.hpp>

#include "core/quiet_neighbours_test.hpp"
#include "core/world_test.hpp"

namespace aemp::core {
namespace {

TEST(losses, concern_what_was_sent_by_those_who_have_not_heard) {
  losses l(1);
  EXPECT_EQ(l.since(0, "n", "p"), nullptr);
  EXPECT_EQ(l.begin("n", {}, message("lost")), 1u);
  ASSERT_NE(l.since(0, "n", "p"), nullptr);
  EXPECT_EQ(l.since(0, "n", "p")->to_string(), "lost");
  EXPECT_EQ(l.since(0, "other", "p"), nullptr);
  EXPECT_EQ(l.since(1, "n", "p"), nullptr);
}

TEST(losses, of_a_port_concern_that_port_alone) {
  losses l(1);
  l.begin("n", "p", message("too large"));
  EXPECT_NE(l.since(0, "n", "p"), nullptr);
  EXPECT_EQ(l.since(0, "n", "q"), nullptr);
  EXPECT_EQ(l.since(0, "n", ""), nullptr);
  EXPECT_EQ(l.since(1, "n", "p"), nullptr);
}

TEST(losses, are_remembered_until_every_worker_has_heard_and_nothing_old_can_come) {
  losses l(2);
  l.begin("a", {}, {});
  l.begin("b", "p", {});
  l.heard_by_one(1);
  EXPECT_EQ(l.heard_by_all(), 0u);
  l.heard_by_one(1);
  EXPECT_EQ(l.heard_by_all(), 1u);
  l.forget(1);
  EXPECT_EQ(l.remembered(), 1u);
  EXPECT_EQ(l.since(0, "a", "p"), nullptr);
  EXPECT_NE(l.since(0, "b", "p"), nullptr);
  l.heard_by_one(2);
  l.heard_by_one(2);
  EXPECT_EQ(l.heard_by_all(), 2u);
  l.forget(2);
  EXPECT_EQ(l.remembered(), 0u);
}

TEST(losses, are_not_quiet_while_a_thread_is_about_to_send) {
  losses l(1);
  EXPECT_TRUE(l.is_quiet());
  {
    const losses::tagger t(l);
    EXPECT_FALSE(l.is_quiet());
  }
  EXPECT_TRUE(l.is_quiet());
}

// A network that notes what gets through to it.
class noting_gateway final : public quiet_gateway {
 public:
  explicit noting_gateway(detail::local_node& node) : node_(node) {}

  void send(const port_id& to, message&& m, epoch heard) override {
    if (node_.workers().losses().since(heard, to.node(), to.name()) == nullptr)
      sent(to.name() + ":" + m.to_string());
    else
      ++dropped;
  }
  void kill(const port_id& port, message, epoch heard) override {
    if (node_.workers().losses().since(heard, port.node(), port.name()) == nullptr)
      sent("kill:" + port.name());
  }
  void monitor(const port_id& port) override { asked("mon:" + port.str()); }
  void unmonitor(const port_id& port) override { asked("unmon:" + port.str()); }

  diary sent, asked;
  int dropped = 0;

 private:
  detail::local_node& node_;
};

TEST(what_is_too_large_or_too_deep, is_refused_by_name_where_it_is_sent) {
  world w;
  noting_gateway net(w.core());
  w.core().set_gateway(&net);
  const port_id there = *port_id::parse("n#p");
  const auto refused = [&](auto&&... elements) -> std::string {
    try {
      w.me.snd(there, std::forward<decltype(elements)>(elements)...);
      return "sent";
    } catch (const unsendable& e) {
      return e.name();
    }
  };
  const limits most;
  value nested(1);
  for (std::size_t i = 0; i < most.max_depth; ++i) nested = value(value::array{nested});
  EXPECT_EQ(refused("m", std::string(most.max_message + 1, 'x')), "message_too_large");
  EXPECT_EQ(refused("m", nested), "message_too_deep");
  EXPECT_EQ(refused("m", "fits"), "sent");
  w.settle();
  EXPECT_EQ(net.sent.text(), "p:m fits");
  w.core().set_gateway(nullptr);
}

class after_a_loss : public ::testing::TestWithParam<unsigned> {
 protected:
  void SetUp() override { w.core().set_gateway(&net); }
  void TearDown() override { w.core().set_gateway(nullptr); }

  void lose() {
    w.inside([&] { w.core().monitors().node_lost("n", message("transport_error", "n", "gone")); });
  }

  world w{GetParam()};
  noting_gateway net{w.core()};
  const port_id there = *port_id::parse("n#p");
  diary d;
};

TEST_P(after_a_loss, nothing_is_watched_that_was_watched_before) {
  aemp::monitor first = w.me.mon(there, [&](const message&) { d("first"); });
  w.settle();
  EXPECT_EQ("mon:n#p", net.asked.take());
  aemp::monitor second = w.me.mon(there, [&](const message&) { d("second"); });
  w.settle();
  EXPECT_EQ("", net.asked.take()) << "the other node knows that it is watched";
  first.cancel();
  w.settle();
  EXPECT_EQ("", net.asked.take());
  second.cancel();
  w.settle();
  EXPECT_EQ("unmon:n#p", net.asked.take());
  w.me.mon(there, [&](const message&) { d("third"); });
  w.settle();
  EXPECT_EQ("mon:n#p", net.asked.take());
  lose();
  w.settle();
  EXPECT_EQ("third", d.take());
}

TEST_P(after_a_loss, a_handler_sends_nothing_before_its_worker_has_heard_of_it) {
  const std::uint32_t last = GetParam() - 1;
  const port_id p = w.on(last, [&] { return port("send", [&](int n) { snd(there, "m", n); }); });
  w.on(last, [&] {
    mon(there, [&](const message& reason) {
      d(reason[0].to_string());
      snd(there, "told");
    });
  });
  w.settle();
  w.me.snd(p, "send", 1);
  w.settle();
  w.me.snd(p, "send", 2);  // is in the queue when the loss comes
  lose();
  w.me.snd(p, "send", 3);
  w.settle();
  w.me.snd(p, "send", 4);
  w.settle();
  EXPECT_EQ(d.text(), "transport_error");
  EXPECT_EQ(net.sent.text().substr(0, 10), "p:m 1 p:to");
  EXPECT_EQ(net.sent.text().find("m 2"), std::string::npos);
  EXPECT_NE(net.sent.text().find("m 4"), std::string::npos);
}

TEST_P(after_a_loss, a_timer_sends_nothing_before_its_worker_has_heard_of_it) {
  const std::uint32_t last = GetParam() - 1;
  w.on(last, [&] {
    every(1s, [&] { snd(there, "tick"); });
    mon(there, [&] { d("heard"); });
  });
  w.settle();
  lose();
  // The timers of this turn come before the news, which waits in the queue.
  w.pass(1s);
  EXPECT_EQ(d.text(), "heard");
  EXPECT_EQ(net.sent.take(), "p:tick");
  w.pass(1s);
  EXPECT_EQ(net.sent.text(), "p:tick");
}

TEST_P(after_a_loss, another_thread_sends_nothing_before_the_first_worker_has_heard_of_it) {
  w.me.mon(there, [&] { d("heard"); });
  w.settle();
  lose();
  w.me.snd(there, "too soon");
  w.me.kil(there);
  w.settle();
  EXPECT_EQ(d.text(), "heard");
  EXPECT_EQ(net.sent.text(), "");
  EXPECT_EQ(net.dropped, 1);
  w.me.snd(there, "again");
  w.settle();
  EXPECT_EQ(net.sent.text(), "p:again");
}

TEST_P(after_a_loss, a_monitor_that_is_set_too_late_to_hear_of_it_fires_at_once) {
  const std::uint32_t last = GetParam() - 1;
  w.inside([&] {
    lose();
    w.on(last, [&] {
      mon(there, [&](const message& reason) { d(reason.to_string()); });
      snd(there, "lost");
    });
  });
  w.settle();
  EXPECT_EQ(d.text(), "transport_error n gone");
  EXPECT_EQ(net.sent.text(), "");
}

// Which would otherwise fire behind the news, when what is sent goes out again.
TEST_P(after_a_loss, nothing_goes_out_between_its_news_and_a_monitor_that_was_set_too_late) {
  const std::uint32_t last = GetParam() - 1;
  const port_id p = w.on(last, [&] { return port("send", [&] { snd(there, "behind the lost one"); }); });
  w.settle();
  lose();
  w.me.snd(p, "send");  // comes behind the news, and before a monitor that is set now
  w.on(last, [&] {
    mon(there, [&] { d("heard"); });
    snd(there, "lost");
  });
  w.settle();
  EXPECT_EQ(d.text(), "heard");
  EXPECT_EQ(net.sent.text(), "");
}

TEST_P(after_a_loss, a_monitor_of_another_thread_that_had_not_heard_of_it_fires) {
  lose();
  w.me.mon(there, [&] { d("heard"); });
  w.me.snd(there, "lost");
  w.settle();
  w.me.snd(there, "again");
  w.settle();
  EXPECT_EQ(d.text(), "heard");
  EXPECT_EQ(net.sent.text(), "p:again");
}

TEST_P(after_a_loss, other_nodes_are_not_concerned) {
  lose();
  w.on(GetParam() - 1, [&] { snd(*port_id::parse("other#p"), "x"); });
  w.settle();
  EXPECT_EQ(net.sent.text(), "p:x");
}

TEST_P(after_a_loss, of_one_port_messages_to_others_go_on) {
  w.on(GetParam() - 1, [&] { mon(there, [&](const message& m) { d(m.to_string()); }); });
  w.settle();
  w.inside([&] { w.core().monitors().port_lost(there, message("message_too_large")); });
  w.on(GetParam() - 1, [&] {
    snd(there, "behind it");
    snd(*port_id::parse("n#q"), "x");
  });
  w.settle();
  EXPECT_EQ(net.sent.text(), "q:x");
  EXPECT_EQ(d.text(), "message_too_large");
  w.on(GetParam() - 1, [&] { snd(there, "new"); });
  w.settle();
  EXPECT_EQ(net.sent.text(), "q:x p:new");
}

TEST_P(after_a_loss, everybody_forgets_it_in_the_end) {
  for (int i = 0; i < 10; ++i) {
    lose();
    w.me.snd(there, "x");
    w.settle();
  }
  EXPECT_EQ(w.core().workers().losses().remembered(), 0u);
  EXPECT_EQ(net.sent.text(), "");
}

TEST_P(after_a_loss, it_is_remembered_while_a_thread_may_still_send_in_ignorance) {
  {
    const losses::tagger about_to_send(w.core().workers().losses());
    lose();
    w.settle();
    EXPECT_EQ(w.core().workers().losses().remembered(), 1u);
  }
  lose();
  w.settle();
  EXPECT_EQ(w.core().workers().losses().remembered(), 0u) << "the next one takes it along";
}

TEST_P(after_a_loss, no_timer_fires_between_two_monitors_that_hear_of_it) {
  w.on(GetParam() - 1, [&] {
    mon(there, [&] {
      d("first");
      // So long that the turn is over. The counter of the CPU is looked at before the clock.
      const auto soon = std::chrono::steady_clock::now() + 3ms;
      while (std::chrono::steady_clock::now() < soon) continue;
      w.time().set(w.time().now() + 1h);
    });
    mon(there, [&] { d("second"); });
    after(1min, [&] { d("timer"); });
  });
  w.settle();
  lose();
  w.settle();
  EXPECT_EQ(d.text(), "first second timer");
}

TEST_P(after_a_loss, callbacks_of_nodes_hear_of_it_together_with_monitors) {
  w.on(GetParam() - 1, [&] {
    mon_nodes([&](std::string node, bool up, rest reason) {
      d(node + (up ? " up" : " down") + std::to_string(reason.size()));
      snd(there, "told");
    });
  });
  w.settle();
  w.inside([&] { w.core().presence().came("n"); });
  w.settle();
  EXPECT_EQ(net.sent.take(), "p:told");
  lose();
  w.on(GetParam() - 1, [&] { snd(there, "too soon"); });
  w.settle();
  EXPECT_EQ(d.text(), "n up0 n down3");
  EXPECT_EQ(net.sent.text(), "p:told");
}

INSTANTIATE_TEST_SUITE_P(of, after_a_loss, ::testing::Values(1u, 2u, 3u));

}  // namespace
}  // namespace aemp::core
