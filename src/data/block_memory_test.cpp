// The memory of the message path: what one thread takes may be given back on any other, also while threads
// end.
#include <aemp/message.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <mutex>
#include <set>
#include <thread>

namespace aemp::detail {
namespace {

TEST(block_memory, size_classes_cover_their_sizes) {
  EXPECT_EQ(size_class_of(1), 0);
  for (std::uint16_t c = 0; c < heap_class; ++c) {
    EXPECT_EQ(size_class_of(class_sizes[c]), c);
    EXPECT_EQ(size_class_of(class_sizes[c] + 1), c + 1);
    EXPECT_EQ(class_sizes[c] % 16, 0);
  }
}

// What a thread frees it uses again, and the neighbours may be in use by another.
TEST(block_memory, have_their_cache_lines_for_themselves) {
  if (plain_heap) GTEST_SKIP() << "with the address sanitizer the heap places them";
  const auto expect_whole_lines = [](const char* what, auto make) {
    std::vector<block*> blocks;
    for (int i = 0; i < 200; ++i) {
      blocks.push_back(make());
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blocks.back()) % cache_line, 0u) << what << " " << i;
    }
    for (block* b : blocks) release(*b);
  };
  expect_whole_lines("typed", [] { return make_block(1); });
  expect_whole_lines("values", [] { return make_values_block({}); });
  expect_whole_lines("shared", [] { return make_shared_block(make_values_block({})); });
  expect_whole_lines("task", [] { return make_task([] {}); });
  for (std::uint16_t c = block_class_of(1); c < heap_class; ++c) EXPECT_EQ(class_sizes[c] % cache_line, 0u);
}

// Takes blocks of every class, fills each to its end, and looks that nobody else wrote into it.
class holder {
 public:
  void take(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      std::uint16_t c = 0;
      void* memory = allocate(class_sizes[i % heap_class], c);
      std::memset(memory, static_cast<int>(i % 251), class_sizes[c]);
      taken_.push_back({memory, c, static_cast<unsigned char>(i % 251)});
    }
  }
  void check_and_free() {
    for (const auto& [memory, c, mark] : taken_) {
      const auto* bytes = static_cast<const unsigned char*>(memory);
      ASSERT_EQ(bytes[0], mark);
      ASSERT_EQ(bytes[class_sizes[c] - 1], mark);
      deallocate(memory, c);
    }
    taken_.clear();
  }
  std::set<void*> addresses() const {
    std::set<void*> all;
    for (const auto& t : taken_) all.insert(t.memory);
    return all;
  }

 private:
  struct block_taken {
    void* memory;
    std::uint16_t size_class;
    unsigned char mark;
  };
  std::vector<block_taken> taken_;
};

TEST(block_memory, no_block_is_given_out_twice) {
  holder h;
  for (int round = 0; round < 3; ++round) {
    h.take(3000);
    EXPECT_EQ(h.addresses().size(), 3000u);
    h.check_and_free();
  }
}

// However full the shelf was before.
TEST(block_memory, taken_and_freed_in_turns_move_no_lots_in_turns) {
  if (plain_heap) GTEST_SKIP() << "with the address sanitizer there are no shelves";
  constexpr std::size_t size = 64;
  const block_shelf& shelf = this_thread_blocks.shelves[size_class_of(size)];
  std::vector<void*> held;
  for (int i = 0; i < 300; ++i) {
    int moved = 0;
    for (int turn = 0; turn < 10; ++turn) {
      const void* const before = shelf.spare;
      void* const taken = allocate_block<size>();
      if (shelf.spare != before) ++moved;
      deallocate_block<size>(taken);
    }
    EXPECT_LE(moved, 1) << "with " << i << " held";
    held.push_back(allocate_block<size>());
  }
  for (void* memory : held) deallocate_block<size>(memory);
}

TEST(block_memory, large_ones_come_from_the_heap) {
  std::uint16_t size_class = 0;
  void* memory = allocate(5000, size_class);
  EXPECT_EQ(size_class, heap_class);
  std::memset(memory, 1, 5000);
  deallocate(memory, size_class);
}

TEST(block_memory, may_be_freed_by_other_threads_than_took_them) {
  constexpr int rounds = 20, each = 2000;
  std::mutex mutex;
  std::vector<holder> passed_on;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < rounds; ++i) {
        holder mine;
        mine.take(each);
        holder others;
        {
          std::lock_guard lock(mutex);
          if (!passed_on.empty()) {
            others = std::move(passed_on.back());
            passed_on.pop_back();
          }
          passed_on.push_back(std::move(mine));
        }
        others.check_and_free();
      }
    });
  }
  for (std::thread& t : threads) t.join();
  for (holder& h : passed_on) h.check_and_free();
}

struct at_thread_end {
  std::vector<holder> held;
  ~at_thread_end() {
    for (holder& h : held) h.check_and_free();
    holder late;
    late.take(500);
    late.check_and_free();
  }
};

// Thread-local objects may be destroyed before or after the cache; both kinds still free, and even take.
TEST(block_memory, may_be_taken_and_freed_while_a_thread_ends) {
  for (const bool before_the_cache : {true, false}) {
    std::thread([&] {
      holder early;
      if (!before_the_cache) {
        early.take(10);
        early.check_and_free();
      }
      thread_local at_thread_end last;
      last.held.emplace_back();
      last.held.back().take(500);
    }).join();
  }
}

TEST(block_memory, of_messages_that_were_made_elsewhere_are_freed_here) {
  std::vector<message> made;
  std::thread([&] {
    for (int i = 0; i < 1000; ++i) made.emplace_back("tag", i, std::string(50, 'x'));
  }).join();
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(made[static_cast<std::size_t>(i)][1], value(i));
  made.clear();
}

}  // namespace
}  // namespace aemp::detail
