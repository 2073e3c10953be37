#include "mesh/succession.hpp"

#include <algorithm>

namespace aemp::mesh {

succession::succession(core::worker& worker, connection& holder, core::duration patience, std::string token,
                       std::function<void()> silent)
    : worker_(worker),
      holder_(holder),
      patience_(patience),
      token_(std::move(token)),
      silent_(std::move(silent)) {}

void succession::ask(const std::string& own_id) {
  wait();
  holder_.send({}, message("snd", own_id + "#", "devnull", token_));
}

void succession::add(connection& claimant, bool proven) {
  proven_ = proven_ || proven;
  if (std::find(claimants_.begin(), claimants_.end(), &claimant) == claimants_.end())
    claimants_.push_back(&claimant);
}

void succession::remove(const connection& claimant) noexcept { std::erase(claimants_, &claimant); }

bool succession::is_answer(const message& m) const {
  return m.size() == 2 && m[0] == value("devnull") && m[1].to_string() == token_;
}

// The wait has two halves: a process that was held up during the first one reads in the second one what the
// holder has said. Anything that the holder says counts, because its answer may stand at the end of a long
// queue.
void succession::wait() {
  timer_.start(worker_, patience_ / 2, [this, began = worker_.now()] {
    if (holder_.last_heard() > began) {
      once_silent_ = false;
    } else if (std::exchange(once_silent_, true)) {
      const auto tell = silent_;
      return tell();
    } else {
      holder_.look();
    }
    wait();
  });
}

}  // namespace aemp::mesh
