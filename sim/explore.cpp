// Depth first by replay: the path from the root to the current schedule is kept, and the next schedule is the
// same path up to the last place where another choice is left.
#include "sim/explore.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <stdexcept>

namespace aemp::sim {

std::size_t chooser::choose(std::span<const choice> offered) {
  if (offered.empty())
    throw std::invalid_argument("chooser::choose: nothing is offered; ask only when something can happen");
  const std::size_t index = answer(offered);
  if (offered.size() > 1) given_.push_back(index);
  story_.push_back(offered[index].what);
  return index;
}

std::size_t chooser::choose(std::size_t count, const std::string& what) {
  std::vector<choice> offered;
  for (std::size_t i = 0; i < count; ++i) offered.push_back({what + " " + std::to_string(i)});
  return choose(offered);
}

std::size_t chooser::answer(std::span<const choice> offered) {
  if (offered.size() == 1 || given_.size() >= answers_.size()) return 0;
  const std::size_t index = answers_[given_.size()];
  if (index >= offered.size()) {
    throw std::logic_error("chooser: answer " + std::to_string(given_.size()) + " is " +
                           std::to_string(index) + ", but only " + std::to_string(offered.size()) +
                           " choices are offered; these answers are of another scenario");
  }
  return index;
}

std::size_t random_chooser::answer(std::span<const choice> offered) {
  return static_cast<std::size_t>(chance_.below(offered.size()));
}

namespace {

// One question on the path. `asleep` are the choices that need not be tried here: their outcome was seen on
// another branch, where they happened earlier, and nothing that touches their place came between.
struct step {
  std::vector<choice> offered;
  std::set<std::string> asleep;
  std::size_t taken = 0;
};

// Thrown through the scenario to end a run that would only repeat another one.
struct nothing_new {};

bool independent(const choice& a, const choice& b) {
  return !a.where.empty() && !b.where.empty() && a.where != b.where;
}

class explorer final : public chooser {
 public:
  explorer(std::vector<step>& path, bool skip) : path_(path), skip_(skip) {}

 protected:
  std::size_t answer(std::span<const choice> offered) override {
    if (depth_ == path_.size()) open(offered);
    const step& here = path_[depth_];
    const bool same = here.offered.size() == offered.size() &&
                      std::equal(offered.begin(), offered.end(), here.offered.begin(),
                                 [](const choice& a, const choice& b) { return a.what == b.what; });
    if (!same) {
      throw std::logic_error("explore: the scenario is not deterministic: asked the same, it offers '" +
                             offered[0].what + "' in place of '" + here.offered[0].what + "'");
    }
    ++depth_;
    return here.taken;
  }

 private:
  // The first time at a question: inherits what sleeps from the question before, minus what the event between
  // woke.
  void open(std::span<const choice> offered) {
    step fresh;
    fresh.offered.assign(offered.begin(), offered.end());
    if (skip_ && !path_.empty()) {
      const step& before = path_.back();
      const choice& happened = before.offered[before.taken];
      for (const choice& c : before.offered) {
        if (before.asleep.contains(c.what) && independent(c, happened)) fresh.asleep.insert(c.what);
      }
    }
    while (fresh.taken < fresh.offered.size() && fresh.asleep.contains(fresh.offered[fresh.taken].what))
      ++fresh.taken;
    if (fresh.taken == fresh.offered.size()) throw nothing_new();
    path_.push_back(std::move(fresh));
  }

  std::vector<step>& path_;
  const bool skip_;
  std::size_t depth_ = 0;
};

// Moves to the next schedule; returns false when there is none.
bool advance(std::vector<step>& path, bool skip) {
  while (!path.empty()) {
    step& last = path.back();
    if (skip) last.asleep.insert(last.offered[last.taken].what);
    do {
      ++last.taken;
    } while (last.taken < last.offered.size() && last.asleep.contains(last.offered[last.taken].what));
    if (last.taken < last.offered.size()) return true;
    path.pop_back();
  }
  return false;
}

}  // namespace

exploration explore(const scenario& run, explore_options options) {
  exploration out;
  std::vector<step> path;
  while (out.schedules < options.limit) {
    explorer next(path, options.skip_equivalent);
    try {
      out.failure = run(next);
      ++out.schedules;
    } catch (const nothing_new&) {
      ++out.skipped;
    } catch (const std::exception& e) {
      out.failure = std::string("exception: ") + e.what();
      ++out.schedules;
    }
    if (!out.failure.empty()) {
      out.answers = next.answers();
      out.story = next.story();
      return out;
    }
    if (!advance(path, options.skip_equivalent)) {
      out.complete = true;
      return out;
    }
  }
  return out;
}

sampling sample(const seeded_scenario& run, std::uint64_t first_seed, std::size_t count) {
  sampling out;
  while (out.runs < count && out.failure.empty()) {
    out.seed = first_seed + out.runs++;
    try {
      out.failure = run(out.seed);
    } catch (const std::exception& e) {
      out.failure = std::string("exception: ") + e.what();
    }
  }
  return out;
}

std::string sampling::str(std::string_view command) const {
  std::string out = std::to_string(runs) + " seeds";
  if (failure.empty()) return out;
  std::string again(command);
  if (const auto place = again.find("{}"); place != std::string::npos)
    again.replace(place, 2, std::to_string(seed));
  return out + "; seed " + std::to_string(seed) + " fails. Replay it with\n  " + again + "\n" + failure;
}

std::string exploration::str() const {
  std::ostringstream out;
  out << schedules << " schedules" << (complete ? ", all there are" : "");
  if (skipped != 0) out << ", " << skipped << " skipped";
  if (failure.empty()) return out.str();
  out << "; the last one fails: " << failure << "\nreplay it with chooser({";
  for (std::size_t i = 0; i < answers.size(); ++i) out << (i == 0 ? "" : ", ") << answers[i];
  out << "})\n";
  constexpr std::size_t most_lines = 200;
  for (std::size_t i = 0; i < std::min(story.size(), most_lines); ++i) out << "  " << story[i] << '\n';
  if (story.size() > most_lines) out << "  and " << story.size() - most_lines << " more\n";
  return out.str();
}

}  // namespace aemp::sim
