#include "sim/talk_test.hpp"

#include <gtest/gtest.h>

#include "sim/world.hpp"

namespace aemp::sim {
namespace {

class a_talk : public testing::Test {
 protected:
  bool hears(int epoch, int number) {
    const std::size_t before = r.wrong.size();
    t.hear(epoch, number);
    return r.wrong.size() == before;
  }

  record r;
  talk t{r, "a to b"};
};

TEST_F(a_talk, is_right_when_it_has_beginnings_of_its_epochs_in_order) {
  EXPECT_TRUE(hears(0, 0));
  EXPECT_TRUE(hears(0, 1));
  EXPECT_TRUE(hears(3, 0));
  EXPECT_TRUE(hears(3, 1));
}

TEST_F(a_talk, is_wrong_when_something_comes_twice) {
  EXPECT_TRUE(hears(0, 0));
  EXPECT_FALSE(hears(0, 0));
}

TEST_F(a_talk, is_wrong_when_it_has_a_hole) {
  EXPECT_TRUE(hears(0, 0));
  EXPECT_FALSE(hears(0, 2));
  EXPECT_FALSE(hears(1, 1)) << "an epoch without its beginning";
}

TEST_F(a_talk, is_wrong_when_something_comes_that_was_lost) {
  EXPECT_TRUE(hears(1, 0));
  EXPECT_FALSE(hears(0, 1));
}

TEST_F(a_talk, is_wrong_when_the_end_is_missing_and_nobody_said_so) {
  world w(1);
  node& a = w.make_node("alpha");
  t.listen(a);
  t.speak(a, 1s, 2);
  w.run_for(1500ms);
  t.check(true);
  EXPECT_TRUE(r.wrong.empty());
  w.run_for(600ms);
  t.hear(1, 0);
  t.check(true);
  EXPECT_EQ(1u, r.wrong.size());
}

TEST_F(a_talk, is_wrong_when_the_speaker_does_not_hear_of_a_death) {
  t.listener_died();
  t.check(true);
  EXPECT_EQ(1u, r.wrong.size());
}

}  // namespace
}  // namespace aemp::sim
