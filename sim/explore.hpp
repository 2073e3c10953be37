// Runs a small scenario once for every order in which things can happen, and says which order breaks it. A
// scenario is a function that builds its world anew each time and asks a chooser whenever more than one thing
// can happen next; explore() calls it with one answer vector after the other, depth first, until there is no
// other left.
//
//     exploration all = explore([](chooser& next) -> std::string {
//       world w(next);
//       …
//       return connected == 1 ? "" : "not exactly one connection";
//     });
//     EXPECT_TRUE(all.complete && all.failure.empty()) << all.str();
//
// Nothing here knows of networks or nodes. One thread. The scenario has to be deterministic: asked the same,
// it does the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/sim/chance.hpp>

namespace aemp::sim {

// Something that can happen next. `what` names it, and the same event has the same name in every order of the
// others. `where` is the place it changes: two choices at different places can be swapped without anybody
// noticing. An empty place is everywhere.
struct choice {
  std::string what;
  std::string where = {};
};

// Answers the question what happens next. This one follows the answers it was made with, and then always
// takes the first choice: the way to replay one schedule.
class chooser {
 public:
  explicit chooser(std::vector<std::size_t> answers = {}) : answers_(std::move(answers)) {}
  chooser(const chooser&) = delete;
  chooser& operator=(const chooser&) = delete;
  virtual ~chooser() = default;

  // The index of one of `offered`. Asking about a single choice is no question and is not counted. Throws
  // std::invalid_argument when nothing is offered, and std::logic_error when an answer that is to be followed
  // does not exist.
  std::size_t choose(std::span<const choice> offered);
  // 0 to count - 1; for the scenario's own questions, such as whether to cut a connection here.
  std::size_t choose(std::size_t count, const std::string& what = "option");

  // What was answered so far, and everything that happened, by name.
  const std::vector<std::size_t>& answers() const noexcept { return given_; }
  const std::vector<std::string>& story() const noexcept { return story_; }

 protected:
  // Also called about a single choice, so that it sees everything that happens.
  virtual std::size_t answer(std::span<const choice> offered);

 private:
  std::vector<std::size_t> answers_;
  std::vector<std::size_t> given_;
  std::vector<std::string> story_;
};

// Answers by chance: for scenarios with more orders than can be tried.
class random_chooser : public chooser {
 public:
  explicit random_chooser(std::uint64_t seed) : chance_(seed) {}

 protected:
  std::size_t answer(std::span<const choice> offered) override;

 private:
  chance chance_;
};

// Does one run; returns what is wrong, or nothing. An exception that leaves it is a failure too.
using scenario = std::function<std::string(chooser&)>;

struct explore_options {
  std::size_t limit = 100'000;  // schedules to run at most

  // Leaves out schedules that differ from one that was run only in the order of events at different places
  // (sleep sets; Godefroid, Partial-Order Methods, 1996). Two nodes that exchange a dozen messages then have
  // thousands of schedules instead of millions. Right when the scenario looks at the outcome only: when it
  // acts in the middle, at a moment that depends on the order, leave it off.
  bool skip_equivalent = false;
};

struct exploration {
  std::size_t schedules = 0;  // run to the end
  std::size_t skipped = 0;    // given up on the way, being equivalent to one that was run
  bool complete = false;      // there are no others
  std::string failure =
      {};  // of the first schedule that failed, which is also the last one run; empty: none did
  std::vector<std::size_t> answers = {};  // of that schedule, for chooser(answers)
  std::vector<std::string> story = {};    // what happened in it

  // For people. Of a long story the beginning.
  std::string str() const;
};

exploration explore(const scenario& run, explore_options options = {});

// Runs a scenario that takes all its chance from a seed, with one seed after the other, until one fails.
using seeded_scenario = std::function<std::string(std::uint64_t seed)>;

struct sampling {
  std::size_t runs = 0;
  std::uint64_t seed = 0;    // of the last one
  std::string failure = {};  // of that one; empty: none failed

  // For people. In `command`, which runs one seed, {} stands for the seed.
  std::string str(std::string_view command) const;
};

sampling sample(const seeded_scenario& run, std::uint64_t first_seed, std::size_t count);

}  // namespace aemp::sim
