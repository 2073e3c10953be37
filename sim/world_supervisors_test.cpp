// Supervisors in virtual time, by OTP's rules: who is started again when, in which order children start and stop, and
// what becomes of children on nodes that are lost.
#include "sim/world.hpp"

#include <gtest/gtest.h>

#include <aemp/aemp.hpp>

namespace aemp::sim {
namespace {

using namespace std::chrono_literals;

class supervisors : public testing::TestWithParam<unsigned> {
 protected:
  supervisors() {
    set_log_sink([](int, std::string_view) {});
  }
  ~supervisors() override {
    ending_ = true;
    set_log_sink({});
  }

  config settings(const std::string& id, std::vector<std::string> seeds = {}) {
    return {.nodeid = id, .binds = {id + ":4040"}, .seeds = seeds, .workers = GetParam()};
  }

  // A port that says when it ends, and does what it is told.
  port_id begin(const std::string& name) {
    note("+" + name);
    return spawn([this](std::string n) { return life(std::move(n)); }, name);
  }
  task<> life(std::string name) {
    struct end {
      supervisors& of;
      std::string name;
      ~end() { of.note("-" + name); }
    } said{*this, name};
    const auto broken = [] { throw std::runtime_error("broken"); };
    bool done = false;
    const auto finish = [&] { done = true; };
    while (!done) co_await receive(on("break", broken), on("finish", finish));
  }
  child_spec one(const std::string& name) {
    return child(name, [this, name] { return begin(name); });
  }
  void note(const std::string& what) {
    if (!ending_) notes_ += what + " ";
  }
  std::string take() { return std::exchange(notes_, {}); }

  void watch(const port_id& p) {
    n.mon(p, [this](const message& reason) { note("died:" + reason.to_string()); });
  }
  // The child is told that, and everything happens that follows.
  void tell(const port_id& sup, const std::string& name, const std::string& what,
            std::chrono::nanoseconds wait = 100ms) {
    n.cal(port_to<supervision::api>(sup), supervision::child_of, name)
        .then([what](port_id p) { snd(p, what); }, [this](const message& m) { note(m.to_string()); });
    w.run_for(wait);
  }
  void show(const port_id& sup) {
    n.cal(port_to<supervision::api>(sup), supervision::children)
        .then([this](const std::vector<child_info>& all) {
          for (const child_info& c : all) note(c.name + ":" + c.state + ":" + std::to_string(c.restarts));
        });
    w.run_for(100ms);
  }

