// The global protocol of version 2 (aemp-protocol I.5). Global nodes hold the whole database and tell each
// other of every change; every other node is the slave of one of them, its master, tells it what it has
// registered itself, and asks it for the rest.
//
// A node has two databases:
// - `near` is what the node answers for: its own entries, those of 1.x peers that it speaks for, and, on a
//   global node, those of its slaves.
// - `all` is what the node knows. On a global node that is near and what the other global nodes answer for; on
//   a slave, what its master tells; and on both, what former sources have left (estates.hpp).
//
// A node *knows* when no source is left that could claim an estate:
// - a global node, when all others have told what they have and one of them knows, or when it has been global
//   for monitor_timeout, in which the slaves of a lost master come;
// - a slave, when its master knows. Nodes of this library say so (`g_known`); a master that does not is taken to
//   know after a while.
//
// Belongs to the network worker.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/local_node.hpp"
#include "core/own_timer.hpp"
#include "core/registry.hpp"
#include "mesh/audience.hpp"
#include "mesh/dice.hpp"
#include "mesh/directory_owner.hpp"
#include "mesh/estates.hpp"
#include "mesh/lots.hpp"
#include "mesh/questions.hpp"
#include "mesh/requests.hpp"
#include "mesh/settings.hpp"

namespace aemp::mesh {

class global2 {
 public:
  // `changed` is told of every change in what this node knows of others' entries.
  global2(detail::local_node& node, const settings& s, dice& chance, directory_owner& owner,
          std::function<void()> changed);
  global2(const global2&) = delete;
  global2& operator=(const global2&) = delete;

  // It is known where this node listens. Again: that, or the node's ID, has changed.
  void start();
  // From now on this is a global node, because it is its own seed or somebody asked for it.
  void become_global(const std::string& why);
  // The seed that is connected cannot be a master. When no other comes soon, this node becomes global: nodes
  // of version 2 that meet only because version 1 connects all then tell each other what they have.
  void do_without_seed();
  bool is_global() const noexcept { return global_; }
  const std::string& master() const noexcept { return master_; }

  void node_up(const std::string& node, const directory_dialect& speaks);  // nodes of version 2
  void seed_named(const std::string& node);
  void handle(std::string node, const message& m);
  static const std::vector<std::string> messages;  // that handle() understands
  // Any node: it is lost, or was not reached.
  void node_gone(const std::string& node);

  // Entries that this node answers for, by where they come from.
  void near_changed(const std::string& source, const core::family_change& c);
  void near_forget(const std::string& source);
  // This node itself has deleted entries. That its own ports are gone takes effect here without a master's
  // word; any other key may be on another node, too.
  void retract(const std::string& family, std::vector<std::string> deleted);

  // Whether a source has told of a family; and whether one is about to.
  bool has_answer(const std::string& family) const;
  bool is_pending(const std::string& family) const;

  void subscribe(const std::string& family);
  void unsubscribe(const std::string& family);
  void query(const std::string& family, core::query_kind what, std::function<void(const value&)> answer);
  // Somebody wants to reach a node: asks for its addresses.
  void find(const std::string& node);

  // What other nodes of version 2 have registered; all of it on a global node, else what was subscribed to.
  const core::families& known() const { return node_.registry().of("2"); }

 private:
  struct peer {
    bool slave = false;
    directory_dialect speaks = {};
    bool told = false;                              // it has sent its g_set, all lots of it
    bool knows = false;                             // it has sent g_known
    std::unique_ptr<core::own_timer> leaving = {};  // it is no slave any more, and its entries are still near
  };
  struct retry {
    core::duration delay;
    core::own_timer timer = {};
    bool was_connected = false;  // else others have named it, and while they do it is tried
  };

  void on_global(const std::string& node, peer& p);
  void on_slave(const std::string& node, const message& m);
  void on_set(const std::string& node, const message& m);
  void on_upd(const std::string& node, const peer& p, const message& m);
  void on_found(const message& m);
  void on_more(const std::string& node, const peer& p, const message& m);
  void on_query(const std::string& node, const peer& p, const message& m, core::query_kind what);
  value answer_for(const std::string& family, core::query_kind what);
  void on_reply(const message& m);
  void on_mon1(const std::string& node, const peer& p, const message& m);
  void on_mon0(const std::string& node, const message& m);
  void on_chg(const message& m, bool all);
  void on_known(const std::string& node, peer& p);
  void on_find(const std::string& node, const message& m);
  void handle_wish(const std::string& node, const message& m);
  void handle_answer(const std::string& tag, const message& m);
  void malformed(const std::string& node, const message& m);
  std::optional<core::family_content> content_of(const std::string& node, const std::string& family,
                                                 const value& v);
  std::optional<core::families> contents_of(const std::string& node, const value& v);

  void change_near(const std::string& owner, const std::string& family, const core::family_content& set,
                   const std::vector<std::string>& deleted);
  void tell_near(const std::string& node, const char* tag, std::optional<bookmark> after = {});
  void on_near_change(const core::family_change& c);
  void replace_all(const std::string& owner, const core::families& content);
  void keep_former_slave(const std::string& node);
  void end_former_slave(std::string node);
  void follow_former_slave(const std::string& node, const std::string& family,
                           const core::family_content& set, const std::vector<std::string>& deleted);
  void change_all(const std::string& owner, const std::string& family, const core::family_content& set,
                  const std::vector<std::string>& deleted);
  void on_all_change(const core::family_change& c);
  bool fits(const std::string& node, std::size_t has, std::size_t more);
  bool fits(const std::string& node, const core::database& in, const std::string& owner, const lot& l);
  core::families allowed_of_slave(const std::string& node, core::families content);

  void take_master(std::string node);
  void believe_master();
  bool have_all_told() const;
  void settle_when_all_told();
  void settle();
  void say_known(const std::string& node);
  std::vector<std::string> addresses(const std::string& node) const;
  std::vector<std::string> relays_for(const std::string& node) const;
  void mirror_address(const std::string& node);
  void keep_globals_connected();
  void try_again(const std::string& node);
  void retry_now(std::string node);
  void send(const std::string& node, std::vector<value> elements);
  void tell_change(const std::string& node, const char* tag, const core::family_change& c);
  void report_left_out(const std::string& node, std::size_t keys);
  void log(const std::string& node, int level, const std::string& text);

  detail::local_node& node_;
  core::worker& worker_;
  const settings& settings_;
  dice& dice_;
  directory_owner& owner_;
  const std::function<void()> changed_;

  std::string self_;  // the ID under which this node's address is known
  bool global_ = false;
  core::own_timer alone_;
  std::string master_;  // empty: none, or this node itself
  std::map<std::string, peer> peers_;
  audience audience_;
  core::database near_, all_;
  removals near_gone_, all_gone_;
  estates estates_;
  bool knows_ = false;              // this node, as a global one, or its master
  core::own_timer patience_;        // until that
  core::own_timer all_told_;        // since all global nodes have told what they have
  std::set<std::string> answered_;  // families that the master has told of
  // The last answer to who asked for a family, until that changes: to make one of a large family is dear, and
  // to ask for it again is cheap.
  struct {
    std::string family;
    core::query_kind what;
    value content;
  } last_answer_ = {};
  std::set<std::string> finds_;
  questions questions_;  // of this node
  requests requests_;    // of peers
  std::map<std::string, std::unique_ptr<retry>> retries_;
};

}  // namespace aemp::mesh
