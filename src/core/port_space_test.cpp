// Birth: ports that are made, and ports that are spawned.
#include <set>

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class births : public testing::Test {
 protected:
  auto notes() {
    return [this](const message& reason) { d(reason.empty() ? "-" : reason.to_json()); };
  }

  world w;
  diary d;
};

TEST_F(births, a_port_can_be_used_at_once) {
  const port_id a = w.me.port("x", [&] { d("a"); });
  w.me.snd(a, "x");
  w.inside([&] {
    const port_id b = port("x", [&] { d("b"); });
    snd(b, "x");
  });
  w.settle();
  EXPECT_EQ(d.text(), "a b");  // what was asked before comes before
}

TEST_F(births, every_id_is_new) {
  std::set<std::string> ids;
  for (int i = 0; i < 300; ++i) {
    const port_id p = w.me.port();
    EXPECT_TRUE(ids.insert(p.str()).second);
    EXPECT_EQ(p.node(), "here");
    w.me.kil(p);
    w.settle();
  }
}

TEST_F(births, spawn_runs_a_local_function_later_in_its_new_port) {
  port_id seen;
  const port_id p = w.inside([&] {
    const port_id made = spawn(
        [&](int a, std::string b) {
          seen = self();
          d(std::to_string(a) + b);
          rcv(self(), "x", [&] { d("x"); });
        },
        1, "2");
    snd(made, "x");
    d("spawned");
    return made;
  });
  w.settle();
  EXPECT_EQ(d.take(), "spawned 12 x");
  EXPECT_EQ(seen, p);
}

TEST_F(births, spawn_from_outside) {
  const port_id p = w.me.spawn([&] { rcv(self(), "x", [&] { d("x"); }); });
  w.me.mon(p, notes());
  w.me.snd(p, "x");
  w.settle();
  EXPECT_EQ(d.take(), "x");
  w.me.kil(p, "why");
  w.settle();
  EXPECT_EQ(d.text(), R"(["why"])");
}

TEST_F(births, a_function_that_leaves_nothing_behind_ends_its_port) {
  w.me.mon(w.me.spawn([&] { d("ran"); }), notes());
  w.settle();
  EXPECT_EQ(d.take(), "ran -");
  // A monitor alone keeps nobody alive, a timer or a call does.
  const port_id mute = w.me.port([] {});
  w.me.mon(w.me.spawn([&] { mon(mute, [] {}); }), notes());
  w.settle();
  EXPECT_EQ(d.take(), "-");
  const port_id with_timer = w.me.spawn([&] { after(5s, [&] { d("timer"); }); });
  const port_id with_call =
      w.me.spawn([&] { cal(mute, "?").within(5s).then([] {}, [&](const message&) { d("call"); }); });
  w.me.mon(with_timer, notes());
  w.me.mon(with_call, notes());
  w.pass(4s);
  EXPECT_EQ(d.take(), "");
  w.pass(1s);
  EXPECT_EQ(d.take(), "timer call");
}

TEST_F(births, an_exception_is_a_death) {
  w.me.mon(w.me.spawn([] { throw std::runtime_error("stillborn"); }), notes());
  w.settle();
  EXPECT_EQ(d.text(), R"(["die","stillborn"])");
}

TEST_F(births, that_were_deaths_are_remembered_for_monitors_that_come_late_but_not_for_ever) {
  std::vector<port_id> ports;
  for (int i = 0; i < 300; ++i) {
    ports.push_back(w.me.spawn([] { throw std::runtime_error("stillborn"); }));
    w.settle();
  }
  w.me.mon(ports.back(), notes());
  w.settle();
  EXPECT_EQ(d.take(), R"(["die","stillborn"])");
  w.me.mon(ports.front(), notes());
  w.settle();
  EXPECT_TRUE(d.take().starts_with(R"(["no_such_port")"));
}

