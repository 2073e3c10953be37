// Nodes as a whole: their threads, their end, and what several of them in one process have to do with each
// other.
#include "core/local_node.hpp"

#include <atomic>
#include <map>

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

TEST(node, run_returns_the_code_of_stop) {
  threaded_node n(1);
  n.me.snd(n.me.port([&] { n.stop(7); }), "go");
  EXPECT_EQ(n.run(), 7);
}

TEST(node, may_run_again) {
  threaded_node n(3);
  int got = 0;
  const port_id p = n.me.port("x", [&](int code) {
    ++got;
    n.stop(code);
  });
  for (int i = 1; i <= 5; ++i) {
    n.me.snd(p, "x", i);
    EXPECT_EQ(n.run(), i);
    EXPECT_EQ(got, i);
  }
}

TEST(node, a_stop_before_run_is_not_lost) {
  threaded_node n(2);
  n.stop(3);
  EXPECT_EQ(n.run(), 3);
  n.me.snd(n.me.port([&] { n.stop(4); }), "go");
  EXPECT_EQ(n.run(), 4);
}

// Every worker and several other threads stop it, again and again, also while it is stopping: it always
// returns and always runs again with all of its workers.
TEST(node, may_be_stopped_from_everywhere_at_once) {
  threaded_node n(3);
  std::vector<port_id> ports;
  std::atomic<int> reached{0};
  for (std::uint32_t i = 0; i < 3; ++i) {
    ports.push_back(n.me.spawn([&] {
      rcv(self(), "x", [&] {
        ++reached;
        n.stop(1);
      });
    }));
  }
  for (int round = 0; round < 100; ++round) {
    std::thread others[2] = {std::thread([&] { n.stop(1); }), std::thread([&] { n.stop(1); })};
    for (const port_id& p : ports) n.me.snd(p, "x");
    EXPECT_EQ(n.run(), 1);
    for (std::thread& t : others) t.join();
  }
  // What has not been delivered yet is: none of the workers has been left behind.
  watchdog dog;
  while (reached < 300) {
    n.me.snd(ports[0], "x");
    n.run();
    if (reached >= 300) break;
    n.me.snd(n.me.port([&] { n.stop(); }), "go");
  }
}

TEST(node, messages_of_other_threads_arrive_in_their_order) {
  constexpr int threads = 4, each = 5000;
  threaded_node n(2);
  std::map<int, int> next;
  bool in_order = true;
  int got = 0;
  // On the second worker, so that the outside threads and a port of the first worker meet there.
  n.me.spawn([] {});
  const port_id p = n.me.spawn([&] {
    rcv(self(), "n", [&](int who, int i) {
      in_order = in_order && next[who]++ == i;
      if (++got == (threads + 1) * each) n.stop();
    });
  });
  const port_id inner = n.me.port("go", [&] {
    for (int i = 0; i < each; ++i) snd(p, "n", threads, i);
  });
  std::vector<std::thread> senders;
  for (int t = 0; t < threads; ++t) {
    senders.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) snd(p, "n", t, i);
    });
  }
  snd(inner, "go");
  n.run();
  for (std::thread& t : senders) t.join();
  EXPECT_TRUE(in_order);
  EXPECT_EQ(got, (threads + 1) * each);
}

TEST(node, ports_on_four_workers_play_with_each_other) {
  constexpr int players = 16, rounds = 200;
  threaded_node n(4);
  std::atomic<int> finished{0};
  std::vector<port_id> ports;
  std::mutex mutex;
  std::map<std::uint32_t, int> per_worker;
  for (int i = 0; i < players; ++i) {
    ports.push_back(n.me.spawn([&] {
      {
        std::lock_guard lock(mutex);
        ++per_worker[worker::current()->index()];
      }
      rcv(self(), "ball", [&](int count, const std::vector<port_id>& all) {
        EXPECT_EQ(worker::current()->index(), port_number::worker(self().number()));
        if (count == rounds) {
          if (++finished == players) n.stop();
          return;
        }
        snd(all[static_cast<std::size_t>(count * 7 + 3) % all.size()], "ball", count + 1, all);
      });
    }));
  }
  for (const port_id& p : ports) n.me.snd(p, "ball", 0, ports);
  n.run();
  EXPECT_EQ(finished, players);
  EXPECT_EQ(per_worker, (std::map<std::uint32_t, int>{{0, 4}, {1, 4}, {2, 4}, {3, 4}}));
}

