// Supervisors with children on other nodes, which are lost and come back; and supervisors that are asked from there.
#include "sim/world_supervisors_test.hpp"

#include <functional>

namespace aemp::sim {
namespace {

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
