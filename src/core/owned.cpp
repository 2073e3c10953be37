#include "core/owned.hpp"

#include "core/local_node.hpp"
#include "core/node_use.hpp"

namespace aemp::detail {

void list_hook::unlink() noexcept {
  before->next = next;
  next->before = before;
  next = before = nullptr;
}

owned_list::~owned_list() {
  while (owned* o = pop()) release(o);
}

void owned_list::push(owned& item, list_hook& hook) noexcept {
  hook.item = &item;
  hook.before = head_.before;
  hook.next = &head_;
  head_.before->next = &hook;
  head_.before = &hook;
  retain(&item);
}

owned* owned_list::pop() noexcept {
  if (empty()) return nullptr;
  list_hook* first = head_.next;
  first->unlink();
  return first->item;
}

void retain(owned* o) noexcept { o->refs.fetch_add(1, std::memory_order_relaxed); }

void release(owned* o) noexcept {
  if (o->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) delete o;
}

owned::owned(kind what, local_node& node, std::uint32_t worker, std::uint64_t port, handler_ref f)
    : what(what), node(node), home(node.identity()), worker(worker), owner(port), handler(std::move(f)) {}

std::string owned::description() const {
  return what == kind::node_monitor ? "a callback of mon_nodes" : "the monitor of " + watched.str();
}

void cancel(owned* o) noexcept {
  if (!o->finish()) return;
  const core::node_use use(o->home);
  if (use) use.node().clean_up(o);
}

}  // namespace aemp::detail
