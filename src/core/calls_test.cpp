#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class calls : public testing::Test {
 protected:
  calls() { w.settle(); }

  auto fails() {
    return [this](const message& reason) { d(reason.to_json()); };
  }
  auto sum_is() {
    return [this](int sum) { d(std::to_string(sum)); };
  }

  world w;
  diary d;
  const port_id adder = w.me.port("add", [](int a, int b, port_id reply_to) { snd(reply_to, a + b); });
  const port_id mute = w.me.port([](const message&) {});
};

TEST_F(calls, the_reply_goes_to_the_continuation) {
  w.me.cal(adder, "add", 1, 2).then(sum_is());
  w.me.cal(adder, "add", 3, 4).within(1s).then(sum_is(), fails());
  w.inside([&] { cal(adder, "add", 5, 6).then(sum_is(), fails()); });
  w.pass(10s);
  EXPECT_EQ(d.text(), "3 7 11");
  EXPECT_EQ(w.worker_at().ports().size(), 2u);
  EXPECT_EQ(w.worker_at().next_deadline(), std::nullopt);
}

TEST_F(calls, keep_the_order_with_what_the_same_thread_sends) {
  const port_id p = w.me.port(
      "a", [&](int n, port_id) { d("a" + std::to_string(n)); }, "b",
      [&](int n) { d("b" + std::to_string(n)); });
  for (int n = 1; n < 4; ++n) {
    w.me.cal(p, "a", n).then([] {});
    w.me.snd(p, "b", n);
  }
  w.settle();
  EXPECT_EQ(d.text(), "a1 b1 a2 b2 a3 b3");
}

TEST_F(calls, tell_at_once_what_cannot_be_sent) {
  struct thing {
    explicit thing(int) {}
  };
  EXPECT_THROW(w.me.cal(*port_id::parse("elsewhere#p"), thing(1)).then([] {}, fails()),
               std::invalid_argument);
  w.settle();
  EXPECT_EQ(d.text(), "");
  EXPECT_EQ(w.worker_at().ports().size(), 2u);
}

TEST_F(calls, the_port_for_the_reply_is_the_last_element) {
  const port_id p = w.me.port([&](const message& m) {
    d(std::to_string(m.size()));
    snd(m[m.size() - 1].as<port_id>(), "whole", "reply");
  });
  w.me.cal(p, "tag").then([&](const message& m) { d(m.to_json()); });
  w.me.cal(p).then([&](std::string a, std::string b) { d(a + b); });
  w.settle();
  EXPECT_EQ(d.text(), R"(2 1 ["whole","reply"] wholereply)");
}

TEST_F(calls, fail_with_timeout_when_no_reply_comes_in_time) {
  w.me.cal(mute, "?").within(2s).then([&] { d("never"); }, fails());
  w.pass(1999ms);
  EXPECT_EQ(d.text(), "");
  w.pass(1ms);
  EXPECT_EQ(d.text(), R"(["timeout","no reply from )" + mute.str() + " in time\"]");
  EXPECT_EQ(w.worker_at().ports().size(), 2u);
}

TEST_F(calls, with_a_time_limit_fail_as_soon_as_the_port_dies) {
  w.me.cal(mute, "?").within(2s).then([&] { d("never"); }, fails());
  w.settle();
  w.me.kil(mute, "why");
  w.settle();
  EXPECT_EQ(d.take(), R"(["why"])");
  w.pass(3s);
  EXPECT_EQ(d.text(), "");
}

TEST_F(calls, without_a_time_limit_fail_with_the_reason_of_the_port) {
  log_capture log;
  w.me.cal(mute, "?").then([&] { d("never"); }, fails());
  w.settle();
  w.me.kil(mute, "why", 1);
  w.settle();
  EXPECT_EQ(d.take(), R"(["why",1])");
  w.me.cal(mute, "?").then([&] { d("never"); }, fails());
  w.settle();
  EXPECT_EQ(d.take(), R"(["no_such_port","cannot monitor nonexistent port",")" + mute.str() + "\"]");
  w.me.cal(*port_id::parse("elsewhere#x"), "?").then([&] { d("never"); }, fails());
  w.settle();
  EXPECT_TRUE(d.take().starts_with(R"(["transport_error","elsewhere")"));
  w.me.cal(mute, "?").then([&] { d("never"); });  // with nobody to tell, the log hears of it
  w.settle();
  EXPECT_EQ(log.at(2, "call to " + mute.str() + " failed: no_such_port").size(), 1u);
}

TEST_F(calls, fail_with_an_empty_reason_when_the_port_ends_normally) {
  w.me.cal(mute, "?").then([&] { d("never"); }, fails());
  w.settle();
  w.me.kil(mute);
  w.settle();
  EXPECT_EQ(d.text(), "[]");
}

TEST_F(calls, fail_when_the_reply_does_not_convert) {
  const port_id p = w.me.port("ask", [](port_id to) { snd(to, "no number"); });
  w.me.cal(p, "ask").then(sum_is(), fails());
  w.settle();
  EXPECT_EQ(d.text(), R"(["bad_reply","element 0 of the reply is text, int expected"])");
}

