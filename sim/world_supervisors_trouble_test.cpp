// Supervisors whose children cannot be started, or make no sense; and requests that make none.
#include "sim/world_supervisors_test.hpp"

#include <stdexcept>

namespace aemp::sim {
namespace {

class supervisors_in_trouble : public supervisors {};
INSTANTIATE_TEST_SUITE_P(workers, supervisors_in_trouble, testing::Values(1u, 2u));

TEST_P(supervisors_in_trouble, give_up_after_too_many_restarts_within_the_time) {
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

TEST_P(supervisors_in_trouble, die_when_a_child_cannot_be_started) {
  const port_id s =
      n.supervise(one_for_one, restart_limit(3, 10s), one("a"),
                  child("b", []() -> port_id { throw std::runtime_error("no way"); }), one("c"));
  watch(s);
  w.run_for(100ms);
  const std::string said = take();
  EXPECT_NE(said.find("died:start_failed b die no way"), said.npos) << said;
  EXPECT_EQ(said.find("+c"), said.npos) << said;
}

TEST_P(supervisors_in_trouble, count_a_start_that_fails_as_a_death) {
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

TEST_P(supervisors_in_trouble, refuse_what_makes_no_sense) {
  EXPECT_THROW(n.supervise(one_for_one, restart_limit(1, 1s), one("a"), one("a")), std::invalid_argument);
  EXPECT_THROW(n.supervise(simple_one_for_one, restart_limit(1, 1s)), std::invalid_argument);
  EXPECT_THROW(n.supervise(one_for_one, restart_limit(1, 1s), one("a").or_on({"b"})), std::invalid_argument);
  EXPECT_THROW(n.supervise(one_for_one, restart_limit(1, 1s), child("a", [](int) { return port(); })),
               std::invalid_argument);
  EXPECT_THROW(n.supervise(one_for_one, restart_limit(1, 1s), child("a", "there", "f").in_group("g")),
               std::invalid_argument);
}

TEST_P(supervisors_in_trouble, refuse_children_that_are_themselves) {
  const port_id s = n.supervise(one_for_one, restart_limit(3, 10s), child("a", [] { return self(); }));
  watch(s);
  w.run_for(100ms);
  EXPECT_NE(
      notes_.find("died:start_failed a die the function of child 'a' returned the port of the supervisor"),
      notes_.npos)
      << notes_;
}

TEST_P(supervisors_in_trouble, die_of_children_that_are_no_ports_of_their_own) {
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

TEST_P(supervisors_in_trouble, answer_whoever_waits_for_a_child_that_cannot_be_started) {
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

TEST_P(supervisors_in_trouble, leave_time_for_others_while_a_child_cannot_be_started) {
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

TEST_P(supervisors_in_trouble, leave_nothing_behind_when_a_child_cannot_join_its_group) {
  const port_id s =
      n.supervise(one_for_one, restart_limit(3, 10s), one("a").in_group(std::string("x\0y", 3)));
  watch(s);
  w.run_for(100ms);
  const std::string said = take();
  EXPECT_NE(said.find("-a "), said.npos) << said;
  EXPECT_NE(said.find("died:start_failed a "), said.npos) << said;
}

TEST_P(supervisors_in_trouble, refuse_what_they_do_not_understand) {
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

}  // namespace
}  // namespace aemp::sim
