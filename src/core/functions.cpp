// Functions that were defined here: who may call them, and what a call or a spawn by name does.
#include <algorithm>

#include <aemp/log.hpp>

#include "core/local_node.hpp"
#include "core/registry.hpp"
#include "core/words.hpp"

namespace aemp::detail {
namespace {

// Among the callers of a function: "@admins" is a group.
bool is_group(const std::string& caller) { return caller.starts_with('@'); }

bool has_member(core::registry& known, const std::string& group, const std::string& node) {
  const auto members = known.family(group);
  const auto first = members.lower_bound(node + '#');
  return first != members.end() && first->first.starts_with(node + '#');
}

}  // namespace

void local_node::define(std::string name, handler_ref f, std::optional<std::vector<std::string>> callers) {
  if (callers) {
    for (const std::string& c : *callers) {
      if (is_group(c))
        (void)registry().family(c.substr(1));  // so that its members are known here when one calls
    }
  }
  auto function = std::make_shared<defined_function>(home_worker().index(), std::move(f), std::move(callers));
  std::unique_lock lock(functions_mutex_);
  functions_.insert_or_assign(std::move(name), std::move(function));
}

std::shared_ptr<defined_function> local_node::function(std::string_view name) const {
  std::shared_lock lock(functions_mutex_);
  auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : found->second;
}

result<std::shared_ptr<defined_function>> local_node::callable(std::string_view name,
                                                               const std::string* from) const {
  const std::string what = "function '" + std::string(name.substr(0, 64)) + "'";
  if (from != nullptr && secure_) {
    return error{"remote_execution_not_allowed", what + " was not called for node " + *from + ": node " +
                                                     id() + " is secure, remote execution not allowed"};
  }
  std::shared_ptr<defined_function> f = function(name);
  if (f == nullptr) return error{"no_such_function", what + " is not defined on node " + id()};
  const auto may_call = [&](const std::string& caller) {
    if (!is_group(caller)) return caller == *from;
    const std::string group = caller.substr(1);
    return has_member(*registry_, group, *from) && (gateway_ == nullptr || gateway_->may_be_in(*from, group));
  };
  if (from != nullptr && f->callers && std::ranges::none_of(*f->callers, may_call)) {
    return error{"remote_execution_not_allowed",
                 what + " was not called for node " + *from + ": node " + id() +
                     " has defined it for others only, remote execution not allowed"};
  }
  return f;
}

void local_node::spawn_named(std::string_view name, std::string_view function_name, message arguments,
                             const std::string* from) {
  if (shut_down_) return;
  const std::string subject = from == nullptr ? "spawns" : "spawns of node " + *from;
  if (!core::is_name(name) || !core::is_name(function_name)) {
    return report(2, subject, [&] {
      return "bad_name: a spawn of '" + std::string(function_name.substr(0, 64)) + "' as port '" +
             std::string(name.substr(0, 64)) + "' was refused: a name has at most " +
             std::to_string(core::longest_name) + " bytes and no control characters";
    });
  }
  auto f = callable(function_name, from);
  if (f && from != nullptr && leaving_.load(std::memory_order_relaxed)) {
    f = error{"node_is_leaving", "function '" + std::string(function_name) + "' was not spawned for node " +
                                     *from + ": node " + id() + " is about to stop, and takes no new work"};
  }
  if (!f) report(2, subject, [&] { return "a spawn ends at once: " + f.error().text; });
  const auto refuse = [&](const std::string& why) {
    report(1, subject, [&] { return "a spawn of '" + std::string(function_name) + "' was refused: " + why; });
  };
  if (name.empty() || number_of(identity(), name))
    return refuse("'" + std::string(name) + "' is no name that another node may give to a port");
  const auto [number, is_new] = name_port(name, f ? (*f)->worker : 0);
  core::worker& w = worker_of(number);
  if (f && (*f)->worker != w.index())
    return refuse("there is a port '" + std::string(name) + "' already, on another worker than the function");
  const bool open_later = is_new && here() != &w;
  if (is_new && !open_later) w.open_port(number, name);
  w.post(make_task([&w, number = number, open_later, f = std::move(f), arguments = std::move(arguments),
                    name = std::string(name)] {
    if (open_later) w.open_port(number, name);
    if (f) return w.birth(number, *(*f)->handler.get(), arguments);
    w.birth_failed(number, message(f.error().name, f.error().text));
  }));
}

void local_node::call_function(std::string_view name, message arguments, const std::string* from) {
  if (const auto service = services_.find(name); service != services_.end()) {
    return network_worker().post(make_task([&f = service->second, arguments = std::move(arguments),
                                            who = from ? *from : id()] { f(arguments, who); }));
  }
  const auto f = callable(name, from);
  const std::string subject = from == nullptr ? "calls of functions" : "calls of functions by node " + *from;
  if (!f) return report(2, subject, [&] { return "node port: " + f.error().text; });
  worker((*f)->worker)
      .post(make_task([this, f = *f, arguments = std::move(arguments), name = std::string(name), subject] {
        mismatch why;
        block& content = arguments.get() != nullptr ? *arguments.get() : empty_block();
        if (f->handler.get()->ops->call(*f->handler.get(), content, 0, &why) == outcome::refused) {
          report(2, subject, [&] {
            return "function '" + name + "' was called with bad arguments: argument " +
                   std::to_string(why.element) + " is " + why.found + ", " + std::string(why.asked) +
                   " expected";
          });
        }
      }));
}

}  // namespace aemp::detail
