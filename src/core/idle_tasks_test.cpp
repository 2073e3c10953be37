#include "core/idle_tasks.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

namespace aemp::core {
namespace {

class idle : public testing::Test {
 protected:
  struct task final : idle_task {
    explicit task(std::function<void()> f) : f(std::move(f)) {}
    void on_idle() override { f(); }
    const std::function<void()> f;
  };

  void run() {
    waiting.run_all([](idle_task& t) { t.on_idle(); });
  }

  std::string done;
  idle_tasks waiting;
};

TEST_F(idle, tasks_run_once_in_their_order) {
  task a([&] { done += "a"; }), b([&] { done += "b"; });
  waiting.add(b);
  waiting.add(a);
  waiting.add(b);
  run();
  EXPECT_EQ(done, "ba");
  EXPECT_TRUE(waiting.empty());
  run();
  EXPECT_EQ(done, "ba");
}

TEST_F(idle, a_task_that_is_added_by_a_task_waits_for_the_next_time) {
  task again([&] {
    done += "a";
    if (done.size() < 3) waiting.add(again);
  });
  waiting.add(again);
  run();
  EXPECT_EQ(done, "a");
  EXPECT_FALSE(waiting.empty());
  run();
  run();
  EXPECT_EQ(done, "aaa");
}

TEST_F(idle, a_task_that_is_destroyed_does_not_run) {
  auto gone = std::make_unique<task>([&] { done += "gone"; });
  task kills([&] { gone.reset(); });
  waiting.add(kills);
  waiting.add(*gone);
  run();
  EXPECT_EQ(done, "");
}

TEST_F(idle, a_task_may_live_longer_than_the_list) {
  task one([] {});
  {
    idle_tasks shorter;
    shorter.add(one);
  }
  waiting.add(one);
  EXPECT_FALSE(waiting.empty());
}

}  // namespace
}  // namespace aemp::core
