// Runs a small scenario once for every order in which things can happen, and says which order breaks it. A
// scenario is a function that builds its world anew each time, and asks a chooser whenever more than one
// thing can happen next. explore() calls it with one answer vector after the other, depth first, until none
// is left.
//
//     exploration all = explore([](chooser& next) -> std::string {
//       world w(next);
//       …
//       return connected == 1 ? "" : "not exactly one connection";
//     });
//     EXPECT_TRUE(all.complete && all.failure.empty()) << all.str();
//
// Nothing here knows of networks or nodes. One thread. The scenario has to be deterministic: the same answers
// lead to the same run.
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

// Something that can happen next. `what` names it; the same event has the same name in every order of the
// others. `where` is the place it changes: two choices at different places can be swapped without anybody
// noticing. An empty place means everywhere.
struct choice {
  std::string what;
  std::string where = {};
};

// Decides what happens next. This one follows the answers it was made with, and then always takes the first
// choice, which replays one schedule.
class chooser {
 public:
  explicit chooser(std::vector<std::size_t> answers = {}) : answers_(std::move(answers)) {}
  chooser(const chooser&) = delete;
  chooser& operator=(const chooser&) = delete;
  virtual ~chooser() = default;

  // Returns the index of one of `offered`. A single choice is no question and does not count as one. Throws
  // std::invalid_argument when nothing is offered, and std::logic_error when an answer to follow does not
  // exist.
  std::size_t choose(std::span<const choice> offered);
  // 0 to count - 1; for the scenario's own questions, such as whether to cut a connection here.
  std::size_t choose(std::size_t count, const std::string& what = "option");

  // The answers so far, and everything that happened, by name.
  const std::vector<std::size_t>& answers() const noexcept { return given_; }
  const std::vector<std::string>& story() const noexcept { return story_; }

 protected:
  // Also called for a single choice, so that it sees everything that happens.
  virtual std::size_t answer(std::span<const choice> offered);

 private:
  std::vector<std::size_t> answers_;
  std::vector<std::size_t> given_;
  std::vector<std::string> story_;
};

// Answers at random, for scenarios with too many orders to try.
class random_chooser : public chooser {
 public:
  explicit random_chooser(std::uint64_t seed) : chance_(seed) {}

 protected:
  std::size_t answer(std::span<const choice> offered) override;

 private:
  chance chance_;
};

// Does one run; returns what is wrong, or "". An exception that leaves it is a failure, too.
using scenario = std::function<std::string(chooser&)>;

struct explore_options {
  std::size_t limit = 100'000;  // schedules to run at most

  // Leaves out schedules that differ from one that was run only in the order of events at different places
  // (sleep sets; Godefroid, Partial-Order Methods, 1996). Two nodes that exchange a dozen messages then have
  // thousands of schedules instead of millions. Use it when the scenario looks at the outcome only; leave it
  // off when it acts in the middle, at a moment that depends on the order.
  bool skip_equivalent = false;
};

struct exploration {
  std::size_t schedules = 0;  // run to the end
  std::size_t skipped = 0;    // abandoned, being equivalent to one that was run
  bool complete = false;      // no other schedule exists
  // Of the first schedule that failed, which is also the last one run. Empty: none did.
  std::string failure = {};
  std::vector<std::size_t> answers = {};  // of that schedule, for chooser(answers)
  std::vector<std::string> story = {};    // what happened in it

  // For people. Shortens a long story to its beginning.
  std::string str() const;
};

exploration explore(const scenario& run, explore_options options = {});

// A scenario that takes all its randomness from a seed. It runs with one seed after the other until one
// fails.
using seeded_scenario = std::function<std::string(std::uint64_t seed)>;

struct sampling {
  std::size_t runs = 0;
  std::uint64_t seed = 0;    // the last one that was run
  std::string failure = {};  // of that seed; empty: none failed

  // For people. `command` runs one seed; {} in it stands for the seed.
  std::string str(std::string_view command) const;
};

sampling sample(const seeded_scenario& run, std::uint64_t first_seed, std::size_t count);

}  // namespace aemp::sim
