// What a former source of the database has told. Its entries stay as those of an *estate* until a new source
// tells the same, takes them back, or the estate's time is over. So no port leaves a group only because another
// node has to be asked now. Estates are left by a global node that is lost, by a master that is changed, and by
// the master of a slave that becomes global itself.
//
// The entries are in the same database as those of the sources, under owners of their own. Belongs to the
// network worker.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/database.hpp"
#include "core/own_timer.hpp"
#include "core/worker.hpp"
#include "mesh/removals.hpp"

namespace aemp::mesh {

class estates {
 public:
  // `changed` is told what changes in the merge; `gone` takes out what nobody has claimed.
  estates(core::worker& worker, core::database& all, std::function<void(const core::family_change&)> changed,
          removals& gone)
      : worker_(worker), all_(all), changed_(std::move(changed)), gone_(gone) {}
  estates(const estates&) = delete;
  estates& operator=(const estates&) = delete;

  bool empty() const noexcept { return open_.empty(); }

  // How long an estate stays: until all present sources have told what they have, until this node knows that no
  // other source will come, or for a time.
  enum class term { until_told, until_known, for_a_time };

  // Makes an estate of all that an owner has.
  void open(const std::string& owner, term ends, core::duration after = {});
  // A source says what is with these entries: set, or deleted.
  void claim(const std::string& family, const core::family_content& set,
             std::span<const std::string> deleted);
  // A node is lost, and with it its ports and its address.
  void bury(const std::string& node);
  // Nobody will claim any more: of one family, of all estates with that term.
  void settle(const std::string& family);
  void settle(term which);

 private:
  struct estate {
    core::own_timer timer = {};
    term ends = term::for_a_time;
  };

  std::vector<std::string> names() const;
  void remove(const std::string& owner, const std::string& family, std::span<const std::string> keys);
  void close(const std::string& estate);

  core::worker& worker_;
  core::database& all_;
  const std::function<void(const core::family_change&)> changed_;
  removals& gone_;
  std::map<std::string, std::unique_ptr<estate>> open_;  // by the owner's name in the database
  std::uint64_t made_ = 0;
};

}  // namespace aemp::mesh