TEST_F(births, arguments_have_to_fit) {
  w.me.mon(w.me.spawn([](int, int) {}, 1, "x"), notes());
  w.settle();
  EXPECT_EQ(d.take(), R"(["bad_arguments","argument 1 is text, int expected"])");
  w.me.mon(w.me.spawn([](int) {}), notes());
  w.settle();
  EXPECT_EQ(d.text(), R"(["bad_arguments","argument 0 is missing, int expected"])");
}

TEST_F(births, a_port_that_is_killed_before_its_function_ran_has_none) {
  w.inside([&] {
    const port_id p = spawn([&] { rcv(self(), [] {}); });
    mon(p, notes());
    kil(p, "early");
  });
  w.settle();
  EXPECT_EQ(d.text(), R"(["early"])");
  EXPECT_EQ(w.worker_at().ports().size(), 0u);
}

TEST_F(births, a_defined_function_is_spawned_by_name) {
  w.me.define("echo", [&](std::string greeting) {
    d(greeting);
    rcv(self(), "say", [&](std::string s) { d(s); });
  });
  const port_id any = w.me.port();
  const std::function<port_id()> ways[] = {[&] { return w.me.spawn("here", "echo", "hello"); },
                                           [&] { return w.me.spawn(std::string(), "echo", "hello"); },
                                           [&] { return w.me.spawn(any, "echo", "hello"); }};
  for (const auto& way : ways) {
    const port_id p = way();
    w.me.snd(p, "say", "again");
    EXPECT_EQ(d.text(), "");  // never before spawn returned
    w.settle();
    EXPECT_EQ(d.take(), "hello again");
  }
  w.inside([&] {
    const port_id p = spawn("here", "echo", "hello");
    mon(p, notes());
    snd(p, "say", "again");
    kil(p, "why");
    EXPECT_EQ(d.text(), "");
  });
  w.settle();
  EXPECT_EQ(d.text(), R"(hello again ["why"])");
}

TEST_F(births, an_unknown_function_is_a_death) {
  log_capture log;
  w.me.mon(w.me.spawn("here", "nothing", 1), notes());
  w.settle();
  EXPECT_EQ(d.text(), R"(["no_such_function","function 'nothing' is not defined on node here"])");
}

TEST_F(births, a_defined_function_gets_arguments_that_fit_or_none_at_all) {
  w.me.define("f", [&](int n) { d(std::to_string(n)); });
  w.me.mon(w.me.spawn("here", "f", "5"), notes());
  w.me.mon(w.me.spawn("here", "f", "x"), notes());
  w.settle();
  EXPECT_EQ(d.text(), R"(5 - ["bad_arguments","argument 0 is text, int expected"])");
}

TEST_F(births, a_later_definition_replaces_the_one_before) {
  w.me.define("f", [&] { d("old"); });
  w.me.define("f", [&] { d("new"); });
  (void)w.me.spawn("here", "f");
  w.settle();
  EXPECT_EQ(d.text(), "new");
}

TEST_F(births, workers_take_turns) {
  world many(4);
  std::map<std::uint32_t, int> born;
  for (int i = 0; i < 40; ++i) {
    many.me.spawn([&] { ++born[worker::current()->index()]; });
  }
  many.settle();
  EXPECT_EQ(born, (std::map<std::uint32_t, int>{{0, 10}, {1, 10}, {2, 10}, {3, 10}}));
}

TEST_F(births, on_another_worker_the_id_may_be_passed_on_at_once) {
  world many(3);
  // The spawner tells a port on a third worker, which may hear of the new port before the new port's worker
  // does.
  port_id third = many.on(2, [&] {
    return port("use", [&](port_id p) {
      mon(p, notes());
      snd(p, "x");
    });
  });
  many.on(1, [&] {
    for (int i = 0; i < 3; ++i) {
      snd(third, "use", spawn([&] {
            rcv(self(), "x", [&] {
              d("x");
              kil(self());
            });
          }));
    }
  });
  many.settle();
  EXPECT_EQ(d.text().size(), std::string("x x x - - -").size()) << d.text();
  EXPECT_EQ(d.text().find('n'), std::string::npos) << d.text();
}

}  // namespace
}  // namespace aemp::core
