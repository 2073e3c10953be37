// Takes out of the database what a lost source had: at once if it is little, else bit by bit, so that a lost
// node with 300,000 entries does not hold up the others. From the first moment on the entries belong to no
// source, and a source that comes again under the same name begins anew.
//
// Belongs to the network worker.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "core/database.hpp"
#include "core/own_timer.hpp"
#include "core/worker.hpp"

namespace aemp::mesh {

class removals {
 public:
  // `changed` is told what changes in the merge; `done`, if there is one, when nothing waits any more.
  removals(core::worker& w, core::database& from, std::function<void(const core::family_change&)> changed,
           std::function<void()> done = {})
      : worker_(w), from_(from), changed_(std::move(changed)), done_(std::move(done)) {}
  removals(const removals&) = delete;
  removals& operator=(const removals&) = delete;

  void remove(const std::string& owner);
  void remove(const std::string& owner, const std::string& family);
  // Of an owner that stays, the keys of a family that begin with these letters.
  void remove(const std::string& owner, const std::string& family, const std::string& prefix);
  // Whether something of a family waits to be taken out.
  bool has(const std::string& family) const;

 private:
  struct work {
    std::string owner, family, prefix;  // no family: all of them
  };

  std::string new_name() { return "\x7f" + std::to_string(++made_); }  // behind all sources
  void begin(work w);
  void go_on();
  bool take_out(const work& w);

  core::worker& worker_;
  core::database& from_;
  const std::function<void(const core::family_change&)> changed_;
  const std::function<void()> done_;
  std::deque<work> waiting_;
  core::own_timer next_;
  std::uint64_t made_ = 0;
};

}  // namespace aemp::mesh