  bool ending_ = false;
  std::string notes_;
  world w{7};
  node& n = w.make_node("home", settings("home"));
};
INSTANTIATE_TEST_SUITE_P(workers, supervisors, testing::Values(1u, 2u));

TEST_P(supervisors, start_children_in_order_and_stop_them_in_the_opposite_order) {
  const port_id s = n.supervise(one_for_one, restart_limit(3, 10s), one("a"), one("b"), one("c"));
  watch(s);
  w.run_for(100ms);
  EXPECT_EQ(take(), "+a +b +c ");
  n.snd(s, "shutdown");
  w.run_for(100ms);
  EXPECT_EQ(take(), "-c -b -a died:shutdown ");
}

TEST_P(supervisors, take_their_children_along_when_they_are_killed) {
  const port_id s = n.supervise(one_for_one, restart_limit(3, 10s), one("a"), one("b"));
  w.run_for(100ms);
  take();
  n.kil(s, "enough");
  w.run_for(100ms);
  const std::string said = take();
  EXPECT_NE(said.find("-a "), said.npos) << said;
  EXPECT_NE(said.find("-b "), said.npos) << said;
  EXPECT_EQ(said.find("+"), said.npos) << said;
}

TEST_P(supervisors, one_for_one_starts_what_died_and_nothing_else) {
  const port_id s = n.supervise(one_for_one, restart_limit(3, 10s), one("a"), one("b"), one("c"));
  w.run_for(100ms);
  take();
  tell(s, "b", "break");
  EXPECT_EQ(take(), "-b +b ");
  show(s);
  EXPECT_EQ(take(), "a:running:0 b:running:1 c:running:0 ");
}

TEST_P(supervisors, one_for_all_stops_the_others_and_starts_all) {
  const port_id s = n.supervise(one_for_all, restart_limit(3, 10s), one("a"), one("b"), one("c"));
  w.run_for(100ms);
  take();
  tell(s, "b", "break");
  const std::string said = take();
  EXPECT_EQ(said.substr(0, 9), "-b -c -a ") << said;
  EXPECT_EQ(said, "-b -c -a +a +b +c ");
}

TEST_P(supervisors, rest_for_one_leaves_what_was_started_before) {
  const port_id s = n.supervise(rest_for_one, restart_limit(3, 10s), one("a"), one("b"), one("c"));
  w.run_for(100ms);
  take();
  tell(s, "b", "break");
  const std::string said = take();
  EXPECT_EQ(said.substr(0, 6), "-b -c ") << said;
  EXPECT_EQ(said.find('a'), said.npos) << said;
  EXPECT_EQ(said.size(), 12u) << said;
}

TEST_P(supervisors, start_again_by_the_kind_of_the_child) {
  const port_id s = n.supervise(one_for_one, restart_limit(9, 10s), one("permanent"),
                                one("transient").transient(), one("temporary").temporary());
  w.run_for(100ms);
  take();
  tell(s, "permanent", "finish");
  EXPECT_EQ(take(), "-permanent +permanent ");
  tell(s, "transient", "break");
  EXPECT_EQ(take(), "-transient +transient ");
  tell(s, "transient", "finish");
  EXPECT_EQ(take(), "-transient ");
  tell(s, "transient", "break");
  EXPECT_EQ(take(), "child_stopped transient ");
  tell(s, "temporary", "break");
  EXPECT_EQ(take(), "-temporary ");
  tell(s, "temporary", "break");
  EXPECT_EQ(take(), "no_such_child temporary ");
  show(s);
  EXPECT_EQ(take(), "permanent:running:1 transient:stopped:1 ");
}

TEST_P(supervisors, give_up_after_too_many_restarts_within_the_time) {
  const port_id s = n.supervise(one_for_one, restart_limit(2, 10s), one("a"), one("b"));
  watch(s);
  w.run_for(100ms);
  take();
  tell(s, "b", "break", 6s);
  tell(s, "b", "break", 6s);
  tell(s, "b", "break", 6s);  // the first one is forgotten by now
  EXPECT_EQ(take(), "-b +b -b +b -b +b ");
  tell(s, "b", "break", 1s);
  tell(s, "b", "break", 1s);
  EXPECT_EQ(take(), "-b +b -b -a died:restart_limit b die broken ");
}

TEST_P(supervisors, wait_longer_before_each_restart_if_they_are_told_to) {
  const port_id s = n.supervise(one_for_one, restart_limit(9, 100s).backoff(1s, 4s), one("a"));
  w.run_for(100ms);
  take();
  for (const auto wait : {1s, 2s, 4s, 4s}) {
    tell(s, "a", "break", wait - 10ms);
    EXPECT_EQ(take(), "-a ");
    w.run_for(20ms);
    EXPECT_EQ(take(), "+a ");
  }
}

// Who asks meanwhile gets the next one.
TEST_P(supervisors, tell_of_a_child_when_it_is_there) {
  const port_id s = n.supervise(one_for_one, restart_limit(9, 100s).backoff(1s, 1s), one("a"));
  n.spawn(
      [this](port_id sup) -> task<> {
        const port_id first = co_await child_of(sup, "a");
        snd(first, "break");
        co_await death_of(first);
        const port_id second = co_await child_of(sup, "a");
        note(first == second ? "the same" : "another");
        (void)co_await child_of(sup, "b");
      },
      s);
  w.run_for(2s);
  EXPECT_EQ(take(), "+a -a +a another ");
}

TEST_P(supervisors, have_children_started_and_stopped_by_others) {
  const port_id s = n.supervise(one_for_one, restart_limit(3, 10s), one("a"));
  w.run_for(100ms);
  take();
  const child_spec more = one("b");
  n.spawn(
      [this, more](port_id sup) -> task<> {
        const port_id b = co_await start_child(sup, more);
        note(b == co_await child_of(sup, "b") ? "there" : "not there");
        try {
          (void)co_await start_child(sup, more);
        } catch (const failure& f) {
          note(f.reason());
        }
        co_await stop_child(sup, "a");
        co_await stop_child(sup, "a");
        note("stopped");
        (void)co_await restart_child(sup, "a");
        (void)co_await restart_child(sup, "a");
        co_await delete_child(sup, "b");
        try {
          co_await stop_child(sup, "b");
        } catch (const failure& f) {
          note(f.reason());
        }
      },
      s);
  w.run_for(1s);
  EXPECT_EQ(take(), "+b there child_exists -a stopped +a -a +a -b no_such_child ");
}

TEST_P(supervisors, make_children_from_one_pattern) {
  const auto pattern = child("worker", [this](const std::string& name) { return begin(name); });
  const port_id s = n.supervise(simple_one_for_one, restart_limit(3, 10s), pattern);
  n.spawn(
      [this](port_id sup) -> task<> {
        const port_id x = co_await start_child(sup, "x");
        (void)co_await start_child(sup, "y");
        snd(x, "break");
        co_await sleep_for(10ms);
        try {
          (void)co_await start_child(sup, 1, 2);
          (void)co_await start_child(sup);
        } catch (const failure& f) {
          note(f.reason());
        }
        const auto all = co_await children(sup);
        co_await stop_child(sup, all.at(0).port.value());
        note(std::to_string((co_await children(sup)).size()));
      },
      s);
  w.run_for(1s);
  EXPECT_EQ(take(), "+x +y -x +x +1 bad_arguments -x 2 ");
}

// The inner one is asked to stop its own children in their order.
TEST_P(supervisors, can_be_children) {
  const port_id s = n.supervise(one_for_one, restart_limit(3, 10s), one("a"),
                                child("inner", [this] {
                                  return supervise(one_for_one, restart_limit(0, 1s), one("x"), one("y"));
                                }).shutdown(5s));
  watch(s);
  w.run_for(100ms);
  take();
  n.spawn(
      [](port_id sup) -> task<> {
        const port_id inner = co_await child_of(sup, "inner");
        snd(co_await child_of(inner, "y"), "break");
      },
      s);
  w.run_for(100ms);
  std::string said = take();
  EXPECT_EQ(said.substr(0, 6), "-y -x ") << said;
  EXPECT_EQ(said.size(), 12u) << said;
  n.cal(port_to<supervision::api>(s), supervision::children).then([this](const std::vector<child_info>& all) {
    for (const child_info& c : all) note(c.name + (c.is_supervisor ? " supervises" : ""));
  });
  w.run_for(100ms);
  EXPECT_EQ(take(), "a inner supervises ");
  n.snd(s, "shutdown");
  w.run_for(100ms);
  EXPECT_EQ(take(), "-y -x -a died:shutdown ");
}

// It does not know the message "shutdown", so it is killed when its time is over.
TEST_P(supervisors, wait_for_a_child_that_is_told_to_stop) {
  const port_id s = n.supervise(one_for_one, restart_limit(3, 10s), one("a").shutdown(2s));
  watch(s);
  w.run_for(100ms);
  take();
  n.snd(s, "shutdown");
  w.run_for(1900ms);
  EXPECT_EQ(take(), "");
  w.run_for(200ms);
  EXPECT_EQ(take(), "-a died:shutdown ");
}

TEST_P(supervisors, die_when_a_child_cannot_be_started) {
  const port_id s =
      n.supervise(one_for_one, restart_limit(3, 10s), one("a"),
                  child("b", []() -> port_id { throw std::runtime_error("no way"); }), one("c"));
  watch(s);
  w.run_for(100ms);
  const std::string said = take();
  EXPECT_NE(said.find("died:start_failed b die no way"), said.npos) << said;
  EXPECT_EQ(said.find("+c"), said.npos) << said;
}

TEST_P(supervisors, count_a_start_that_fails_as_a_death) {
  int starts = 0;
  const port_id s = n.supervise(one_for_one, restart_limit(3, 10s), child("a", [&] {
                                  if (++starts > 1) throw std::runtime_error("no more");
                                  return begin("a");
                                }));
  watch(s);
  w.run_for(100ms);
  tell(s, "a", "break");
  EXPECT_EQ(take(), "+a -a died:restart_limit a die no more ");
  EXPECT_EQ(starts, 4);
}

TEST_P(supervisors, keep_their_children_in_groups) {
  const port_id s = n.supervise(one_for_one, restart_limit(3, 10s), one("a").in_group("shops"));
  w.run_for(100ms);
  const auto before = n.grp_get("shops");
  ASSERT_EQ(before.size(), 1u);
  tell(s, "a", "break");
  const auto after = n.grp_get("shops");
  ASSERT_EQ(after.size(), 1u);
  EXPECT_NE(before[0], after[0]);
}

TEST_P(supervisors, refuse_what_makes_no_sense) {
  EXPECT_THROW(n.supervise(one_for_one, restart_limit(1, 1s), one("a"), one("a")), std::invalid_argument);
  EXPECT_THROW(n.supervise(simple_one_for_one, restart_limit(1, 1s)), std::invalid_argument);
  EXPECT_THROW(n.supervise(one_for_one, restart_limit(1, 1s), one("a").or_on({"b"})), std::invalid_argument);
  EXPECT_THROW(n.supervise(one_for_one, restart_limit(1, 1s), child("a", [](int) { return port(); })),
               std::invalid_argument);
  EXPECT_THROW(n.supervise(one_for_one, restart_limit(1, 1s), child("a", "there", "f").in_group("g")),
               std::invalid_argument);
}

TEST_P(supervisors, refuse_children_that_are_themselves) {
  const port_id s = n.supervise(one_for_one, restart_limit(3, 10s), child("a", [] { return self(); }));
  watch(s);
  w.run_for(100ms);
  EXPECT_NE(
      notes_.find("died:start_failed a die the function of child 'a' returned the port of the supervisor"),
      notes_.npos)
      << notes_;
}

TEST_P(supervisors, die_of_children_that_are_no_ports_of_their_own) {
  const port_id node_port = *port_id::parse(n.id());
  const port_id s = n.supervise(one_for_one, restart_limit(3, 10s), one("a"),
                                child("b", [node_port] { return node_port; }));
  const port_id t = n.supervise(one_for_one, restart_limit(3, 10s), child("c", []() -> port_id { throw 7; }));
  watch(s);
  watch(t);
  w.run_for(100ms);
  const std::string said = take();
  EXPECT_NE(said.find("died:start_failed b die the function of child 'b' returned a node port"), said.npos)
      << said;
  EXPECT_NE(said.find("died:start_failed c die an exception that is no std::exception"), said.npos) << said;
  EXPECT_NE(said.find("-a "), said.npos) << said;
}

// Nobody who asks waits for ever.
TEST_P(supervisors, answer_whoever_waits_for_a_child_that_cannot_be_started) {
  bool broken = false;
  const auto fragile = child("a", [&] {
    if (broken) throw std::runtime_error("no more");
    return begin("a");
  });
  const port_id s = n.supervise(one_for_one, restart_limit(9, 100s).backoff(10s, 10s), fragile);
  w.run_for(100ms);
  tell(s, "a", "break");
  broken = true;
  n.cal(port_to<supervision::api>(s), supervision::child_of, "a")
      .then([](const port_id&) {}, [this](const message& m) { note("asked:" + m.to_string()); });
  w.run_for(100ms);
  take();
  n.cal(port_to<supervision::api>(s), supervision::restart_child, "a")
      .then([](const port_id&) {}, [this](const message& m) { note(m.to_string()); });
  w.run_for(100ms);
  const std::string said = take();
  EXPECT_NE(said.find("asked:die no more"), said.npos) << said;
}

TEST_P(supervisors, leave_time_for_others_while_a_child_cannot_be_started) {
  int starts = 0;
  const port_id s = n.supervise(one_for_one, restart_limit(1'000'000, 100s), child("a", [&] {
                                  if (++starts > 1) throw std::runtime_error("no more");
                                  return begin("a");
                                }));
  w.run_for(10ms);
  tell(s, "a", "break", 0ms);
  bool heard = false;
  n.after(1ms, [&] { heard = true; });
  ASSERT_TRUE(w.run_until([&] { return heard; }, 10ms));
  n.kil(s, "enough");
  w.run_for(1s);
  EXPECT_LT(starts, 1'000'000);
}

TEST_P(supervisors, leave_nothing_behind_when_a_child_cannot_join_its_group) {
  const port_id s =
      n.supervise(one_for_one, restart_limit(3, 10s), one("a").in_group(std::string("x\0y", 3)));
  watch(s);
  w.run_for(100ms);
  const std::string said = take();
  EXPECT_NE(said.find("-a "), said.npos) << said;
  EXPECT_NE(said.find("died:start_failed a "), said.npos) << said;
}

TEST_P(supervisors, refuse_what_they_do_not_understand) {
  const port_id s = n.supervise(one_for_one, restart_limit(3, 10s).backoff(10s, 10s), one("a"));
  w.run_for(100ms);
  take();
  tell(s, "a", "break");
  take();
  const auto says = [this](const message& m) { note(m[0].to_string()); };
  n.cal(s, "child_of", 7, 8).then([this] { note("?"); }, says);
  n.cal(s, "children", 1, 2, 3).then([this] { note("?"); }, says);
  n.cal(s, "nonsense").then([this] { note("?"); }, says);
  n.cal(s, "stop_port", port_id()).then([this] { note("?"); }, says);
  n.snd(s, "down", 1, "forged");
  n.snd(s, "nonsense");
  w.run_for(100ms);
  EXPECT_EQ(take().find('?'), std::string::npos);
  show(s);
  EXPECT_EQ(take(), "a:waiting:1 ");
}

TEST_P(supervisors, forget_children_of_a_pattern_that_ended_well) {
  const auto pattern = child("worker", [this](const std::string& name) { return begin(name); }).transient();
  const port_id s = n.supervise(simple_one_for_one, restart_limit(3, 10s), pattern);
  n.spawn(
      [this](port_id sup) -> task<> {
        const port_id x = co_await start_child(sup, "x");
        (void)co_await start_child(sup, "y");
        snd(x, "finish");
        co_await sleep_for(10ms);
        for (const child_info& c : co_await children(sup)) note(c.name);
      },
      s);
  w.run_for(1s);
  EXPECT_EQ(take(), "+x +y -x worker 2 ");
}

TEST_P(supervisors, start_children_from_what_can_only_be_moved_and_tell_them_by_contract) {
  static constexpr request<"get", int()> get{};
  using api = contract<get>;
  auto make = [kept = std::make_unique<int>(7)]() -> port_id {
    return serve<api>(port(), get, [value = *kept] { return value; });
  };
  const port_id s = n.supervise(one_for_one, restart_limit(3, 10s), child("a", std::move(make)));
  n.spawn(
      [this](port_id sup) -> task<> {
        const port_to<api> a = co_await child_of<api>(sup, "a");
        note(std::to_string(co_await cal(a, get)));
      },
      s);
  w.run_for(1s);
  EXPECT_EQ(take(), "7 ");
}

// ---- on other nodes ----

class supervisors_of_others : public supervisors {
 protected:
  node& start(const std::string& id) {
    node& made = w.make_node(id, settings(id, {"home:4040"}));
    made.define("work", [this, id](int number, port_id supervisor) -> task<> {
      mon(supervisor);
      note(id + std::to_string(number));
      co_await receive("break");
      throw std::runtime_error("broken");
    });
    w.run_for(1s);
    return made;
  }
};
INSTANTIATE_TEST_SUITE_P(workers, supervisors_of_others, testing::Values(1u, 2u));

TEST_P(supervisors_of_others, start_children_there_and_again) {
  start("far");
  const port_id s = n.supervise(one_for_one, restart_limit(1, 10s), child("a", "far", "work", 7));
  watch(s);
  w.run_for(1s);
  EXPECT_EQ(take(), "far7 ");
  tell(s, "a", "break", 1s);
  EXPECT_EQ(take(), "far7 ");
  tell(s, "a", "break", 1s);
  EXPECT_EQ(take(), "died:restart_limit a die broken ");
}

TEST_P(supervisors_of_others, wait_for_a_node_that_is_lost) {
  node* far = &start("far");
  const port_id s = n.supervise(one_for_one, restart_limit(0, 10s), child("a", "far", "work", 7));
  watch(s);
  w.run_for(1s);
  EXPECT_EQ(take(), "far7 ");
  w.kill(*far);
  w.run_for(100s);
  EXPECT_EQ(take(), "") << "a node that is away costs no restart";
  start("far");
  w.run_for(10s);
  EXPECT_EQ(take(), "far7 ");
}

TEST_P(supervisors_of_others, go_on_with_the_next_node) {
  node& one = start("one");
  start("two");
  const port_id s =
      n.supervise(one_for_one, restart_limit(0, 10s), child("a", "one", "work", 1).or_on({"two"}));
  w.run_for(1s);
  EXPECT_EQ(take(), "one1 ");
  w.kill(one);
  w.run_for(10s);
  EXPECT_EQ(take(), "two1 ");
}

TEST_P(supervisors_of_others, go_on_with_the_nodes_of_a_group) {
  node& one = start("one");
  node& two = start("two");
  const auto member = two.grp_reg("workers", two.port());
  (void)n.grp_get("workers");
  w.run_for(1s);
  const port_id s =
      n.supervise(one_for_one, restart_limit(0, 10s), child("a", "one", "work", 1).or_in_group("workers"));
  w.run_for(1s);
  EXPECT_EQ(take(), "one1 ");
  w.kill(one);
  w.run_for(10s);
  EXPECT_EQ(take(), "two1 ");
}

TEST_P(supervisors_of_others, are_asked_from_there) {
  node& far = start("far");
  const port_id s = n.supervise(one_for_one, restart_limit(3, 10s), one("a"));
  w.run_for(1s);
  take();
  far.spawn(
      [this](port_id sup) -> task<> {
        const port_id a = co_await child_of(sup, "a");
        snd(a, "break");
        co_await sleep_for(1s);
        for (const child_info& c : co_await children(sup))
          note(c.name + std::to_string(c.restarts) + (c.port == a ? " old" : ""));
        co_await stop_child(sup, "a");
        for (const child_info& c : co_await children(sup))
          note(c.state + (c.port ? " somewhere" : " nowhere"));
      },
      s);
  w.run_for(3s);
  EXPECT_EQ(take(), "-a +a a1 -a stopped nowhere ");
}

TEST_P(supervisors_of_others, end_with_the_node_of_their_supervisor) {
  node& far = start("far");
  const port_id s = far.supervise(one_for_one, restart_limit(3, 10s), child("a", "home", "work", 1));
  (void)s;
  n.define("work", [this](int, port_id supervisor) -> task<> {
    struct end {
      std::function<void()> f;
      ~end() { f(); }
    } said{[this] { note("ended"); }};
    mon(supervisor);
    co_await receive("break");
  });
  w.run_for(1s);
  w.kill(far);
  w.run_for(60s);
  EXPECT_EQ(take(), "ended ");
}

}  // namespace
}  // namespace aemp::sim
