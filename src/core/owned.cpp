#include "core/owned.hpp"

#include <aemp/entry.hpp>

#include "core/node_context.hpp"

namespace aemp::core {

void list_hook::unlink() noexcept {
  before->next = next;
  next->before = before;
  next = before = nullptr;
}

owned_list::~owned_list() {
  while (detail::owned* o = pop()) detail::release(o);
}

void owned_list::push(detail::owned& item, list_hook& hook) noexcept {
  hook.item = &item;
  hook.before = head_.before;
  hook.next = &head_;
  head_.before->next = &hook;
  head_.before = &hook;
  detail::retain(&item);
}

detail::owned* owned_list::pop() noexcept {
  if (empty()) return nullptr;
  auto* const first = static_cast<list_hook*>(head_.next);
  first->unlink();
  return first->item;
}

void owned_list::fire_all(const message& reason) {
  while (detail::owned* o = pop()) {
    o->fire(reason);
    detail::release(o);
  }
}

void owned_list::finish_all() noexcept {
  while (detail::owned* o = pop()) {
    o->finish();
    detail::release(o);
  }
}

}  // namespace aemp::core

namespace aemp::detail {

void retain(owned* o) noexcept { o->refs.fetch_add(1, std::memory_order_relaxed); }

void release(owned* o) noexcept {
  if (o->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) delete o;
}

owned::owned(kind what, local_node& node, std::uint32_t worker, std::uint64_t port, handler_ref f)
    : what(what), node(node), home(home_of(node)), worker(worker), owner(port), handler(std::move(f)) {}

std::string owned::description() const {
  return what == kind::node_monitor ? "a callback of mon_nodes" : "the monitor of " + watched.str();
}

void owned::leave_owner() noexcept {
  if (!owner_hook.linked()) return;
  owner_hook.unlink();
  release(this);
}

void owned::fire(const message& reason) {
  retain(this);
  block* task = make_task([this, keep = handle(this), reason] { fire_now(reason); });
  task->port = owner;
  core::context_of(node).post(worker, task);
}

void owned::fire_now(const message& reason) {
  if (what == kind::node_monitor) {
    if (over.load(std::memory_order_acquire)) return;
  } else if (!finish()) {
    return;  // it was cancelled while the task waited
  } else {
    leave_owner();
  }
  call_handler(reason);
}

void owned::call_handler(const message& content) {
  block& b = content.get() != nullptr ? *content.get() : empty_block();
  if (handler.get()->ops->call(*handler.get(), b, 0, nullptr) == outcome::refused) {
    core::context_of(node).report(2, description(), [&] {
      return description() + " does not take '" + content.to_string() +
             "' and was not called; let it take a const message&";
    });
  }
}

}  // namespace aemp::detail
