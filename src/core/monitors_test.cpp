// Death and who hears of it (aemp-protocol B.5, B.6).
#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class death : public testing::Test {
 protected:
  death() { w.settle(); }

  // A monitor that writes the reason down: "-" is a normal end.
  auto notes(std::string who = {}) {
    return [this, who = std::move(who)](const message& reason) {
      d(who + (reason.empty() ? "-" : reason.to_json()));
    };
  }
  std::string after_settling() {
    w.settle();
    return d.take();
  }

  world w;
  diary d;
  const port_id p = w.me.port("x", [this] { d("x"); });
};

TEST_F(death, what_was_sent_before_arrives_and_what_was_sent_later_does_not) {
  w.me.snd(p, "x");
  w.me.kil(p);
  w.me.snd(p, "x");
  EXPECT_EQ(after_settling(), "x");
}

TEST_F(death, comes_once_and_with_its_first_reason) {
  w.me.mon(p, notes());
  w.me.kil(p, "first", 1);
  w.me.kil(p, "second");
  EXPECT_EQ(after_settling(), R"(["first",1])");
  w.me.kil(p);
  EXPECT_EQ(after_settling(), "");
}

TEST_F(death, is_never_inside_kil) {
  w.inside([&] {
    w.me.mon(p, notes());
    kil(p);
    d("killed");
  });
  EXPECT_EQ(after_settling(), "killed -");
}

TEST_F(death, the_node_port_cannot_be_killed) {
  EXPECT_THROW(w.me.kil(*port_id::parse("here")), std::invalid_argument);
  EXPECT_THROW(w.me.kil(*port_id::parse("elsewhere")), std::invalid_argument);
  EXPECT_THROW(w.me.kil(port_id()), std::invalid_argument);
}

TEST_F(death, frees_what_the_handlers_captured) {
  const auto captured = std::make_shared<int>(0);
  const port_id q = w.me.port(
      "a", [captured] {}, match(_any_), [captured] {}, [captured] {});
  w.settle();
  EXPECT_EQ(captured.use_count(), 4);
  w.me.kil(q);
  w.settle();
  EXPECT_EQ(captured.use_count(), 1);
}

struct at_end {
  std::function<void()> f;
  ~at_end() { f(); }
};

TEST_F(death, of_one_port_may_cause_anything_when_its_captures_are_destroyed) {
  const port_id q = w.me.port("x", [this] { d("q got x"); });
  auto last = std::make_shared<at_end>();
  last->f = [&, q] {
    d(self() ? "in a port" : "outside");
    snd(q, "x");
    kil(q);
    port([] {});
  };
  w.me.rcv(p, "y", [last = std::move(last)] { kil(self()); });
  w.me.mon(q, notes("q"));
  w.me.snd(p, "y");
  EXPECT_EQ(after_settling(), "outside q got x q-");
}

TEST_F(death, a_callback_gets_the_reason) {
  w.me.mon(p, notes());
  w.me.kil(p, "reason", value::array{1, 2});
  EXPECT_EQ(after_settling(), R"(["reason",[1,2]])");
}

TEST_F(death, a_callback_may_take_the_reason_apart) {
  w.me.mon(p, [&](std::optional<std::string> name, std::optional<int> n) {
    d(name.value_or("none") + std::to_string(n.value_or(0)));
  });
  w.me.mon(p, [&] { d("any"); });
  w.me.kil(p, "reason", 5);
  EXPECT_EQ(after_settling(), "reason5 any");
}

TEST_F(death, a_callback_that_does_not_take_the_reason_is_logged) {
  log_capture log;
  w.me.mon(p, [&](int) { d("never"); });
  w.me.kil(p, "reason");
  EXPECT_EQ(after_settling(), "");
  EXPECT_EQ(log.at(2, "does not take 'reason'").size(), 1u);
}

TEST_F(death, a_normal_end_is_an_empty_reason) {
  w.me.mon(p, notes());
  w.me.kil(p);
  EXPECT_EQ(after_settling(), "-");
}

TEST_F(death, every_monitor_fires_once) {
  w.me.mon(p, notes("a"));
  w.me.mon(p, notes("b"));
  w.me.kil(p);
  EXPECT_EQ(after_settling(), "a- b-");
}

