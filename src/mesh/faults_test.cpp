// Exceptions in what the network brings end the attempt or the connection that they happen in, and nothing
// else.
#include "mesh/mesh_test.hpp"

namespace aemp::mesh {
namespace {

struct pair_of_nodes {
  explicit pair_of_nodes(std::vector<place> seeds = {}) {
    settings s = plain_settings();
    s.seeds = std::move(seeds);
    b = &w.add("beta", s);
    a.listen({"10.0.0.1", 4040});
    a.record("log");
    b->act([&] { b->mesh.learn("alpha", {{"10.0.0.1", 4040}}); });
  }
  bool arrives() {
    return w.run_until([&] { return a.heard == std::vector<std::string>{"hello"}; }, 10s);
  }

  test_world w;
  test_node& a = w.add("alpha");
  test_node* b = nullptr;
};

TEST(faults, in_a_dial_end_that_attempt) {
  pair_of_nodes c;
  c.b->door.dials = 1;
  c.b->snd("alpha#log", "hello");
  EXPECT_TRUE(c.arrives()) << c.w.whole_log();
  EXPECT_EQ(1u, c.b->core.internal_errors());
  EXPECT_TRUE(c.w.was_logged("a fault in dial()", 1)) << c.w.whole_log();
}

TEST(faults, in_a_stream_that_was_dialled_end_that_attempt) {
  pair_of_nodes c;
  c.b->door.streams = 1;
  c.b->snd("alpha#log", "hello");
  EXPECT_TRUE(c.arrives()) << c.w.whole_log();
  EXPECT_EQ(1u, c.b->core.internal_errors());
  EXPECT_TRUE(c.w.was_logged("no connection to 10.0.0.1:4040: internal_error", 2)) << c.w.whole_log();
}

TEST(faults, that_stay_are_the_reason_why_a_node_is_not_reached) {
  pair_of_nodes c;
  c.b->door.streams = 1000;
  c.b->mon("alpha#log");
  EXPECT_TRUE(c.w.run_until([&] { return !c.b->reasons.empty(); }, 31s));
  EXPECT_TRUE(contains(c.b->reasons[0], "10.0.0.1:4040: internal_error")) << c.b->reasons[0];
  EXPECT_LT(5u, c.b->core.internal_errors());
}

TEST(faults, in_a_stream_that_came_in_end_that_connection) {
  pair_of_nodes c;
  c.a.door.streams = 3;
  c.b->snd("alpha#log", "hello");
  EXPECT_TRUE(c.arrives()) << c.w.whole_log();
  EXPECT_EQ(3u, c.a.core.internal_errors());
  EXPECT_TRUE(c.w.was_logged("a fault in a stream", 1)) << c.w.whole_log();
}

TEST(faults, at_a_seed_leave_it_for_the_next_attempt) {
  for (int what = 0; what < 3; ++what) {
    pair_of_nodes c({{"seed.test", 4040}});
    c.w.net.set_name("seed.test", {"10.0.0.1"});
    (what == 0 ? c.b->door.resolves : what == 1 ? c.b->door.dials : c.b->door.streams) = 2;
    c.b->start();
    EXPECT_TRUE(c.w.run_until([&] { return c.b->is_up("alpha"); }, 10s)) << what << c.w.whole_log();
    EXPECT_EQ(2u, c.b->core.internal_errors()) << what;
  }
}

TEST(faults, of_a_resolver_leave_the_other_places) {
  pair_of_nodes c;
  c.b->door.resolves = 1000;
  c.b->snd("nowhere:1,10.0.0.1:4040#log", "hello");
  EXPECT_TRUE(c.arrives()) << c.w.whole_log();
  EXPECT_LE(1u, c.b->core.internal_errors());
}

}  // namespace
}  // namespace aemp::mesh
