// Supervisors by OTP's rules: who is started again when, in which order children start and stop, and what others can ask.
#include "sim/world_supervisors_test.hpp"

#include <memory>

namespace aemp::sim {
namespace {

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

// Nobody who asks waits for ever.
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

}  // namespace
}  // namespace aemp::sim