TEST_F(death, another_port_is_killed_with_the_reason_but_not_by_a_normal_end) {
  const port_id q = w.me.port("x", [this] { d("q"); });
  const port_id normal = w.me.port();
  w.me.mon(q, notes("q"));
  w.me.mon(normal, q);
  w.me.mon(p, q);
  w.me.kil(normal);
  w.settle();
  w.me.snd(q, "x");
  EXPECT_EQ(after_settling(), "q");
  w.me.kil(p, "why");
  EXPECT_EQ(after_settling(), R"(q["why"])");
}

TEST_F(death, mon_of_one_port_takes_the_running_port_with_it) {
  const port_id q = w.me.port("link", [](port_id to) { mon(to); });
  w.me.mon(q, notes("q"));
  w.me.snd(q, "link", p);
  w.settle();
  w.me.kil(p, "why");
  EXPECT_EQ(after_settling(), R"(q["why"])");
  EXPECT_THROW(w.me.mon(p), std::logic_error);
}

TEST_F(death, a_message_is_sent_with_the_reason_appended_also_for_a_normal_end) {
  const port_id q = w.me.port([this](const message& m) { d(m.to_json()); });
  const port_id normal = w.me.port();
  w.me.mon(p, q, "died", 42);
  w.me.mon(normal, q, "died", 43);
  w.me.kil(p, "why", 1);
  w.me.kil(normal);
  EXPECT_EQ(after_settling(), R"(["died",42,"why",1] ["died",43])");
}

