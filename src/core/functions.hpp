// Functions that are called and spawned by name: those that the program has defined for other nodes, and those that are
// part of every node. `from` is the node that wants it, null this one: who it is decides what it may call.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/handler.hpp>
#include <aemp/result.hpp>

#include "core/crew.hpp"
#include "core/gateway.hpp"
#include "core/guarded.hpp"
#include "core/names.hpp"
#include "core/registry.hpp"

namespace aemp::core {

// A function that other nodes may call, and the worker it runs on.
struct defined_function {
  std::uint32_t worker;
  detail::handler_ref handler;
  std::optional<std::vector<std::string>> callers;  // the only other nodes that may call it; not given: all
};

class functions {
 public:
  // On a secure node, no function runs because another node wants it to.
  functions(node_context& node, crew& workers, names& known, registry& groups, bool secure)
      : node_(node), workers_(workers), names_(known), groups_(groups), secure_(secure) {}

  void set_gateway(gateway* g) noexcept { gateway_ = g; }  // null: a private node
  bool is_secure() const noexcept { return secure_; }

  // ---- any thread ----
  void define(std::string name, detail::handler_ref f, std::optional<std::vector<std::string>> callers);
  std::shared_ptr<defined_function> find(std::string_view name) const;
  // The function, if that node may call it. Errors: no_such_function, remote_execution_not_allowed.
  result<std::shared_ptr<defined_function>> callable(std::string_view name, const std::string* from) const;
  // Nothing is spawned for other nodes any more (node_is_leaving).
  void refuse_spawns() noexcept { leaving_.store(true, std::memory_order_relaxed); }

  // For other nodes on the network worker only; for this node on any thread.
  void call(std::string_view name, message arguments, const std::string* from);
  // The function runs in a new port of that name.
  void spawn(std::string_view name, std::string_view function, message arguments, const std::string* from);

  // ---- when the node is made ----
  // A function that is part of every node: f gets the arguments and who calls, on the network worker. Others call it
  // by name like one that was defined, on secure nodes, too: f decides itself.
  using service = std::function<void(const message& arguments, const std::string& from)>;
  void serve(std::string name, service f) { services_.insert_or_assign(std::move(name), std::move(f)); }
  bool serves(std::string_view name) const { return services_.contains(name); }
  // Messages to the node port that another room answers: `can` says yes.
  void offer(const std::vector<std::string>& names) { offered_.insert(names.begin(), names.end()); }
  bool offers(std::string_view name) const { return offered_.contains(name); }

  void forget_defined() noexcept;  // what the program's functions captured is destroyed
  void forget_served() noexcept { services_.clear(); }

 private:
  bool may_call(const std::string& caller, const std::string& from) const;

  node_context& node_;
  crew& workers_;
  names& names_;
  registry& groups_;
  gateway* gateway_ = nullptr;
  const bool secure_;
  std::atomic<bool> leaving_{false};
  std::map<std::string, service, std::less<>> services_;
  std::set<std::string, std::less<>> offered_;
  shared_guarded<std::map<std::string, std::shared_ptr<defined_function>, std::less<>>> defined_;
};

}  // namespace aemp::core