TEST_F(calls, only_the_first_reply_counts) {
  log_capture log;
  port_id reply_port;
  const port_id twice = w.me.port("ask", [&](port_id to) {
    reply_port = to;
    snd(to, 1);
    snd(to, 2);
  });
  w.me.cal(twice, "ask").then(sum_is(), fails());
  w.settle();
  w.me.snd(reply_port, 3);
  // The slot is used again, by a call that must not get the late reply.
  w.me.cal(mute, "?").within(1s).then(sum_is(), fails());
  w.settle();
  w.me.snd(reply_port, 4);
  w.pass(2s);
  EXPECT_TRUE(d.text().starts_with(R"(1 ["timeout")")) << d.text();
  EXPECT_TRUE(log.lines().empty());
}

TEST_F(calls, a_reply_after_the_limit_is_dropped) {
  port_id reply_port;
  const port_id late = w.me.port("ask", [&](port_id to) { reply_port = to; });
  w.me.cal(late, "ask").within(1s).then(sum_is(), fails());
  w.pass(1s);
  w.me.snd(reply_port, 5);
  w.settle();
  EXPECT_TRUE(d.text().starts_with(R"(["timeout")"));
}

TEST_F(calls, a_reply_port_can_be_killed_and_monitored) {
  const port_id refuses = w.me.port("ask", [&](port_id to) {
    mon(to, [this] { d("reply port gone"); });
    kil(to, "refused");
  });
  w.me.cal(refuses, "ask").then(sum_is(), fails());
  w.settle();
  EXPECT_EQ(d.text(), R"(["refused"] reply port gone)");
}

TEST_F(calls, belong_to_the_port_that_made_them) {
  const auto captured = std::make_shared<int>(0);
  port_id reply_port;
  const port_id late = w.me.port("ask", [&](port_id to) { reply_port = to; });
  const port_id caller = w.me.port("go", [&] {
    cal(late, "ask")
        .then([this, captured](int) { d("never"); }, [this, captured](const message&) { d("never"); });
    cal(mute, "?").within(1s).then([this, captured] { d("never"); },
                                   [this, captured](const message&) { d("never"); });
  });
  w.me.snd(caller, "go");
  w.settle();
  EXPECT_EQ(captured.use_count(), 5);
  w.me.kil(caller);
  w.settle();
  EXPECT_EQ(captured.use_count(), 1);
  w.me.snd(reply_port, 5);
  w.me.kil(late, "why");
  w.pass(10s);
  EXPECT_EQ(d.text(), "");
}

TEST_F(calls, continue_in_the_port_that_made_them_and_kill_it_with_an_exception) {
  port_id seen;
  message reason;
  const port_id caller = w.me.port("go", [&] {
    cal(adder, "add", 1, 2).then([&](int) {
      seen = self();
      throw std::runtime_error("in the continuation");
    });
  });
  w.me.mon(caller, [&](const message& m) { reason = m; });
  w.me.snd(caller, "go");
  w.settle();
  EXPECT_EQ(seen, caller);
  EXPECT_EQ(reason, message("die", "in the continuation"));
}

TEST_F(calls, that_are_dropped_send_nevertheless) {
  const port_id p = w.me.port("do", [&](int n) { d(std::to_string(n)); });
  (void)w.me.cal(p, "do", 5);
  w.settle();
  w.inside([&] { (void)cal(p, "do", 6).within(1s); });
  w.pass(2s);
  EXPECT_EQ(d.text(), "5 6");
}

TEST_F(calls, to_nobody_are_refused) {
  EXPECT_THROW(w.me.cal(port_id(), "x").then([] {}), std::invalid_argument);
  EXPECT_THROW((void)w.me.cal(port_id(), "x"), std::invalid_argument);
  struct thing {
    std::unique_ptr<int> p;
  };
  w.inside([&] {
    EXPECT_THROW(cal(*port_id::parse("elsewhere#x"), "x", thing{}).then([this] { d("never"); }, fails()),
                 std::invalid_argument);
  });
  w.pass(1s);
  EXPECT_EQ(d.text(), "");
  EXPECT_EQ(w.worker_at().ports().size(), 2u);
}

TEST_F(calls, may_carry_objects) {
  const port_id p = w.me.port("give", [](std::unique_ptr<int> n, port_id to) { snd(to, std::move(n)); });
  w.me.cal(p, "give", std::make_unique<int>(5)).then([&](std::unique_ptr<int> n) { d(std::to_string(*n)); });
  w.settle();
  EXPECT_EQ(d.text(), "5");
}

TEST_F(calls, work_between_workers) {
  world many(3);
  const port_id far =
      many.on(2, [&] { return port("add", [](int a, int b, port_id to) { snd(to, a + b); }); });
  const port_id near =
      many.on(1, [&] { return port("go", [&] { cal(far, "add", 1, 2).then(sum_is(), fails()); }); });
  many.me.snd(near, "go");
  many.me.cal(far, "add", 3, 4).within(1s).then(sum_is(), fails());
  many.settle();
  EXPECT_EQ(d.take(), "7 3");
  many.me.kil(far, "why");
  many.me.snd(near, "go");
  many.settle();
  EXPECT_TRUE(d.text().starts_with(R"(["no_such_port")"));
}

}  // namespace
}  // namespace aemp::core