TEST_F(death, a_port_that_is_dead_or_never_was_is_no_such_port) {
  w.me.kil(p);
  w.settle();
  w.me.mon(p, notes());
  EXPECT_EQ(after_settling(), R"(["no_such_port","cannot monitor nonexistent port",")" + p.str() + "\"]");
  w.me.mon(*port_id::parse("here#nobody"), notes());
  EXPECT_EQ(after_settling(), R"(["no_such_port","cannot monitor nonexistent port","here#nobody"])");
  w.me.mon(*port_id::parse("here#u.zzz"), notes());
  EXPECT_EQ(after_settling(), R"(["no_such_port","cannot monitor nonexistent port","here#u.zzz"])");
  EXPECT_THROW(w.me.mon(port_id(), notes()), std::invalid_argument);
}

TEST_F(death, no_such_port_does_not_come_inside_mon) {
  w.inside([&] {
    mon(*port_id::parse("here#nobody"), [this] { d("fired"); });
    d("set");
  });
  EXPECT_EQ(after_settling(), "set fired");
}

TEST_F(death, of_another_node_is_out_of_reach_for_a_private_one) {
  w.me.mon(*port_id::parse("elsewhere#x"), notes());
  EXPECT_EQ(
      after_settling(),
      R"(["transport_error","elsewhere","node here is private; give it seeds or binds to reach others"])");
}

TEST_F(death, of_the_own_node_is_never_heard_of) {
  {
    world short_lived(1, "short", "s");
    short_lived.me.mon(*port_id::parse("short"), notes());
    monitor cancelled = short_lived.me.mon(*port_id::parse("short"), notes());
    short_lived.settle();
    cancelled.cancel();
    short_lived.settle();
  }
  EXPECT_EQ(d.text(), "");
}

TEST_F(death, a_cancelled_monitor_does_not_fire) {
  monitor a = w.me.mon(p, notes("a"));
  monitor early = w.me.mon(p, notes("early"));
  early.cancel();
  w.me.mon(p, notes("b"));
  w.settle();
  a.cancel();
  a.cancel();
  w.me.kil(p);
  EXPECT_EQ(after_settling(), "b-");
  a.cancel();
}

TEST_F(death, a_monitor_can_be_cancelled_by_one_that_fires_before_it) {
  monitor second;
  w.inside([&] {
    mon(p, [&] {
      d("first");
      second.cancel();
    });
    second = mon(p, notes("second"));
  });
  w.me.kil(p);
  EXPECT_EQ(after_settling(), "first");
}

TEST_F(death, dropping_a_monitor_changes_nothing_and_a_guard_cancels) {
  w.me.mon(p, notes("dropped"));
  {
    const monitor_guard guard = w.me.mon_guard(p, notes("guarded"));
    w.settle();
  }
  monitor_guard kept = w.me.mon_guard(p, notes("kept"));
  monitor_guard moved = std::move(kept);
  w.me.kil(p);
  EXPECT_EQ(after_settling(), "dropped- kept-");
}

TEST_F(death, a_monitor_ends_with_the_port_it_was_set_in) {
  const auto captured = std::make_shared<int>(0);
  const port_id q = w.me.port("watch", [&](port_id to) { mon(to, [this, captured] { d("never"); }); });
  w.me.snd(q, "watch", p);
  w.settle();
  EXPECT_EQ(captured.use_count(), 2);
  w.me.kil(q);
  w.settle();
  EXPECT_EQ(captured.use_count(), 1);
  w.me.kil(p);
  EXPECT_EQ(after_settling(), "");
}

TEST_F(death, a_monitor_runs_in_the_port_it_was_set_in) {
  port_id seen;
  message own_end;
  const port_id q = w.me.port("watch", [&](port_id to) {
    mon(to, [&] {
      seen = self();
      throw std::runtime_error("in the monitor");
    });
  });
  w.me.mon(q, [&](const message& m) { own_end = m; });
  w.me.snd(q, "watch", p);
  w.settle();
  w.me.kil(p);
  w.settle();
  EXPECT_EQ(seen, q);
  EXPECT_EQ(own_end, message("die", "in the monitor"));
}

TEST_F(death, two_ports_may_die_of_each_other) {
  const port_id q = w.me.port();
  w.me.mon(p, q);
  w.me.mon(q, p);
  w.me.mon(p, notes("p"));
  w.me.mon(q, notes("q"));
  w.me.kil(q, "why");
  EXPECT_EQ(after_settling(), R"(q["why"] p["why"])");
}

TEST_F(death, of_a_thousand_linked_ports_is_one_after_the_other) {
  std::vector<port_id> chain{p};
  for (int i = 0; i < 1000; ++i) {
    chain.push_back(w.me.port());
    w.me.mon(chain[chain.size() - 2], chain.back());
  }
  w.me.mon(chain.back(), notes());
  w.me.kil(p, "why");
  EXPECT_EQ(after_settling(), R"(["why"])");
  EXPECT_EQ(w.worker_at().ports().size(), 0u);
}

TEST_F(death, is_not_logged_when_somebody_hears_of_it_or_it_is_normal) {
  log_capture log;
  w.me.mon(p, notes());
  w.me.kil(p, "why");
  const port_id q = w.me.port();
  w.me.kil(q);
  w.settle();
  EXPECT_TRUE(log.lines().empty());
}

TEST_F(death, of_a_named_port_is_heard_of_too) {
  const port_id named = *port_id::parse("here#name");
  w.me.rcv(named, [] {});
  w.me.mon(named, notes());
  monitor cancelled = w.me.mon(named, notes("cancelled"));
  w.settle();
  cancelled.cancel();
  w.me.kil(named, "why");
  EXPECT_EQ(after_settling(), R"(["why"])");
}

TEST_F(death, travels_between_workers) {
  world many(3);
  port_id ports[3];
  for (std::uint32_t i = 0; i < 3; ++i) ports[i] = many.on(i, [&] { return many.me.port(); });
  many.settle();
  // A monitor on worker 1 for a port on worker 2, and one from outside.
  many.on(1, [&] { mon(ports[2], notes("1")); });
  monitor cancelled = many.on(1, [&] { return mon(ports[2], notes("cancelled")); });
  many.me.mon(ports[2], notes("0"));
  many.me.mon(ports[2], ports[1]);
  many.on(0, [&] { mon(ports[1], notes("linked")); });
  many.settle();
  cancelled.cancel();
  many.on(0, [&] { kil(ports[2], "why"); });
  many.settle();
  const std::string all = d.text();
  for (const char* part : {R"(1["why"])", R"(0["why"])", R"(linked["why"])"})
    EXPECT_NE(all.find(part), std::string::npos) << all;
  EXPECT_EQ(all.find("cancelled"), std::string::npos);
}

}  // namespace
}  // namespace aemp::core