TEST(node, calls_timers_and_deaths_cross_workers_with_threads) {
  threaded_node n(4);
  std::atomic<int> sums{0}, deaths{0}, ticks{0};
  const auto finish = [&] {
    if (sums == 100 && deaths == 100 && ticks == 100) n.stop();
  };
  const port_id adder =
      n.me.spawn([] { rcv(self(), "add", [](int a, int b, port_id to) { snd(to, a + b); }); });
  for (int i = 0; i < 100; ++i) {
    n.me.spawn([&, i] {
      const port_id child = spawn([] { rcv(self(), "die", [] { throw std::runtime_error("asked to"); }); });
      mon(child, [&](std::string reason, std::string text) {
        EXPECT_EQ(reason + text, "dieasked to");
        ++deaths;
        finish();
      });
      snd(child, "die");
      cal(adder, "add", i, 1).then([&, i](int sum) {
        EXPECT_EQ(sum, i + 1);
        ++sums;
        finish();
      });
      after(1us, [&] {
        ++ticks;
        finish();
      });
      rcv(self(), "stay", [] {});
    });
  }
  log_capture log;
  n.run();
  EXPECT_EQ(sums + deaths + ticks, 300);
}

TEST(node, ports_made_and_used_by_another_thread_while_it_runs) {
  threaded_node n(2);
  int got = 0;
  std::thread outside([&] {
    for (int i = 0; i < 1000; ++i) {
      const port_id p = n.me.port("x", [&](int k) {
        ++got;
        if (k == 999) n.stop();
      });
      monitor m = n.me.mon(p, [] {});
      aemp::timer t = n.me.after(1h, [] {});
      n.me.snd(p, "x", i);
      n.me.kil(p);
      m.cancel();
      t.cancel();
    }
  });
  n.run();
  outside.join();
  EXPECT_EQ(got, 1000);
}

TEST(node, refuses_too_many_workers) { EXPECT_THROW(threaded_node(257), std::invalid_argument); }

TEST(node, without_one_the_free_functions_say_what_is_missing) {
  try {
    port();
    FAIL();
  } catch (const std::logic_error& e) {
    EXPECT_STREQ(e.what(), "aemp::port(): there is no node in this process; make one first: aemp::node me;");
  }
  EXPECT_THROW(snd(*port_id::parse("a#b"), "x"), std::logic_error);
  EXPECT_THROW(self(), std::logic_error);
}

TEST(node, free_functions_outside_callbacks_act_on_the_first) {
  world first(1, "first", "f"), second(1, "second", "s");
  EXPECT_EQ(port().node(), "first");
  second.inside([] { EXPECT_EQ(port().node(), "second"); });
}

// ---- several nodes in one process ----

TEST(node, others_in_the_same_process_are_strangers) {
  log_capture log;
  world a(1, "a", "u"), b(1, "b", "u");
  int got = 0;
  message reason;
  const port_id of_b = b.me.port("x", [&] { ++got; });
  a.me.snd(of_b, "x");
  a.me.kil(of_b, "why");
  a.me.mon(of_b, [&](const message& m) { reason = m; });
  a.inside([&] { snd(of_b, "x"); });
  EXPECT_THROW(a.me.rcv(of_b, "x", [] {}), std::invalid_argument);
  EXPECT_THROW(a.me.peval(of_b, [] {}), std::invalid_argument);
  a.settle();
  b.settle();
  EXPECT_EQ(got, 0);
  EXPECT_EQ(reason[0], value("transport_error"));
  EXPECT_EQ(log.at(5, "node a is private").size(), 2u);
  // Whoever has b's own functions, or stands outside of all nodes, reaches it.
  a.inside([&] { b.me.snd(of_b, "x"); });
  snd(of_b, "x");
  b.settle();
  EXPECT_EQ(got, 2);
}

TEST(node, objects_cannot_leave_it) {
  struct thing {
    std::unique_ptr<int> p;
  };
  world w;
  try {
    w.me.snd(*port_id::parse("elsewhere#x"), "tag", 1, thing{});
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_TRUE(std::string(e.what()).starts_with("snd to elsewhere#x: element 2 of the message is <"))
        << e.what();
  }
}

// ---- the end of a node ----

