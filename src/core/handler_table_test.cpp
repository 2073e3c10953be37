#include "core/handler_table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <memory>
#include <string>

namespace aemp::core {
namespace {

using detail::handler_change;
using detail::make_handler_change;

// A table that is replaced step by step, and says which handlers it would run: each is known by a number.
class table {
 public:
  table() = default;
  table(const table&) = delete;
  table& operator=(const table&) = delete;
  ~table() {
    if (now_ != nullptr) now_->release();
  }

  template <class What>
  void add(const What& what, int id) {
    apply(make_handler_change(what, [this, id] { last_ = id; }));
  }
  void remove(std::string_view tag) { apply(make_handler_change(tag, nullptr)); }
  void apply(handler_change r) {
    handler_table* before = now_;
    now_ = handler_table::with(before, {&r, 1});
    if (before != nullptr) before->release();
  }

  bool empty() const { return now_ == nullptr; }
  handler_table& get() { return *now_; }

  std::vector<int> tags(std::string_view tag) {
    std::vector<int> ids;
    if (now_ == nullptr) return ids;
    for (const handler_table::entry& e : now_->tags(symbol_key(tag))) {
      if (e.handler->long_tag == nullptr || *e.handler->long_tag == tag) ids.push_back(id_of(*e.handler));
    }
    return ids;
  }
  std::vector<int> patterns() {
    std::vector<int> ids;
    if (now_ == nullptr) return ids;
    for (const handler_table::entry& e : now_->patterns()) ids.push_back(id_of(*e.handler));
    return ids;
  }
  int id_of(detail::handler& h) {
    h.ops->call(h, detail::empty_block(), 0, nullptr);
    return last_;
  }

 private:
  handler_table* now_ = nullptr;
  int last_ = 0;
};

using ids = std::vector<int>;

TEST(handler_table, keeps_handlers_of_a_tag_in_the_order_they_came) {
  table t;
  t.add("b", 1);
  t.add("a", 2);
  t.add("b", 3);
  t.add("a longer tag", 4);
  t.add("b", 5);
  EXPECT_EQ(t.tags("b"), (ids{1, 3, 5}));
  EXPECT_EQ(t.tags("a"), ids{2});
  EXPECT_EQ(t.tags("a longer tag"), ids{4});
  EXPECT_EQ(t.tags("c"), ids{});
  EXPECT_EQ(t.get().size(), 5u);
}

TEST(handler_table, keeps_patterns_that_begin_with_a_text_before_the_others) {
  table t;
  t.add(match(_any_), 1);
  t.add(match("x", 1), 2);
  t.add(match(5), 3);
  t.add(match("y"), 4);
  EXPECT_EQ(t.patterns(), (ids{2, 4, 1, 3}));
}

TEST(handler_table, has_one_otherwise) {
  table t;
  EXPECT_TRUE(t.empty());
  t.add(otherwise, 1);
  t.add("a", 2);
  t.add(otherwise, 3);
  ASSERT_NE(t.get().otherwise(), nullptr);
  EXPECT_EQ(t.id_of(*t.get().otherwise()->handler), 3);
  t.apply(make_handler_change(otherwise, nullptr));
  EXPECT_EQ(t.get().otherwise(), nullptr);
}

TEST(handler_table, is_null_when_nothing_is_left) {
  table t;
  t.add("a", 1);
  t.add("a", 2);
  t.remove("b");
  EXPECT_EQ(t.tags("a"), (ids{1, 2}));
  t.remove("a");
  EXPECT_TRUE(t.empty());
  t.remove("a");
  EXPECT_TRUE(t.empty());
}

TEST(handler_table, an_old_one_stays_as_it_was_but_knows_what_was_removed) {
  table t;
  t.add("a", 1);
  t.add("b", 2);
  handler_table& old = t.get();
  old.retain();
  t.remove("a");
  EXPECT_EQ(old.size(), 2u);
  EXPECT_TRUE(old.tags(symbol_key("a")).front().handler->removed);
  EXPECT_FALSE(old.tags(symbol_key("b")).front().handler->removed);
  EXPECT_EQ(t.get().size(), 1u);
  old.release();
}

TEST(handler_table, can_be_cleared_of_what_is_done) {
  table t;
  t.add("a", 1);
  t.add("a", 2);
  t.add(match("a"), 3);
  t.add(otherwise, 4);
  t.get().tags(symbol_key("a")).front().handler->removed = true;
  t.get().patterns().front().handler->removed = true;
  handler_table* left = handler_table::without_removed(t.get());
  EXPECT_EQ(left->size(), 2u);
  EXPECT_EQ(t.id_of(*left->tags(symbol_key("a")).front().handler), 2);
  left->release();
  for (auto& e : t.get().tags(symbol_key("a"))) e.handler->removed = true;
  t.get().otherwise()->handler->removed = true;
  EXPECT_EQ(handler_table::without_removed(t.get()), nullptr);
}

TEST(handler_table, knows_when_one_handler_is_all_there_is_for_a_tag) {
  for (int others : {0, 1, 30}) {
    table t;
    for (int i = 0; i < others; ++i) t.add("t" + std::to_string(i), 100 + i);
    t.add("one", 1);
    t.add("two", 2);
    t.add("two", 3);
    t.add("a longer tag", 4);
    ASSERT_NE(t.get().only_handler(symbol_key("one")), nullptr);
    EXPECT_EQ(t.id_of(*t.get().only_handler(symbol_key("one"))), 1);
    EXPECT_EQ(t.get().only_handler(symbol_key("two")), nullptr);
    EXPECT_EQ(t.get().only_handler(symbol_key("none")), nullptr);
    EXPECT_EQ(t.get().only_handler(symbol_key("a longer tag")), nullptr);
    EXPECT_EQ(t.get().only_handler(0), nullptr);
    t.add(match(_any_), 5);
    EXPECT_EQ(t.get().only_handler(symbol_key("one")), nullptr);
  }
}

TEST(handler_table, frees_each_handler_when_the_last_table_that_has_it_goes) {
  const auto alive = std::make_shared<int>(0);
  {
    table t;
    for (int i = 0; i < 5; ++i) {
      t.apply(make_handler_change("tag " + std::to_string(i), [alive] {}));
      t.apply(make_handler_change(match("tag", i), [alive] {}));
      t.apply(make_handler_change(otherwise, [alive] {}));
    }
    EXPECT_EQ(alive.use_count(), 12);
    t.remove("tag 3");
    EXPECT_EQ(alive.use_count(), 11);
  }
  EXPECT_EQ(alive.use_count(), 1);
}

// Any sequence of additions and removals, next to a map of lists.
TEST(handler_table, behaves_like_a_map_of_lists) {
  EXPECT_TRUE(rc::check([] {
    table t;
    std::map<std::string, ids> model;
    const std::vector<std::string> names = {
        "", "a", "b", "c", "d", "e", "seven77", "eight888", "a tag of many characters", "z", "y", "x"};
    int next = 0;
    const auto steps = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 60));
    for (std::size_t step : steps) {
      const std::string& name = names[step % names.size()];
      if (step >= 48) {
        t.remove(name);
        model.erase(name);
      } else {
        t.add(name, ++next);
        model[name].push_back(next);
      }
    }
    for (const std::string& name : names)
      RC_ASSERT(t.tags(name) == (model.contains(name) ? model[name] : ids{}));
    RC_ASSERT(t.empty() == model.empty());
  }));
}

}  // namespace
}  // namespace aemp::core
