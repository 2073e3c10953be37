// What this node's programs have asked of the database (db_family, db_keys, db_values), and the parts of the
// answers that have come so far. Each part is asked for when the one before it is here, whether a master
// answers or this node itself. So a large family makes no worker's turn long (lots.hpp). A question whose
// master is lost is asked anew.
//
// Belongs to the network worker.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <aemp/message.hpp>
#include <aemp/result.hpp>

#include "core/own_timer.hpp"
#include "core/registry.hpp"

namespace aemp::mesh {

class questions {
 public:
  struct means {
    // A family as this node has it, if it knows all; null: others have to be asked.
    std::function<const core::family_content*(const std::string& family)> here;
    // Asks the master, if there is one. May end the connection with it.
    std::function<void(std::vector<value> elements)> ask;
  };
  using answer = std::function<void(const value&)>;

  // `most`: how many bytes an answer may have, as value::weight() counts them.
  questions(core::worker& w, std::size_t most, means how) : worker_(w), most_(most), how_(std::move(how)) {}
  questions(const questions&) = delete;
  questions& operator=(const questions&) = delete;

  void add(const std::string& family, core::query_kind what, answer done);
  // Somebody else has to be asked now, or nobody.
  void ask_all();
  // A g_reply has come. An error: it is malformed, or the answer is too large and the question is given up.
  result<void> reply(const message& m);

 private:
  struct question {
    std::string family;
    core::query_kind what;
    answer done;
    value::map entries = {};
    value::array list = {};
    std::size_t weight = 0;
    std::optional<std::string> upto = {};        // so far has come; empty: nothing yet
    std::unique_ptr<core::own_timer> next = {};  // where this node answers itself
  };

  void go_on(std::string id);
  bool take(question& q, const value& part, std::optional<std::string> upto);
  void finish(const std::string& id);

  core::worker& worker_;
  const std::size_t most_;
  const means how_;
  std::map<std::string, question> open_;
  std::uint64_t asked_ = 0;
};

}  // namespace aemp::mesh
