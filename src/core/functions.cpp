#include "core/functions.hpp"

#include <algorithm>

#include <aemp/log.hpp>

#include "core/words.hpp"

namespace aemp::core {
namespace {

// A caller "@admins" is the group `admins`; any other caller is a node.
bool is_group(const std::string& caller) { return caller.starts_with('@'); }

bool has_member(registry& known, const std::string& group, const std::string& node) {
  const auto members = known.family(group);
  const auto first = members.lower_bound(node + '#');
  return first != members.end() && first->first.starts_with(node + '#');
}

}  // namespace

void functions::define(std::string name, detail::handler_ref f,
                       std::optional<std::vector<std::string>> callers) {
  if (callers) {
    for (const std::string& c : *callers) {
      if (is_group(c))
        (void)groups_.family(c.substr(1));  // subscribes, so that its members are known before one calls
    }
  }
  auto function =
      std::make_shared<defined_function>(workers_.home().index(), std::move(f), std::move(callers));
  // What the former one captured is destroyed without the lock: it may use functions.
  std::swap((*defined_.lock())[std::move(name)], function);
}

std::shared_ptr<defined_function> functions::find(std::string_view name) const {
  const auto defined = defined_.shared();
  const auto found = defined->find(name);
  return found == defined->end() ? nullptr : found->second;
}

bool functions::may_call(const std::string& caller, const std::string& from) const {
  if (!is_group(caller)) return caller == from;
  const std::string group = caller.substr(1);
  return has_member(groups_, group, from) && (gateway_ == nullptr || gateway_->may_be_in(from, group));
}

result<std::shared_ptr<defined_function>> functions::callable(std::string_view name,
                                                              const std::string* from) const {
  const std::string what = "function '" + std::string(name.substr(0, 64)) + "'";
  const std::string& id = names_.identity().node;
  if (from != nullptr && secure_) {
    return error{"remote_execution_not_allowed", what + " was not called for node " + *from + ": node " + id +
                                                     " is secure, remote execution not allowed"};
  }
  std::shared_ptr<defined_function> f = find(name);
  if (f == nullptr) return error{"no_such_function", what + " is not defined on node " + id};
  const auto may = [&](const std::string& caller) { return may_call(caller, *from); };
  if (from != nullptr && f->callers && std::ranges::none_of(*f->callers, may)) {
    return error{"remote_execution_not_allowed",
                 what + " was not called for node " + *from + ": node " + id +
                     " has defined it for others only, remote execution not allowed"};
  }
  return f;
}

void functions::spawn(std::string_view name, std::string_view function_name, message arguments,
                      const std::string* from) {
  if (node_.is_shut_down()) return;
  const std::string subject = from == nullptr ? "spawns" : "spawns of node " + *from;
  if (!is_name(name) || !is_name(function_name)) {
    return node_.report(2, subject, [&] {
      return "bad_name: a spawn of '" + std::string(function_name.substr(0, 64)) + "' as port '" +
             std::string(name.substr(0, 64)) + "' was refused: a name has at most " +
             std::to_string(longest_name) + " bytes and no control characters";
    });
  }
  auto f = callable(function_name, from);
  if (f && from != nullptr && leaving_.load(std::memory_order_relaxed)) {
    f = error{"node_is_leaving", "function '" + std::string(function_name) + "' was not spawned for node " +
                                     *from + ": node " + names_.id() +
                                     " is about to stop, and takes no new work"};
  }
  if (!f) node_.report(2, subject, [&] { return "a spawn ends at once: " + f.error().text; });
  const auto refuse = [&](const std::string& why) {
    node_.report(1, subject,
                 [&] { return "a spawn of '" + std::string(function_name) + "' was refused: " + why; });
  };
  if (name.empty() || number_of(names_.identity(), name))
    return refuse("'" + std::string(name) + "' is no name that another node may give to a port");
  const auto [number, is_new] = names_.name_port(name, f ? (*f)->worker : 0);
  worker& w = workers_.of(number);
  if (f && (*f)->worker != w.index())
    return refuse("there is a port '" + std::string(name) + "' already, on another worker than the function");
  const bool open_later = is_new && workers_.here() != &w;
  if (is_new && !open_later) w.ports().open(number, name);
  w.post(detail::make_task([&w, number = number, open_later, f = std::move(f),
                            arguments = std::move(arguments), name = std::string(name)] {
    if (open_later) w.ports().open(number, name);
    if (f) return w.ports().birth(number, *(*f)->handler.get(), arguments);
    w.ports().birth_failed(number, message(f.error().name, f.error().text));
  }));
}

void functions::call(std::string_view name, message arguments, const std::string* from) {
  if (const auto service = services_.find(name); service != services_.end()) {
    return workers_.network().post(
        detail::make_task([&f = service->second, arguments = std::move(arguments),
                           who = from ? *from : names_.id()] { f(arguments, who); }));
  }
  const auto f = callable(name, from);
  const std::string subject = from == nullptr ? "calls of functions" : "calls of functions by node " + *from;
  if (!f) return node_.report(2, subject, [&] { return "node port: " + f.error().text; });
  workers_.at((*f)->worker)
      .post(detail::make_task([this, f = *f, arguments = std::move(arguments), name = std::string(name),
                               subject] {
        detail::mismatch why;
        detail::block& content = arguments.get() != nullptr ? *arguments.get() : detail::empty_block();
        if (f->handler.get()->ops->call(*f->handler.get(), content, 0, &why) == detail::outcome::refused) {
          node_.report(2, subject, [&] {
            return "function '" + name + "' was called with bad arguments: argument " +
                   std::to_string(why.element) + " is " + why.found + ", " + std::string(why.asked) +
                   " expected";
          });
        }
      }));
}

void functions::forget_defined() noexcept {
  const auto defined = std::exchange(*defined_.lock(), {});  // destroyed without the lock
}

}  // namespace aemp::core
