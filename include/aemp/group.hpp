// Groups and the distributed database. A group is a set of ports under a name that every node can look up.
// The database generalises this: a family has keys, and each key a value. A group is a family whose keys are
// port IDs. Each node owns what it registers: every node of the network learns of it, and it goes when its
// node goes.
//
// Like those of port.hpp, all functions may be called from any thread, never block, and exist twice. A change
// takes effect on other nodes when the network has carried it there. On a private node the functions work
// within that node.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <aemp/callback.hpp>
#include <aemp/export.hpp>
#include <aemp/serve.hpp>

namespace aemp {

namespace detail {

enum class query { family, keys, values };

AEMP_API owned* register_entry(local_node& node, const std::string& family, const std::string& key, value v,
                               const port_id& with);
AEMP_API void delete_entries(local_node& node, const std::string& family, std::vector<std::string> keys);
AEMP_API std::vector<port_id> group_members(local_node& node, const std::string& group);
AEMP_API owned* watch_family(local_node& node, const std::string& family, bool group, handler_ref f);
AEMP_API void query_family(local_node& node, const std::string& family, query what, handler_ref f);

}  // namespace detail

// A handle to something that this node has registered. cancel() takes it back; dropping the handle does not.
class registration : public handle {
  using handle::handle;
};

class group_functions : public contract_functions {
 public:
  using contract_functions::contract_functions;

  // Puts a port of this node into a group, until the port dies or the registration is cancelled. Registering
  // it again replaces the first registration, whose handle then does nothing. Throws std::invalid_argument
  // for a port of another node, and for a name that is empty or begins with '.
  registration grp_reg(const std::string& group, const port_id& port) { return db_reg(group, port, nullptr); }

  // The ports now known here to be in the group, ordered by ID. A node that is not global (config.hpp) learns
  // of a group only after it has asked: the first call asks, so it may return fewer ports than the next one.
  // Cost: a copy.
  std::vector<port_id> grp_get(const std::string& group) { return detail::group_members(*core_, group); }

  // f(ports, added, removed), each a std::vector<port_id>: once soon, unless the group is empty, then at each
  // change. Soon means when the network has answered or the node turns out to be alone, and in any case within
  // five seconds of the call, or of the node's start if that is later. Changes that arrive together come in
  // one call; for a group so large that a call takes more than a millisecond, changes add up for ten times as
  // long. A port is removed when it has died, its registration was cancelled, or its node is lost. Belongs to
  // the running port. Cost of a call: the size of the group.
  template <class F>
  monitor grp_mon(const std::string& group, F&& f) {
    using ports = detail::element::list_of<detail::element::port>;
    static_assert(detail::takes_elements<F, ports, ports, ports>,
                  "grp_mon: the callback takes (ports, added, removed), each a std::vector<port_id>; or the "
                  "first of them");
    return monitor(detail::watch_family(*core_, group, true, detail::handler_of(std::forward<F>(f))));
  }

  // Sets a key: UTF-8 text of 1 to 4096 bytes. When this node sets the same key again, the new value replaces
  // the old one. Throws std::invalid_argument for what is no key, and for a family that is no UTF-8, is empty,
  // begins with ', or has control characters.
  registration db_set(const std::string& family, const std::string& key, value v = nullptr) {
    return registration(detail::register_entry(*core_, family, key, std::move(v), {}));
  }
  // Deletes keys that this node has set.
  template <class... Keys>
  requires(sizeof...(Keys) > 0) void db_del(const std::string& family, Keys&&... keys) {
    detail::delete_entries(*core_, family, {std::string(std::forward<Keys>(keys))...});
  }
  // Sets the port's ID as a key, until the port dies.
  registration db_reg(const std::string& family, const port_id& port, value v = nullptr) {
    return registration(detail::register_entry(*core_, family, port.str(), std::move(v), port));
  }
  registration db_reg(const std::string& family) { return db_reg(family, self()); }

  // Queries: f gets the whole family as a value::map, its keys as std::vector<std::string>, or its values as
  // std::vector<value>; once, when the answer is there. A node without contact to others waits for that
  // first. A family that nobody has is empty. The answer has each key as it was at some moment while the
  // question was under way.
  template <class F>
  void db_family(const std::string& family, F&& f) {
    static_assert(detail::takes_elements<F, detail::element::map>,
                  "db_family: the callback takes a value::map, or a std::map of std::string to something");
    detail::query_family(*core_, family, detail::query::family, detail::handler_of(std::forward<F>(f)));
  }
  template <class F>
  void db_keys(const std::string& family, F&& f) {
    static_assert(detail::takes_elements<F, detail::element::list_of<detail::element::anything>>,
                  "db_keys: the callback takes a std::vector<std::string>");
    detail::query_family(*core_, family, detail::query::keys, detail::handler_of(std::forward<F>(f)));
  }
  template <class F>
  void db_values(const std::string& family, F&& f) {
    static_assert(detail::takes_elements<F, detail::element::list_of<detail::element::anything>>,
                  "db_values: the callback takes a std::vector<value>, or one of something else");
    detail::query_family(*core_, family, detail::query::values, detail::handler_of(std::forward<F>(f)));
  }

  // f(all, added, changed, deleted), a value::map and three std::vector<std::string> of keys: once soon, even
  // when the family is empty, then at each change. Otherwise like grp_mon.
  template <class F>
  monitor db_mon(const std::string& family, F&& f) {
    using keys = detail::element::list_of<detail::element::anything>;
    static_assert(detail::takes_elements<F, detail::element::map, keys, keys, keys>,
                  "db_mon: the callback takes (all, added, changed, deleted), a value::map and three "
                  "std::vector<std::string>; or the first of them");
    return monitor(detail::watch_family(*core_, family, false, detail::handler_of(std::forward<F>(f))));
  }
};

// The same, for the node at hand (port.hpp).

inline registration grp_reg(const std::string& group, const port_id& port) {
  return group_functions(detail::this_node("grp_reg")).grp_reg(group, port);
}
inline std::vector<port_id> grp_get(const std::string& group) {
  return group_functions(detail::this_node("grp_get")).grp_get(group);
}
template <class F>
monitor grp_mon(const std::string& group, F&& f) {
  return group_functions(detail::this_node("grp_mon")).grp_mon(group, std::forward<F>(f));
}
inline registration db_set(const std::string& family, const std::string& key, value v = nullptr) {
  return group_functions(detail::this_node("db_set")).db_set(family, key, std::move(v));
}
template <class... Keys>
void db_del(const std::string& family, Keys&&... keys) {
  group_functions(detail::this_node("db_del")).db_del(family, std::forward<Keys>(keys)...);
}
inline registration db_reg(const std::string& family, const port_id& port, value v = nullptr) {
  return group_functions(detail::this_node("db_reg")).db_reg(family, port, std::move(v));
}
inline registration db_reg(const std::string& family) {
  return group_functions(detail::this_node("db_reg")).db_reg(family);
}
template <class F>
void db_family(const std::string& family, F&& f) {
  group_functions(detail::this_node("db_family")).db_family(family, std::forward<F>(f));
}
template <class F>
void db_keys(const std::string& family, F&& f) {
  group_functions(detail::this_node("db_keys")).db_keys(family, std::forward<F>(f));
}
template <class F>
void db_values(const std::string& family, F&& f) {
  group_functions(detail::this_node("db_values")).db_values(family, std::forward<F>(f));
}
template <class F>
monitor db_mon(const std::string& family, F&& f) {
  return group_functions(detail::this_node("db_mon")).db_mon(family, std::forward<F>(f));
}

}  // namespace aemp
