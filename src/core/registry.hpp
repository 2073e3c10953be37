// What a node knows of groups and the database: what it has registered itself, and what the network has told it. On a
// private node, what it has registered itself is all. The mesh attaches itself as the backend: it hears what is
// registered here, and brings what others have.
//
// family() may be called from any thread; everything else belongs to the network worker.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/crew.hpp"
#include "core/database.hpp"
#include "core/guarded.hpp"
#include "core/monitors.hpp"
#include "core/own_timer.hpp"
#include "core/owned.hpp"
#include "core/roster.hpp"

namespace aemp::core {

enum class query_kind { family, keys, values };

// What the answer to a query is made of, as on the wire: a map, or a list.
value answer_of(const family_content& content, query_kind what);

class registry_backend {
 public:
  // Something was registered here, or taken back.
  virtual void local_changed(const family_change& c) = 0;
  // Somebody here wants to know all of a family from now on; nobody here does any more.
  virtual void subscribe(const std::string& family) = 0;
  virtual void unsubscribe(const std::string& family) = 0;
  // Whether somebody has answered for a family, or it is clear that nobody will. When that may have changed, the backend
  // calls look_again().
  virtual bool is_known(const std::string& family) const = 0;
  // Asks the nodes that know the family; the answer may never come.
  virtual void query(const std::string& family, query_kind what,
                     std::function<void(const value&)> answer) = 0;

 protected:
  ~registry_backend() = default;
};

class registry final : idle_task {
 public:
  registry(crew& workers, monitors& of_ports) : workers_(workers), monitors_(of_ports) {}
  registry(const registry&) = delete;
  registry& operator=(const registry&) = delete;
  ~registry() { shut_down(); }

  // Any thread: what is known here now. The first time, the family is subscribed to, so that more may be
  // known later.
  family_content family(const std::string& name);

  // What this node has itself.
  const families& own() const { return view().of({}); }
  void set(const std::string& family, const std::string& key, const value& v);
  void erase(const std::string& family, const std::string& key);

  // What others have, by source; sources are names that the backend gives, not empty ones.
  void update(const std::string& source, const std::string& family, const family_content& set,
              std::span<const std::string> deleted);
  void forget(const std::string& source);
  const families& of(const std::string& source) const { return view().of(source); }
  const families& all() const noexcept { return view().merged(); }

  void attach(registry_backend* b);  // null: detach
  void look_again();                 // a family may be known now
  bool wants(const std::string& family) const { return wanted_.contains(family); }
  std::vector<std::string> wanted() const;

  // Entries that end with a port or are taken back (group.hpp), monitors, queries; each begins here when it
  // is linked to its owner.
  class entry;
  class watch;
  class question;
  void begin(entry& e);
  void end(entry& e);
  void begin(watch& w);
  void end(watch& w);
  void begin(question& q);

  void shut_down() noexcept;

 private:
  struct news {
    std::set<std::string> added, changed, deleted;
  };

  void want(const std::string& family);
  void drop(const std::string& family);
  void on_idle() override;
  void tell_news();
  void tell_news_of(const std::string& family, const news& n);
  void tell_first_states();
  bool fill_roster(const std::string& family);
  void tell(watch& w, std::vector<value> news);

  // What family() reads on any thread.
  struct known {
    database view;  // only the network worker writes it, and so reads it without the lock
    std::set<std::string> asked = {};
  };
  const database& view() const noexcept { return known_.unlocked().view; }

  crew& workers_;
  monitors& monitors_;
  registry_backend* backend_ = nullptr;
  shared_guarded<known> known_;
  std::map<std::string, unsigned> wanted_;  // families somebody wants to know, and how many do
  std::map<std::string, owned_list> watches_;
  std::map<std::string, news> news_;  // for the watches, when the worker goes idle
  // Families whose watches have just been told much: they rest until then.
  std::map<std::string, time_point> rests_;
  own_timer later_;
  std::set<std::string> unknown_;          // families with watches that have not told their first state
  std::map<std::string, roster> rosters_;  // of groups with watches
  std::map<std::pair<std::string, std::string>, std::uint64_t> serials_;
  std::uint64_t entries_made_ = 0;
  owned_list entries_;  // so that they can be told when the node ends before their handles
};

// A key that was registered here.
class registry::entry final : public detail::owned {
 public:
  entry(registry& of, std::string family, std::string key, value v, port_id with);
  void taken_back() override;

  const std::string family, key;
  const value content;
  const port_id with;  // ends with this port; empty: with none
  std::uint64_t serial = 0;
  aemp::handle port_watch;

 private:
  registry& registry_;
};

// A db_mon or grp_mon.
class registry::watch final : public detail::owned {
 public:
  watch(registry& of, std::uint32_t worker, std::uint64_t port, detail::handler_ref f, std::string family,
        bool group);
  void taken_back() override;
  std::string description() const override;

  const std::string family;
  const bool group;
  bool began = false;  // its first state was told, or there was nothing to tell

 private:
  registry& registry_;
};

// A db_family, db_keys or db_values.
class registry::question final : public detail::owned {
 public:
  question(registry& of, std::uint32_t worker, std::uint64_t port, detail::handler_ref f, std::string family,
           query_kind kind);
  std::string description() const override;

  const std::string family;
  const query_kind asked;
};

}  // namespace aemp::core