TEST(node, ends_its_ports_without_telling_anybody) {
  log_capture log;
  diary d;
  const auto captured = std::make_shared<int>(0);
  const auto never = [&d, captured] { d("never"); };
  {
    world w;
    w.me.cal(w.me.port([] {}), "before").then(never, [&](const message&) { d("never"); });
    const port_id p = w.me.port("x", never, match("y"), never, never);
    const port_id q = w.me.port("go", [&d, captured, p] {
      mon(p, [&d, captured] { d("never"); });
      after(1s, [&d, captured] { d("never"); });
      cal(p, "late").then([&d, captured](int) { d("never"); },
                          [&d, captured](const message&) { d("never"); });
      cal(p, "late").within(1s).then([&d, captured](int) { d("never"); },
                                     [&d, captured](const message&) { d("never"); });
      mon_nodes([&d, captured] { d("never"); });
    });
    w.me.rcv(p, "late", [] {});
    w.me.mon(p, never);
    w.me.mon(*port_id::parse("here"), never);
    w.me.after(1s, never);
    w.me.every(1s, never);
    w.me.mon_nodes(never);
    w.me.define("f", never);
    w.me.cal(p, "late").then(never, [&d, captured](const message&) { d("never"); });
    w.me.snd(q, "go");
    w.settle();
    EXPECT_GT(captured.use_count(), 10);
    // And this is still on its way.
    w.me.snd(p, "x", captured);
    w.me.spawn(never);
    w.me.cal(p, "late").then(never, [&d, captured](const message&) { d("never"); });
    w.me.after(0s, never);
    w.me.mon(p, never);
    w.inside([&] {
      snd(p, "x", captured);
      kil(p);
    });
  }
  EXPECT_EQ(captured.use_count(), 2);  // ours, and that of `never`
  EXPECT_EQ(d.text(), "");
  EXPECT_TRUE(log.lines().empty()) << log.lines().front().text;
}

TEST(node, handles_and_ids_may_outlive_it) {
  std::vector<monitor> monitors;
  std::vector<aemp::timer> timers;
  std::function<void()> callback;
  port_id p;
  for (const bool settled : {true, false}) {
    world w;
    p = w.me.port("go", [&] {
      callback = psub([] { FAIL(); });
      monitors.push_back(mon(self(), [] {}));
      timers.push_back(after(1s, [] {}));
    });
    w.me.snd(p, "go");
    if (settled) w.settle();
    monitors.push_back(w.me.mon(p, [] {}));
    monitors.push_back(w.me.mon(*port_id::parse("here"), [] {}));
    monitors.push_back(w.me.mon(*port_id::parse("here#nobody"), [] {}));
    monitors.push_back(w.me.mon_nodes([] {}));
    timers.push_back(w.me.after(1s, [] {}));
    timers.push_back(w.me.every(1s, [] {}));
    if (settled) w.settle();
  }
  for (monitor& m : monitors) m.cancel();
  for (aemp::timer& t : timers) t.cancel();
  callback();
  EXPECT_EQ(p.str().substr(0, 7), "here#u.");
  EXPECT_EQ(p, *port_id::parse(p.str()));
  world next(1, "next", "n");
  EXPECT_NO_THROW(snd(p, "x"));
}

TEST(node, its_successor_of_the_same_name_is_another_one) {
  port_id before;
  {
    world w(1, "same", "u1");
    before = w.me.port("x", [] { FAIL(); });
    w.settle();
  }
  world w(1, "same", "u2");
  int got = 0;
  const port_id now = w.me.port("x", [&] { ++got; });
  EXPECT_FALSE(before == now);
  w.me.snd(before, "x");
  w.me.snd(*port_id::parse(before.str()), "x");
  message reason;
  w.me.mon(*port_id::parse(before.str()), [&](const message& m) { reason = m; });
  w.settle();
  EXPECT_EQ(got, 0);
  EXPECT_EQ(reason[0], value("no_such_port"));
}

TEST(node, keeps_its_ports_when_it_takes_another_name) {
  world w(1, "before", "u");
  diary d;
  const port_id p = w.me.port("x", [&] { d(self().node()); });
  const std::string old_text = p.str();
  w.core().names().rename("after");
  EXPECT_EQ(w.me.id(), "after");
  w.me.snd(p, "x");
  w.settle();
  EXPECT_EQ(d.take(), "after");
  EXPECT_EQ(p.str(), old_text);
  w.me.snd(*port_id::parse("after#" + p.name()), "x");
  w.me.kil(p);
  message reason;
  w.me.mon(p, [&](const message& m) { reason = m; });
  w.settle();
  EXPECT_EQ(d.text(), "after");
  EXPECT_EQ(reason[0], value("no_such_port"));
}

}  // namespace
}  // namespace aemp::core
